//! One request over `wasi:http/outgoing-handler`: sends, waits with a deadline, hands the body out in pieces.

use std::time::{Duration, Instant};

use wasip2::clocks::monotonic_clock;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest,
    RequestOptions, Scheme,
};
use wasip2::io::poll::{self, Pollable};
use wasip2::io::streams::{InputStream, StreamError};

use super::failure::Failure;
use super::transfer::{Request, Sent};

/// What `blocking-write-and-flush` takes at most (WASI 0.2, `wasi:io/streams`).
const WRITE_BYTES: usize = 4096;
const READ_BYTES: u64 = 64 * 1024;

/// A response's body, as it arrives. Field order matters: children of a WASI resource are dropped first.
pub struct Incoming {
    stream: InputStream,
    _body: IncomingBody,
    _response: IncomingResponse,
    deadline: Option<Instant>,
    authority: String,
}

impl Incoming {
    /// The next piece; empty at the end.
    pub fn read(&mut self) -> Result<Vec<u8>, Failure> {
        loop {
            wait(&self.stream.subscribe(), self.deadline)?;
            match self.stream.read(READ_BYTES) {
                Ok(bytes) if bytes.is_empty() => {}
                Ok(bytes) => return Ok(bytes),
                Err(StreamError::Closed) => return Ok(Vec::new()),
                Err(StreamError::LastOperationFailed(error)) => {
                    return Err(match wasip2::http::types::http_error_code(&error) {
                        Some(code) => failure(&code, &self.authority),
                        None => {
                            Failure::new(56, format!("Recv failure: {}", error.to_debug_string()))
                        }
                    });
                }
            }
        }
    }
}

/// Sends `request` and returns the response once its headers are there.
pub fn send(request: &Request) -> Result<Sent, Failure> {
    let authority = request.authority();
    let outgoing = build(request)
        .map_err(|()| Failure::new(3, "URL using bad/illegal format or missing URL"))?;
    let body = outgoing.body().expect("taken once");
    let options = RequestOptions::new();
    if let Some(limit) = request.connect_timeout {
        let _ = options.set_connect_timeout(Some(nanoseconds(limit)));
    }
    let pending = outgoing_handler::handle(outgoing, Some(options))
        .map_err(|code| failure(&code, &authority))?;
    write(&body, request.body.as_deref().unwrap_or_default());
    // A server may answer before it has read everything; what it says then is the result.
    let _ = OutgoingBody::finish(body, None);
    wait(&pending.subscribe(), request.deadline)?;
    let response = pending
        .get()
        .expect("it was ready")
        .expect("taken once")
        .map_err(|code| failure(&code, &authority))?;
    let status = response.status();
    let headers = response.headers().entries();
    let body = response.consume().expect("taken once");
    let stream = body.stream().expect("taken once");
    let incoming = Incoming {
        stream,
        _body: body,
        _response: response,
        deadline: request.deadline,
        authority,
    };
    Ok(Sent {
        status,
        headers,
        body: incoming,
    })
}

fn write(body: &OutgoingBody, bytes: &[u8]) {
    let stream = body.write().expect("taken once");
    for piece in bytes.chunks(WRITE_BYTES) {
        if stream.blocking_write_and_flush(piece).is_err() {
            return;
        }
    }
}

fn build(request: &Request) -> Result<OutgoingRequest, ()> {
    let headers = Fields::new();
    for (name, value) in &request.headers {
        headers.append(name, value.as_bytes()).map_err(drop)?;
    }
    if let Some(body) = &request.body {
        let _ = headers.append("content-length", body.len().to_string().as_bytes());
    }
    let outgoing = OutgoingRequest::new(headers);
    outgoing.set_method(&match request.method.as_str() {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "PATCH" => Method::Patch,
        "OPTIONS" => Method::Options,
        other => Method::Other(other.to_owned()),
    })?;
    outgoing.set_scheme(Some(&if request.url.scheme() == "https" {
        Scheme::Https
    } else {
        Scheme::Http
    }))?;
    outgoing.set_authority(Some(&request.authority()))?;
    let path = match request.url.query() {
        Some(query) => format!("{}?{query}", request.url.path()),
        None => request.url.path().to_owned(),
    };
    outgoing.set_path_with_query(Some(&path))?;
    Ok(outgoing)
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Waits for `ready`, or fails as curl does when its time is up.
fn wait(ready: &Pollable, deadline: Option<Instant>) -> Result<(), Failure> {
    let Some(deadline) = deadline else {
        ready.block();
        return Ok(());
    };
    let left = deadline.saturating_duration_since(Instant::now());
    let timer = monotonic_clock::subscribe_duration(nanoseconds(left));
    if poll::poll(&[ready, &timer]).contains(&0) {
        Ok(())
    } else {
        Err(Failure::new(28, "Operation timed out"))
    }
}

/// Between retries.
pub fn pause(duration: Duration) {
    monotonic_clock::subscribe_duration(nanoseconds(duration)).block();
}

fn failure(code: &ErrorCode, authority: &str) -> Failure {
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host);
    match code {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => {
            Failure::denied(authority)
        }
        ErrorCode::DnsTimeout | ErrorCode::DnsError(_) | ErrorCode::DestinationNotFound => {
            Failure::new(6, format!("Could not resolve host: {host}"))
        }
        ErrorCode::ConnectionTimeout => Failure::new(28, "Connection timed out"),
        ErrorCode::ConnectionReadTimeout
        | ErrorCode::HttpResponseTimeout
        | ErrorCode::ConnectionWriteTimeout => Failure::new(28, "Operation timed out"),
        ErrorCode::ConnectionRefused
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpUnroutable => Failure::new(
            7,
            format!("Failed to connect to {authority}: Could not connect to server"),
        ),
        ErrorCode::TlsProtocolError | ErrorCode::TlsAlertReceived(_) => {
            Failure::new(35, "TLS connect error")
        }
        ErrorCode::TlsCertificateError => Failure::new(
            60,
            "SSL certificate problem: the host could not verify the server's certificate",
        ),
        ErrorCode::ConnectionTerminated | ErrorCode::HttpResponseIncomplete => {
            Failure::new(52, "Empty reply from server")
        }
        ErrorCode::HttpResponseBodySize(_) => Failure::new(63, "Maximum file size exceeded"),
        other => Failure::new(56, format!("Recv failure: {other:?}")),
    }
}
