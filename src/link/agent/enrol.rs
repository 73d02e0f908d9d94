//! A worker introduces itself to a server, once, with a token.

use std::time::Duration;

use http::Request;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use jiff::Timestamp;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

use super::home::{Enrolment, Home, HomeError};
use crate::link::identity::Identity;
use crate::link::protocol::{self, Enrolled, MAX_ANSWER_BYTES, Refusal, SERVER_PORT};
use crate::link::tls::{Expected, any_name, dialler};
use crate::link::token::Token;

/// A server that takes longer doesn't answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is asked for.
pub struct Asked {
    /// `https://deploy.example:10943`, or only the host.
    pub server: String,
    pub token: Token,
    pub name: String,
    /// By name; those of the token if it is empty.
    pub pools: Vec<String>,
    /// For a deployment target, by name; those of the token if it is empty.
    pub environments: Vec<String>,
    /// For a deployment target: what steps choose it by.
    pub roles: Vec<String>,
    /// Where the server reaches this worker, `host:port`; this worker dials if it is `None`.
    pub address: Option<String>,
    pub labels: Vec<String>,
}

/// Why a worker isn't enrolled.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    #[error("`{0}` is no address of a server: write https://HOST:{SERVER_PORT}")]
    Address(String),
    #[error(
        "this worker is enrolled at {0} already: give another --directory, or --force to leave that server"
    )]
    Enrolled(String),
    #[error("no connection to {server}: {why}")]
    Connect { server: String, why: String },
    #[error("the server says no: {0}")]
    Refused(String),
    #[error("what {0} answers is no answer: is it a Seawall server's port for workers?")]
    Nonsense(String),
    #[error(transparent)]
    Home(#[from] HomeError),
}

/// `host:port` out of what people write.
fn address(text: &str) -> Result<String, EnrolError> {
    let bad = || EnrolError::Address(text.to_owned());
    let whole = match text.contains("://") {
        true => text.to_owned(),
        false => format!("https://{text}"),
    };
    let url = Url::parse(&whole).map_err(|_| bad())?;
    let host = url.host_str().filter(|_| url.scheme() == "https");
    let port = match whole.trim_end_matches('/').ends_with(":443") {
        true => 443,
        false => url.port().unwrap_or(SERVER_PORT),
    };
    Ok(format!("{}:{port}", host.ok_or_else(bad)?))
}

/// Enrols the worker in `home`, and writes down what it learned. Whatever fails, it is as it was before.
///
/// # Errors
/// [`EnrolError`].
pub async fn enrol(home: &Home, asked: &Asked, is_forced: bool) -> Result<Enrolment, EnrolError> {
    if let Ok(enrolment) = home.enrolment()
        && !is_forced
    {
        return Err(EnrolError::Enrolled(enrolment.server));
    }
    let server = address(&asked.server)?;
    let identity = Identity::new(&asked.name, Timestamp::now()).map_err(HomeError::Identity)?;
    let body = protocol::Enrolment {
        versions: protocol::VERSIONS.to_vec(),
        secret: asked.token.secret().to_owned(),
        name: asked.name.clone(),
        pools: asked.pools.clone(),
        environments: asked.environments.clone(),
        roles: asked.roles.clone(),
        address: asked.address.clone(),
        labels: asked.labels.clone(),
        operating_system: std::env::consts::OS.to_owned(),
        architecture: std::env::consts::ARCH.to_owned(),
        software: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let enrolled = tokio::time::timeout(PATIENCE, ask(&server, &identity, asked, &body)).await;
    let enrolled = enrolled.map_err(|_| EnrolError::Connect {
        server: server.clone(),
        why: "it doesn't answer".to_owned(),
    })??;
    let enrolment = Enrolment {
        server,
        trusted: enrolled.trusted,
        worker_id: enrolled.worker_id,
        name: asked.name.clone(),
        is_listening: asked.address.is_some(),
        labels: asked.labels.clone(),
    };
    home.keep_identity(&identity)?;
    home.keep(&enrolment)?;
    Ok(enrolment)
}

async fn ask(
    server: &str,
    identity: &Identity,
    asked: &Asked,
    body: &protocol::Enrolment,
) -> Result<Enrolled, EnrolError> {
    let failed = |error: &dyn std::fmt::Display| EnrolError::Connect {
        server: server.to_owned(),
        why: error.to_string(),
    };
    let expected = Expected::Pinned(vec![asked.token.server.clone()]);
    let config = dialler(identity, expected, protocol::ENROL).map_err(|error| failed(&error))?;
    let stream = TcpStream::connect(server)
        .await
        .map_err(|error| failed(&error))?;
    let stream = TlsConnector::from(config).connect(any_name(), stream).await;
    let stream = stream.map_err(|error| match error.to_string() {
        text if text.contains("ApplicationVerificationFailure") => failed(
            &"its certificate is not the one that the token names: the token is another server's, or somebody stands in between",
        ),
        text => failed(&text),
    })?;
    let (mut sender, connection) = http2::Builder::new(TokioExecutor::new())
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| failed(&error))?;
    let driving = tokio::spawn(connection);
    let text = serde_json::to_vec(body).expect("an enrolment is plain data");
    let request = Request::post("https://seawall/enrol")
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(text)))
        .expect("the request is well-formed");
    let answer = sender.send_request(request).await;
    let answer = answer.map_err(|error| failed(&error))?;
    let is_fine = answer.status().is_success();
    let bytes = Limited::new(answer.into_body(), MAX_ANSWER_BYTES)
        .collect()
        .await;
    driving.abort();
    let nonsense = || EnrolError::Nonsense(server.to_owned());
    let bytes = bytes.map_err(|_| nonsense())?.to_bytes();
    if is_fine {
        return serde_json::from_slice(&bytes).map_err(|_| nonsense());
    }
    let refusal: Refusal = serde_json::from_slice(&bytes).map_err(|_| nonsense())?;
    Err(EnrolError::Refused(refusal.message))
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn a_server_is_found_by_what_people_write() {
        for (text, expected) in [
            ("https://deploy.example", Some("deploy.example:10943")),
            ("https://deploy.example:9000/", Some("deploy.example:9000")),
            ("https://deploy.example:443", Some("deploy.example:443")),
            ("deploy.example:1", Some("deploy.example:1")),
            ("10.0.0.1", Some("10.0.0.1:10943")),
            ("https://[::1]:5", Some("[::1]:5")),
            ("http://deploy.example", None),
            ("", None),
        ] {
            assert_eq!(address(text).ok().as_deref(), expected, "{text}");
        }
    }
}
