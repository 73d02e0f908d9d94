//! The server's side: which workers are connected, and what each of them has. How they come and go is in
//! `meeting.rs`, how they are in `health.rs`.
//!
//! What is in here is about this moment; what must survive a restart is in the database. Leases are held by those
//! who run attempts, and end with them, however they end.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::Instant;

use super::identity::{Identity, IdentityError, Thumbprint};
use super::protocol::AttemptId;
use super::session::Session;
use crate::app::App;
use crate::model::health::HealthStatus;
use crate::model::worker::{Endpoint, Worker};
use crate::plan::choice::{Candidate, Choice, Lease, Reach, Whom, Wish, choose};
use crate::plan::{Isolation, PoolUse};

/// Attempts at once on a machine that doesn't say.
const SSH_CAPACITY: usize = 4;

/// Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) app: App,
    /// What this server shows, and what it will show next.
    identities: RwLock<(Identity, Identity)>,
    directory: std::path::PathBuf,
    pub(super) state: Mutex<State>,
    pub(super) changed: watch::Sender<u64>,
    /// A worker that is away for longer has lost its attempts.
    pub(super) lease: Duration,
    started: Instant,
    /// Whether workers can come by themselves.
    is_waiting: std::sync::atomic::AtomicBool,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) sessions: HashMap<String, Session>,
    /// When workers that aren't connected were last.
    pub(super) gone: HashMap<String, Instant>,
    leases: BTreeMap<AttemptId, (String, Lease)>,
    pub(super) refusals: HashMap<String, Instant>,
}

/// An attempt's place on a worker. Given back when dropped.
pub struct Held {
    hub: Hub,
    pub worker_id: String,
    pub id: AttemptId,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.hub.state().leases.remove(&self.id);
        self.hub.inner.changed.send_modify(|n| *n += 1);
    }
}

