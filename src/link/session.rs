//! One connection to a worker, as the server has it: questions and their answers, each with a bound.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{Method, Request, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, Limited, StreamBody};
use hyper::body::{Bytes, Frame as HttpFrame, Incoming};
use hyper::client::conn::http2::SendRequest;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use super::identity::Thumbprint;
use super::protocol::{
    Attempt, AttemptId, Condition, Frame, Greeting, Hello, MAX_ANSWER_BYTES, MAX_FRAME_BYTES,
    PackageState, Refusal, Renewed,
};

/// A worker that takes longer for a small answer is not there.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is read of a package at a time.
const PIECE_BYTES: usize = 256 << 10;

/// A transfer that is cut is taken up again this often.
const MAX_TRANSFERS: usize = 5;

pub(super) type RequestBody = BoxBody<Bytes, io::Error>;

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The connection is gone; over the next one the same can be asked again.
    #[error("the connection to the worker is gone")]
    Gone,
    /// The worker says no.
    #[error("{message}")]
    Refused { status: StatusCode, message: String },
    /// What it says makes no sense, or is more than it may say.
    #[error("the worker breaks the protocol: {0}")]
    Broken(String),
    /// What this side failed to do.
    #[error("{0}")]
    Own(String),
}

/// A worker that is connected. Cheap to clone.
#[derive(Clone)]
pub struct Session {
    inner: Arc<Inner>,
}

struct Inner {
    worker_id: String,
    thumbprint: Thumbprint,
    sender: SendRequest<RequestBody>,
    greeting: Greeting,
    cut: watch::Sender<bool>,
    /// Transfers that run: a package travels once, however many attempts wait for it.
    transfers: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Session {
    /// Says hello over a new connection.
    ///
    /// # Errors
    /// [`AskError`].
    pub(super) async fn greet(
        worker_id: &str,
        thumbprint: Thumbprint,
        sender: SendRequest<RequestBody>,
        trusted: Vec<Thumbprint>,
    ) -> Result<Self, AskError> {
        let hello = Hello {
            versions: super::protocol::VERSIONS.to_vec(),
            software: env!("CARGO_PKG_VERSION").to_owned(),
            worker_id: worker_id.to_owned(),
            trusted,
        };
        let greeting: Greeting = ask(&sender, Method::POST, "/hello", Some(&hello)).await?;
        if !super::protocol::VERSIONS.contains(&greeting.version) {
            let text = format!(
                "it answers in version {}, which was not offered",
                greeting.version
            );
            return Err(AskError::Broken(text));
        }
        Ok(Self {
            inner: Arc::new(Inner {
                worker_id: worker_id.to_owned(),
                thumbprint,
                sender,
                greeting,
                cut: watch::Sender::new(false),
                transfers: Mutex::default(),
            }),
        })
    }

    pub fn worker_id(&self) -> &str {
        &self.inner.worker_id
    }

    /// What the worker said when it came.
    pub fn greeting(&self) -> &Greeting {
        &self.inner.greeting
    }

    pub(super) fn thumbprint(&self) -> &Thumbprint {
        &self.inner.thumbprint
    }

    /// Hangs up.
    pub(super) fn cut(&self) {
        self.inner.cut.send_replace(true);
    }

    /// Resolves when somebody wants it to hang up.
    pub(super) async fn is_cut(&self) {
        let mut cut = self.inner.cut.subscribe();
        cut.wait_for(|is_cut| *is_cut).await.ok();
    }

    /// Whether they are one connection.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, AskError> {
        ask(&self.inner.sender, method, path, body).await
    }

