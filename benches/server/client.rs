//! A client that keeps its connection: as little as HTTP/1.1 needs, so that the server is what is measured.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

/// One connection.
pub struct Client {
    stream: BufReader<TcpStream>,
    key: String,
}

impl Client {
    pub fn connect(address: &str, key: &str) -> Self {
        let stream = TcpStream::connect(address).expect("it accepts");
        stream.set_nodelay(true).expect("a socket option");
        Self {
            stream: BufReader::new(stream),
            key: key.to_owned(),
        }
    }

    pub fn get(&mut self, path: &str) -> Value {
        self.ask("GET", path, "")
    }

    pub fn ask(&mut self, method: &str, path: &str, body: &str) -> Value {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nX-Octopus-ApiKey: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.key,
            body.len()
        );
        self.stream
            .get_mut()
            .write_all(request.as_bytes())
            .expect("it reads");
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("it answers");
        let status = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line).expect("it answers");
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().expect("a number");
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).expect("it answers");
        assert!(
            status.starts_with('2'),
            "{method} {path}: {status} {}",
            String::from_utf8_lossy(&body)
        );
        serde_json::from_slice(&body).unwrap_or_default()
    }
}
