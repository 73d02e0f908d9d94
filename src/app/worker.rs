//! Workers: what the server says of their health, and the built-in one, which nobody can change.

use std::sync::Arc;

use super::adhoc::AdHoc;
use super::resource::{Managed, Removal};
use super::{App, Caller, Error};
use crate::link::identity::Thumbprint;
use crate::model::access::{Permission, Target};
use crate::model::health::{Finding, HealthStatus};
use crate::model::machine::{MachinePolicy, WorkerPool};
use crate::model::resource::Kind;
use crate::model::target::DeploymentTarget;
use crate::model::worker::{Endpoint, Worker};
use crate::plan::CheckTime;
use crate::plan::targets::TargetUse;
use crate::store::{self, Change, Filter};

/// How often a worker that others change at the same moment is written again.
const MAX_TRIES: usize = 5;

/// Whoever has the connections to workers; [`crate::link::hub::Hub`].
#[async_trait::async_trait]
pub trait WorkerLink: Send + Sync {
    /// The certificate that this server shows to workers; `None` if no worker can come by itself.
    fn thumbprint(&self) -> Option<Thumbprint>;

    /// How many attempts a worker has.
    fn n_running(&self, worker_id: &str) -> usize;

    /// Asks a worker how it is, and keeps the answer.
    async fn check(&self, worker_id: &str) -> (HealthStatus, String);

    /// What is shown by whoever answers at an address: a certificate's thumbprint, or a host key's fingerprint.
    ///
    /// # Errors
    /// Why nothing is, for people.
    async fn discover(&self, what: Discovered, host: &str, port: u16) -> Result<String, String>;

    /// Has a worker show another certificate.
    ///
    /// # Errors
    /// Why it doesn't, for people.
    async fn renew(&self, worker_id: &str) -> Result<Thumbprint, String>;
}

/// What may answer at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discovered {
    /// A worker that waits to be dialled.
    Agent,
    /// A host with sshd.
    Ssh,
}

/// What a machine that is found is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    Worker,
    Target,
}

/// What a check on demand has found so far.
pub struct WorkerChecked {
    pub connection: Finding,
    /// The task that runs the script of its machine policy, if there is one.
    pub task_id: Option<String>,
}

impl Managed for Worker {
    async fn complete(&mut self, app: &App, stored: Option<&Self>) -> Result<(), Error> {
        if stored.is_some_and(|stored| stored.is_in_process) {
            return Err(Error::Conflict(
                "The built-in worker can't be changed: IsBuiltInWorkerEnabled in the features configuration switches it."
                    .into(),
            ));
        }
        self.is_in_process = false;
        if self.worker_pool_ids.is_empty() {
            return Err(Error::invalid(
                "A worker needs a pool: name one in WorkerPoolIds.",
            ));
        }
        if self.machine_policy_id.is_empty() {
            let policies: Vec<MachinePolicy> = app.every(Filter::in_space(&self.space_id)).await?;
            let default = policies.into_iter().find(|policy| policy.is_default);
            self.machine_policy_id = default.map(|policy| policy.id).unwrap_or_default();
        }
        app.require_worker_account(self).await?;
        self.require_own_thumbprint(app).await?;
        // What the server finds, and not what clients say.
        match stored {
            Some(stored) if stored.endpoint == self.endpoint => {
                self.health_status = stored.health_status;
                self.status_summary.clone_from(&stored.status_summary);
                self.health_last_checked
                    .clone_from(&stored.health_last_checked);
                self.policy_last_checked
                    .clone_from(&stored.policy_last_checked);
                self.health_findings.clone_from(&stored.health_findings);
                self.version.clone_from(&stored.version);
                self.interpreters.clone_from(&stored.interpreters);
                self.operating_system.clone_from(&stored.operating_system);
                self.architecture.clone_from(&stored.architecture);
            }
            Some(_) | None => {
                self.interpreters.clear();
                self.health_status = HealthStatus::Unknown;
                self.status_summary = "It was not seen yet.".to_owned();
                self.health_last_checked = None;
                self.policy_last_checked = None;
                self.health_findings = None;
            }
        }
        if stored.is_some_and(|stored| stored.machine_policy_id != self.machine_policy_id) {
            self.has_other_policy();
        }
        Ok(())
    }

