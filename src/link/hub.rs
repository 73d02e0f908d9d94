//! The server's side: which workers are connected, what each of them has, and who is let in.
//!
//! What is in here is about this moment; what must survive a restart is in the database. Leases are held by those
//! who run attempts, and end with them, however they end.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use hyper::client::conn::http2;
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::Instant;

use super::KEEP_ALIVE;
use super::identity::{Identity, IdentityError, Thumbprint};
use super::protocol::{AttemptId, Condition, Refusal, VERSIONS};
use super::session::{AskError, Session, ask};
use super::tied::Tied;
use crate::app::App;
use crate::model::machine::HealthStatus;
use crate::model::worker::{Endpoint, Worker};
use crate::plan::Isolation;
use crate::plan::choice::{Candidate, Choice, Lease, Reach, Wish, choose};

/// Bytes that may be on their way from a worker: a hostile one can't make us remember more.
const WINDOW_BYTES: u32 = 1 << 20;

/// Clocks that differ by more are a warning.
const MAX_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Workers are asked how they are this often.
const CHECK_EVERY: Duration = Duration::from_secs(300);

/// The same refusal of the same address is an event once in this time.
const EVENT_EVERY: Duration = Duration::from_secs(60);

/// Refusals that are remembered, so that a flood of them costs nothing.
const MAX_REFUSALS: usize = 1_000;

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
    state: Mutex<State>,
    changed: watch::Sender<u64>,
    /// A worker that is away for longer has lost its attempts.
    lease: Duration,
    started: Instant,
    /// Whether workers can come by themselves.
    is_waiting: std::sync::atomic::AtomicBool,
}

#[derive(Default)]
struct State {
    sessions: HashMap<String, Session>,
    /// When workers that aren't connected were last.
    gone: HashMap<String, Instant>,
    leases: BTreeMap<AttemptId, (String, Lease)>,
    refusals: HashMap<String, Instant>,
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

    fn state(&self) -> MutexGuard<'_, State> {
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
    pub fn hold(&self, worker_id: &str, id: &AttemptId, is_exclusive: bool) -> Held {
        let lease = Lease {
            task_id: id.task_id.clone(),
            is_exclusive,
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
            capacity,
            leases: own.map(|(_, lease)| lease.clone()).collect(),
            isolations,
            labels: labels.cloned().collect(),
        }
    }

