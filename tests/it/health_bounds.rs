//! How long checks of machines may take, what becomes of one when the server is killed, and machines that there is
//! nothing to connect to.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::api_server::{ApiServer, serve};
use super::deploying::{Deploying, script};
use super::fleet::{Dials, Fleet};
use super::health::{check, health, machine_policy, path_of, region, use_policy};
use super::server::{Response, Server};
use super::target_kinds;

/// A machine in Dev of another kind than a region.
fn machine(deploying: &Deploying, name: &str, policy: &Value, endpoint: Value) -> Value {
    let environment = deploying.server.get("/api/environments/Dev")["Id"].clone();
    let body = json!({ "Name": name, "EnvironmentIds": [environment], "Roles": ["web"], "MachinePolicyId": policy,
        "Endpoint": endpoint });
    deploying.server.post("/api/machines", body)
}

fn nothing() -> [Value; 1] {
    [script("Nothing", "Bash", "true")]
}

#[test]
fn a_machine_that_takes_longer_than_one_may_is_not_well_and_the_others_are() {
    let deploying = Deploying::new(&nothing());
    target_kinds::policy(&deploying, "default", "");
    let slow = machine_policy(&deploying, "slow", "echo begun; sleep 600");
    let quick = machine_policy(&deploying, "quick", "echo done");
    let slow = path_of(&region(&deploying, "slow", &slow));
    let quick = path_of(&region(&deploying, "quick", &quick));
    // Nothing is asked of it, and so it says nothing.
    let silent = Server::http(|_| Response::never());
    let connects = json!({ "CommunicationStyle": "Ssh", "Host": "127.0.0.1", "Port": silent.port });
    let mute = machine(&deploying, "mute", &Value::Null, connects);
    let (state, log) = check(
        &deploying,
        json!({ "MachineTimeout": "00:00:02", "Timeout": "01:00:00" }),
    );
    assert_eq!(state, "Failed", "{log}");
    let found = |path: &str| health(&deploying, path);
    let (status, summary) = found(&slow);
    assert_eq!(status, "Unhealthy", "{summary}");
    assert!(summary.contains("it took longer than it may"), "{summary}");
    assert_eq!(found(&quick).0, "Healthy");
    let (status, summary) = found(&path_of(&mute));
    assert_eq!(status, "Unavailable", "{summary}");
    assert!(
        summary.contains("that a machine may take, 2 s"),
        "{summary}"
    );
    // The twin: who gets enough is well.
    let enough = machine_policy(&deploying, "enough", "sleep 3; echo awake");
    use_policy(&deploying, &slow, &enough);
    let id = deploying.server.get(&slow)["Id"].clone();
    let (state, log) = check(
        &deploying,
        json!({ "MachineIds": [id], "MachineTimeout": "00:05:00" }),
    );
    assert_eq!(state, "Success", "{log}");
    assert_eq!(found(&slow).0, "Healthy");
}

#[test]
fn a_check_is_over_when_its_whole_time_is_and_says_nothing_of_who_got_none() {
    let deploying = Deploying::new(&nothing());
    target_kinds::policy(&deploying, "default", "");
    let policy = machine_policy(&deploying, "slow", "echo begun; sleep 600");
    let slow = path_of(&region(&deploying, "slow", &policy));
    let (state, log) = check(
        &deploying,
        json!({ "Timeout": "00:00:03", "MachineTimeout": "00:05:00" }),
    );
    assert_eq!(state, "TimedOut", "{log}");
    assert!(log.contains("begun"), "{log}");
    let (status, summary) = health(&deploying, &slow);
    assert_ne!(status, "Unhealthy", "{summary}");
    // The twin.
    let enough = machine_policy(&deploying, "enough", "echo awake");
    use_policy(&deploying, &slow, &enough);
    let (state, log) = check(&deploying, json!({ "Timeout": "00:05:00" }));
    assert_eq!(state, "Success", "{log}");
    assert_eq!(health(&deploying, &slow).0, "Healthy");
    let (state, _) = check(
        &deploying,
        json!({ "Timeout": "00:00:00", "MachineTimeout": "" }),
    );
    assert_eq!(state, "Success", "nothing is said of the time");
    for (name, text) in [
        ("Timeout", "soon"),
        ("MachineTimeout", "5"),
        ("Timeout", "00:-1:00"),
    ] {
        let asked = json!({ "Name": "Health", "Arguments": { (name): text } });
        let refused = deploying
            .server
            .ask("POST", "/api/tasks", Some(asked))
            .expect(400);
        let why = format!("Arguments.{name} is `{text}`: write hours:minutes:seconds");
        assert!(refused["Errors"].to_string().contains(&why), "{refused}");
    }
}

