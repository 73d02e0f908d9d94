//! Carrying plans out: which tasks start, what happens next in each, and one attempt at a step.
//!
//! ```text
//!  bus ─► Dispatch::run ─ open tasks ─► decide::admit ─► a driver for each task that starts
//!  driver ─ task, jobs, answers ─► decide::decide ─ one commit ─► attempts ─► worker
//!    ▲                                                                │
//!    └────────────── how it ended, what is left to commit ◄───────────┘
//! ```
//!
//! Invariants:
//! - What happens next is decided by pure functions in [`decide`], from what the database says.
//! - Only a task's driver changes its jobs; other use cases change the task, and a driver that was overtaken reads
//!   again. One commit holds the end of an attempt, what it left behind, and what follows from it.
//! - A job that is over is never started again. A job that was running here when the server ended is `Lost`; one that
//!   an external worker has goes on, and is asked for from the last thing that it said and that is kept.
//!
//! Start with [`Dispatch::run`].

mod artifacts;
mod attempt;
mod check;
pub mod decide;
mod delegated;
mod driver;
mod drop;
mod features;
mod own;
mod package;
mod placing;
mod remote;
mod said;
mod ssh;
#[cfg(test)]
mod tests;
mod variables;

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Notify, Semaphore, watch};
use tracing::Instrument as _;

use crate::TRACE;
use crate::app::App;
use crate::app::vault::VaultError;
use crate::link::hub::Hub;
use crate::model::space::Space;
use crate::model::task::{Task, TaskState};
use crate::store::{self, Filter, Page, TaskChange};
use crate::worker::Worker;
use decide::admit;

/// Tasks that execute at once. Octopus's default is 5; a sandbox costs far less than a process.
const MAX_TASKS: usize = 64;

/// Scripts that run at once.
const MAX_ATTEMPTS: usize = 16;

/// Nothing waits longer than this for a time to come.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Why a task could not be moved. The next look tries again.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("a secret of {task_id} can't be used")]
    Secret {
        task_id: String,
        #[source]
        source: VaultError,
    },
    #[error("{task_id} has no room to work in")]
    Disk {
        task_id: String,
        source: std::io::Error,
    },
    #[error("{what} of {task_id} is missing")]
    Missing { task_id: String, what: &'static str },
    #[error("what {task_id} needs can't be looked up")]
    App {
        task_id: String,
        #[source]
        source: crate::app::Error,
    },
}

/// The loop. Cheap to clone.
#[derive(Clone)]
pub struct Dispatch {
    inner: Arc<Inner>,
}

struct Inner {
    app: App,
    /// The built-in worker; `None` if no user code may run here.
    worker: Option<Worker>,
    hub: Hub,
    slots: Semaphore,
    drivers: Mutex<HashMap<String, Arc<Signal>>>,
    /// How the server is told to end.
    ending: watch::Sender<Ending>,
}

/// What steps are told while the server ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ending {
    /// It doesn't.
    No,
    /// Nothing starts any more.
    Finish,
    /// What runs is stopped.
    Stop,
}

/// How a driver hears that its task was changed by somebody else.
struct Signal {
    changed: Notify,
    /// The generation that the driver knows.
    generation: AtomicI64,
}

