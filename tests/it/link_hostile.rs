//! Workers and strangers that mean harm: they get no further than their own attempt, and are seen in the events.
//!
//! The hostile worker is played here, over the real protocol: TLS with a certificate that the server knows, HTTP/2, and
//! answers that no real worker gives.

use std::convert::Infallible;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{self, StreamExt as _};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, SupportedProtocolVersion};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::careless::Careless;
use super::cli::{PROGRAM, seawall};
use super::deploying::script;
use super::fleet::{Dials, Fleet, on_pool};

/// Somebody with a certificate of their own.
struct Stranger {
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
}

impl Stranger {
    /// Valid until the year after `last_year`.
    fn new(last_year: i32) -> Self {
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut parameters = rcgen::CertificateParams::default();
        parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(last_year, 1, 1);
        let certificate = parameters.self_signed(&key).expect("a certificate");
        Self {
            certificate: certificate.der().clone(),
            key: key.serialize_der(),
        }
    }

    fn thumbprint(&self) -> String {
        let digest = Sha256::digest(self.certificate.as_ref());
        digest.iter().map(|byte| format!("{byte:02X}")).collect()
    }

    /// Known to the server as a worker of the pool `linux`.
    fn register(&self, fleet: &Fleet, name: &str) -> Value {
        let server = &fleet.web.server;
        let pools = server.get("/api/workerpools/all");
        let pools = pools.as_array().expect("a list");
        let linux = pools
            .iter()
            .find(|pool| pool["Name"] == "linux")
            .expect("it was made");
        server.post("/api/workers", json!({ "Name": name, "WorkerPoolIds": [linux["Id"]],
            "Endpoint": { "CommunicationStyle": "TentacleActive", "Thumbprint": self.thumbprint() } }))
    }

    fn config(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        protocol: &str,
        shows: bool,
    ) -> Arc<ClientConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .expect("ring has them")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Careless));
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone()));
        let mut config = match shows {
            true => config
                .with_client_auth_cert(vec![self.certificate.clone()], key)
                .expect("they belong together"),
            false => config.with_no_client_auth(),
        };
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        Arc::new(config)
    }

    /// One connection, up to the first byte that the server sends behind the handshake; whether there was one.
    fn is_let_in(&self, server: SocketAddr, config: Arc<ClientConfig>) -> bool {
        let name = ServerName::try_from("seawall").expect("a name");
        let connection = rustls::ClientConnection::new(config, name).expect("a configuration");
        let stream = TcpStream::connect(server).expect("it listens");
        let mut stream = rustls::StreamOwned::new(connection, stream);
        stream.read(&mut [0; 1]).is_ok_and(|n_read| n_read > 0)
    }
}

type Body = UnsyncBoxBody<Bytes, Infallible>;

fn whole(text: impl Into<Bytes>) -> Body {
    Full::new(text.into()).boxed_unsync()
}

/// What the hostile worker says of an attempt.
#[derive(Clone)]
enum Says {
    Text(String),
    /// The same again and again, without an end.
    Forever(Bytes),
}

/// What it answers to everything.
#[derive(Clone)]
struct Role {
    frames: Says,
    /// What it answers when it is asked for an artifact.
    artifact: Says,
    hello: Option<String>,
}

impl Role {
    fn saying(text: impl Into<String>) -> Self {
        Self {
            frames: Says::Text(text.into()),
            artifact: Says::Text(String::new()),
            hello: None,
        }
    }
}

fn said(says: &Says) -> Body {
    match says.clone() {
        Says::Text(text) => whole(text),
        Says::Forever(piece) => {
            let pieces = stream::repeat(piece).map(|piece| Ok(Frame::data(piece)));
            StreamBody::new(pieces).boxed_unsync()
        }
    }
}

fn greeting() -> String {
    json!({ "version": 1, "instance": "hostile", "attempts": [], "condition": {
        "software": "99.0", "operating_system": "linux\u{1b}[2J", "architecture": "x86_64", "isolations": ["Sandbox"],
        "native_account": "", "capacity": 4, "running": 0, "free_disk_bytes": 1_u64 << 40,
        "now": jiff::Timestamp::now(), "problems": [], "labels": [] } })
    .to_string()
}