    /// Whoever adds a worker to the default pool is told that the built-in one steps back.
    async fn accompany(&mut self, app: &App, stored: Option<&Self>) -> Result<Vec<Change>, Error> {
        let of_space = || Filter::in_space(&self.space_id);
        let pools: Vec<WorkerPool> = app.every(of_space()).await?;
        let Some(default) = pools.into_iter().find(|pool| pool.is_default) else {
            return Ok(Vec::new());
        };
        let is_in = |worker: &Self| worker.worker_pool_ids.contains(&default.id);
        if !is_in(self) || stored.is_some_and(is_in) {
            return Ok(Vec::new());
        }
        let workers: Vec<Self> = app.every(of_space()).await?;
        let is_other = |worker: &Self| !worker.is_in_process && worker.id != self.id;
        if workers
            .iter()
            .any(|worker| is_other(worker) && is_in(worker))
        {
            return Ok(Vec::new());
        }
        let message = format!(
            "The pool `{}` has the worker `{}` now: the built-in worker serves it no longer",
            default.name, self.name
        );
        let related = vec![default.id, self.id.clone()];
        let space_id = Some(self.space_id.clone());
        let event = Caller::server().event(
            app.now(),
            "BuiltInWorkerReplaced",
            space_id,
            message,
            related,
        );
        Ok(vec![Change::Event(event)])
    }

    async fn removal(&self, _app: &App) -> Result<Removal, Error> {
        if self.is_in_process {
            return Err(Error::Conflict(
                "The built-in worker can't be deleted.".into(),
            ));
        }
        Ok(Removal::default())
    }
}

impl Worker {
    fn thumbprints(&self) -> Vec<String> {
        match self.reached() {
            Ok(Endpoint::Polling { thumbprints } | Endpoint::Listening { thumbprints, .. }) => {
                thumbprints
            }
            _ => Vec::new(),
        }
    }

    /// A certificate says who somebody is: two machines can't have the same.
    pub(super) async fn require_own_thumbprint(&self, app: &App) -> Result<(), Error> {
        for own in self.thumbprints() {
            let others = app.machines_by_thumbprint(&own).await?;
            if let Some(other) = others.iter().find(|other| other.id != self.id) {
                return Err(Error::Conflict(format!(
                    "The certificate is that of the machine `{}`: each has its own.",
                    other.name
                )));
            }
        }
        Ok(())
    }
}

impl App {
    /// Resolves when a worker was made, changed or deleted.
    pub fn workers(&self) -> tokio::sync::watch::Receiver<u64> {
        self.inner.workers_changed.subscribe()
    }

