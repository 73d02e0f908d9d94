//! What an external worker costs beside the built-in one, and what many idle ones cost the server.
//!
//! The worker is the program itself, in a process of its own, over loopback. The many idle ones are played here: a
//! thousand connections that answer the server's hello and its pings.

use std::convert::Infallible;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::SendRequest;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use seawall::link::protocol::{self, Body, Frame};
use seawall::plan::Isolation;
use seawall::worker::Language;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::at;
use super::careless::Careless;
use super::server::Server;

/// Workers that only wait.
const N_IDLE: usize = 1_000;

/// Attempts that are under way at once.
const N_AT_ONCE: usize = 32;

/// Bytes of the package.
const PACKAGE_MIB: usize = 500;

pub fn all() {
    overhead();
    over_one_connection();
    package();
    idle();
}

/// A worker's process.
struct Worker {
    child: Child,
    directory: TempDir,
}

impl Worker {
    /// Enrolled at the server, in the pool that the token is for; the server dials it at `listen`, if that is given.
    fn enrolled(server: &Server, listen: Option<&str>) -> Self {
        let token = server
            .client()
            .ask("POST", "/api/Spaces-1/workers/enrolments", "{}");
        let directory = TempDir::new_in(server.path()).expect("a directory");
        let mut enrol = Command::new(env!("CARGO_BIN_EXE_seawall"));
        enrol.args([
            "worker",
            "enrol",
            "--token",
            token["Token"].as_str().expect("a token"),
        ]);
        enrol.args([
            "--server",
            &format!("https://{}", server.workers()),
            "--directory",
        ]);
        enrol.arg(directory.path());
        let mut run = Command::new(env!("CARGO_BIN_EXE_seawall"));
        run.args(["worker", "run", "--concurrency", "64", "--directory"])
            .arg(directory.path());
        if let Some(address) = listen {
            enrol.args(["--address", address]);
            run.args(["--listen", address]);
        }
        let status = enrol
            .stdout(Stdio::null())
            .status()
            .expect("the program starts");
        assert!(status.success(), "it enrols");
        let child = run
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        let worker = Self { child, directory };
        let start = Instant::now();
        loop {
            let all = server.client().get("/api/workers/all");
            let mut all = all.as_array().into_iter().flatten();
            if all.any(|one| one["IsInProcess"] == false && one["HealthStatus"] == "Healthy") {
                return worker;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "it connects");
            std::thread::yield_now();
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
        drop(std::fs::remove_dir_all(self.directory.path()));
    }
}

/// The same deployment on the built-in worker and on an external one, in turns.
fn overhead() {
    let server = Server::start();
    server.set_up(&["print('hello')"], 1);
    let time = |server: &Server| {
        let mut client = server.client();
        let mut times: Vec<Duration> = (0..300)
            .map(|_| server.deploy_and_wait(&mut client, 0))
            .collect();
        times.sort();
        times
    };
    let built_in = time(&server);
    let worker = Worker::enrolled(&server, None);
    time(&server);
    let external = time(&server);
    drop(worker);
    println!(
        "one-step Python, built-in worker p50 {:.2} ms, external worker p50 {:.2} ms: {:+.2} ms (target +2 ms)",
        at(&built_in, 50),
        at(&external, 50),
        at(&external, 50) - at(&built_in, 50)
    );
}

async fn dial(
    address: &str,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
) -> tokio_rustls::client::TlsStream<tokio::net::TcpStream> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("ring has it")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Careless))
        .with_client_auth_cert(vec![certificate], key)
        .expect("they belong together");
    config.alpn_protocols = vec![protocol::SESSION.to_vec()];
    let stream = tokio::net::TcpStream::connect(address)
        .await
        .expect("it listens");
    stream.set_nodelay(true).expect("a socket option");
    let name = ServerName::try_from("seawall").expect("a name");
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    connector.connect(name, stream).await.expect("a handshake")
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().expect("a runtime")
}

type Sender = SendRequest<Full<Bytes>>;

async fn ask(sender: &Sender, method: &str, path: &str, body: Vec<u8>) -> Response<Incoming> {
    let request = Request::builder()
        .method(method)
        .uri(format!("https://worker{path}"));
    let request = request.header("content-type", "application/json");
    let request = request
        .body(Full::new(Bytes::from(body)))
        .expect("a request");
    let answer = sender
        .clone()
        .send_request(request)
        .await
        .expect("it answers");
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer
}