async fn answer(role: Role, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let path = request.uri().path().to_owned();
    let is_put = request.method() == hyper::Method::PUT;
    // What it is sent is read: it is polite so far.
    request.into_body().collect().await.ok();
    let body = match path.as_str() {
        "/hello" => whole(role.hello.unwrap_or_else(greeting)),
        path if path.contains("/artifacts/") => said(&role.artifact),
        path if path.starts_with("/attempts/") && is_put => said(&role.frames),
        _ => whole("{}"),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::OK;
    Ok(response)
}

/// Plays the worker until the server hangs up, on a thread of its own; dials again for every connection that it is let.
fn play(stranger: &Stranger, server: SocketAddr, role: Role) {
    let config = stranger.config(&[&rustls::version::TLS13], "seawall-link", true);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(async move {
            loop {
                let connector = tokio_rustls::TlsConnector::from(Arc::clone(&config));
                let Ok(stream) = tokio::net::TcpStream::connect(server).await else {
                    return;
                };
                let name = ServerName::try_from("seawall").expect("a name");
                let Ok(stream) = connector.connect(name, stream).await else {
                    return;
                };
                let role = role.clone();
                let service = service_fn(move |request| answer(role.clone(), request));
                hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await
                    .ok();
            }
        });
    });
}

fn output(sequence: u64, text: &str) -> String {
    format!(
        "{}\n",
        json!({ "sequence": sequence, "body": { "output": { "level": "info", "text": text } } })
    )
}

fn done(sequence: u64) -> String {
    let end = json!({ "done": { "ending": { "ending": "exited", "code": 0 }, "failure": null } });
    format!(
        "{}\n",
        json!({ "sequence": sequence, "body": { "end": end } })
    )
}

fn part(sequence: u64, artifacts: Value) -> String {
    let ending = json!({ "ending": "exited", "code": 0 });
    let part = json!({ "number": 0, "ending": ending, "receipt": { "no": "receipt" }, "artifacts": artifacts });
    format!(
        "{}\n",
        json!({ "sequence": sequence, "body": { "part": part } })
    )
}

/// The shape of an end as this program writes it, so that the cases below stay what they claim to be.
#[test]
fn the_hostile_worker_speaks_the_protocol() {
    use seawall::link::protocol::Frame;
    for text in [output(1, "x"), done(1), part(1, json!([]))] {
        serde_json::from_str::<Frame>(text.trim())
            .unwrap_or_else(|error| panic!("{error}: {text}"));
    }
}

#[test]
fn a_hostile_worker_harms_only_the_attempt_that_it_was_given() {
    let long = "x".repeat(5 << 20);
    let cases = [
        (
            "skips",
            Role::saying(output(2, "x")),
            "a frame is not the next one",
        ),
        (
            "repeats",
            Role::saying(output(1, "x").repeat(2)),
            "a frame is not the next one",
        ),
        (
            "babbles",
            Role::saying("no frame\n"),
            "a frame can't be read",
        ),
        ("is long", Role::saying(long), "a frame is too long"),
        (
            "stops",
            Role::saying(output(1, "x")),
            "the frames end without an end",
        ),
        (
            "floods",
            Role {
                frames: Says::Forever(Bytes::from(vec![b'{'; 64 << 10])),
                ..Role::saying("")
            },
            "a frame is too long",
        ),
        (
            "sends more than it said",
            Role {
                artifact: Says::Forever(Bytes::from(vec![0; 64 << 10])),
                ..Role::saying(part(
                    1,
                    json!([{ "kept": { "number": 0, "name": "a", "size_bytes": 10, "sha256": "0" } }]),
                ))
            },
            "an artifact is longer than it said",
        ),
    ];
    let fleet = Fleet::new(&[on_pool("Build", "echo built")]);
    let server = fleet.web.server.workers.expect("it waits");
    fleet.web.release("1.0.0");
    for (name, role, expected) in cases {
        let stranger = Stranger::new(2100);
        let worker = stranger.register(&fleet, name);
        play(&stranger, server, role);
        let path = format!("/api/workers/{}", worker["Id"].as_str().expect("an id"));
        fleet
            .web
            .until(|| fleet.web.server.get(&format!("{path}/connection"))["Status"] == "Online");
        let log = fleet.ended(&fleet.web.deploy("1.0.0", "Dev"), "Failed");
        assert!(log.contains(expected), "{name}: {log}");
        fleet.wait_for_event("WorkerRefused", expected);
        fleet.web.server.ask("DELETE", &path, None).expect(200);
    }
    // The twin: the same steps on a worker that is one.
    let _worker = fleet.worker("real", Dials::Worker, &[]);
    fleet.ended(&fleet.web.deploy("1.0.0", "Dev"), "Success");
}

