//! Connections that workers make, and those that the server makes to workers.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::pki_types::CertificateDer;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::hub::Hub;
use super::identity::Thumbprint;
use super::protocol::{self, Enrolled, Enrolment, Refusal, VERSIONS, negotiate};
use super::tls::{Expected, answerer, any_name, dialler};
use super::token::digest;
use super::{HANDSHAKE_TIME, backoff};
use crate::app::enrolment::NewWorker;
use crate::model::worker::{Endpoint, Worker};

/// Connections at once that haven't proved who they are.
const MAX_HANDSHAKES: usize = 256;

/// Bytes of an enrolment.
const MAX_ENROLMENT_BYTES: usize = 16 << 10;

impl Hub {
    /// Lets workers in and goes out to them, until it is dropped.
    pub async fn run(&self, listener: Option<TcpListener>) {
        if listener.is_some() {
            self.waits();
        }
        let accepting = async {
            match listener {
                Some(listener) => self.accept(listener).await,
                None => std::future::pending().await,
            }
        };
        tokio::join!(accepting, self.watch(), self.check_all(), self.dial_all());
    }

    async fn accept(&self, listener: TcpListener) {
        let places = Arc::new(Semaphore::new(MAX_HANDSHAKES));
        loop {
            let place = Arc::clone(&places).acquire_owned().await;
            let (stream, address) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!("a connection could not be accepted: {error}");
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                    continue;
                }
            };
            let hub = self.clone();
            tokio::spawn(async move {
                stream.set_nodelay(true).ok();
                let shaken = hub.handshake(stream).await;
                match shaken {
                    Ok((stream, thumbprint)) => {
                        let is_enrolment =
                            stream.get_ref().1.alpn_protocol() == Some(protocol::ENROL);
                        if is_enrolment {
                            hub.enrol(stream, thumbprint, address).await;
                            drop(place);
                        } else {
                            drop(place);
                            hub.speak(stream, thumbprint, &address.to_string()).await;
                        }
                    }
                    Err(why) => {
                        drop(place);
                        hub.refused(None, &why, &address.to_string()).await;
                    }
                }
            });
        }
    }

    async fn handshake(
        &self,
        stream: TcpStream,
    ) -> Result<(tokio_rustls::server::TlsStream<TcpStream>, Thumbprint), String> {
        let protocols = [protocol::SESSION, protocol::ENROL];
        let config = answerer(&self.identity(), Expected::Anybody, &protocols);
        let acceptor = TlsAcceptor::from(config.map_err(|error| error.to_string())?);
        let stream = match tokio::time::timeout(HANDSHAKE_TIME, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(format!("the handshake failed: {error}")),
            Err(_) => return Err("the handshake took too long".to_owned()),
        };
        let connection = stream.get_ref().1;
        if connection.alpn_protocol().is_none() {
            return Err("it speaks none of the protocols of workers".to_owned());
        }
        let thumbprint = peer(connection.peer_certificates())?;
        Ok((stream, thumbprint))
    }

    /// The one question that a worker may ask.
    async fn enrol(
        &self,
        stream: tokio_rustls::server::TlsStream<TcpStream>,
        thumbprint: Thumbprint,
        address: SocketAddr,
    ) {
        let newcomer = Newcomer {
            hub: self.clone(),
            thumbprint,
            address,
        };
        let router = Router::new()
            .route("/enrol", post(enrol))
            .layer(DefaultBodyLimit::max(MAX_ENROLMENT_BYTES))
            .with_state(newcomer);
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(4)
            .max_header_list_size(16 << 10)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
        // Long enough for one question, and too short for somebody who only wants to stay.
        if tokio::time::timeout(HANDSHAKE_TIME, connection)
            .await
            .is_err()
        {
            tracing::debug!("an enrolment took too long");
        }
    }

    /// Keeps a connection to every worker that waits for one.
    async fn dial_all(&self) {
        let mut workers = self.inner.app.workers();
        let mut dialling: HashMap<String, (Endpoint, tokio::task::JoinHandle<()>)> = HashMap::new();
        loop {
            workers.borrow_and_update();
            match self.inner.app.every_machine().await {
                Ok(all) => self.dial_these(&mut dialling, all),
                Err(error) => tracing::error!(error = ?error, "workers can't be looked up"),
            }
            if workers.changed().await.is_err() {
                return;
            }
        }
    }

    fn dial_these(
        &self,
        dialling: &mut HashMap<String, (Endpoint, tokio::task::JoinHandle<()>)>,
        all: Vec<Worker>,
    ) {
        let mut wanted = HashMap::new();
        for worker in all {
            if let Ok(endpoint @ Endpoint::Listening { .. }) = worker.reached()
                && !worker.is_disabled
            {
                wanted.insert(worker.id, endpoint);
            }
        }
        dialling.retain(|id, (endpoint, task)| {
            let is_wanted = wanted.get(id) == Some(endpoint);
            if !is_wanted {
                task.abort();
            }
            is_wanted
        });
        for (id, endpoint) in wanted {
            dialling.entry(id).or_insert_with_key(|id| {
                let (hub, worker_id) = (self.clone(), id.clone());
                let task = tokio::spawn(async move { hub.dial(&worker_id).await });
                (endpoint, task)
            });
        }
    }

    /// Dials one worker again and again, until it is stopped.
    async fn dial(&self, worker_id: &str) {
        let mut failures = 0;
        loop {
            match self.dial_once(worker_id).await {
                Ok(()) => failures = 0,
                Err(why) => {
                    failures += 1;
                    tracing::warn!("the worker {worker_id} can't be reached: {why}");
                    if failures == 2 {
                        self.unavailable(worker_id, &format!("It can't be reached: {why}."))
                            .await;
                    }
                }
            }
            tokio::time::sleep(backoff(failures)).await;
        }
    }

    async fn dial_once(&self, worker_id: &str) -> Result<(), String> {
        // Read again each time: its certificate may have changed.
        let found = self.inner.app.machine_by_id(worker_id).await;
        let found = found.map_err(|error| error.to_string())?;
        let worker = found.ok_or("it was deleted")?;
        let Ok(Endpoint::Listening {
            address,
            thumbprints,
        }) = worker.reached()
        else {
            return Err("it isn't dialled any more".to_owned());
        };
        let pins = thumbprints
            .iter()
            .filter_map(|text| Thumbprint::parse(text).ok());
        let expected = Expected::Pinned(pins.collect());
        let config = dialler(&self.identity(), expected, protocol::SESSION);
        let config = config.map_err(|error| error.to_string())?;
        let connecting = async {
            let stream = TcpStream::connect(&address)
                .await
                .map_err(|error| error.to_string())?;
            stream.set_nodelay(true).ok();
            let shaken = TlsConnector::from(config).connect(any_name(), stream).await;
            shaken.map_err(|error| match error.to_string() {
                text if text.contains("ApplicationVerificationFailure") => {
                    "its certificate is not the one that is known".to_owned()
                }
                text => text,
            })
        };
        let stream = match tokio::time::timeout(HANDSHAKE_TIME, connecting).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(why)) => {
                if why.contains("certificate") {
                    self.refused(Some(&worker), &why, &address).await;
                }
                return Err(why);
            }
            Err(_) => return Err("it doesn't answer".to_owned()),
        };
        let thumbprint = peer(stream.get_ref().1.peer_certificates())?;
        self.speak(stream, thumbprint, &address).await;
        Ok(())
    }
}