    fn reach(&self, state: &State, worker: &Worker, is_ssh: bool) -> Reach {
        let unfit = matches!(worker.health_status, HealthStatus::Unhealthy);
        if unfit {
            return Reach::Away(format!("it is unhealthy: {}", worker.status_summary));
        }
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

    /// Speaks with whoever is at the other end of a connection, until it ends.
    ///
    /// `thumbprint` is what the handshake proved. Whoever isn't known is told so.
    pub(super) async fn speak(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        thumbprint: Thumbprint,
        from: &str,
    ) {
        let tied = Tied::default();
        let handshake = http2::Builder::new(tied.clone())
            .timer(TokioTimer::new())
            .keep_alive_interval(KEEP_ALIVE)
            .keep_alive_timeout(KEEP_ALIVE)
            .keep_alive_while_idle(true)
            .initial_stream_window_size(WINDOW_BYTES)
            .initial_connection_window_size(4 * WINDOW_BYTES)
            .max_header_list_size(16 << 10)
            .handshake(TokioIo::new(stream));
        let Ok(Ok((sender, connection))) =
            tokio::time::timeout(super::HANDSHAKE_TIME, handshake).await
        else {
            return tracing::debug!("a worker didn't speak HTTP/2");
        };
        let mut driving = tokio::spawn(connection);
        let refuse = async |message: String, worker: Option<&Worker>| {
            self.refused(worker, &message, from).await;
            let refusal = Refusal { message };
            let last: Result<serde_json::Value, AskError> =
                ask(&sender, http::Method::POST, "/refused", Some(&refusal)).await;
            if let Err(error) = last {
                tracing::debug!("a worker did not hear why it was refused: {error}");
            }
        };
        let worker = match self.known(&thumbprint).await {
            Ok(Some(worker)) => worker,
            Ok(None) => {
                let message = format!(
                    "this server doesn't know the certificate {thumbprint}: it was removed, or never enrolled"
                );
                refuse(message, None).await;
                driving.abort();
                return tied.end();
            }
            Err(error) => {
                tracing::error!(error = ?error, "workers can't be looked up");
                driving.abort();
                return tied.end();
            }
        };
        match Session::greet(&worker.id, thumbprint, sender.clone(), self.trusted()).await {
            Ok(session) => {
                self.arrived(&worker, &session, from).await;
                tokio::select! {
                    _ = &mut driving => {}
                    () = session.is_cut() => {}
                }
                tied.end();
                self.left(&session).await;
            }
            Err(AskError::Gone) => tracing::debug!("{} hung up before it said hello", worker.name),
            Err(error) => {
                let message = format!("{error} (this server speaks the versions {VERSIONS:?})");
                let summary = message.clone();
                let noted = self.inner.app.worker_note(&worker.id, |worker| {
                    note(worker, HealthStatus::Unhealthy, &summary)
                });
                if let Err(error) = noted.await {
                    tracing::error!(error = ?error, "the health of a worker can't be kept");
                }
                refuse(message, Some(&worker)).await;
            }
        }
        driving.abort();
        tied.end();
    }

    async fn known(&self, thumbprint: &Thumbprint) -> Result<Option<Worker>, crate::app::Error> {
        let all = self.inner.app.every_machine().await?;
        let is_it = |worker: &Worker| match worker.reached() {
            Ok(Endpoint::Polling { thumbprints } | Endpoint::Listening { thumbprints, .. }) => {
                thumbprints.iter().any(|one| one == thumbprint.as_str())
            }
            _ => false,
        };
        Ok(all.into_iter().find(is_it))
    }

    async fn arrived(&self, worker: &Worker, session: &Session, from: &str) {
        let app = &self.inner.app;
        let said = &session.greeting().condition;
        let (status, summary) = judge(said, app.now());
        let thumbprint = session.thumbprint().as_str().to_owned();
        let noted = app.worker_note(&worker.id, |worker| {
            // Whoever shows the next certificate has done with the one before.
            let next = worker
                .endpoint
                .get("NextThumbprint")
                .and_then(|text| text.as_str());
            if next == Some(thumbprint.as_str()) {
                worker
                    .endpoint
                    .insert("Thumbprint".to_owned(), thumbprint.clone().into());
                worker.endpoint.remove("NextThumbprint");
            }
            worker.version.clone_from(&said.software);
            worker.operating_system.clone_from(&said.operating_system);
            worker.architecture.clone_from(&said.architecture);
            worker.health_last_checked = Some(app.now().to_string());
            note(worker, status, &summary);
            true
        });
        if let Err(error) = noted.await {
            tracing::error!(error = ?error, "the health of {} can't be kept", worker.name);
        }
        // What it has and nobody waits for any more.
        let wanted = app.store().worker_assignments(&worker.id).await;
        match wanted {
            Ok(wanted) => {
                for id in &session.greeting().attempts {
                    let is_wanted = wanted.iter().any(|one| {
                        one.task_id == id.task_id
                            && one.index == id.index
                            && one.attempt == id.attempt
                    });
                    if !is_wanted && let Err(error) = session.forget(id).await {
                        tracing::debug!("{} keeps {id}: {error}", worker.name);
                    }
                }
            }
            Err(error) => tracing::error!(error = ?error, "what workers have can't be looked up"),
        }
        let before = {
            let mut state = self.state();
            state.gone.remove(&worker.id);
            state.sessions.insert(worker.id.clone(), session.clone())
        };
        // Whoever comes a second time doesn't know that the first connection is dead.
        if let Some(before) = before {
            before.cut();
        }
        self.inner.changed.send_modify(|n| *n += 1);
        if worker.health_status == HealthStatus::Unknown
            || worker.health_status == HealthStatus::Unavailable
        {
            let message = format!("The worker `{}` is connected", worker.name);
            app.worker_event("MachineHealthChanged", Some(worker), message, from)
                .await;
        }
        tracing::info!("the worker {} is connected", worker.name);
    }

    async fn left(&self, session: &Session) {
        let id = session.worker_id();
        {
            let mut state = self.state();
            let is_current = state
                .sessions
                .get(id)
                .is_some_and(|current| current.is_same(session));
            if !is_current {
                return;
            }
            state.sessions.remove(id);
            state.gone.insert(id.to_owned(), Instant::now());
        }
        self.inner.changed.send_modify(|n| *n += 1);
        tracing::info!("the worker {id} is not connected any more");
        let (hub, id) = (self.clone(), id.to_owned());
        // It may be back in a moment: that is no news.
        tokio::spawn(async move {
            tokio::time::sleep(hub.inner.lease.min(Duration::from_secs(10))).await;
            if hub.session(&id).is_none() {
                hub.unavailable(&id, "It is not connected.").await;
            }
        });
    }

    /// A worker can't be reached: nobody chooses it until it was seen again.
    pub async fn unavailable(&self, id: &str, summary: &str) {
        let app = &self.inner.app;
        let now = app.now().to_string();
        let noted = app.worker_note(id, |worker| {
            worker.health_last_checked = Some(now.clone());
            note(worker, HealthStatus::Unavailable, summary)
        });
        if let Err(error) = noted.await {
            tracing::error!(error = ?error, "the health of {id} can't be kept");
        }
    }

    /// Somebody was turned away: seen in the events, but not by the thousand.
    pub(super) async fn refused(&self, worker: Option<&Worker>, why: &str, from: &str) {
        let address = from.rsplit_once(':').map_or(from, |(address, _)| address);
        let who = worker.map_or("", |worker| worker.id.as_str());
        let kind: String = why.chars().take(40).collect();
        {
            let mut state = self.state();
            state
                .refusals
                .retain(|_, since| since.elapsed() < EVENT_EVERY);
            let is_full = state.refusals.len() >= MAX_REFUSALS;
            let key = format!("{address} {who} {kind}");
            if is_full || state.refusals.contains_key(&key) {
                return;
            }
            state.refusals.insert(key, Instant::now());
        }
        tracing::warn!("a worker from {from} was refused: {why}");
        let message = match worker {
            Some(worker) => format!("The worker `{}` was refused: {why}", worker.name),
            None => format!("Somebody was refused who wanted to be a worker: {why}"),
        };
        self.inner
            .app
            .worker_event("WorkerRefused", worker, message, address)
            .await;
    }

    /// Cuts whoever isn't known any more off, whenever that changes, until it is dropped.
    pub(super) async fn watch(&self) {
        let mut workers = self.inner.app.workers();
        loop {
            workers.borrow_and_update();
            match self.inner.app.every_machine().await {
                Ok(all) => self.cut_strangers(&all),
                Err(error) => tracing::error!(error = ?error, "workers can't be looked up"),
            }
            self.inner.changed.send_modify(|n| *n += 1);
            self.check_machines(|worker| worker.health_status == HealthStatus::Unknown)
                .await;
            if workers.changed().await.is_err() {
                return;
            }
        }
    }

    fn cut_strangers(&self, all: &[Worker]) {
        let sessions: Vec<Session> = self.state().sessions.values().cloned().collect();
        for session in sessions {
            let is_known = |worker: &Worker| match worker.reached() {
                Ok(Endpoint::Polling { thumbprints } | Endpoint::Listening { thumbprints, .. }) => {
                    worker.id == session.worker_id()
                        && thumbprints
                            .iter()
                            .any(|one| one == session.thumbprint().as_str())
                }
                _ => false,
            };
            if !all.iter().any(is_known) {
                tracing::warn!("the worker {} is cut off", session.worker_id());
                session.cut();
            }
        }
    }

    /// Asks every worker how it is, again and again, until it is dropped.
    pub(super) async fn check_all(&self) {
        loop {
            tokio::time::sleep(CHECK_EVERY).await;
            let sessions: Vec<Session> = self.state().sessions.values().cloned().collect();
            for session in sessions {
                self.check(session.worker_id()).await;
            }
            self.check_machines(|_| true).await;
        }
    }

    /// Asks a worker how it is, and keeps the answer. It is given back in words.
    pub async fn check(&self, worker_id: &str) -> (HealthStatus, String) {
        if let Some(found) = self.check_machine(worker_id).await {
            return found;
        }
        let app = &self.inner.app;
        let found = match self.session(worker_id) {
            Some(session) => session
                .check()
                .await
                .map(|said| (judge(&said, app.now()), said.software)),
            None => Err(AskError::Gone),
        };
        let ((status, summary), software) = match found {
            Ok((judged, software)) => (judged, Some(software)),
            Err(AskError::Gone) => (
                (HealthStatus::Unavailable, "It is not connected.".to_owned()),
                None,
            ),
            Err(error) => ((HealthStatus::Unhealthy, error.to_string()), None),
        };
        let now = app.now().to_string();
        let noted = app.worker_note(worker_id, |worker| {
            worker.health_last_checked = Some(now.clone());
            if let Some(software) = &software {
                worker.version.clone_from(software);
            }
            note(worker, status, &summary);
            true
        });
        if let Err(error) = noted.await {
            tracing::error!(error = ?error, "the health of {worker_id} can't be kept");
        }
        (status, summary)
    }

    /// Has a worker show another certificate. The old one counts until the new one was seen.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn renew(&self, worker_id: &str) -> Result<Thumbprint, AskError> {
        let session = self.session(worker_id).ok_or(AskError::Gone)?;
        let next = session.renew().await?;
        let text = next.as_str().to_owned();
        let noted = self.inner.app.worker_note(worker_id, |worker| {
            worker
                .endpoint
                .insert("NextThumbprint".to_owned(), text.clone().into());
            true
        });
        noted
            .await
            .map_err(|error| AskError::Own(error.to_string()))?;
        Ok(next)
    }
}