#[test]
fn output_without_an_end_stops_at_what_the_policy_allows() {
    let fleet = Fleet::new(&[on_pool("Build", "echo built")]);
    let policy = "schema = 1\nname = \"default\"\n[limits]\noutput = \"1MiB\"\n";
    fleet
        .web
        .server
        .put("/api/policies/default", json!({ "Text": policy }));
    let stranger = Stranger::new(2100);
    let worker = stranger.register(&fleet, "chatty");
    let text = "y".repeat(1000);
    let frames = (1..40_000)
        .map(|n| output(n, &format!("{text}\n")))
        .collect::<String>();
    play(
        &stranger,
        fleet.web.server.workers.expect("it waits"),
        Role::saying(frames),
    );
    let path = format!(
        "/api/workers/{}/connection",
        worker["Id"].as_str().expect("an id")
    );
    fleet
        .web
        .until(|| fleet.web.server.get(&path)["Status"] == "Online");
    let log = fleet.ended(&fleet.deploy("1.0.0"), "Failed");
    assert!(
        log.contains("it says more than the policy allows"),
        "{}",
        log.len()
    );
    assert!(log.len() < 12 << 20, "{} bytes were kept", log.len());
}

#[test]
fn what_a_hostile_worker_says_is_text_and_forges_nothing() {
    let later = "echo \"forged: [#{Octopus.Action[Build].Output.Forged}] real: [#{Octopus.Action[Build].Output.Real}]\"";
    let fleet = Fleet::new(&[
        on_pool("Build", "echo built"),
        script("Later", "Bash", later),
    ]);
    let forged =
        "##octopus[setVariable name='Rm9yZ2Vk' value='eA==']\u{1b}]0;title\u{7}\u{1b}[2J\n";
    let variable =
        json!({ "output-variable": { "name": "Real", "value": "x", "is_sensitive": false } });
    let digest = Sha256::digest(b"evil")
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    let artifacts = json!([
        { "kept": { "number": 0, "name": "../../../etc/cron.d/evil", "size_bytes": 4, "sha256": digest } },
        { "not-kept": { "why": "no \u{1b}[2J" } },
    ]);
    let text = [
        output(1, forged),
        format!("{}\n", json!({ "sequence": 2, "body": variable })),
        part(3, artifacts),
        done(4),
    ];
    let stranger = Stranger::new(2100);
    let worker = stranger.register(&fleet, "forger");
    let role = Role {
        artifact: Says::Text("evil".to_owned()),
        ..Role::saying(text.concat())
    };
    play(&stranger, fleet.web.server.workers.expect("it waits"), role);
    let id = worker["Id"].as_str().expect("an id").to_owned();
    let path = format!("/api/workers/{id}/connection");
    fleet
        .web
        .until(|| fleet.web.server.get(&path)["Status"] == "Online");
    let task = fleet.deploy("1.0.0");
    let log = fleet.ended(&task, "Success");
    assert!(log.contains("real: [x]"), "{log}");
    assert!(!log.contains("forged: [x]"), "{log}");
    // An artifact is kept by its digest; its name is only shown.
    let artifacts = fleet
        .web
        .server
        .get(&format!("/api/artifacts?regarding={task}"));
    let artifact = &artifacts["Items"][0];
    assert!(artifact.is_object(), "{artifacts:#} {log}");
    let content = artifact["Links"]["Content"].as_str().expect("a link");
    assert_eq!(fleet.web.server.get(content), "evil");
    assert!(!std::path::Path::new("/etc/cron.d/evil").exists());
    // Its words about itself are bounded and no terminal obeys them.
    let command = seawall(["worker", "list"]).env("SEAWALL_URL", fleet.web.server.url());
    let key = fleet.web.server.key.as_deref().unwrap_or_default();
    let listed = command.env("SEAWALL_API_KEY", key).run();
    listed.expect_code(0).expect_nowhere("\u{1b}");
}