impl Hub {
    /// A hub whose certificates are in `directory`; made at the first start.
    ///
    /// # Errors
    /// [`IdentityError`].
    pub fn open(
        app: App,
        directory: &std::path::Path,
        lease: Duration,
    ) -> Result<Self, IdentityError> {
        let identities = identities(directory, app.now())?;
        Ok(Self {
            inner: Arc::new(Inner {
                app,
                identities: RwLock::new(identities),
                directory: directory.to_owned(),
                state: Mutex::default(),
                changed: watch::Sender::new(0),
                lease,
                started: Instant::now(),
                is_waiting: false.into(),
            }),
        })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.inner
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What this server shows.
    pub fn identity(&self) -> Identity {
        let identities = self.inner.identities.read();
        identities.unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// The certificates that workers accept: what is shown, and what will be.
    pub fn trusted(&self) -> Vec<Thumbprint> {
        let identities = self.inner.identities.read();
        let identities = identities.unwrap_or_else(PoisonError::into_inner);
        vec![
            identities.0.thumbprint.clone(),
            identities.1.thumbprint.clone(),
        ]
    }

    /// Shows the next certificate from now on, which every worker knows already that was connected since it was made.
    ///
    /// # Errors
    /// [`IdentityError`]; then nothing has changed.
    pub fn rotate(&self) -> Result<Thumbprint, IdentityError> {
        let next = Identity::new("seawall", self.inner.app.now())?;
        let mut identities = self
            .inner
            .identities
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let current = identities.1.clone();
        current.save(&self.inner.directory.join("link.pem"))?;
        next.save(&self.inner.directory.join("link.next.pem"))?;
        *identities = (current, next);
        let shown = identities.0.thumbprint.clone();
        drop(identities);
        // They come back at once, and hear of what follows.
        for session in self.state().sessions.values() {
            session.cut();
        }
        Ok(shown)
    }

    /// Whether workers can come by themselves.
    pub(super) fn is_waiting(&self) -> bool {
        self.inner
            .is_waiting
            .load(std::sync::atomic::Ordering::Acquire)
    }

    pub(super) fn waits(&self) {
        self.inner
            .is_waiting
            .store(true, std::sync::atomic::Ordering::Release);
    }

    /// How long a worker may be away before its attempts are lost.
    pub fn lease(&self) -> Duration {
        self.inner.lease
    }

    /// Whoever waits for a worker looks again.
    pub(super) fn changed(&self) {
        self.inner.changed.send_modify(|n| *n += 1);
    }

    /// Says whenever a worker came, went, or had its hands free.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.inner.changed.subscribe()
    }

    /// The connection to a worker, if there is one.
    pub fn session(&self, worker_id: &str) -> Option<Session> {
        self.state().sessions.get(worker_id).cloned()
    }

    /// The connection to a worker, as soon as there is one; `None` if there is none until then.
    pub async fn session_until(&self, worker_id: &str, until: Instant) -> Option<Session> {
        let mut changes = self.changes();
        loop {
            changes.borrow_and_update();
            if let Some(session) = self.session(worker_id) {
                return Some(session);
            }
            tokio::time::timeout_at(until, changes.changed())
                .await
                .ok()?
                .ok()?;
        }
    }

    /// Chooses one of `workers`, and holds its place for the attempt. Nobody else chooses meanwhile.
    pub fn choose(
        &self,
        workers: &[Worker],
        wish: &Wish<'_>,
        id: &AttemptId,
    ) -> (Choice, Option<Held>) {
        let mut state = self.state();
        let candidates: Vec<Candidate> = workers
            .iter()
            .map(|one| self.candidate(&state, one))
            .collect();
        let choice = choose(&candidates, wish);
        let Choice::Worker { id: worker_id, .. } = &choice else {
            return (choice, None);
        };
        let lease = Lease {
            task_id: wish.task_id.to_owned(),
            is_exclusive: wish.pool.is_exclusive,
            is_check: wish.whom == Whom::Checked,
        };
        state.leases.insert(id.clone(), (worker_id.clone(), lease));
        let held = Held {
            hub: self.clone(),
            worker_id: worker_id.clone(),
            id: id.clone(),
        };
        (choice, Some(held))
    }

    /// Holds the place of an attempt that a worker has already.
    pub fn hold(&self, worker_id: &str, id: &AttemptId, wanted: &PoolUse, whom: Whom) -> Held {
        let lease = Lease {
            task_id: id.task_id.clone(),
            is_exclusive: wanted.is_exclusive,
            is_check: whom == Whom::Checked,
        };
        self.state()
            .leases
            .insert(id.clone(), (worker_id.to_owned(), lease));
        Held {
            hub: self.clone(),
            worker_id: worker_id.to_owned(),
            id: id.clone(),
        }
    }

    fn candidate(&self, state: &State, worker: &Worker) -> Candidate {
        let session = state.sessions.get(&worker.id);
        let said = session.map(|session| &session.greeting().condition);
        let is_ssh = matches!(worker.reached(), Ok(Endpoint::Ssh(_)));
        let most = usize::try_from(worker.max_attempts).unwrap_or(usize::MAX);
        let capacity = match (most, said) {
            (0, Some(said)) => usize::try_from(said.capacity).unwrap_or(usize::MAX),
            (0, None) => SSH_CAPACITY,
            (most, Some(said)) => most.min(usize::try_from(said.capacity).unwrap_or(usize::MAX)),
            (most, None) => most,
        };
        let own = state.leases.values().filter(|(id, _)| *id == worker.id);
        let isolations = match (said, is_ssh) {
            (Some(said), _) => said.isolations.clone(),
            (None, true) => vec![Isolation::Process],
            // Whoever comes back will say; until then it is waited for.
            (None, false) => vec![Isolation::Sandbox, Isolation::Process],
        };
        let labels = worker
            .labels
            .iter()
            .chain(said.iter().flat_map(|said| &said.labels));
        Candidate {
            id: worker.id.clone(),
            name: worker.name.clone(),
            is_disabled: worker.is_disabled,
            is_draining: worker.is_draining,
            reach: self.reach(state, worker, is_ssh),
            illness: (worker.health_status == HealthStatus::Unhealthy)
                .then(|| worker.status_summary.clone()),
            capacity,
            leases: own.map(|(_, lease)| lease.clone()).collect(),
            isolations,
            interpreters: (is_ssh && !worker.interpreters.is_empty())
                .then(|| worker.interpreters.clone()),
            labels: labels.cloned().collect(),
        }
    }

    fn reach(&self, state: &State, worker: &Worker, is_ssh: bool) -> Reach {
        if is_ssh {
            return match worker.health_status {
                HealthStatus::Unavailable => Reach::Away(worker.status_summary.clone()),
                _ => Reach::Here,
            };
        }
        if state.sessions.contains_key(&worker.id) {
            return Reach::Here;
        }
        let was_here = match state.gone.get(&worker.id) {
            Some(since) => since.elapsed() < self.inner.lease,
            // Before the server was started again, it was.
            None => {
                worker.health_status != HealthStatus::Unknown
                    && worker.health_status != HealthStatus::Unavailable
                    && self.inner.started.elapsed() < self.inner.lease
            }
        };
        match was_here {
            true => Reach::Expected,
            false => Reach::Away("it is not connected".to_owned()),
        }
    }

    /// How many attempts a worker has.
    pub fn n_running(&self, worker_id: &str) -> usize {
        let state = self.state();
        state
            .leases
            .values()
            .filter(|(id, _)| id == worker_id)
            .count()
    }
}

/// The certificates in a server's data directory: what it shows, and what it will.
fn identities(
    directory: &std::path::Path,
    now: Timestamp,
) -> Result<(Identity, Identity), IdentityError> {
    let (own, next) = (directory.join("link.pem"), directory.join("link.next.pem"));
    let mut current = Identity::open_or_make(&own, "seawall", now)?;
    let mut following = Identity::open_or_make(&next, "seawall", now)?;
    // A rotation that was cut in the middle, or a certificate that has served its time.
    if current.thumbprint == following.thumbprint || current.is_due(now) {
        following.save(&own)?;
        current = following;
        following = Identity::new("seawall", now)?;
        following.save(&next)?;
    }
    Ok((current, following))
}
