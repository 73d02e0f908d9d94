//! What is special about spaces: what a new one contains, and when one may go.

use super::resource::{Managed, Removal};
use super::{App, Error};
use crate::model::feed::{Feed, FeedType};
use crate::model::health::HealthStatus;
use crate::model::lifecycle::Lifecycle;
use crate::model::machine::{MachinePolicy, WorkerPool};
use crate::model::project::ProjectGroup;
use crate::model::resource::{Extra, Kind};
use crate::model::space::Space;
use crate::model::worker::Worker;
use crate::store::{Change, PackageChange, Store, TaskChange, TaskFilter, TaskOwner};

impl Managed for Space {
    async fn complete(&mut self, _app: &App, stored: Option<&Self>) -> Result<(), Error> {
        if stored.is_none() {
            self.is_default = false;
        }
        Ok(())
    }

    async fn accompany(&mut self, app: &App, stored: Option<&Self>) -> Result<Vec<Change>, Error> {
        let is_new = stored.is_none();
        Ok(if is_new {
            contents(app.store(), self)
        } else {
            Vec::new()
        })
    }

    async fn removal(&self, app: &App) -> Result<Removal, Error> {
        let open = TaskFilter {
            space_ids: Some(vec![self.id.clone()]),
            ..TaskFilter::open()
        };
        super::task::refuse_open(app, &open, &format!("The space `{}`", self.name)).await?;
        if self.is_default {
            return Err(Error::Conflict(
                "The default space can't be deleted.".into(),
            ));
        }
        if !self.task_queue_stopped {
            return Err(Error::invalid(
                "The task queue of the space must be stopped before the space can be deleted.",
            ));
        }
        Ok(Removal {
            ids: Vec::new(),
            changes: vec![
                Change::delete_contents(&self.id),
                TaskChange::Delete(TaskOwner::Space(self.id.clone())).into(),
                PackageChange::DeleteOfSpace {
                    space_id: self.id.clone(),
                }
                .into(),
            ],
            may_be_named: true,
        })
    }
}

/// What every space has from the beginning.
pub(super) fn contents(store: &Store, space: &Space) -> Vec<Change> {
    let id = |kind: Kind| store.next_id(kind.facts().prefix);
    let space_id = || space.id.clone();
    let group = ProjectGroup {
        id: id(Kind::ProjectGroup),
        space_id: space_id(),
        name: "Default Project Group".into(),
        slug: "default-project-group".into(),
        ..ProjectGroup::default()
    };
    let lifecycle = Lifecycle {
        id: id(Kind::Lifecycle),
        space_id: space_id(),
        name: "Default Lifecycle".into(),
        slug: "default-lifecycle".into(),
        ..Lifecycle::default()
    };
    // Octopus's clients know the id of the default space's feed by heart.
    let feed_id = match space.is_default {
        true => "feeds-builtin".to_owned(),
        false => format!("feeds-builtin-{}", space.id),
    };
    let feed = Feed {
        id: feed_id,
        space_id: space_id(),
        name: "Built-in package feed".into(),
        slug: "built-in-package-feed".into(),
        feed_type: FeedType::BuiltIn,
        ..Feed::default()
    };
    let policy = MachinePolicy {
        id: id(Kind::MachinePolicy),
        space_id: space_id(),
        name: "Default Machine Policy".into(),
        slug: "default-machine-policy".into(),
        is_default: true,
        extra: hourly(),
        ..MachinePolicy::default()
    };
    let pool = WorkerPool {
        id: id(Kind::WorkerPool),
        space_id: space_id(),
        name: "Default Worker Pool".into(),
        slug: "default-worker-pool".into(),
        is_default: true,
        ..WorkerPool::default()
    };
    let worker = Worker {
        id: id(Kind::Worker),
        space_id: space_id(),
        name: "Built-in worker".into(),
        slug: "built-in-worker".into(),
        worker_pool_ids: vec![pool.id.clone()],
        machine_policy_id: policy.id.clone(),
        is_in_process: true,
        health_status: HealthStatus::Healthy,
        status_summary: "Runs scripts in sandboxes inside this server.".into(),
        operating_system: std::env::consts::OS.into(),
        architecture: std::env::consts::ARCH.into(),
        ..Worker::default()
    };
    vec![
        Change::insert(&group),
        Change::insert(&lifecycle),
        Change::insert(&feed),
        Change::insert(&policy),
        Change::insert(&pool),
        Change::insert(&worker),
    ]
}

/// Connections are tried once an hour: Octopus's default interval.
fn hourly() -> Extra {
    let mut extra = Extra::new();
    let policy = serde_json::json!({
        "HealthCheckInterval": "01:00:00",
        "HealthCheckType": "OnlyConnectivity",
    });
    extra.insert("MachineHealthCheckPolicy".to_owned(), policy);
    extra
}
