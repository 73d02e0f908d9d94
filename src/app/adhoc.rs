//! Tasks that belong to no project: a script for the server, a health check, a test e-mail.
//!
//! They are planned like the steps of a process, and carried out by the same code.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{App, Caller, Error, ListQuery};
use crate::model::Invalid;
use crate::model::access::{Permission, Target};
use crate::model::environment::Environment;
use crate::model::machine::WorkerPool;
use crate::model::step::{Action, Properties, Step};
use crate::model::target::DeploymentTarget;
use crate::model::task::{Task, TaskState, new_jobs};
use crate::model::worker::Worker;
use crate::plan::check::{MACHINE_SECONDS, WHOLE_SECONDS};
use crate::plan::targets::{Roles, TargetUse};
use crate::plan::{self, CheckTime, Inputs, Location, Plan, Pool};
use crate::store::{Change, TaskChange};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdHoc {
    /// A script on a worker.
    Script {
        syntax: String,
        body: String,
        /// The policy that it runs under; the default one if it is `None`.
        policy: Option<String>,
        /// Id or name of the pool; the default pool if it is `None`.
        pool: Option<String>,
    },
    /// How machines are: whether they are there, and what the scripts of their machine policies say.
    Health {
        /// Ids or names of deployment targets and workers; empty means all targets, unless a pool is named.
        machines: Vec<String>,
        /// Id, name or slug: the targets of one environment.
        environment: Option<String>,
        /// Id or name: the workers of one pool.
        pool: Option<String>,
        time: CheckTime,
    },
    /// An e-mail that says that e-mail works.
    TestEmail { address: String },
}

impl AdHoc {
    /// As clients know the task.
    fn name(&self) -> &'static str {
        match self {
            Self::Script { .. } => "AdHocScript",
            Self::Health { .. } => "Health",
            Self::TestEmail { .. } => "TestEmail",
        }
    }

    fn description(&self) -> String {
        match self {
            Self::Script { syntax, pool, .. } => match pool {
                None => format!("Run a {syntax} script on the server"),
                Some(pool) => format!("Run a {syntax} script on a worker of {pool}"),
            },
            Self::Health { .. } => "Check how machines are".to_owned(),
            Self::TestEmail { address } => format!("Send a test e-mail to {address}"),
        }
    }

    /// What it needs: whoever may write any script may write this one.
    fn permissions(&self) -> &'static [Permission] {
        match self {
            Self::Script { .. } => &[Permission::TaskCreate, Permission::ProcessEdit],
            Self::Health { .. } => &[Permission::TaskCreate, Permission::MachineView],
            Self::TestEmail { .. } => &[Permission::ConfigureServer],
        }
    }

    fn step(&self) -> Step {
        let (kind, properties) = match self {
            Self::Script {
                syntax,
                body,
                policy,
                pool: _,
            } => (
                "Octopus.Script",
                json!({
                    "Octopus.Action.RunOnServer": "True",
                    "Octopus.Action.Script.Syntax": syntax,
                    "Octopus.Action.Script.ScriptBody": body,
                    "Seawall.Policy": policy,
                }),
            ),
            Self::Health { time, .. } => {
                let seconds = |seconds: Option<u32>| seconds.map(|seconds| seconds.to_string());
                (
                    "Octopus.HealthCheck",
                    json!({
                        "Octopus.Action.HealthCheck.Type": "FullHealthCheck",
                        (WHOLE_SECONDS): seconds(time.whole),
                        (MACHINE_SECONDS): seconds(time.machine),
                    }),
                )
            }
            Self::TestEmail { address } => (
                "Octopus.Email",
                json!({
                    "Octopus.Action.Email.To": address,
                    "Octopus.Action.Email.Subject": "A test e-mail from Seawall",
                    "Octopus.Action.Email.Body": "If you can read this, Seawall can send e-mail.\n",
                }),
            ),
        };
        let properties = match properties {
            Value::Object(properties) => properties.into_iter().collect(),
            _ => BTreeMap::new(),
        };
        let pool = match self {
            Self::Script { pool, .. } => pool.clone(),
            Self::Health { .. } | Self::TestEmail { .. } => None,
        };
        let action = Action {
            name: self.name().to_owned(),
            worker_pool_id: pool,
            action_type: kind.to_owned(),
            properties: Properties(properties),
            ..Action::default()
        };
        Step {
            name: self.name().to_owned(),
            actions: vec![action],
            ..Step::default()
        }
    }
}

