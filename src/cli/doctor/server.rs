//! The loopback servers that probes talk to. For attacks only: they answer whatever is asked.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

/// Longest that a stalled answer is kept open; far beyond any probe's limits.
const STALL: Duration = Duration::from_secs(120);

/// Two HTTP servers and one that accepts and holds, all on 127.0.0.1.
pub struct Servers {
    http: SocketAddr,
    http2: SocketAddr,
    tcp: SocketAddr,
    received: Received,
}

/// What the HTTP servers received, as text. Bounded.
type Received = Arc<Mutex<String>>;

/// Most that is remembered of what was received.
const RECEIVED_BYTES: usize = 1 << 20;

impl Servers {
    /// Starts all; they end with the process.
    ///
    /// # Errors
    /// If a port can't be listened on.
    pub async fn start() -> io::Result<Self> {
        let http = TcpListener::bind("127.0.0.1:0").await?;
        let http2 = TcpListener::bind("127.0.0.1:0").await?;
        let tcp = TcpListener::bind("127.0.0.1:0").await?;
        let servers = Self {
            http: http.local_addr()?,
            http2: http2.local_addr()?,
            tcp: tcp.local_addr()?,
            received: Received::default(),
        };
        tokio::spawn(serve_http(http, Arc::clone(&servers.received)));
        tokio::spawn(serve_http(http2, Arc::clone(&servers.received)));
        tokio::spawn(serve_tcp(tcp));
        Ok(servers)
    }

    /// What the names of the table stand for.
    pub fn places(&self) -> HashMap<&'static str, String> {
        HashMap::from([
            ("http", self.http.to_string()),
            ("http-port", self.http.port().to_string()),
            ("http2", self.http2.to_string()),
            ("http2-port", self.http2.port().to_string()),
            ("tcp", self.tcp.to_string()),
            ("tcp-port", self.tcp.port().to_string()),
        ])
    }

    /// Everything received since [`Servers::forget`].
    pub fn received(&self) -> String {
        lock(&self.received).clone()
    }

    /// Forgets what was received so far.
    pub fn forget(&self) {
        lock(&self.received).clear();
    }
}

fn lock(received: &Received) -> std::sync::MutexGuard<'_, String> {
    received
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn remember(received: &Received, text: &str) {
    let mut received = lock(received);
    if received.len() < RECEIVED_BYTES {
        received.push_str(text);
    }
}

async fn serve_http(listener: TcpListener, received: Received) {
    while let Ok((stream, _)) = listener.accept().await {
        let received = Arc::clone(&received);
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(request, Arc::clone(&received)));
            // A probe that hangs up in the middle is what it is for.
            hyper::server::conn::http1::Builder::new()
                .max_buf_size(1 << 20)
                .serve_connection(TokioIo::new(stream), service)
                .await
                .ok();
        });
    }
}

async fn serve_tcp(listener: TcpListener) {
    while let Ok((mut stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let mut buffer = [0; 1024];
            while let Ok(1..) = stream.read(&mut buffer).await {}
        });
    }
}

type Body = BoxBody<Bytes, Infallible>;

async fn answer(
    request: Request<Incoming>,
    received: Received,
) -> Result<Response<Body>, Infallible> {
    remember(
        &received,
        &format!(
            "{} {}\n{:?}\n",
            request.method(),
            request.uri(),
            request.headers()
        ),
    );
    let query: HashMap<String, String> = request
        .uri()
        .query()
        .map(|query| {
            url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect()
        })
        .unwrap_or_default();
    let n = query
        .get("n")
        .and_then(|n| n.parse().ok())
        .unwrap_or(1_usize);
    let mut response = match request.uri().path() {
        "/redirect" => {
            let target = query.get("to").map_or("/echo", String::as_str);
            let mut response = Response::new(full(Bytes::new()));
            *response.status_mut() = StatusCode::FOUND;
            if let Ok(target) = target.parse() {
                response.headers_mut().insert("location", target);
            }
            response
        }
        "/endless" => Response::new(repeated(usize::MAX)),
        "/slow" => {
            let wait = query
                .get("s")
                .and_then(|s| s.parse::<f32>().ok())
                .map_or(STALL, Duration::from_secs_f32);
            tokio::time::sleep(wait.min(STALL)).await;
            Response::new(full(Bytes::from_static(b"slow\n")))
        }
        "/big" => Response::new(repeated(n.div_ceil(CHUNK))),
        "/headers" => {
            let mut response = Response::new(full(Bytes::from_static(b"headers\n")));
            for i in 0..n.min(20_000) {
                let name = hyper::header::HeaderName::from_bytes(format!("x-{i}").as_bytes());
                if let (Ok(name), Ok(value)) = (name, "v".repeat(32).parse()) {
                    response.headers_mut().insert(name, value);
                }
            }
            response
        }
        "/gzip-bomb" => {
            let mut response = Response::new(full(gzip_bomb()));
            response.headers_mut().insert(
                "content-encoding",
                hyper::header::HeaderValue::from_static("gzip"),
            );
            response
        }
        _ => return Ok(echo(request, &received).await),
    };
    response.headers_mut().insert(
        "server",
        hyper::header::HeaderValue::from_static("seawall-doctor"),
    );
    Ok(response)
}

/// Method, target, headers and the size of the body, as JSON: what a server would see.
async fn echo(request: Request<Incoming>, received: &Received) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    remember(received, &String::from_utf8_lossy(&body));
    let headers: Vec<(String, String)> = parts
        .headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.to_string(), value)
        })
        .collect();
    let seen = serde_json::json!({
        "method": parts.method.as_str(),
        "path": parts.uri.to_string(),
        "headers": headers,
        "body-bytes": body.len(),
    });
    Response::new(full(Bytes::from(seen.to_string())))
}

fn full(bytes: Bytes) -> Body {
    Full::new(bytes).boxed()
}

const CHUNK: usize = 64 * 1024;

/// `n` chunks of [`CHUNK`] bytes.
fn repeated(n: usize) -> Body {
    let chunks =
        (0..n).map(|_| Ok::<_, Infallible>(Frame::data(Bytes::from_static(&[b'x'; CHUNK]))));
    http_body_util::BodyExt::boxed(StreamBody::new(stream::iter(chunks)))
}

/// A gzip stream that expands a thousandfold: 64 MiB of zeros.
fn gzip_bomb() -> Bytes {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0; CHUNK];
    for _ in 0..1024 {
        encoder
            .write_all(&zeros)
            .expect("writing to memory cannot fail");
    }
    Bytes::from(encoder.finish().expect("writing to memory cannot fail"))
}