/// Puts a status into the record; whether that is another one.
pub(super) fn note(worker: &mut Worker, status: HealthStatus, summary: &str) -> bool {
    let is_same = worker.health_status == status && worker.status_summary == summary;
    worker.health_status = status;
    summary.clone_into(&mut worker.status_summary);
    !is_same
}

/// What a worker's words mean for its health.
fn judge(said: &Condition, now: Timestamp) -> (HealthStatus, String) {
    let isolations: Vec<&str> = said
        .isolations
        .iter()
        .map(|isolation| match isolation {
            Isolation::Sandbox => "sandboxes",
            Isolation::Process => "native processes",
        })
        .collect();
    let offers = format!(
        "seawall {} offers {}; {} MiB are free on its disk.",
        said.software,
        isolations.join(" and "),
        said.free_disk_bytes >> 20
    );
    let bounded: Vec<String> = said
        .problems
        .iter()
        .take(8)
        .map(|problem| problem.chars().take(200).collect())
        .collect();
    if !bounded.is_empty() {
        return (
            HealthStatus::Unhealthy,
            format!("{}. {offers}", bounded.join("; ")),
        );
    }
    let skew = now.duration_since(said.now).abs();
    if skew > MAX_SKEW {
        let text = format!("Its clock differs by {} seconds. {offers}", skew.as_secs());
        return (HealthStatus::HasWarnings, text);
    }
    (HealthStatus::Healthy, offers)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_worker_says_is_judged() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().expect("a time");
        let fine = Condition {
            software: "1.0".to_owned(),
            now,
            isolations: vec![Isolation::Sandbox],
            free_disk_bytes: 10 << 30,
            ..Condition::default()
        };
        assert_eq!(judge(&fine, now).0, HealthStatus::Healthy);
        let late = Condition {
            now: "2026-11-24T11:54:00Z".parse().expect("a time"),
            ..fine.clone()
        };
        assert_eq!(judge(&late, now).0, HealthStatus::HasWarnings);
        let full = Condition {
            problems: vec!["only 3 MiB are free".to_owned()],
            ..fine
        };
        assert_eq!(judge(&full, now).0, HealthStatus::Unhealthy);
    }
}