    /// Every machine that may run steps, of every space: workers, and deployment targets as if they were workers.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn every_machine(&self) -> Result<Vec<Worker>, Error> {
        let mut all: Vec<Worker> = self.every(Filter::default()).await?;
        let targets: Vec<DeploymentTarget> = self.every(Filter::default()).await?;
        all.extend(targets.iter().map(Worker::of_target));
        Ok(all)
    }

    /// The worker or the deployment target with this id.
    ///
    /// # Errors
    /// [`store::Error`].
    pub async fn machine_by_id(&self, id: &str) -> Result<Option<Worker>, store::Error> {
        if is_target(id) {
            let found = self.store().document_by_id::<DeploymentTarget>(id).await?;
            return Ok(found.map(|found| Worker::of_target(&found.record)));
        }
        let found = self.store().document_by_id::<Worker>(id).await?;
        Ok(found.map(|found| found.record))
    }

    /// The workers and the deployment targets that show this certificate, or will: one, unless it is new.
    ///
    /// # Errors
    /// [`store::Error`].
    pub async fn machines_by_thumbprint(
        &self,
        thumbprint: &str,
    ) -> Result<Vec<Worker>, store::Error> {
        let mut found = Vec::new();
        for id in self.store().machine_ids_by_thumbprint(thumbprint).await? {
            found.extend(self.machine_by_id(&id).await?);
        }
        // One that is reached in another way may have a thumbprint that nobody looks at.
        found.retain(|machine| machine.thumbprints().iter().any(|own| own == thumbprint));
        Ok(found)
    }

    /// Whoever has the connections to workers, from now on.
    pub fn connect_workers(&self, link: Arc<dyn WorkerLink>) {
        if self.inner.link.set(link).is_err() {
            tracing::error!("the connections to workers have somebody already");
        }
    }

    /// How many attempts a worker has.
    pub fn worker_n_running(&self, worker_id: &str) -> usize {
        self.inner
            .link
            .get()
            .map_or(0, |link| link.n_running(worker_id))
    }

    async fn worker_link(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<(Worker, &Arc<dyn WorkerLink>), Error> {
        let stored = self.load::<Worker>(caller, space, id).await?.record;
        caller.require(Permission::WorkerEdit, Target::space(&stored.space_id))?;
        let link = self.inner.link.get().filter(|_| !stored.is_in_process);
        let link = link
            .ok_or_else(|| Error::Conflict("The built-in worker is this server itself.".into()))?;
        Ok((stored, link))
    }

    /// Asks a worker how it is, now. If its machine policy has a script for it and it is there, a task is queued that
    /// runs it.
    ///
    /// # Errors
    /// [`Error::Forbidden`], also for whoever may queue no task that is needed; [`Error::NotFound`], and
    /// [`Error::Conflict`] for the built-in worker.
    pub async fn worker_check(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<WorkerChecked, Error> {
        let (worker, link) = self.worker_link(caller, space, id).await?;
        let (status, summary) = link.check(&worker.id).await;
        let connection = Finding::new(status, summary);
        let scripts = self.health_scripts(&worker.space_id).await?;
        let checked = TargetUse::of_worker(&worker);
        let has_script = checked.is_some_and(|worker| scripts.of(&worker).is_some());
        let task_id = match has_script && status != HealthStatus::Unavailable {
            true => {
                let asked = AdHoc::Health {
                    machines: vec![worker.id],
                    environment: None,
                    pool: None,
                    time: CheckTime::default(),
                };
                let space = Some(worker.space_id.as_str());
                let task = self.task_create(caller, space, &asked, None).await?;
                Some(task.id)
            }
            false => None,
        };
        Ok(WorkerChecked {
            connection,
            task_id,
        })
    }

    /// Has a worker show another certificate; the one that it has counts until the new one was seen.
    ///
    /// # Errors
    /// As [`App::worker_check`], and [`Error::Conflict`] if it isn't there.
    pub async fn worker_renew(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<Thumbprint, Error> {
        let (worker, link) = self.worker_link(caller, space, id).await?;
        let next = link.renew(&worker.id).await;
        let next = next.map_err(|why| {
            Error::Conflict(format!("`{}` has no new certificate: {why}", worker.name))
        })?;
        let message = format!(
            "The worker `{}` was told to show another certificate",
            worker.name
        );
        let space_id = Some(worker.space_id);
        let event = caller.event(self.now(), "Modified", space_id, message, vec![worker.id]);
        self.store().commit(vec![Change::Event(event)]).await?;
        Ok(next)
    }

    /// The turn of whoever reads the record of a machine and writes it again. What the server itself finds is in the
    /// records that clients write, too: without turns a check would make a client's change a conflict.
    async fn machines_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.inner.machines_turn.lock().await
    }

    /// The same for a kind of which the server finds something out; `None` for all others.
    pub(super) async fn turn_with_findings(
        &self,
        kind: Kind,
    ) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        match kind {
            Kind::Worker | Kind::DeploymentTarget => Some(self.machines_turn().await),
            _ => None,
        }
    }

    /// Changes what the server itself knows of a worker. `change` says whether there is anything to change.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn worker_note(
        &self,
        id: &str,
        change: impl Fn(&mut Worker) -> bool,
    ) -> Result<(), Error> {
        let _turn = self.machines_turn().await;
        for _ in 0..MAX_TRIES {
            let written = match is_target(id) {
                true => self.target_noted(id, &change).await?,
                false => self.only_worker_noted(id, &change).await?,
            };
            let Some(written) = written.map(|written| vec![written]) else {
                return Ok(());
            };
            match self.store().commit(written).await {
                Err(store::Error::Stale { .. }) => {}
                other => return Ok(other?),
            }
        }
        Ok(())
    }

    async fn only_worker_noted(
        &self,
        id: &str,
        change: &impl Fn(&mut Worker) -> bool,
    ) -> Result<Option<Change>, Error> {
        let Some(found) = self.store().document_by_id::<Worker>(id).await? else {
            return Ok(None);
        };
        let mut record = found.record;
        Ok(change(&mut record).then(|| Change::update(&record, found.generation)))
    }

    async fn target_noted(
        &self,
        id: &str,
        change: &impl Fn(&mut Worker) -> bool,
    ) -> Result<Option<Change>, Error> {
        let Some(found) = self.store().document_by_id::<DeploymentTarget>(id).await? else {
            return Ok(None);
        };
        let mut target = found.record;
        let mut seen = Worker::of_target(&target);
        if !change(&mut seen) {
            return Ok(None);
        }
        target.take_over(seen);
        Ok(Some(Change::update(&target, found.generation)))
    }

    /// Puts something that happened on the way to a worker into the audit trail.
    pub async fn worker_event(
        &self,
        category: &str,
        worker: Option<&Worker>,
        message: String,
        ip_address: &str,
    ) {
        let mut event = Caller::server().event(
            self.now(),
            category,
            worker.map(|worker| worker.space_id.clone()),
            message,
            worker.map(|worker| worker.id.clone()).into_iter().collect(),
        );
        event.ip_address = ip_address.to_owned();
        if let Err(error) = self.store().commit(vec![Change::Event(event)]).await {
            tracing::error!(error = ?error, "an event can't be kept");
        }
    }
}

/// Whether an id is that of a deployment target.
fn is_target(id: &str) -> bool {
    Kind::from_prefix(id.split('-').next().unwrap_or_default()) == Some(Kind::DeploymentTarget)
}
