//! Where a crate is built for the host: plain HTTP/1.1 to a loopback server, for tests.
//!
//! Refuses every other destination, so that no test depends on a network.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::{Failure, Request, Response, authority, path_with_query};

/// A response's body, which is there whole.
pub struct Incoming(Vec<u8>);

impl Incoming {
    /// The next piece; empty at the end.
    ///
    /// # Errors
    /// None here.
    pub fn read(&mut self) -> Result<Vec<u8>, Failure> {
        Ok(std::mem::take(&mut self.0))
    }
}

/// Sends `request` and returns the response.
///
/// # Errors
/// Nothing answered, or the destination isn't a loopback server.
pub fn send(request: &Request<'_>) -> Result<Response, Failure> {
    let host = request.url.host_str().unwrap_or_default();
    let is_loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    if request.url.scheme() != "http" || !is_loopback {
        return Err(Failure::Refused);
    }
    let port = request.url.port_or_known_default().unwrap_or(80);
    exchange(request, port).map_err(|error| match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Failure::Timeout,
        ErrorKind::ConnectionRefused => Failure::Refused,
        _ => Failure::Cut(error.to_string()),
    })
}

fn exchange(request: &Request<'_>, port: u16) -> std::io::Result<Response> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    let left = |deadline: Instant| deadline.saturating_duration_since(Instant::now());
    // A timeout of nothing at all is an error of its own to `std`.
    let shortest = Duration::from_millis(1);
    stream.set_read_timeout(request.deadline.map(|end| left(end).max(shortest)))?;
    let mut head = format!(
        "{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
        request.method,
        path_with_query(request.url),
        authority(request.url)
    );
    for (name, value) in request.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some(body) = request.body {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    stream.write_all(request.body.unwrap_or_default())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let end = bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap_or(bytes.len());
    let text = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = text.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|code| code.parse().ok())
        .unwrap_or(0);
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().as_bytes().to_vec()))
        .collect();
    Ok(Response {
        status,
        headers,
        body: Incoming(bytes.get(end + 4..).unwrap_or_default().to_vec()),
    })
}
