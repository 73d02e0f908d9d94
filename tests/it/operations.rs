//! Claims about running a server: TLS, health, metrics, bounds on connections, backups.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::json;

use super::api_server::{ApiServer, serve};
use super::cli::seawall;
use super::deploying::{Deploying, script};

/// A server that is started with these arguments, and the line that says where it listens.
fn start(directory: &Path, arguments: &[&str]) -> (Killed, String) {
    let mut child = serve(directory)
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let line = lines
        .map_while(Result::ok)
        .find(|line| line.starts_with("Listening on "));
    (Killed(child), line.expect("it listens"))
}

/// Ends with the test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// What a client that trusts `certificate` gets from `/healthz`, or why it gets nothing.
fn over_tls(address: &str, certificate: &Path) -> Result<String, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    let own = CertificateDer::from_pem_file(certificate).map_err(|error| error.to_string())?;
    roots.add(own).map_err(|error| error.to_string())?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a client");
    let stream = TcpStream::connect(address).map_err(|error| error.to_string())?;
    let mut stream = StreamOwned::new(connection, stream);
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream
        .write_all(request)
        .map_err(|error| error.to_string())?;
    let mut answer = String::new();
    // Some clients end without saying goodbye; what they read is what counts.
    stream.read_to_string(&mut answer).ok();
    Ok(answer)
}

fn certificate(directory: &Path, name: &str) -> (String, String) {
    let made =
        rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("it is signed");
    let (certificate, key) = (
        directory.join(format!("{name}.crt")),
        directory.join(format!("{name}.key")),
    );
    fs::write(&certificate, made.cert.pem()).expect("it is written");
    fs::write(&key, made.signing_key.serialize_pem()).expect("it is written");
    let text = |path: std::path::PathBuf| path.to_string_lossy().into_owned();
    (text(certificate), text(key))
}

#[test]
fn a_server_speaks_tls_with_its_own_certificate_or_yours() {
    let place = tempfile::TempDir::new().expect("a directory");
    let data = place.path().join("data");
    let (_server, line) = start(&data, &["--tls-self-signed"]);
    let address = line.strip_prefix("Listening on https://").expect("https");
    let answer = over_tls(address, &data.join("tls.crt")).expect("it is trusted");
    assert!(answer.ends_with("ok"), "{answer}");
    let (other, other_key) = certificate(place.path(), "other");
    over_tls(address, Path::new(&other)).expect_err("it is another certificate");

    let (own, own_key) = certificate(place.path(), "own");
    let data = place.path().join("more");
    let (server, line) = start(&data, &["--tls-cert", &own, "--tls-key", &own_key]);
    let address = line.strip_prefix("Listening on https://").expect("https");
    assert!(over_tls(address, Path::new(&own)).is_ok());
    // A certificate that doesn't belong to its key changes nothing; a pair that fits does.
    let hangup = || {
        let pid = rustix::process::Pid::from_child(&server.0);
        rustix::process::kill_process(pid, rustix::process::Signal::HUP).expect("it runs");
    };
    fs::copy(&other, &own).expect("it is copied");
    hangup();
    fs::copy(&other_key, &own_key).expect("it is copied");
    hangup();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while over_tls(address, Path::new(&other)).is_err() {
        assert!(
            std::time::Instant::now() < deadline,
            "the new certificate never came"
        );
    }
}

#[test]
fn a_certificate_that_is_none_is_refused_at_the_start() {
    let place = tempfile::TempDir::new().expect("a directory");
    let (own, _) = certificate(place.path(), "own");
    let (_, other_key) = certificate(place.path(), "other");
    let text = place.path().join("text");
    fs::write(&text, "no certificate").expect("it is written");
    let text = text.to_string_lossy().into_owned();
    for (certificate, key, problem) in [
        (&own, &other_key, "doesn't belong to the certificate"),
        (&text, &other_key, "has no certificate"),
        (&own, &text, "is no private key in PEM"),
    ] {
        let output = serve(&place.path().join("data"))
            .args(["--tls-cert", certificate, "--tls-key", key])
            .output()
            .expect("the program runs");
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(problem), "{said}");
    }
}