impl App {
    /// Queues a task of its own.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`] for a space, environment or target; [`Error::Invalid`] with everything
    /// that stands in the way.
    pub async fn task_create(
        &self,
        caller: &Caller,
        space: Option<&str>,
        asked: &AdHoc,
        description: Option<String>,
    ) -> Result<Task, Error> {
        let space_id = self.space_id(caller, space).await?;
        self.may(caller, &space_id, asked.permissions())?;
        let targets = match asked {
            AdHoc::Health {
                machines,
                environment,
                pool,
                time: _,
            } => {
                let places = (environment.as_deref(), pool.as_deref());
                self.chosen(caller, &space_id, machines, places).await?
            }
            AdHoc::Script { .. } | AdHoc::TestEmail { .. } => Vec::new(),
        };
        let pools = self.pools(&space_id).await?;
        let policies = self.policies();
        let plan = plan::build(Inputs {
            steps: &[asked.step()],
            variables: &[],
            environment_id: "",
            channel_id: "",
            process_owner_id: "",
            tenant_tags: &[],
            skipped: &[],
            policies: &policies,
            project_policy: None,
            pools: &pools,
            team_ids: &self.team_ids_for(caller, &pools).await?,
            is_built_in_enabled: self.features().await?.is_built_in_worker_enabled,
            is_smtp_configured: self.smtp().await?.is_configured(),
            native_account: self.native_account(),
            landlock: self.landlock(),
            unheld: self.unheld(),
            drop_directories: &self.drop_directories(),
            targets: &targets,
            health_scripts: &self.health_scripts(&space_id).await?,
            may_have_no_targets: true,
            certificates: &[],
            packages: &[],
            facts: BTreeMap::from([("Octopus.Space.Id".to_owned(), space_id.clone())]),
        })
        .map_err(|refused| Invalid(refused.0))?;
        let description = description.filter(|text| !text.trim().is_empty());
        let description = description.unwrap_or_else(|| asked.description());
        self.queue_alone(caller, &space_id, asked.name(), description, plan)
            .await
    }

