//! What a worker answers: the routes of [`protocol`], over one connection.

use std::sync::Arc;

use axum::body::{Body as HttpBody, Bytes};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use futures::StreamExt as _;
use serde::Deserialize;

use super::Agent;
use super::attempts::{Entry, NotTaken};
use super::packages::{Incoming, PackageError};
use crate::link::protocol::{
    self, AttemptId, Condition, Greeting, Hello, MAX_ATTEMPT_BYTES, PackageState, Refusal, Renewed,
    negotiate,
};

/// What is refused, with the words for people.
struct Refused(StatusCode, String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self(status, message) = self;
        (status, Json(Refusal { message })).into_response()
    }
}

/// The routes. `greeted` is done when the server has said hello.
pub(super) fn router(
    agent: Arc<Agent>,
    greeted: impl Fn() + Clone + Send + Sync + 'static,
) -> Router {
    let hello = async move |State(agent): State<Arc<Agent>>, Json(said): Json<Hello>| {
        let greeting = hello(&agent, &said);
        if greeting.is_ok() {
            greeted();
        }
        greeting
    };
    Router::new()
        .route("/hello", post(hello))
        .route("/attempts/{id}", put(attempt).delete(forget))
        .route("/attempts/{id}/acknowledge", post(acknowledge))
        .route("/attempts/{id}/cancel", post(cancel))
        .route("/attempts/{id}/artifacts/{number}", get(artifact))
        .route("/packages/{sha256}", get(package_state).put(package))
        .route("/check", post(check))
        .route("/renew", post(renew))
        .route("/refused", post(refused))
        .layer(DefaultBodyLimit::max(MAX_ATTEMPT_BYTES))
        .with_state(agent)
}

fn hello(agent: &Agent, hello: &Hello) -> Result<Json<Greeting>, Refused> {
    let Some(version) = negotiate(&hello.versions) else {
        let message = format!(
            "this worker is seawall {} and speaks the versions {:?} of the protocol, and the server (seawall {}) speaks {:?}: upgrade the older one",
            env!("CARGO_PKG_VERSION"),
            protocol::VERSIONS,
            hello.software,
            hello.versions
        );
        return Err(Refused(StatusCode::UPGRADE_REQUIRED, message));
    };
    agent.greeted(hello);
    Ok(Json(Greeting {
        version,
        instance: agent.instance.clone(),
        condition: agent.condition(),
        attempts: agent.attempts.ids(),
    }))
}

async fn check(State(agent): State<Arc<Agent>>) -> Json<Condition> {
    Json(agent.condition())
}

async fn renew(State(agent): State<Arc<Agent>>) -> Result<Json<Renewed>, Refused> {
    match agent.renew() {
        Ok(thumbprint) => Ok(Json(Renewed { thumbprint })),
        Err(error) => {
            tracing::error!(error = ?error, "a new certificate can't be made");
            let message = format!("a new certificate can't be made: {error}");
            Err(Refused(StatusCode::INTERNAL_SERVER_ERROR, message))
        }
    }
}

async fn refused(State(agent): State<Arc<Agent>>, Json(refusal): Json<Refusal>) {
    agent.refused(&refusal);
}

fn id(text: &str) -> Result<AttemptId, Refused> {
    AttemptId::try_from(text.to_owned())
        .map_err(|error| Refused(StatusCode::BAD_REQUEST, error.to_string()))
}

fn known(agent: &Agent, text: &str) -> Result<Arc<Entry>, Refused> {
    let id = id(text)?;
    agent.attempts.get(&id).ok_or_else(|| {
        let message = format!("this worker knows no attempt {id}");
        Refused(StatusCode::NOT_FOUND, message)
    })
}

#[derive(Deserialize)]
struct After {
    after: u64,
}

async fn attempt(
    State(agent): State<Arc<Agent>>,
    Path(text): Path<String>,
    Query(After { after }): Query<After>,
    Json(attempt): Json<protocol::Attempt>,
) -> Result<Response, Refused> {
    let id = id(&text)?;
    let entry = agent.attempts.take(&id, attempt).map_err(|error| {
        let status = match error {
            NotTaken::OtherInstance | NotTaken::Forgotten => StatusCode::GONE,
            NotTaken::Ending => StatusCode::SERVICE_UNAVAILABLE,
            NotTaken::Disk => StatusCode::INSUFFICIENT_STORAGE,
        };
        Refused(status, error.to_string())
    })?;
    Ok(Response::new(HttpBody::from_stream(frames(entry, after))))
}

