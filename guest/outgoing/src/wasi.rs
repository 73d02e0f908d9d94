//! Over `wasi:http/outgoing-handler`: sends, waits with a deadline, hands the body out in pieces.

use std::time::{Duration, Instant};

use wasip2::clocks::monotonic_clock;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest,
    RequestOptions, Scheme,
};
use wasip2::io::poll::{self, Pollable};
use wasip2::io::streams::{InputStream, StreamError};

use super::{Failure, Request, Response, authority, path_with_query};

/// What `blocking-write-and-flush` takes at most (WASI 0.2, `wasi:io/streams`).
const WRITE_BYTES: usize = 4096;
const READ_BYTES: u64 = 64 * 1024;

/// A response's body, as it arrives. Field order matters: children of a WASI resource are dropped first.
pub struct Incoming {
    stream: InputStream,
    _body: IncomingBody,
    _response: IncomingResponse,
    deadline: Option<Instant>,
}

impl Incoming {
    /// The next piece; empty at the end.
    ///
    /// # Errors
    /// The answer broke off, or its time is up.
    pub fn read(&mut self) -> Result<Vec<u8>, Failure> {
        loop {
            wait(&self.stream.subscribe(), self.deadline)?;
            match self.stream.read(READ_BYTES) {
                Ok(bytes) if bytes.is_empty() => {}
                Ok(bytes) => return Ok(bytes),
                Err(StreamError::Closed) => return Ok(Vec::new()),
                Err(StreamError::LastOperationFailed(error)) => {
                    return Err(match wasip2::http::types::http_error_code(&error) {
                        Some(code) => failure(&code),
                        None => Failure::Cut(error.to_debug_string()),
                    });
                }
            }
        }
    }
}

/// Sends `request` and returns the response once its headers are there.
///
/// # Errors
/// Nothing answered, or nothing may.
pub fn send(request: &Request<'_>) -> Result<Response, Failure> {
    let outgoing = build(request).map_err(|()| Failure::Invalid)?;
    let body = outgoing.body().expect("taken once");
    let options = RequestOptions::new();
    if let Some(limit) = request.connect_timeout {
        let _ = options.set_connect_timeout(Some(nanoseconds(limit)));
    }
    let pending =
        outgoing_handler::handle(outgoing, Some(options)).map_err(|code| failure(&code))?;
    write(&body, request.body.unwrap_or_default());
    // A server may answer before it has read everything; what it says then is the result.
    let _ = OutgoingBody::finish(body, None);
    wait(&pending.subscribe(), request.deadline)?;
    let response = pending
        .get()
        .expect("it was ready")
        .expect("taken once")
        .map_err(|code| failure(&code))?;
    let status = response.status();
    let headers = response.headers().entries();
    let body = response.consume().expect("taken once");
    let stream = body.stream().expect("taken once");
    Ok(Response {
        status,
        headers,
        body: Incoming {
            stream,
            _body: body,
            _response: response,
            deadline: request.deadline,
        },
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

fn build(request: &Request<'_>) -> Result<OutgoingRequest, ()> {
    let headers = Fields::new();
    for (name, value) in request.headers {
        headers.append(name, value.as_bytes()).map_err(drop)?;
    }
    if let Some(body) = request.body {
        let _ = headers.append("content-length", body.len().to_string().as_bytes());
    }
    let outgoing = OutgoingRequest::new(headers);
    outgoing.set_method(&match request.method {
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
    outgoing.set_authority(Some(&authority(request.url)))?;
    outgoing.set_path_with_query(Some(&path_with_query(request.url)))?;
    Ok(outgoing)
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

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
        Err(Failure::Timeout)
    }
}

fn failure(code: &ErrorCode) -> Failure {
    match code {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => Failure::Denied,
        ErrorCode::DnsTimeout | ErrorCode::DnsError(_) | ErrorCode::DestinationNotFound => {
            Failure::UnknownHost
        }
        ErrorCode::ConnectionTimeout => Failure::ConnectTimeout,
        ErrorCode::ConnectionReadTimeout
        | ErrorCode::HttpResponseTimeout
        | ErrorCode::ConnectionWriteTimeout => Failure::Timeout,
        ErrorCode::ConnectionRefused
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpUnroutable => Failure::Refused,
        ErrorCode::TlsProtocolError | ErrorCode::TlsAlertReceived(_) => Failure::Tls,
        ErrorCode::TlsCertificateError => Failure::Certificate,
        ErrorCode::ConnectionTerminated | ErrorCode::HttpResponseIncomplete => Failure::Empty,
        ErrorCode::HttpResponseBodySize(_) => Failure::TooLarge,
        other => Failure::Other(format!("{other:?}")),
    }
}
