//! The worker's side: enrolled once, it answers its server until it is told to stop.
//!
//! ```text
//!  polling    dials the server, and answers over the connection that it made; again and again, with patience
//!  listening  waits for the server to dial
//! ```
//!
//! Attempts don't depend on a connection: they go on without one, and the server asks for what it hasn't kept.

mod attempts;
mod enrol;
mod forward;
mod home;
mod packages;
mod service;
mod spool;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::{TlsAcceptor, TlsConnector};

pub use enrol::{Asked, EnrolError, enrol};
pub use home::{Enrolment, Home, HomeError, Lock};

use super::identity::{Identity, Thumbprint};
use super::protocol::{self, Condition, Hello, Refusal};
use super::tls::{Expected, answerer, any_name, dialler};
use super::{HANDSHAKE_TIME, KEEP_ALIVE, backoff, random_name};
use crate::app::vault::{Vault, VaultError};
use crate::policy::Policy;
use crate::worker::Worker;
use attempts::{Attempts, Means};
use packages::Packages;

/// With less than this free on its disk a worker is unfit.
const MIN_FREE_BYTES: u64 = 64 << 20;

/// Connections that are made at once to a listening worker, before they have proved anything.
const MAX_HANDSHAKES: usize = 64;

/// Requests at once over one connection.
const MAX_STREAMS: u32 = 1_000;

/// Bytes that may be on their way to this side: a package should not wait for its acknowledgement.
const WINDOW_BYTES: u32 = 4 << 20;

/// What a worker's operator decides.
pub struct Options {
    /// Attempts at once.
    pub capacity: usize,
    /// What may be granted at most, whatever the server says.
    pub ceiling: Option<Policy>,
    /// The most that packages may take of the disk.
    pub max_package_bytes: u64,
    pub labels: Vec<String>,
}

