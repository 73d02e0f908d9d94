//! One HTTP request, from the headers to the last byte of the answer. Shared by the interpreters in Rust.
//!
//! Over `wasi:http` in the guest; over plain HTTP/1.1 to a loopback server where a crate is built for the host to be
//! tested. Redirects, retries, cookies and the words of errors are the callers'. Refuses nothing by itself: what may
//! be reached is decided outside.

#[cfg_attr(target_os = "wasi", path = "wasi.rs")]
#[cfg_attr(not(target_os = "wasi"), path = "loopback.rs")]
mod wire;

use std::time::{Duration, Instant};

use url::Url;

pub use wire::{Incoming, send};

/// One hop.
pub struct Request<'a> {
    pub method: &'a str,
    /// `http` or `https`; what stands before the host isn't sent.
    pub url: &'a Url,
    /// Without `Host` and `Content-Length`, which are set here and outside.
    pub headers: &'a [(String, String)],
    pub body: Option<&'a [u8]>,
    pub connect_timeout: Option<Duration>,
    /// When the last byte must have been read.
    pub deadline: Option<Instant>,
}

/// A response whose body has not been read.
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Incoming,
}

/// Why there is no response, or not the whole of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// A method, header or address that can't be sent.
    Invalid,
    /// What the host's policy refused.
    Denied,
    UnknownHost,
    Refused,
    ConnectTimeout,
    Timeout,
    Tls,
    Certificate,
    /// The server closed the connection before it had answered.
    Empty,
    TooLarge,
    /// The answer broke off.
    Cut(String),
    Other(String),
}

/// Host and port as they go into the request.
pub fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn path_with_query(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}