#[test]
fn offline_drops_and_cloud_services_are_looked_at_by_a_worker_like_regions() {
    let ships = TempDir::new().expect("a directory");
    let directory = TempDir::new().expect("a temporary directory can be made");
    let mut command = serve(directory.path());
    command
        .arg("--offline-drop-dir")
        .arg(format!("ships={}", ships.path().display()));
    let deploying = Deploying::on(directory, ApiServer::spawn(command), &nothing());
    target_kinds::policy(&deploying, "default", "");
    let says = "echo \"looked at $(get_octopusvariable Octopus.Machine.Name)\"";
    let well = machine_policy(&deploying, "well", says);
    let ill = machine_policy(
        &deploying,
        "ill",
        &format!("{says}; fail_healthcheck 'out of order'"),
    );
    let drop = json!({ "CommunicationStyle": "OfflineDrop",
        "Destination": { "DestinationType": "FileSystem", "DropFolderPath": "ships/eu" },
        "SensitiveVariablesEncryptionPassword": { "HasValue": true, "NewValue": "sesame" } });
    let service = json!({ "CommunicationStyle": "AzureWebApp" });
    let mut paths = Vec::new();
    for (kind, endpoint) in [("drop", drop), ("service", service)] {
        for (state, policy) in [("well", &well), ("ill", &ill)] {
            let made = machine(
                &deploying,
                &format!("{state} {kind}"),
                policy,
                endpoint.clone(),
            );
            paths.push((format!("{state} {kind}"), path_of(&made)));
        }
    }
    let (state, log) = check(&deploying, json!({}));
    assert_eq!(state, "Failed", "{log}");
    for (name, path) in &paths {
        assert!(log.contains(&format!("looked at {name}")), "{name}: {log}");
        let (status, summary) = health(&deploying, path);
        let expected = if name.starts_with("well") {
            "Healthy"
        } else {
            "Unhealthy"
        };
        assert_eq!(status, expected, "{name}: {summary}");
        assert_eq!(
            summary.contains("out of order"),
            expected == "Unhealthy",
            "{summary}"
        );
    }
    let n_files = std::fs::read_dir(ships.path())
        .expect("the directory")
        .count();
    assert_eq!(n_files, 0, "a check writes no bundle");
}

/// A script that asks `server`, which says nothing the first time.
fn asking(server: &Server) -> String {
    format!(
        "echo asking; curl -fsS {} && echo answered",
        server.url("/")
    )
}

fn silent_once() -> Server {
    let was_asked = AtomicBool::new(false);
    Server::http(move |_| match was_asked.swap(true, Ordering::Relaxed) {
        true => Response::ok("well\n"),
        false => Response::never(),
    })
}

fn begin(deploying: &Deploying) -> String {
    let task = deploying
        .server
        .post("/api/tasks", json!({ "Name": "Health", "Arguments": {} }));
    task["Id"].as_str().expect("an id").to_owned()
}

#[test]
fn a_check_goes_on_when_the_server_was_killed_and_is_started_again() {
    let server = silent_once();
    let mut deploying = Deploying::new(&nothing());
    target_kinds::policy(&deploying, "default", &server.all());
    let policy = machine_policy(&deploying, "asks", &asking(&server));
    let path = path_of(&region(&deploying, "eu", &policy));
    let task = begin(&deploying);
    deploying.until(|| !server.seen().is_empty());
    deploying.server.signal_kill();
    deploying.start_again();
    let ended = deploying.wait(&task);
    let log = deploying.log(&task);
    assert_eq!(ended["State"], "Success", "{log}");
    assert_eq!(server.seen().len(), 2, "it was run again: {log}");
    assert!(log.contains("answered"), "{log}");
    assert_eq!(health(&deploying, &path).0, "Healthy");
}

#[test]
fn a_check_on_an_external_worker_goes_on_there_while_the_server_is_away() {
    let mut fleet = Fleet::new(&nothing());
    target_kinds::policy(&fleet.web, "default", "");
    let worker = fleet.worker("build-7", Dials::Worker, &[]);
    let policy = machine_policy(&fleet.web, "slow", "echo begun; sleep 4; echo looked");
    let path = format!("/api/workers/{}", worker.id);
    use_policy(&fleet.web, &path, &policy);
    let asked = json!({ "Name": "Health", "Arguments": { "MachineIds": [worker.id] } });
    let task = fleet.web.server.post("/api/tasks", asked);
    let task = task["Id"].as_str().expect("an id").to_owned();
    fleet.web.wait_for_text(&task, "begun");
    fleet.restart();
    let log = fleet.ended(&task, "Success");
    assert_eq!(
        log.matches("|   begun").count(),
        1,
        "it was run once: {log}"
    );
    assert!(log.contains("looked"), "{log}");
    assert_eq!(health(&fleet.web, &path).0, "Healthy");
}