    /// Queues a task that does the same as one that is over and belongs to no project.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], and [`Error::Conflict`] for a task that can't be run again.
    pub async fn task_rerun(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<Task, Error> {
        let task = self.task(caller, space, id).await?;
        let needed = match task.name.as_str() {
            "AdHocScript" => &[Permission::TaskCreate, Permission::ProcessEdit][..],
            "TestEmail" => &[Permission::ConfigureServer],
            _ => &[Permission::TaskCreate],
        };
        self.may(caller, &task.space_id, needed)?;
        if !task.can_rerun() {
            return Err(Error::Conflict(format!(
                "{id} can't be run again: deploy the release again, or run the runbook again."
            )));
        }
        let plan = self.store().task_plan(&task.id).await?.unwrap_or_default();
        self.require_pools(caller, &task.space_id, &plan).await?;
        self.queue_alone(caller, &task.space_id, &task.name, task.description, plan)
            .await
    }

    /// Whoever runs a plan again needs what is asked of whoever has one made.
    async fn require_pools(
        &self,
        caller: &Caller,
        space_id: &str,
        plan: &Plan,
    ) -> Result<(), Error> {
        let pools = self.pools(space_id).await?;
        let team_ids = self.team_ids_for(caller, &pools).await?;
        let refused = plan.entries.iter().filter_map(|entry| {
            let is_it = |pool: &&Pool| match &entry.location {
                Location::Pool(wanted) => pool.id == wanted.id,
                // The built-in worker serves that one.
                Location::Server => pool.is_default && entry.work.confined().is_some(),
                Location::Target => false,
            };
            let pool = pools.iter().find(is_it)?;
            let why = pool.refusal(None, "", &team_ids)?;
            Some(format!("Step `{}` {why}.", entry.action_name))
        });
        let refused: Vec<String> = refused.collect();
        match refused.is_empty() {
            true => Ok(()),
            false => Err(Invalid(refused).into()),
        }
    }

    fn may(&self, caller: &Caller, space_id: &str, needed: &[Permission]) -> Result<(), Error> {
        for permission in needed {
            let target = match permission {
                Permission::ConfigureServer => Target::default(),
                _ => Target::space(space_id),
            };
            caller.require(*permission, target)?;
        }
        Ok(())
    }

    /// The machines to check: those that are named, or else those of a pool, or else the targets of an environment or
    /// of the space.
    async fn chosen(
        &self,
        caller: &Caller,
        space_id: &str,
        names: &[String],
        (environment, pool): (Option<&str>, Option<&str>),
    ) -> Result<Vec<TargetUse>, Error> {
        let space = Some(space_id);
        let environment_id = match environment.filter(|name| !name.is_empty()) {
            Some(name) => Some(self.get::<Environment>(caller, space, name).await?.id),
            None => None,
        };
        let pool_id = match pool.filter(|name| !name.is_empty()) {
            Some(name) => Some(self.get::<WorkerPool>(caller, space, name).await?.id),
            None => None,
        };
        let mut targets = Vec::new();
        let mut workers = Vec::new();
        for name in names {
            match self.get::<DeploymentTarget>(caller, space, name).await {
                Ok(found) => targets.push(found),
                Err(missing @ Error::NotFound { .. }) => {
                    let found = self.get::<Worker>(caller, space, name).await;
                    workers.push(found.map_err(|_| missing)?);
                }
                Err(error) => return Err(error),
            }
        }
        match (&environment_id, &pool_id) {
            _ if !names.is_empty() => {}
            (_, Some(pool_id)) => {
                workers = self.list(caller, space, ListQuery::default()).await?.items;
                workers.retain(|worker| worker.worker_pool_ids.contains(pool_id));
            }
            (Some(id), None) => targets = self.store().targets_in(id, &Roles::Any).await?,
            (None, None) => targets = self.targets(space_id).await?,
        }
        targets.retain(|target| {
            let ids = &target.environment_ids;
            environment_id.as_ref().is_none_or(|id| ids.contains(id))
        });
        let targets = targets.iter().filter_map(TargetUse::of);
        let workers = workers.iter().filter_map(TargetUse::of_worker);
        let mut all: Vec<TargetUse> = targets.chain(workers).collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all.dedup_by(|a, b| a.id == b.id);
        Ok(all)
    }

    async fn queue_alone(
        &self,
        caller: &Caller,
        space_id: &str,
        name: &str,
        description: String,
        plan: Plan,
    ) -> Result<Task, Error> {
        self.require_room()?;
        let now = self.now();
        let id = self.store().next_id("ServerTasks");
        let jobs = new_jobs(&id, plan.entries.len());
        let task = Task {
            space_id: space_id.to_owned(),
            name: name.to_owned(),
            description,
            state: TaskState::Queued,
            is_cancel_asked: false,
            project_id: String::new(),
            environment_id: String::new(),
            tenant_id: None,
            subject_id: String::new(),
            release_id: String::new(),
            variable_set_id: String::new(),
            // Nothing waits for it.
            concurrency_key: id.clone(),
            id,
            queue_time: now,
            queue_expiry: None,
            start_time: None,
            completed_time: None,
            error_message: String::new(),
            has_warnings_or_errors: false,
            is_guided: false,
            is_asking: false,
            generation: 1,
        };
        let message = format!("The task `{}` was queued", task.description);
        let related = vec![task.id.clone()];
        let space_id = Some(task.space_id.clone());
        let event = caller.event(now, "Created", space_id, message, related);
        let queued = TaskChange::Insert {
            task: task.clone(),
            plan,
            jobs,
        };
        self.store()
            .commit(vec![queued.into(), Change::Event(event)])
            .await?;
        self.bus().wake();
        Ok(task)
    }
}