/// What the handshake proved.
fn peer(certificates: Option<&[CertificateDer<'static>]>) -> Result<Thumbprint, String> {
    let own = certificates.and_then(<[_]>::first);
    own.map(Thumbprint::of)
        .ok_or_else(|| "it shows no certificate".to_owned())
}

/// Somebody who wants to be a worker.
#[derive(Clone)]
struct Newcomer {
    hub: Hub,
    thumbprint: Thumbprint,
    address: SocketAddr,
}

async fn enrol(State(newcomer): State<Newcomer>, Json(asked): Json<Enrolment>) -> Response {
    let Newcomer {
        hub,
        thumbprint,
        address,
    } = newcomer;
    let refuse = async |status: StatusCode, message: String| {
        hub.refused(None, &message, &address.to_string()).await;
        (status, Json(Refusal { message })).into_response()
    };
    if negotiate(&asked.versions).is_none() {
        let message = format!(
            "this server is seawall {} and speaks the versions {VERSIONS:?} of the protocol, and the worker (seawall {}) speaks {:?}: upgrade the older one",
            env!("CARGO_PKG_VERSION"),
            asked.software,
            asked.versions
        );
        return refuse(StatusCode::UPGRADE_REQUIRED, message).await;
    }
    let new = NewWorker {
        name: asked.name,
        pools: asked.pools,
        environments: asked.environments,
        roles: asked.roles,
        thumbprint: thumbprint.as_str().to_owned(),
        address: asked.address,
        labels: asked.labels,
        operating_system: asked.operating_system,
        architecture: asked.architecture,
        version: asked.software,
        ip_address: address.ip().to_string(),
    };
    match hub
        .inner
        .app
        .worker_enrol(&digest(&asked.secret), &new)
        .await
    {
        Ok(worker) => Json(Enrolled {
            worker_id: worker.id,
            pools: worker.worker_pool_ids,
            trusted: hub.trusted(),
        })
        .into_response(),
        Err(error) => {
            let status = match &error {
                crate::app::Error::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
                crate::app::Error::Store(_) => StatusCode::CONFLICT,
                _ => StatusCode::BAD_REQUEST,
            };
            refuse(status, error.to_string()).await
        }
    }
}