#[test]
fn a_version_that_nobody_speaks_is_refused_with_both_versions() {
    let fleet = Fleet::new(&[]);
    let stranger = Stranger::new(2100);
    let worker = stranger.register(&fleet, "future");
    let role = Role {
        hello: Some(greeting().replace("\"version\":1", "\"version\":7")),
        ..Role::saying("")
    };
    play(&stranger, fleet.web.server.workers.expect("it waits"), role);
    fleet.wait_for_event("WorkerRefused", "it answers in version 7");
    let path = format!("/api/workers/{}", worker["Id"].as_str().expect("an id"));
    let seen = fleet.web.server.get(&path);
    assert_eq!(seen["HealthStatus"], "Unhealthy", "{seen:#}");
    fleet.web.server.ask("DELETE", &path, None).expect(200);
}

#[test]
fn whoever_is_not_known_is_refused_and_seen() {
    let fleet = Fleet::new(&[]);
    let server = fleet.web.server.workers.expect("it waits");
    let (tls13, tls12) = ([&rustls::version::TLS13], [&rustls::version::TLS12]);
    let stranger = Stranger::new(2100);
    // Older than TLS 1.3, without a certificate, for another protocol, expired, unknown.
    assert!(!stranger.is_let_in(server, stranger.config(&tls12, "seawall-link", true)));
    fleet.wait_for_event("WorkerRefused", "the handshake failed");
    assert!(!stranger.is_let_in(server, stranger.config(&tls13, "seawall-link", false)));
    assert!(!stranger.is_let_in(server, stranger.config(&tls13, "h2", true)));
    let expired = Stranger::new(2021);
    expired.register(&fleet, "expired");
    assert!(!expired.is_let_in(server, expired.config(&tls13, "seawall-link", true)));
    fleet.wait_for_event("WorkerRefused", "Expired");
    // It is told why, over HTTP/2.
    play(&stranger, server, Role::saying(""));
    fleet.wait_for_event("WorkerRefused", "doesn't know the certificate");
    // The twin.
    stranger.register(&fleet, "known");
    assert!(stranger.is_let_in(server, stranger.config(&tls13, "seawall-link", true)));
}

#[test]
fn a_removed_worker_is_cut_off_at_once_and_its_step_is_not_kept() {
    let fleet = Fleet::with(
        &["--worker-lease", "2"],
        &[on_pool(
            "Build",
            "echo began; while true; do sleep 0.05; done",
        )],
    );
    let worker = fleet.worker("build-7", Dials::Worker, &[]);
    let task = fleet.deploy("1.0.0");
    fleet.web.wait_for_text(&task, "began");
    let path = format!("/api/workers/{}", worker.id);
    fleet.web.server.ask("DELETE", &path, None).expect(200);
    fleet.web.question(&task);
    fleet
        .web
        .until(|| worker.log().contains("the server refuses this worker"));
    fleet.wait_for_event("WorkerRefused", "doesn't know the certificate");
}

/// `seawall worker enrol`, and what it says.
fn enrol(fleet: &Fleet, token: &str, more: &[&str]) -> (bool, String) {
    let directory = tempfile::TempDir::new().expect("a temporary directory can be made");
    let mut command = std::process::Command::new(PROGRAM);
    let server = format!("https://127.0.0.1:{}", fleet.proxy.port);
    command.args(["worker", "enrol", "--server", &server, "--token", token]);
    command.arg("--directory").arg(directory.path()).args(more);
    let said = command.output().expect("the program starts");
    let text = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(!text.contains(token), "the token is in no message: {text}");
    (said.status.success(), text)
}