/// One attempt, from the request to its end, and forgotten.
async fn attempt(sender: &Sender, number: usize, text: &[u8]) {
    let id = format!("Bench-1.{number}.1");
    let path = format!("/attempts/{id}?after=0");
    let answer = ask(sender, "PUT", &path, text.to_vec()).await;
    let said = answer
        .into_body()
        .collect()
        .await
        .expect("frames")
        .to_bytes();
    let last = said
        .split(|byte| *byte == b'\n')
        .rfind(|line| !line.is_empty());
    let last: Frame = serde_json::from_slice(last.expect("a frame")).expect("a frame");
    assert!(matches!(last.body, Body::End(_)), "{last:?}");
    ask(sender, "DELETE", &format!("/attempts/{id}"), Vec::new()).await;
}

/// Attempts over one connection: the bench is the server, the worker is the program.
fn over_one_connection() {
    let server = Server::start();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    drop(listener);
    let worker = Worker::enrolled(&server, Some(&address));
    let pem = server.path().join("link.pem");
    let certificate = CertificateDer::from_pem_file(&pem).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(&pem).expect("a key");
    // From now on the bench is the server.
    let _directory = server.stop();
    let (policy, _) =
        seawall::policy::parse("bench", "schema = 1\nname = \"bench\"\n").expect("a policy");
    let grants = seawall::policy::grants(&policy, None).expect("no ceiling");
    runtime().block_on(async {
        let stream = dial(&address, certificate, key).await;
        let (sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
                .await
                .expect("HTTP/2");
        tokio::spawn(connection);
        let hello = json!({ "versions": [1], "software": "bench", "worker_id": "Workers-1", "trusted": [] });
        let greeting = ask(&sender, "POST", "/hello", hello.to_string().into_bytes()).await;
        let greeting = greeting.into_body().collect().await.expect("a greeting").to_bytes();
        let greeting: protocol::Greeting = serde_json::from_slice(&greeting).expect("a greeting");
        let text = serde_json::to_vec(&protocol::Attempt {
            instance: greeting.instance,
            programs: vec![protocol::Program::Script {
                language: Language::Shell,
                name: "hello.sh".to_owned(),
                text: protocol::Bytes(b"echo hello".to_vec()),
            }],
            arguments: Vec::new(),
            grants,
            isolation: Isolation::Sandbox,
            variables: Vec::new(),
            packages: Vec::new(),
            is_check: false,
        })
        .expect("an attempt");
        let next = Arc::new(AtomicUsize::new(0));
        for length in [Duration::from_secs(2), Duration::from_secs(8)] {
            let started = Instant::now();
            let first = next.load(Ordering::Relaxed);
            let running = (0..N_AT_ONCE).map(|_| {
                let (sender, text, next) = (sender.clone(), text.clone(), Arc::clone(&next));
                tokio::spawn(async move {
                    let mut times = Vec::new();
                    while started.elapsed() < length {
                        let began = Instant::now();
                        attempt(&sender, next.fetch_add(1, Ordering::Relaxed), &text).await;
                        times.push(began.elapsed());
                    }
                    times
                })
            });
            let running: Vec<_> = running.collect();
            let mut times = Vec::new();
            for one in running {
                times.extend(one.await.expect("it doesn't panic"));
            }
            let n_done = next.load(Ordering::Relaxed) - first;
            times.sort();
            if length > Duration::from_secs(2) {
                println!(
                    "shell attempts over one connection, {N_AT_ONCE} at once: {:.0}/s (target 800), p50 {:.2} ms, p99 {:.2} ms",
                    n_done as f64 / started.elapsed().as_secs_f64(),
                    at(&times, 50),
                    at(&times, 99)
                );
            }
        }
    });
    drop(worker);
}

/// A large package on its way to a worker: the first deployment sends it, the second finds it there.
fn package() {
    let server = Server::start();
    server.set_up(&["print('hello')"], 1);
    let worker = Worker::enrolled(&server, None);
    let file = server.path().join("large.1.0.0.zip");
    write_package(&file);
    let status = Command::new(env!("CARGO_BIN_EXE_seawall"))
        .args(["package", "push"])
        .arg(&file)
        .env("SEAWALL_URL", server.url())
        .env("SEAWALL_API_KEY", server.key())
        .stdout(Stdio::null())
        .status();
    assert!(
        status.expect("the program starts").success(),
        "it is pushed"
    );
    let policy = "schema = 1\nname = \"default\"\n[[files]]\nmount = \"/pkg\"\nfrom = \"package:large\"\naccess = \"read\"\n";
    let mut client = server.client();
    let body = json!({ "Text": policy }).to_string();
    client.ask("PUT", "/api/policies/default", &body);
    let mut process = client.get("/api/projects/Web/deploymentprocesses");
    process["Steps"][0]["Actions"][0]["Packages"] =
        json!([{ "Name": "", "PackageId": "large", "FeedId": "feeds-builtin" }]);
    let body = process.to_string();
    client.ask("PUT", "/api/projects/Web/deploymentprocesses", &body);
    let release = json!({ "ProjectName": "Web", "ReleaseVersion": "2.0.0" });
    client.ask(
        "POST",
        "/api/Spaces-1/releases/create/v1",
        &release.to_string(),
    );
    let mut time = || {
        let started = Instant::now();
        let id = server.deploy_version(&mut client, "2.0.0", 0);
        server.wait(&mut client, &id);
        started.elapsed()
    };
    let (first, second) = (time(), time());
    let sending = first.saturating_sub(second).as_secs_f64();
    println!(
        "a package of {PACKAGE_MIB} MiB to a worker: {:.2} s, {:.0} MiB/s (target 300); with it there already, the step takes {:.2} s for unpacking",
        sending,
        PACKAGE_MIB as f64 / sending,
        second.as_secs_f64()
    );
    drop(worker);
}

fn write_package(path: &std::path::Path) {
    let file = std::fs::File::create(path).expect("a file");
    let mut archive = zip::ZipWriter::new(file);
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .large_file(true);
    archive.start_file("large", options).expect("an entry");
    let piece: Vec<u8> = (0..1 << 20)
        .map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    for _ in 0..PACKAGE_MIB {
        std::io::Write::write_all(&mut archive, &piece).expect("room");
    }
    archive.finish().expect("an archive");
}

/// What a thousand connected workers cost a server that has nothing for them to do.
fn idle() {
    const WATCHED: Duration = Duration::from_secs(30);
    let server = Server::start();
    server.set_up(&["print('hello')"], 1);
    let (memory_before, _) = (server.memory_kib(), server.cpu());
    let runtime = runtime();
    let identities: Vec<_> = (0..N_IDLE).map(|_| identity()).collect();
    let mut client = server.client();
    let pool = client.get("/api/workerpools/all")[0]["Id"].clone();
    for (number, (certificate, _)) in identities.iter().enumerate() {
        let digest = Sha256::digest(certificate.as_ref());
        let thumbprint: String = digest.iter().map(|byte| format!("{byte:02X}")).collect();
        let worker = json!({ "Name": format!("idle-{number}"), "WorkerPoolIds": [pool],
            "Endpoint": { "CommunicationStyle": "TentacleActive", "Thumbprint": thumbprint } });
        client.ask("POST", "/api/Spaces-1/workers", &worker.to_string());
    }
    let memory_known = server.memory_kib();
    let n_greeted = Arc::new(AtomicUsize::new(0));
    for (certificate, key) in identities {
        let (address, n_greeted) = (server.workers().to_owned(), Arc::clone(&n_greeted));
        runtime.spawn(async move {
            let stream = dial(&address, certificate, key).await;
            let service = service_fn(move |request| answer(request, Arc::clone(&n_greeted)));
            hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .await
        });
    }
    let start = Instant::now();
    while n_greeted.load(Ordering::Relaxed) < N_IDLE {
        assert!(start.elapsed() < Duration::from_secs(120), "they connect");
        std::thread::yield_now();
    }
    // What their arrival costs is over, and they are pinged at least once.
    std::thread::sleep(Duration::from_secs(5));
    let (cpu, began) = (server.cpu(), Instant::now());
    std::thread::sleep(WATCHED);
    let used = (server.cpu() - cpu).as_secs_f64() / began.elapsed().as_secs_f64() * 100.0;
    println!(
        "{N_IDLE} idle workers: {} MiB more (target 100; {} MiB of it for their records), {used:.1} % of one core (target 5 %)",
        server.memory_kib().saturating_sub(memory_before) / 1024,
        memory_known.saturating_sub(memory_before) / 1024,
    );
    runtime.shutdown_background();
}

fn identity() -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let key = rcgen::KeyPair::generate().expect("a key");
    let certificate = rcgen::CertificateParams::default()
        .self_signed(&key)
        .expect("a certificate");
    let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    (certificate.der().clone(), der)
}

async fn answer(
    request: Request<Incoming>,
    n_greeted: Arc<AtomicUsize>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let is_hello = request.uri().path() == "/hello";
    request.into_body().collect().await.ok();
    let condition = json!({ "software": env!("CARGO_PKG_VERSION"), "operating_system": "linux", "architecture": "x86_64",
        "isolations": ["Sandbox"], "capacity": 4, "free_disk_bytes": 1_u64 << 40, "now": jiff::Timestamp::now() });
    let text = match is_hello {
        true => json!({ "version": 1, "instance": "idle", "condition": condition, "attempts": [] }),
        false => condition,
    };
    if is_hello {
        n_greeted.fetch_add(1, Ordering::Relaxed);
    }
    Ok(Response::new(Full::new(Bytes::from(text.to_string()))))
}
