//! How workers come and go: who is at the other end of a connection, whether they are let in, and when they are cut off.
//!
//! Whoever isn't known is told so, seen in the events, and hung up on; whoever isn't known any more, too.

use std::time::Duration;

use hyper::client::conn::http2;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::KEEP_ALIVE;
use super::health::judge;
use super::hub::Hub;
use super::identity::Thumbprint;
use super::protocol::{Refusal, VERSIONS};
use super::session::{AskError, Session, ask};
use super::tied::Tied;
use crate::model::health::{Finding, HealthStatus};
use crate::model::worker::{Endpoint, Worker};

/// Bytes that may be on their way from a worker: a hostile one can't make us remember more.
const WINDOW_BYTES: u32 = 1 << 20;

/// The same refusal of the same address is an event once in this time.
const EVENT_EVERY: Duration = Duration::from_secs(60);

/// Refusals that are remembered, so that a flood of them costs nothing.
const MAX_REFUSALS: usize = 1_000;

impl Hub {
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
                    worker.connection_found(Finding::new(HealthStatus::Unhealthy, summary.as_str()))
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

    async fn known(&self, thumbprint: &Thumbprint) -> Result<Option<Worker>, crate::store::Error> {
        let found = self.inner.app.machines_by_thumbprint(thumbprint.as_str());
        Ok(found.await?.into_iter().next())
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
            worker.connection_found(Finding::new(status, summary.as_str()));
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
}