#[test]
fn a_token_is_good_once_for_its_pools_and_for_its_server_only() {
    let fleet = Fleet::new(&[]);
    fleet
        .web
        .server
        .post("/api/workerpools", json!({ "Name": "windows" }));
    let token = fleet.token(&["linux"]);
    let other = enrol(&fleet, &token, &["--name", "a", "--pool", "windows"]);
    assert!(
        !other.0 && other.1.contains("not for the pool `windows`"),
        "{}",
        other.1
    );
    assert!(enrol(&fleet, &token, &["--name", "a"]).0, "the twin");
    let again = enrol(&fleet, &token, &["--name", "b"]);
    assert!(
        !again.0 && again.1.contains("was used already"),
        "{}",
        again.1
    );
    fleet.wait_for_event("WorkerRefused", "was used already");
    // A server that isn't the one that the token names hears nothing of it.
    let (secret, thumbprint) = token.rsplit_once('.').expect("it has parts");
    let flipped = match thumbprint.starts_with('0') {
        true => thumbprint.replacen('0', "1", 1),
        false => format!("0{}", &thumbprint[1..]),
    };
    let elsewhere = enrol(&fleet, &format!("{secret}.{flipped}"), &["--name", "c"]);
    assert!(
        !elsewhere.0 && elsewhere.1.contains("certificate"),
        "{}",
        elsewhere.1
    );
    let made_up = format!("swe1.{}.{thumbprint}", "A".repeat(32));
    let unknown = enrol(&fleet, &made_up, &["--name", "d"]);
    assert!(
        !unknown.0 && unknown.1.contains("not one of this server's"),
        "{}",
        unknown.1
    );
    let twice = enrol(&fleet, &fleet.token(&["linux"]), &["--name", "a"]);
    assert!(
        !twice.0 && twice.1.contains('a'),
        "the name is taken: {}",
        twice.1
    );
}

#[test]
fn certificates_change_on_both_sides_while_a_step_runs() {
    let body = "for i in $(seq 1 400); do echo \"line $i\"; sleep 0.01; done";
    let fleet = Fleet::new(&[on_pool("Build", body)]);
    let worker = fleet.worker("build-7", Dials::Worker, &[]);
    let path = format!("/api/workers/{}", worker.id);
    let before = fleet.web.server.get(&path)["Endpoint"]["Thumbprint"].clone();
    let task = fleet.deploy("1.0.0");
    fleet.web.wait_for_text(&task, "line 20");
    let renew = format!("{path}/renew");
    let renewed = fleet
        .web
        .server
        .ask("POST", &renew, Some(json!({})))
        .expect(200);
    fleet.web.until(|| {
        let endpoint = &fleet.web.server.get(&path)["Endpoint"];
        endpoint["Thumbprint"] == renewed["Thumbprint"] && endpoint["NextThumbprint"].is_null()
    });
    assert_ne!(before, renewed["Thumbprint"]);
    // The server's, too.
    fleet.web.server.signal(rustix::process::Signal::USR1);
    fleet
        .web
        .until(|| worker.log().matches("the server is there").count() >= 3);
    let log = fleet.ended(&task, "Success");
    let n_lines = log.lines().filter(|line| line.contains("line ")).count();
    assert_eq!(n_lines, 400, "{log}");
    // The certificate of before is nobody's any more: what it was renewed from can't be enrolled with or shown.
    assert_eq!(fleet.events("WorkerRefused"), Vec::<String>::new());
}

#[test]
fn connections_that_say_nothing_keep_nobody_out() {
    let fleet = Fleet::new(&[]);
    let server = fleet.web.server.workers.expect("it waits");
    let silent: Vec<TcpStream> = (0..300)
        .map(|_| TcpStream::connect(server).expect("it listens"))
        .collect();
    let mut slow = TcpStream::connect(server).expect("it listens");
    slow.write_all(&[22, 3, 1]).expect("it is sent");
    let _worker = fleet.worker("patient", Dials::Worker, &[]);
    fleet.wait_for_event("WorkerRefused", "the handshake took too long");
    drop((silent, slow));
}
