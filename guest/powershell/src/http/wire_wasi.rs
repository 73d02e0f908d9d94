//! One request over `wasi:http/outgoing-handler`.

use std::time::{Duration, Instant};

use wasip2::clocks::monotonic_clock;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, Method, OutgoingBody, OutgoingRequest, RequestOptions, Scheme,
};
use wasip2::io::poll::{self, Pollable};
use wasip2::io::streams::StreamError;

use super::{Failure, Request, Response};

/// What `blocking-write-and-flush` takes at most (WASI 0.2, `wasi:io/streams`).
const WRITE_BYTES: usize = 4096;
const READ_BYTES: u64 = 64 * 1024;

pub fn send(request: &Request) -> Result<Response, Failure> {
    let authority = request.authority();
    let deadline = request.timeout.map(|timeout| Instant::now() + timeout);
    let outgoing = build(request)
        .map_err(|()| Failure::new(format!("Invalid request to '{}'.", request.url)))?;
    let body = outgoing.body().expect("taken once");
    let pending = outgoing_handler::handle(outgoing, Some(RequestOptions::new()))
        .map_err(|code| failure(&code, &authority))?;
    write(&body, request.body.as_deref().unwrap_or_default());
    // A server may answer before it has read everything; what it says then is the result.
    let _ = OutgoingBody::finish(body, None);
    wait(&pending.subscribe(), deadline)?;
    let response = pending
        .get()
        .expect("it was ready")
        .expect("taken once")
        .map_err(|code| failure(&code, &authority))?;
    let status = response.status();
    let headers = response
        .headers()
        .entries()
        .into_iter()
        .map(|(name, value)| (name, String::from_utf8_lossy(&value).into_owned()))
        .collect();
    let incoming = response.consume().expect("taken once");
    let stream = incoming.stream().expect("taken once");
    let mut bytes = Vec::new();
    loop {
        wait(&stream.subscribe(), deadline)?;
        match stream.read(READ_BYTES) {
            Ok(part) => bytes.extend(part),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(error)) => {
                return Err(match wasip2::http::types::http_error_code(&error) {
                    Some(code) => failure(&code, &authority),
                    None => Failure::new(format!(
                        "The response ended prematurely: {}",
                        error.to_debug_string()
                    )),
                });
            }
        }
    }
    Ok(Response {
        url: request.url.clone(),
        status,
        headers,
        body: bytes,
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
    let scheme = if request.url.scheme() == "https" {
        Scheme::Https
    } else {
        Scheme::Http
    };
    outgoing.set_scheme(Some(&scheme))?;
    outgoing.set_authority(Some(&request.authority()))?;
    outgoing.set_path_with_query(Some(&request.path_with_query()))?;
    Ok(outgoing)
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
        Err(Failure::timeout())
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn failure(code: &ErrorCode, authority: &str) -> Failure {
    Failure::new(match code {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => {
            format!("The request to {authority} was denied by policy.")
        }
        ErrorCode::DnsTimeout | ErrorCode::DnsError(_) | ErrorCode::DestinationNotFound => {
            format!("Name or service not known ({authority})")
        }
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::HttpResponseTimeout
        | ErrorCode::ConnectionWriteTimeout => return Failure::timeout(),
        ErrorCode::ConnectionRefused
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpUnroutable => {
            format!("Connection refused ({authority})")
        }
        ErrorCode::TlsProtocolError
        | ErrorCode::TlsAlertReceived(_)
        | ErrorCode::TlsCertificateError => {
            "The SSL connection could not be established, see inner exception.".to_owned()
        }
        other => format!("An error occurred while sending the request: {other:?}"),
    })
}