#[test]
fn health_and_metrics_are_for_anybody_and_name_no_secrets() {
    let web = Deploying::new(&[script("Say", "Bash", "echo hello")]);
    web.release("1.0.0");
    web.wait(&web.deploy("1.0.0", "Dev"));
    web.server
        .ask("GET", "/api/made/up/by/a/client", None)
        .expect(404);
    assert_eq!(
        web.server.ask_as("", "GET", "/healthz", None).expect(200),
        "ok"
    );
    assert_eq!(
        web.server.ask_as("", "GET", "/readyz", None).expect(200),
        "ready"
    );
    let metrics = web.server.ask_as("", "GET", "/metrics", None).expect(200);
    let metrics = metrics.as_str().expect("text");
    for line in [
        "seawall_http_requests_total{method=\"POST\",route=\"/api/deployments/create/untenanted/v1\",status=\"201\"} 1",
        "seawall_open_tasks{state=\"Queued\"} 0",
        "seawall_resident_memory_bytes",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    assert!(
        !metrics.contains("made/up") && !metrics.contains("Spaces-1"),
        "{metrics}"
    );
}

#[test]
fn clients_beyond_the_bound_wait_until_one_is_gone() {
    let place = tempfile::TempDir::new().expect("a directory");
    let (_server, line) = start(place.path(), &["--max-connections", "1"]);
    let address = line.strip_prefix("Listening on http://").expect("http");
    let ask = |stream: &mut TcpStream| {
        let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
        stream.write_all(request).expect("it reads");
        let mut answer = [0; 8];
        stream.read_exact(&mut answer).map(|()| answer)
    };
    let mut first = TcpStream::connect(address).expect("it accepts");
    ask(&mut first).expect("it answers");
    let mut second = TcpStream::connect(address).expect("the system accepts");
    let short = std::time::Duration::from_millis(300);
    second.set_read_timeout(Some(short)).expect("a time");
    ask(&mut second).expect_err("it has no place yet");
    drop(first);
    second
        .set_read_timeout(Some(std::time::Duration::from_secs(20)))
        .expect("a time");
    let mut answer = [0; 8];
    second.read_exact(&mut answer).expect("it has one now");
    assert_eq!(&answer, b"HTTP/1.1");
}

#[test]
fn a_backup_of_a_running_server_is_a_server_again() {
    let web = Deploying::new(&[script(
        "Say",
        "Bash",
        "echo \"#{Pin}\"; echo kept > a.txt; new_octopusartifact a.txt",
    )]);
    web.set_variables(&[("Pin", "secret-to-keep", json!({ "IsSensitive": true }))]);
    web.release("1.0.0");
    web.wait(&web.deploy("1.0.0", "Dev"));
    let policy = "schema = 1\nname = \"kept\"\n";
    web.server
        .ask("PUT", "/api/policies/kept", Some(json!({ "Text": policy })))
        .expect(200);
    let place = tempfile::TempDir::new().expect("a directory");
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let (data, file) = (
        text(web.directory.path()),
        text(&place.path().join("one.backup")),
    );
    let backup = |more: &[&str]| {
        let mut command = seawall(["admin", "backup", "--data", &data, "--to", &file]);
        for argument in more {
            command = command.argument(argument);
        }
        command.run()
    };
    backup(&["--with-master-key"]).expect_code(0);
    backup(&[])
        .expect_code(119)
        .expect_in_stderr("exists already");
    web.server
        .post("/api/environments", json!({ "Name": "After" }));
    let restored = place.path().join("restored");
    let restore =
        |to: &Path| seawall(["admin", "restore", "--from", &file, "--data", &text(to)]).run();
    restore(&restored).expect_code(0);
    restore(&restored)
        .expect_code(119)
        .expect_in_stderr("is not empty");
    let server = ApiServer::start(&restored).with_key(web.server.key.clone());
    let names = server.get("/api/environments/all").to_string();
    assert!(
        names.contains("Prod") && !names.contains("After"),
        "{names}"
    );
    server.get("/api/policies/kept");
    let artifact = server.get("/api/artifacts")["Items"][0]["Links"]["Content"].take();
    assert_eq!(server.get(artifact.as_str().expect("a link")), "kept\n");
    let again = Deploying {
        directory: tempfile::TempDir::new().expect("a directory"),
        server,
        project: web.project.clone(),
    };
    let task_id = again.deploy("1.0.0", "Prod");
    assert_eq!(again.wait(&task_id)["State"], "Success");
    assert!(
        again.log(&task_id).contains("********"),
        "the secret opens, and is hidden"
    );

    let mut bytes = fs::read(&file).expect("it is read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::write(&file, bytes).expect("it is written");
    let broken = place.path().join("broken");
    restore(&broken).expect_code(119);
    assert!(!broken.exists(), "nothing is left of a broken backup");
}

#[test]
fn the_log_is_an_object_a_line_for_who_asks_for_it() {
    let place = tempfile::TempDir::new().expect("a directory");
    let mut command = serve(place.path());
    command
        .env("SEAWALL_LOG", "info")
        .env("SEAWALL_LOG_FORMAT", "json");
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let out = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let log = BufReader::new(child.stderr.take().expect("it is piped")).lines();
    let _server = Killed(child);
    let address = out
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("Listening on http://").map(str::to_owned))
        .expect("it listens");
    let mut stream = TcpStream::connect(address).expect("it accepts");
    let request = b"GET /api/tasks/ServerTasks-1 HTTP/1.1\r\nHost: localhost\r\nX-Octopus-ApiKey: API-NOBODYSKEY\r\nConnection: close\r\n\r\n";
    stream.write_all(request).expect("it reads");
    let line = log
        .map_while(Result::ok)
        .find(|line| line.contains("\"route\""))
        .expect("the request is logged");
    let line: serde_json::Value = serde_json::from_str(&line).expect("it is JSON");
    assert_eq!(
        (&line["route"], &line["status"]),
        (&json!("/api/tasks/{id}"), &json!(401))
    );
    assert!(!line.to_string().contains("NOBODYSKEY"));
}

/// Answers every request with 200, and gives the bodies of those for `path`.
fn collector(path: &'static str) -> (u16, std::sync::mpsc::Receiver<Vec<u8>>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (sender, bodies) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let sender = sender.clone();
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream);
                loop {
                    let mut first = String::new();
                    let mut length = 0;
                    let mut line = String::new();
                    if reader.read_line(&mut first).unwrap_or(0) == 0 {
                        return;
                    }
                    while reader.read_line(&mut line).unwrap_or(0) > 2 {
                        let (name, value) = line.split_once(':').expect("a header");
                        if name.eq_ignore_ascii_case("content-length") {
                            length = value.trim().parse().expect("a number");
                        }
                        line.clear();
                    }
                    let mut body = vec![0; length];
                    reader.read_exact(&mut body).expect("a body");
                    if first.contains(path) {
                        sender.send(body).ok();
                    }
                    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                    reader.get_mut().write_all(answer).expect("it is written");
                }
            });
        }
    });
    (port, bodies)
}

