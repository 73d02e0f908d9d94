//! Stands in for `wasi:http` where the crate is built for the host: plain HTTP/1.1 to a loopback server, for tests.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use super::{Failure, Request, Response};

pub fn send(request: &Request) -> Result<Response, Failure> {
    let host = request.url.host_str().unwrap_or_default();
    let is_loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    if request.url.scheme() != "http" || !is_loopback {
        return Err(Failure::new(format!(
            "Connection to {} refused: this build reaches loopback only",
            request.authority()
        )));
    }
    let port = request.url.port_or_known_default().unwrap_or(80);
    exchange(request, port).map_err(|error| match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Failure::timeout(),
        _ => Failure::new(format!(
            "Connection refused ({}): {error}",
            request.authority()
        )),
    })
}

fn exchange(request: &Request, port: u16) -> std::io::Result<Response> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(request.timeout)?;
    let mut head = format!(
        "{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
        request.method,
        request.path_with_query(),
        request.authority()
    );
    for (name, value) in &request.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some(body) = &request.body {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    stream.write_all(request.body.as_deref().unwrap_or_default())?;
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
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    Ok(Response {
        url: request.url.clone(),
        status,
        headers,
        body: bytes.get(end + 4..).unwrap_or_default().to_vec(),
    })
}