/// Why a worker doesn't start.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    #[error(transparent)]
    Home(#[from] HomeError),
    #[error("the key of the spool can't be used")]
    Vault(#[from] VaultError),
    #[error("the worker's directory can't be used")]
    Disk(#[source] std::io::Error),
}

/// A worker that is enrolled.
pub struct Agent {
    home: Home,
    enrolment: Mutex<Enrolment>,
    instance: String,
    capacity: usize,
    labels: Vec<String>,
    native_account: String,
    attempts: Attempts,
    packages: Packages,
    isolations: Vec<crate::plan::Isolation>,
    disk: PathBuf,
    /// Raised when the server wants another certificate to be shown: connections are made again.
    renewed: watch::Sender<u64>,
    /// Whether the server hung up because it doesn't want this worker.
    refused: Mutex<Option<String>>,
    /// Whether the certificate that comes next was shown last, and not taken.
    is_next_refused: AtomicBool,
    _lock: Lock,
}

/// Whether the server said hello.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Greeted {
    Yes,
    No,
}

impl Agent {
    /// Opens the worker's directory.
    ///
    /// # Errors
    /// [`AgentError`].
    pub fn open(home: Home, worker: Worker, options: Options) -> Result<Arc<Self>, AgentError> {
        let Options {
            capacity,
            ceiling,
            max_package_bytes,
            labels,
        } = options;
        let lock = home.lock()?;
        let mut enrolment = home.enrolment()?;
        if !labels.is_empty() {
            enrolment.labels = labels;
        }
        let vault = Arc::new(Vault::from_file(&home.path("spool.key"))?);
        let packages = Packages::open(&home.path("packages"), max_package_bytes);
        let packages = packages.map_err(AgentError::Disk)?;
        let instance = random_name();
        let native_account = worker.native_account().unwrap_or_default().to_owned();
        let isolations = attempts::isolations(&worker);
        let attempts = Attempts::open(Means {
            worker,
            vault,
            packages: packages.clone(),
            ceiling,
            spools: home.path("spool"),
            scratch: home.path("scratch"),
            instance: instance.clone(),
            capacity,
        });
        Ok(Arc::new(Self {
            labels: enrolment.labels.clone(),
            enrolment: Mutex::new(enrolment),
            instance,
            capacity,
            native_account,
            attempts: attempts.map_err(AgentError::Disk)?,
            packages,
            isolations,
            disk: home.path("."),
            renewed: watch::Sender::new(0),
            refused: Mutex::default(),
            home,
            is_next_refused: AtomicBool::new(false),
            _lock: lock,
        }))
    }

    fn enrolment(&self) -> MutexGuard<'_, Enrolment> {
        self.enrolment
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the server dials this worker.
    pub fn is_listening(&self) -> bool {
        self.enrolment().is_listening
    }

    /// What it is called, and where its server is.
    pub fn names(&self) -> (String, String) {
        let enrolment = self.enrolment();
        (enrolment.name.clone(), enrolment.server.clone())
    }

    /// The server said hello: it may say as well which certificates it will show.
    fn greeted(&self, hello: &Hello) {
        let mut enrolment = self.enrolment();
        tracing::info!("the server is there (seawall {})", hello.software);
        *self.refusal() = None;
        if !hello.trusted.is_empty() && hello.trusted != enrolment.trusted {
            enrolment.trusted.clone_from(&hello.trusted);
            if let Err(error) = self.home.keep(&enrolment) {
                tracing::error!(error = ?error, "the server's certificates can't be written down");
            }
        }
    }

    fn refused(&self, refusal: &Refusal) {
        tracing::error!("the server refuses this worker: {}", refusal.message);
        *self.refusal() = Some(refusal.message.clone());
    }

    fn refusal(&self) -> MutexGuard<'_, Option<String>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn condition(&self) -> Condition {
        let disk = rustix::fs::statvfs(&self.disk);
        let free = disk.map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
        let mut problems = Vec::new();
        match free {
            Ok(free) if free < MIN_FREE_BYTES => {
                problems.push(format!("only {} MiB are free on its disk", free >> 20));
            }
            Ok(_) => {}
            Err(error) => problems.push(format!("its disk can't be asked: {error}")),
        }
        Condition {
            software: env!("CARGO_PKG_VERSION").to_owned(),
            operating_system: std::env::consts::OS.to_owned(),
            architecture: std::env::consts::ARCH.to_owned(),
            isolations: self.isolations.clone(),
            native_account: self.native_account.clone(),
            capacity: u32::try_from(self.capacity).unwrap_or(u32::MAX),
            running: self.attempts.n_running(),
            free_disk_bytes: free.unwrap_or_default(),
            now: Timestamp::now(),
            problems,
            labels: self.labels.clone(),
        }
    }

    /// Makes the certificate that is shown from the next connection on.
    fn renew(&self) -> Result<Thumbprint, HomeError> {
        let name = self.enrolment().name.clone();
        let next = Identity::new(&name, Timestamp::now())?;
        self.home.keep_next(&next)?;
        self.renewed.send_modify(|n| *n += 1);
        Ok(next.thumbprint)
    }

    /// Dials the server again and again, until it is dropped.
    pub async fn poll(self: &Arc<Self>) {
        let mut failures = 0;
        loop {
            let said = match self.dial().await {
                Ok(Greeted::Yes) => {
                    failures = 0;
                    "the connection to the server is gone".to_owned()
                }
                Ok(Greeted::No) => {
                    failures += 1;
                    match self.refusal().clone() {
                        Some(why) => format!("the server refuses this worker: {why}"),
                        None => "the server hung up".to_owned(),
                    }
                }
                Err(error) => {
                    failures += 1;
                    error
                }
            };
            let wait = backoff(failures);
            tracing::warn!("{said}; it is tried again in {:.1} s", wait.as_secs_f64());
            tokio::time::sleep(wait).await;
        }
    }

    /// One connection, to its end.
    async fn dial(self: &Arc<Self>) -> Result<Greeted, String> {
        let (server, trusted) = {
            let enrolment = self.enrolment();
            (enrolment.server.clone(), enrolment.trusted.clone())
        };
        let (identity, is_next) = self.identity()?;
        let config = dialler(&identity, Expected::Pinned(trusted), protocol::SESSION);
        let config = config.map_err(|error| error.to_string())?;
        let connecting = async {
            let stream = TcpStream::connect(&server).await;
            let stream = stream.map_err(|error| format!("no connection to {server}: {error}"))?;
            stream.set_nodelay(true).ok();
            let stream = TlsConnector::from(config).connect(any_name(), stream).await;
            stream.map_err(|error| format!("no connection to {server}: {error}"))
        };
        let late = |_| format!("no answer from {server}");
        let stream = tokio::time::timeout(HANDSHAKE_TIME, connecting).await;
        let stream = stream.map_err(late)??;
        Ok(self.answer(stream, is_next).await)
    }

    /// Who to be: whoever comes next, if there is one and it is its turn.
    fn identity(&self) -> Result<(Identity, bool), String> {
        let failed = |error: HomeError| error.to_string();
        let is_turn = !self.is_next_refused.load(Ordering::Acquire);
        match self.home.next_identity().map_err(failed)? {
            Some(next) if is_turn => Ok((next, true)),
            _ => Ok((self.home.identity().map_err(failed)?, false)),
        }
    }

    /// Waits for the server to dial, until it is dropped.
    pub async fn listen(self: &Arc<Self>, listener: TcpListener) {
        let places = Arc::new(Semaphore::new(MAX_HANDSHAKES));
        loop {
            let place = Arc::clone(&places).acquire_owned().await;
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!("a connection could not be accepted: {error}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let agent = Arc::clone(self);
            tokio::spawn(async move {
                stream.set_nodelay(true).ok();
                let accepted = agent.accept(stream).await;
                drop(place);
                match accepted {
                    Ok((stream, is_next)) => {
                        agent.answer(stream, is_next).await;
                    }
                    Err(error) => tracing::warn!("a connection was refused: {error}"),
                }
            });
        }
    }

    async fn accept(
        &self,
        stream: TcpStream,
    ) -> Result<(tokio_rustls::server::TlsStream<TcpStream>, bool), String> {
        let (identity, is_next) = self.identity()?;
        let expected = Expected::Pinned(self.enrolment().trusted.clone());
        let config = answerer(&identity, expected, &[protocol::SESSION]);
        let acceptor = TlsAcceptor::from(config.map_err(|error| error.to_string())?);
        match tokio::time::timeout(HANDSHAKE_TIME, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => Ok((stream, is_next)),
            Ok(Err(error)) => {
                self.is_next_refused.store(is_next, Ordering::Release);
                Err(error.to_string())
            }
            Err(_) => Err("the handshake took too long".to_owned()),
        }
    }

    /// Answers over one connection until it ends.
    ///
    /// A new certificate takes the old one's place when the server has greeted whoever showed it; one that the
    /// server doesn't take is not shown the next time.
    async fn answer(
        self: &Arc<Self>,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        is_next: bool,
    ) -> Greeted {
        let is_greeted = Arc::new(AtomicBool::new(false));
        let greeted = {
            let (agent, is_greeted) = (Arc::clone(self), Arc::clone(&is_greeted));
            move || {
                let is_first = !is_greeted.swap(true, Ordering::AcqRel);
                if is_first
                    && is_next
                    && let Err(error) = agent.home.become_next()
                {
                    tracing::error!(error = ?error, "the new certificate can't take its place");
                }
            }
        };
        let service = TowerToHyperService::new(service::router(Arc::clone(self), greeted));
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(KEEP_ALIVE)
            .keep_alive_timeout(KEEP_ALIVE)
            .max_concurrent_streams(MAX_STREAMS)
            .initial_stream_window_size(WINDOW_BYTES)
            .initial_connection_window_size(WINDOW_BYTES)
            .max_frame_size(256 << 10)
            .serve_connection(TokioIo::new(stream), service);
        let mut renewed = self.renewed.subscribe();
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            ended = &mut connection => ended,
            _ = renewed.changed() => {
                // What is being answered is answered; then it is dialled again, with the new certificate.
                connection.as_mut().graceful_shutdown();
                let ending = tokio::time::timeout(Duration::from_secs(1), connection).await;
                ending.unwrap_or(Ok(()))
            }
        };
        if let Err(error) = ended {
            tracing::debug!("the connection ended early: {error}");
        }
        match is_greeted.load(Ordering::Acquire) {
            true => Greeted::Yes,
            false => {
                self.is_next_refused.store(is_next, Ordering::Release);
                Greeted::No
            }
        }
    }

    /// Takes nothing more, gives running attempts `grace` to end, and stops what is left.
    pub async fn stop(&self, grace: Duration) {
        if tokio::time::timeout(grace, self.attempts.drained())
            .await
            .is_ok()
        {
            return;
        }
        tracing::warn!("attempts were still running, and are stopped");
        let stopping = self.attempts.stop();
        tokio::time::timeout(Duration::from_secs(5), stopping)
            .await
            .ok();
    }
}