#[test]
fn traces_of_requests_tasks_and_steps_go_to_a_collector_that_is_named() {
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use prost::Message as _;
    let (port, bodies) = collector("/v1/traces");
    let endpoint = format!("http://127.0.0.1:{port}");
    let deploying = Deploying::with_environment(
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
            ("OTEL_BSP_SCHEDULE_DELAY", "50"),
        ],
        &[script("Say", "Bash", "echo hello; exit 1")],
    );
    deploying.release("1.0.0");
    deploying.wait(&deploying.deploy("1.0.0", "Dev"));
    let mut spans = Vec::new();
    let found = |spans: &[opentelemetry_proto::tonic::trace::v1::Span], name: &str| {
        spans.iter().find(|span| span.name == name).cloned()
    };
    let task_name = "Deploy Web release 1.0.0 to Dev";
    while found(&spans, task_name).is_none() {
        let wait = std::time::Duration::from_secs(20);
        let body = bodies.recv_timeout(wait).expect("the task's span arrives");
        let request = ExportTraceServiceRequest::decode(body.as_slice()).expect("OTLP");
        for resource in request.resource_spans {
            let text = format!("{:?}", resource.resource);
            assert!(
                text.contains("service.name") && text.contains("seawall"),
                "{text}"
            );
            spans.extend(
                resource
                    .scope_spans
                    .into_iter()
                    .flat_map(|scope| scope.spans),
            );
        }
    }
    let task = found(&spans, task_name).expect("a span");
    let step = found(&spans, "Say").expect("a span");
    assert_eq!(step.parent_span_id, task.span_id);
    assert_eq!(step.trace_id, task.trace_id);
    assert_eq!(step.status.map(|status| status.code), Some(2), "it failed");
    let request = found(&spans, "POST /api/projects").expect("a span");
    let attributes = format!("{:?}", request.attributes);
    assert!(
        attributes.contains("http.response.status_code") && attributes.contains("201"),
        "{attributes}"
    );
}

