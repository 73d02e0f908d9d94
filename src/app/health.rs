//! Health checks that nobody asks for: a task of its own for all machines of a space that are due, workers and targets.

use jiff::{SignedDuration, Timestamp};

use super::adhoc::AdHoc;
use super::{App, Caller, Error};
use crate::model::machine::MachinePolicy;
use crate::model::space::Space;
use crate::model::worker::Worker;
use crate::plan::CheckTime;
use crate::plan::health::due;
use crate::store::{Filter, Page, TaskFilter};

/// A check that is under way is over by then, as a rule.
const SOON: SignedDuration = SignedDuration::from_secs(2);

impl App {
    /// Queues a check of every machine that is due at `now`, and says when to look again, if ever.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn health_check_due(&self, now: Timestamp) -> Result<Option<Timestamp>, Error> {
        let mut next: Option<Timestamp> = None;
        for space in self.every::<Space>(Filter::default()).await? {
            let policies: Vec<MachinePolicy> = self.every(Filter::in_space(&space.id)).await?;
            let mut machines: Vec<Worker> = self.every(Filter::in_space(&space.id)).await?;
            machines.extend(self.targets(&space.id).await?.iter().map(Worker::of_target));
            let due = due(&machines, &policies, now);
            next = next.into_iter().chain(due.next).min();
            if due.machine_ids.is_empty() {
                continue;
            }
            if self.is_checking(&space.id).await? {
                let soon = now.checked_add(SOON).unwrap_or(Timestamp::MAX);
                next = next.into_iter().chain([soon]).min();
                continue;
            }
            let asked = AdHoc::Health {
                machines: due.machine_ids,
                environment: None,
                pool: None,
                time: CheckTime::default(),
            };
            let caller = Caller::server();
            match self
                .task_create(&caller, Some(&space.id), &asked, None)
                .await
            {
                Ok(_) => {}
                Err(Error::Store(error)) => return Err(error.into()),
                Err(error) => tracing::warn!("machines of {} can't be checked: {error}", space.id),
            }
        }
        Ok(next)
    }

    /// Whether a check is under way: another would only say the same.
    async fn is_checking(&self, space_id: &str) -> Result<bool, Error> {
        let open = TaskFilter {
            space_ids: Some(vec![space_id.to_owned()]),
            names: Some(vec!["Health".to_owned()]),
            ..TaskFilter::open()
        };
        let (n_open, _) = self.store().tasks(&open, Page { skip: 0, take: 1 }).await?;
        Ok(n_open > 0)
    }

    /// Resolves when a machine or a machine policy was made or changed.
    pub async fn machines_changed(&self) {
        self.inner.machines_changed.notified().await;
    }
}