    /// How the worker is now.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn check(&self) -> Result<Condition, AskError> {
        self.ask(Method::POST, "/check", None::<&()>).await
    }

    /// Has it make a new certificate, to be shown from the next connection on.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn renew(&self) -> Result<Thumbprint, AskError> {
        let renewed: Renewed = self.ask(Method::POST, "/renew", None::<&()>).await?;
        Ok(renewed.thumbprint)
    }

    /// Hands an attempt over, or asks for one that was, and reads what it says behind the frame `after`.
    ///
    /// # Errors
    /// [`AskError`]; [`AskError::Refused`] with 410 if nobody knows what became of it.
    pub async fn attempt(
        &self,
        id: &AttemptId,
        after: u64,
        attempt: &Attempt,
    ) -> Result<Frames, AskError> {
        let text = serde_json::to_vec(attempt).map_err(|error| AskError::Own(error.to_string()))?;
        let request = request(
            Method::PUT,
            &format!("/attempts/{id}?after={after}"),
            "application/json",
            full(Bytes::from(text)),
        );
        let answer = send(&self.inner.sender, request).await?;
        Ok(Frames {
            body: answer.into_body(),
            buffer: Vec::new(),
            n_bytes: 0,
            scanned: 0,
            next: after + 1,
        })
    }

    /// What it said up to here is kept.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn acknowledge(&self, id: &AttemptId, through: u64) -> Result<(), AskError> {
        let path = format!("/attempts/{id}/acknowledge?through={through}");
        self.tell(Method::POST, &path).await
    }

    /// It is to end.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn cancel(&self, id: &AttemptId) -> Result<(), AskError> {
        self.tell(Method::POST, &format!("/attempts/{id}/cancel"))
            .await
    }

    /// Its end is kept, or nobody wants it any more.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn forget(&self, id: &AttemptId) -> Result<(), AskError> {
        self.tell(Method::DELETE, &format!("/attempts/{id}")).await
    }

    async fn tell(&self, method: Method, path: &str) -> Result<(), AskError> {
        let asking = async {
            let request = request(method, path, "text/plain", full(Bytes::new()));
            send(&self.inner.sender, request).await
        };
        let answer = tokio::time::timeout(PATIENCE, asking).await;
        answer.map_err(|_| AskError::Gone)?.map(|_| ())
    }

    /// Reads an artifact of at most `size_bytes` into a new file.
    ///
    /// # Errors
    /// [`AskError`]; [`AskError::Broken`] if there is more or less of it.
    pub async fn artifact(
        &self,
        id: &AttemptId,
        number: u32,
        size_bytes: u64,
        into: &Path,
    ) -> Result<(), AskError> {
        let path = format!("/attempts/{id}/artifacts/{number}");
        let request = request(Method::GET, &path, "text/plain", full(Bytes::new()));
        let mut body = send(&self.inner.sender, request).await?.into_body();
        let own = |error: io::Error| AskError::Own(format!("an artifact can't be kept: {error}"));
        let mut file = File::create(into).map_err(own)?;
        let mut n_read = 0;
        while let Some(piece) = body.frame().await {
            let piece = piece.map_err(|_| AskError::Gone)?;
            let Ok(piece) = piece.into_data() else {
                continue;
            };
            n_read += piece.len() as u64;
            if n_read > size_bytes {
                return Err(AskError::Broken(
                    "an artifact is longer than it said".to_owned(),
                ));
            }
            let write = move || {
                file.write_all(&piece)?;
                Ok(file)
            };
            let written = tokio::task::spawn_blocking(write).await;
            file = written
                .unwrap_or_else(|error| Err(io::Error::other(error)))
                .map_err(own)?;
        }
        match n_read == size_bytes {
            true => Ok(()),
            false => Err(AskError::Broken(
                "an artifact is shorter than it said".to_owned(),
            )),
        }
    }

    /// Sees to it that the worker has the package: what it lacks is sent.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn package(
        &self,
        sha256: &str,
        file: impl Fn() -> io::Result<File>,
    ) -> Result<(), AskError> {
        let turn = {
            let mut transfers = self
                .inner
                .transfers
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            transfers.retain(|_, turn| Arc::strong_count(turn) > 1);
            Arc::clone(transfers.entry(sha256.to_owned()).or_default())
        };
        let _turn = turn.lock().await;
        let path = format!("/packages/{sha256}");
        let own = |error: io::Error| AskError::Own(format!("the package can't be read: {error}"));
        for _ in 0..MAX_TRANSFERS {
            let state: PackageState = self.ask(Method::GET, &path, None::<&()>).await?;
            if state.is_whole {
                return Ok(());
            }
            let mut file = file().map_err(own)?;
            let size = file.metadata().map_err(own)?.len();
            let from = if state.size_bytes > size {
                0
            } else {
                state.size_bytes
            };
            file.seek(SeekFrom::Start(from)).map_err(own)?;
            let request = request(
                Method::PUT,
                &format!("{path}?from={from}&size={size}"),
                "application/octet-stream",
                StreamBody::new(pieces(file)).boxed(),
            );
            let answer = send(&self.inner.sender, request).await?;
            let state: PackageState = read(answer).await?;
            if state.is_whole {
                return Ok(());
            }
        }
        Err(AskError::Broken(
            "it never has the whole package".to_owned(),
        ))
    }
}

/// A file, a piece at a time, read on a thread that may wait for a disk.
fn pieces(
    file: File,
) -> impl futures::Stream<Item = Result<HttpFrame<Bytes>, io::Error>> + Send + Sync {
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    tokio::task::spawn_blocking(move || {
        let mut file = file;
        loop {
            let mut buffer = vec![0; PIECE_BYTES];
            let piece = match file.read(&mut buffer) {
                Ok(0) => return,
                Ok(n_read) => {
                    buffer.truncate(n_read);
                    Ok(HttpFrame::data(Bytes::from(buffer)))
                }
                Err(error) => Err(error),
            };
            if sender.blocking_send(piece).is_err() {
                return;
            }
        }
    });
    futures::stream::unfold(receiver, async |mut receiver| {
        receiver.recv().await.map(|piece| (piece, receiver))
    })
}

