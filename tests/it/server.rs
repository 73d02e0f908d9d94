//! A web server on loopback that answers what a test tells it to, and remembers what it was asked.
//!
//! HTTP/1.1, one request per connection: what the program under test speaks. A thread per connection, since a test has
//! few; all of them end with the test's process.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What the server was asked.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// What it answers.
#[derive(Default)]
pub struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// Says nothing at all, and waits until the other side gives up.
    is_silent: bool,
}

impl Response {
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            body: body.into(),
            ..Self::default()
        }
    }

    pub fn redirect(to: &str) -> Self {
        Self {
            status: 302,
            ..Self::default()
        }
        .header("location", to)
    }

    pub fn never() -> Self {
        Self {
            is_silent: true,
            ..Self::default()
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// A server that runs until the test ends.
pub struct Server {
    pub port: u16,
    seen: Arc<Mutex<Vec<Request>>>,
    /// The certificate to trust, in PEM, of an https server.
    pub certificate: String,
    scheme: &'static str,
}

type Answer = dyn Fn(&Request) -> Response + Send + Sync;

impl Server {
    /// Serves `answer` over http.
    pub fn http(answer: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        Self::on("127.0.0.1", answer)
    }

    /// Serves `answer` over http on another address of this machine.
    pub fn on(
        address: &str,
        answer: impl Fn(&Request) -> Response + Send + Sync + 'static,
    ) -> Self {
        Self::start(address, None, String::new(), Box::new(answer))
    }

    /// Serves `answer` over https, with a certificate for `localhost` and 127.0.0.1.
    pub fn https(answer: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).expect("a certificate can be made");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has the default versions")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .expect("key and certificate were made for each other");
        let tls = Some(Arc::new(config));
        Self::start("127.0.0.1", tls, made.cert.pem(), Box::new(answer))
    }

    fn start(
        address: &str,
        tls: Option<Arc<ServerConfig>>,
        certificate: String,
        answer: Box<Answer>,
    ) -> Self {
        let listener = TcpListener::bind((address, 0)).expect("there is a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let seen = Arc::<Mutex<Vec<Request>>>::default();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let remembered = Arc::clone(&seen);
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (tls, seen, answer) =
                    (tls.clone(), Arc::clone(&remembered), Arc::clone(&answer));
                // A client that breaks off is part of some tests.
                thread::spawn(move || match tls {
                    None => serve(stream, &seen, &**answer).ok(),
                    Some(config) => {
                        let connection = ServerConnection::new(config).ok()?;
                        serve(StreamOwned::new(connection, stream), &seen, &**answer).ok()
                    }
                });
            }
        });
        Self {
            port,
            seen,
            certificate,
            scheme,
        }
    }

    /// The address of a path of this server, by number.
    pub fn url(&self, path: &str) -> String {
        format!("{}://127.0.0.1:{}{path}", self.scheme, self.port)
    }

    /// The address of a path of this server, by the name `localhost`.
    pub fn named_url(&self, path: &str) -> String {
        format!("{}://localhost:{}{path}", self.scheme, self.port)
    }

    /// Policy rules that grant this server by number, with `paths` as TOML.
    pub fn rule(&self, methods: &str, paths: &str) -> String {
        let Self { port, scheme, .. } = self;
        format!(
            "[[network]]\ncidr = \"127.0.0.1/32\"\nports = [{port}]\nscheme = \"{scheme}\"\nmethods = {methods}\npaths = {paths}\n"
        )
    }

    /// Policy rules that grant all of this server.
    pub fn all(&self) -> String {
        self.rule("[\"GET\", \"POST\"]", "[\"/**\"]")
    }

    /// What was asked so far, in order.
    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().expect("no answer panics").clone()
    }
}

fn serve(stream: impl Read + Write, seen: &Mutex<Vec<Request>>, answer: &Answer) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let request = read_request(&mut stream)?;
    let response = answer(&request);
    seen.lock().expect("no answer panics").push(request);
    if response.is_silent {
        stream.read_to_end(&mut Vec::new())?;
        return Ok(());
    }
    let stream = stream.get_mut();
    write!(
        stream,
        "HTTP/1.1 {} Test\r\ncontent-length: {}\r\n",
        response.status,
        response.body.len()
    )?;
    for (name, value) in &response.headers {
        write!(stream, "{name}: {value}\r\n")?;
    }
    stream.write_all(b"content-type: text/plain; charset=utf-8\r\nconnection: close\r\n\r\n")?;
    stream.write_all(&response.body)?;
    stream.flush()
}

fn read_request(stream: &mut impl BufRead) -> io::Result<Request> {
    let broken = || io::Error::from(io::ErrorKind::InvalidData);
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let method = words.next().ok_or_else(broken)?;
    let target = words.next().ok_or_else(broken)?;
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => headers.push((name.to_lowercase(), value.trim().to_owned())),
            None => break,
        }
    }
    let mut request = Request {
        method,
        target,
        headers,
        body: String::new(),
    };
    let body = if request.header("transfer-encoding").is_some() {
        read_chunks(stream)?
    } else {
        let length = request
            .header("content-length")
            .and_then(|length| length.parse().ok());
        let mut body = Vec::new();
        stream.take(length.unwrap_or(0)).read_to_end(&mut body)?;
        body
    };
    request.body = String::from_utf8_lossy(&body).into_owned();
    Ok(request)
}

fn read_chunks(stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let length =
            u64::from_str_radix(line.trim(), 16).map_err(|_| io::ErrorKind::InvalidData)?;
        stream.take(length).read_to_end(&mut body)?;
        stream.read_line(&mut line)?;
        if length == 0 {
            return Ok(body);
        }
    }
}