#[test]
fn a_collector_that_is_not_there_costs_nothing_but_traces() {
    let endpoint = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        format!("http://{}", listener.local_addr().expect("an address"))
    };
    let deploying = Deploying::with_environment(
        &[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)],
        &[script("Say", "Bash", "echo hello")],
    );
    deploying.release("1.0.0");
    let task = deploying.wait(&deploying.deploy("1.0.0", "Dev"));
    assert_eq!(task["State"], "Success");
}

#[test]
fn a_new_master_key_opens_everything_and_the_old_one_nothing() {
    let reading = script(
        "Read",
        "Bash",
        "[ \"$(get_octopusvariable Token)\" = hunter2 ] && set_octopusvariable Made geheim -sensitive",
    );
    let asking = script(
        "Later",
        "Bash",
        "[ \"#{Octopus.Action[Read].Output.Made}\" = geheim ]",
    );
    let deploying = Deploying::new(&[reading, super::deploying::manual("Wait", "?"), asking]);
    let policy = "schema = 1\nname = \"default\"\n[variables]\nread = [\"Token\"]\n";
    deploying
        .server
        .put("/api/policies/default", json!({ "Text": policy }));
    deploying.set_variables(&[("Token", "hunter2", json!({ "IsSensitive": true }))]);
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    let question = deploying.question(&task)["Id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let Deploying {
        directory,
        server,
        project,
    } = deploying;
    let data = directory.path().to_str().expect("text");
    let rotate = || seawall(["admin", "rotate-key", "--data", data]).run();
    assert!(
        rotate().stderr.contains("another server"),
        "it rotates under a running server"
    );
    let key = server.key.clone();
    server.kill();
    let old = fs::read_to_string(directory.path().join("master.key")).expect("a key");
    let said = rotate().stdout;
    // The variable, its copy in the release, and what the first step made.
    assert!(
        said.starts_with("3 secrets are sealed with a new master key."),
        "{said}"
    );
    let new = fs::read_to_string(directory.path().join("master.key")).expect("a key");
    assert!(old.trim() != new.trim() && new.lines().count() == 1);
    let kept: Vec<_> = fs::read_dir(directory.path())
        .expect("a list")
        .flatten()
        .filter(|entry| {
            entry
                .file_name()
                .to_string_lossy()
                .starts_with("master.key.")
        })
        .collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(fs::read_to_string(kept[0].path()).expect("a key"), old);
    assert!(
        rotate().stdout.starts_with("3 secrets"),
        "it can be done again"
    );
    let server = ApiServer::start(directory.path()).with_key(key);
    let deploying = Deploying {
        directory,
        server,
        project,
    };
    let answer = Some(json!({ "Result": "Proceed", "Notes": "" }));
    deploying
        .server
        .ask(
            "POST",
            &format!("/api/interruptions/{question}/submit"),
            answer,
        )
        .expect(200);
    deploying.succeeded(&task);
    // With the first key alone nothing opens.
    let Deploying {
        directory, server, ..
    } = deploying;
    server.kill();
    fs::write(directory.path().join("master.key"), &old).expect("it is written");
    let database = fs::read(directory.path().join("seawall.db")).expect("the database");
    let name = kept[0]
        .file_name()
        .to_string_lossy()
        .trim_start_matches("master.key.")
        .to_owned();
    let needle = format!("v1.{name}.");
    assert!(
        !database
            .windows(needle.len())
            .any(|window| window == needle.as_bytes()),
        "the file still has what the old key opens"
    );
}
