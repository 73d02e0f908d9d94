//! A `seawall serve` of a test's own: started on a free port, asked over a real socket, killed when the test ends.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::cli::{PROGRAM, home};

/// A running server.
pub struct ApiServer {
    child: Child,
    address: String,
    /// The administrator's key, if this start printed one.
    pub key: Option<String>,
    /// Where it waits for external workers, if it does.
    pub workers: Option<SocketAddr>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: Value,
}

/// The command that serves `directory` on a free port.
pub fn serve(directory: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .env_clear()
        // Guests are compiled once for all tests.
        .env("SEAWALL_HOME", home())
        .arg("serve")
        .arg("--data")
        .arg(directory);
    command.args(["--listen", "127.0.0.1:0"]);
    command
}

impl ApiServer {
    /// A server on `directory`, once it listens.
    pub fn start(directory: &Path) -> Self {
        Self::spawn(serve(directory))
    }

    /// What the command serves, once it listens.
    pub fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let mut key = None;
        let mut address = None;
        let mut workers = None;
        for line in lines.by_ref().map_while(Result::ok) {
            if let Some((_, found)) = line.split_once("SEAWALL_API_KEY=") {
                key = Some(found.to_owned());
            }
            if let Some(found) = line.strip_prefix("Waiting for workers on https://") {
                workers = found.split(',').next().and_then(|text| text.parse().ok());
            }
            if let Some(found) = line.strip_prefix("Listening on http://") {
                address = Some(found.to_owned());
                break;
            }
        }
        Self {
            child,
            address: address.expect("it listens"),
            key,
            workers,
        }
    }

    /// A first server, with its directory.
    pub fn first() -> (TempDir, Self) {
        let directory = TempDir::new().expect("a temporary directory can be made");
        let server = Self::start(directory.path());
        (directory, server)
    }

    /// With the key that was printed when its directory was new.
    pub fn with_key(mut self, key: Option<String>) -> Self {
        self.key = key;
        self
    }

    /// For commands that ask it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends the server as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Sends a request with the administrator's key.
    pub fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.ask_as(self.key.as_deref().unwrap_or_default(), method, path, body)
    }

    /// Sends a request with a key of one's own; an empty one is sent as the TypeScript client does.
    pub fn ask_as(&self, key: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.ask_raw(&format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Octopus-ApiKey: {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    /// Sends a file as browsers do.
    pub fn upload(&self, path: &str, field: &str, file_name: &str, bytes: &[u8]) -> Answer {
        let head = format!(
            "--b0undary\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{file_name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        let tail = "\r\n--b0undary--\r\n";
        let mut request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Octopus-ApiKey: {}\r\n\
             Content-Type: multipart/form-data; boundary=b0undary\r\nContent-Length: {}\r\n\r\n{head}",
            self.key.as_deref().unwrap_or_default(),
            head.len() + bytes.len() + tail.len()
        )
        .into_bytes();
        request.extend_from_slice(bytes);
        request.extend_from_slice(tail.as_bytes());
        self.ask_bytes(&request)
    }

    /// The most memory that the server ever had resident, in KiB.
    pub fn peak_memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        number
            .and_then(|number| number.parse().ok())
            .expect("a number")
    }

    /// Sends text as it is.
    pub fn ask_raw(&self, request: &str) -> Answer {
        self.ask_bytes(request.as_bytes())
    }

    fn ask_bytes(&self, request: &[u8]) -> Answer {
        self.try_bytes(request).expect("it answers")
    }

    /// Sends a request to a server that may be killed meanwhile. `None` without a whole answer.
    pub fn try_ask(&self, method: &str, path: &str, body: &Value) -> Option<Answer> {
        let key = self.key.as_deref().unwrap_or_default();
        let body = body.to_string();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Octopus-ApiKey: {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.try_bytes(request.as_bytes())
    }

    fn try_bytes(&self, request: &[u8]) -> Option<Answer> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        let patience = Some(Duration::from_secs(30));
        stream.set_read_timeout(patience).ok()?;
        // A server that has seen enough answers without reading the rest.
        stream.write_all(request).ok();
        let mut text = Vec::new();
        stream.read_to_end(&mut text).ok()?;
        let end = text.windows(4).position(|window| window == b"\r\n\r\n")?;
        let n_body = text.len() - end - 4;
        let text = String::from_utf8_lossy(&text);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let length = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        // An answer that broke off is none.
        if let Some((_, length)) = length
            && length.trim().parse() != Ok(n_body)
        {
            return None;
        }
        Some(Answer {
            status,
            head: head.to_owned(),
            body: serde_json::from_str(body).unwrap_or_else(|_| Value::from(body)),
        })
    }

    /// Waits until a server that was killed is gone, with its locks.
    pub fn wait(&mut self) {
        self.child.wait().expect("it ends");
    }

    /// Ends the server as a power cut would, while others are using it.
    pub fn signal_kill(&self) {
        self.signal(rustix::process::Signal::KILL);
    }

    /// Sends the server's process a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).expect("it runs");
    }

    /// Reads, and expects to succeed.
    #[track_caller]
    pub fn get(&self, path: &str) -> Value {
        self.ask("GET", path, None).expect(200)
    }

    /// Creates, and expects to succeed.
    #[track_caller]
    pub fn post(&self, path: &str, body: Value) -> Value {
        self.ask("POST", path, Some(body)).expect(201)
    }

    /// Changes, and expects to succeed.
    #[track_caller]
    pub fn put(&self, path: &str, body: Value) -> Value {
        self.ask("PUT", path, Some(body)).expect(200)
    }
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Answer {
    /// Whether it says how long it is.
    pub fn has_length(&self) -> bool {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.any(|(name, _)| name.eq_ignore_ascii_case("content-length"))
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{:#}", self.body);
        self.body
    }
}