/// Frames from the one behind `after` on, as they come, until nothing follows.
fn frames(
    entry: Arc<Entry>,
    after: u64,
) -> impl futures::Stream<Item = Result<Bytes, std::io::Error>> {
    let watch = entry.spool.watch();
    futures::stream::unfold((entry, watch, after), async |(entry, mut watch, after)| {
        loop {
            // Seen before it is looked for: what comes in between wakes the wait.
            watch.borrow_and_update();
            match entry.spool.after(after).await {
                Ok(Some(batch)) if batch.lines.is_empty() => {
                    watch.changed().await.ok()?;
                }
                Ok(Some(batch)) => {
                    let state = (entry, watch, batch.last);
                    return Some((Ok(Bytes::from(batch.lines)), state));
                }
                Ok(None) => return None,
                Err(_) => {
                    let error = std::io::Error::other("these frames are not here any more");
                    return Some((Err(error), (entry, watch, after)));
                }
            }
        }
    })
}

#[derive(Deserialize)]
struct Through {
    through: u64,
}

async fn acknowledge(
    State(agent): State<Arc<Agent>>,
    Path(text): Path<String>,
    Query(Through { through }): Query<Through>,
) -> Result<(), Refused> {
    known(&agent, &text)?.spool.acknowledge(through);
    Ok(())
}

async fn cancel(State(agent): State<Arc<Agent>>, Path(text): Path<String>) -> Result<(), Refused> {
    known(&agent, &text)?.cancel();
    Ok(())
}

async fn forget(State(agent): State<Arc<Agent>>, Path(text): Path<String>) -> Result<(), Refused> {
    agent.attempts.forget(&id(&text)?);
    Ok(())
}

async fn artifact(
    State(agent): State<Arc<Agent>>,
    Path((text, number)): Path<(String, u32)>,
) -> Result<Response, Refused> {
    let entry = known(&agent, &text)?;
    let missing = || {
        let message = format!("{text} has no artifact {number}");
        Refused(StatusCode::NOT_FOUND, message)
    };
    let path = entry.artifact(number).ok_or_else(missing)?;
    let file = tokio::fs::File::open(path).await.map_err(|_| missing())?;
    Ok(Response::new(HttpBody::from_stream(bytes_of(file))))
}

/// The bytes of a file, a piece at a time.
fn bytes_of(file: tokio::fs::File) -> impl futures::Stream<Item = std::io::Result<Bytes>> {
    use tokio::io::AsyncReadExt as _;
    futures::stream::unfold(Some(file), async |file| {
        let mut file = file?;
        let mut buffer = vec![0; 256 << 10];
        match file.read(&mut buffer).await {
            Ok(0) => None,
            Ok(n_read) => {
                buffer.truncate(n_read);
                Some((Ok(buffer.into()), Some(file)))
            }
            Err(error) => Some((Err(error), None)),
        }
    })
}

fn package_refused(error: &PackageError) -> Refused {
    let status = match error {
        PackageError::NoDigest => StatusCode::BAD_REQUEST,
        PackageError::TooLarge { .. } => StatusCode::INSUFFICIENT_STORAGE,
        PackageError::NotThere(_) => StatusCode::RANGE_NOT_SATISFIABLE,
        PackageError::TooMany | PackageError::Digest => StatusCode::UNPROCESSABLE_ENTITY,
        PackageError::Io(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Refused(status, format!("the package isn't kept: {error}"))
}

async fn package_state(
    State(agent): State<Arc<Agent>>,
    Path(sha256): Path<String>,
) -> Result<Json<PackageState>, Refused> {
    let state = agent.packages.state(&sha256);
    state.map(Json).map_err(|error| package_refused(&error))
}

#[derive(Deserialize)]
struct Piece {
    from: u64,
    size: u64,
}

async fn package(
    State(agent): State<Arc<Agent>>,
    Path(sha256): Path<String>,
    Query(Piece { from, size }): Query<Piece>,
    body: HttpBody,
) -> Result<Json<PackageState>, Refused> {
    let packages = agent.packages.clone();
    let opening = move || packages.incoming(&sha256, from, size);
    let mut incoming = blocking(opening).await?;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        // A connection that is cut leaves what came before.
        let Ok(piece) = piece else { break };
        incoming = blocking(move || {
            incoming.write(&piece)?;
            Ok(incoming)
        })
        .await?;
    }
    blocking(move || Incoming::finish(incoming)).await.map(Json)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PackageError> + Send + 'static,
) -> Result<T, Refused> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(|error| package_refused(&error)),
        Err(_) => Err(Refused(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the package isn't kept".to_owned(),
        )),
    }
}