impl Dispatch {
    /// A loop that hands scripts to `worker`, the built-in one, and to the workers of `hub`.
    pub fn new(app: App, worker: Option<Worker>, hub: Hub) -> Self {
        let inner = Inner {
            app,
            worker,
            hub,
            slots: Semaphore::new(MAX_ATTEMPTS),
            drivers: Mutex::default(),
            ending: watch::Sender::new(Ending::No),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Works until `stop` is done. Steps that run then get `grace` to finish; after that they are stopped, and are
    /// `Lost` at the next start.
    pub async fn run(self, stop: impl Future<Output = ()>, grace: Duration) {
        let mut listener = self.inner.app.bus().listen();
        let mut stop = std::pin::pin!(stop);
        loop {
            if let Err(error) = self.look().await {
                tracing::error!(error = ?error, "tasks can't be looked at");
            }
            tokio::select! {
                _ = listener.woken() => {}
                () = tokio::time::sleep(LOOK_AGAIN) => {}
                () = &mut stop => break,
            }
        }
        self.inner.ending.send_replace(Ending::Finish);
        if tokio::time::timeout(grace, self.idle()).await.is_err() {
            tracing::warn!("steps were still running, and are stopped");
            self.inner.ending.send_replace(Ending::Stop);
            // A sandbox is stopped within a second; a disk that doesn't answer must not keep the process.
            tokio::time::timeout(Duration::from_secs(5), self.idle())
                .await
                .ok();
        }
    }

    /// Waits until no driver is left.
    async fn idle(&self) {
        let mut listener = self.inner.app.bus().listen();
        while !self.inner.drivers().is_empty() {
            tokio::select! {
                _ = listener.woken() => {}
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
        }
    }

    /// Starts what may start, and wakes the drivers of tasks that somebody else changed.
    async fn look(&self) -> Result<(), Error> {
        let app = &self.inner.app;
        let now = app.now();
        let mut queued = Vec::new();
        let mut open = Vec::new();
        for task in app.store().tasks_open().await? {
            let driver = self.inner.drivers().get(&task.id).cloned();
            match driver {
                Some(signal) => {
                    if signal.generation.load(Ordering::Acquire) != task.generation {
                        signal.changed.notify_one();
                    }
                    open.push(task);
                }
                None if task.state == TaskState::Queued => queued.push(task),
                None => {
                    self.drive(&task);
                    open.push(task);
                }
            }
        }
        for promotion in app.store().promotions().await? {
            if let Err(error) = app.promote(&promotion).await {
                tracing::error!(error = ?error, "{} can't go on; it is tried again", promotion.release_id);
            }
        }
        if !queued.is_empty() {
            let stopped = self.stopped_spaces().await?;
            queued.retain(|task| task.is_cancel_asked || !stopped.contains(&task.space_id));
        }
        for admission in admit(&queued, &open, MAX_TASKS, now) {
            if admission.state == TaskState::Executing {
                self.drive(admission.task);
                continue;
            }
            let task = ended(
                admission.task.clone(),
                admission.state,
                admission.error.to_owned(),
                now,
            );
            match app
                .store()
                .commit(vec![TaskChange::Update(task).into()])
                .await
            {
                Ok(()) => app.logs().wake(&admission.task.id),
                Err(store::Error::Stale { .. }) => app.bus().wake(),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Spaces whose tasks stay in the queue.
    async fn stopped_spaces(&self) -> Result<Vec<String>, Error> {
        let store = self.inner.app.store();
        let (_, spaces) = store
            .documents::<Space>(&Filter::default(), Page::ALL)
            .await?;
        let spaces = spaces.into_iter().map(|found| found.record);
        Ok(spaces
            .filter(|space| space.task_queue_stopped)
            .map(|space| space.id)
            .collect())
    }

    fn drive(&self, task: &Task) {
        let signal = Arc::new(Signal {
            changed: Notify::new(),
            generation: AtomicI64::new(task.generation),
        });
        self.inner
            .drivers()
            .insert(task.id.clone(), Arc::clone(&signal));
        let inner = Arc::clone(&self.inner);
        let id = task.id.clone();
        let span = tracing::info_span!(
            target: TRACE, parent: None, "task", otel.name = task.description, task.id = task.id, task.name = task.name,
            project.id = task.project_id, environment.id = task.environment_id
        );
        tokio::spawn(async move {
            driver::drive(Arc::clone(&inner), id.clone(), signal)
                .instrument(span)
                .await;
            inner.drivers().remove(&id);
            // Whatever waited for this one may start.
            inner.app.bus().wake();
            inner.app.logs().wake(&id);
        });
    }
}

impl Inner {
    /// A panic can't leave the map half changed.
    fn drivers(&self) -> MutexGuard<'_, HashMap<String, Arc<Signal>>> {
        self.drivers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `task` as it is when it is over.
fn ended(task: Task, state: TaskState, error: String, now: Timestamp) -> Task {
    Task {
        state,
        has_warnings_or_errors: task.has_warnings_or_errors || !error.is_empty(),
        error_message: error,
        completed_time: Some(now),
        is_asking: false,
        ..task
    }
}