/// What a worker says of an attempt, as it says it.
pub struct Frames {
    body: Incoming,
    buffer: Vec<u8>,
    /// Of everything that came.
    n_bytes: u64,
    /// Bytes of the buffer in which there is no end of a line.
    scanned: usize,
    next: u64,
}

impl Frames {
    /// Bytes that came so far.
    pub fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// The next frame; `None` if nothing follows.
    ///
    /// # Errors
    /// [`AskError::Gone`], and [`AskError::Broken`] for what is no frame, too long, or not the next one.
    pub async fn next(&mut self) -> Result<Option<Frame>, AskError> {
        loop {
            if let Some(frame) = self.parsed()? {
                return Ok(Some(frame));
            }
            match self.body.frame().await {
                None if self.buffer.is_empty() => return Ok(None),
                None | Some(Err(_)) => return Err(AskError::Gone),
                Some(Ok(piece)) => {
                    if let Ok(piece) = piece.into_data() {
                        self.n_bytes += piece.len() as u64;
                        self.buffer.extend_from_slice(&piece);
                    }
                }
            }
        }
    }

    /// A frame that is here already, if there is one.
    fn parsed(&mut self) -> Result<Option<Frame>, AskError> {
        let broken = |text: &str| Err(AskError::Broken(text.to_owned()));
        let new = &self.buffer[self.scanned..];
        let Some(end) = new.iter().position(|byte| *byte == b'\n') else {
            self.scanned = self.buffer.len();
            if self.buffer.len() > MAX_FRAME_BYTES {
                return broken("a frame is too long");
            }
            return Ok(None);
        };
        let end = self.scanned + end;
        if end > MAX_FRAME_BYTES {
            return broken("a frame is too long");
        }
        let Ok(frame) = serde_json::from_slice::<Frame>(&self.buffer[..end]) else {
            return broken("a frame can't be read");
        };
        self.buffer.drain(..=end);
        self.scanned = 0;
        if frame.sequence != self.next {
            return broken("a frame is not the next one");
        }
        self.next += 1;
        Ok(Some(frame))
    }
}

fn full(bytes: Bytes) -> RequestBody {
    Full::new(bytes).map_err(|never| match never {}).boxed()
}

fn request(method: Method, path: &str, kind: &str, body: RequestBody) -> Request<RequestBody> {
    Request::builder()
        .method(method)
        .uri(format!("https://worker{path}"))
        .header("content-type", kind)
        .body(body)
        .expect("the request is well-formed")
}

/// Sends, and turns an answer that says no into an error.
async fn send(
    sender: &SendRequest<RequestBody>,
    request: Request<RequestBody>,
) -> Result<http::Response<Incoming>, AskError> {
    let mut sender = sender.clone();
    let answer = sender
        .send_request(request)
        .await
        .map_err(|_| AskError::Gone)?;
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let body = Limited::new(answer.into_body(), MAX_ANSWER_BYTES);
    let refusal = match tokio::time::timeout(PATIENCE, body.collect()).await {
        Ok(Ok(body)) => serde_json::from_slice(&body.to_bytes()).unwrap_or_default(),
        Ok(Err(_)) | Err(_) => Refusal::default(),
    };
    let message = match refusal.message.is_empty() {
        true => format!("the worker answers with {status}"),
        false => refusal.message,
    };
    Err(AskError::Refused { status, message })
}

async fn read<T: DeserializeOwned>(answer: http::Response<Incoming>) -> Result<T, AskError> {
    let body = Limited::new(answer.into_body(), MAX_ANSWER_BYTES)
        .collect()
        .await;
    let body = body.map_err(|_| AskError::Gone)?.to_bytes();
    serde_json::from_slice(&body)
        .map_err(|_| AskError::Broken("an answer can't be read".to_owned()))
}

pub(super) async fn ask<T: DeserializeOwned>(
    sender: &SendRequest<RequestBody>,
    method: Method,
    path: &str,
    body: Option<&impl Serialize>,
) -> Result<T, AskError> {
    let text = match body {
        Some(body) => serde_json::to_vec(body).map_err(|error| AskError::Own(error.to_string()))?,
        None => Vec::new(),
    };
    let asking = async {
        let request = request(method, path, "application/json", full(Bytes::from(text)));
        read(send(sender, request).await?).await
    };
    let answer = tokio::time::timeout(PATIENCE, asking).await;
    answer.unwrap_or(Err(AskError::Gone))
}
