//! Steps on external workers: they run as they would on the server, and who runs them is a choice that says why.

use serde_json::{Value, json};
use sha2::Digest as _;

use super::api_packages::{push, zip};
use super::cli::{Transcript, seawall};
use super::deploying::script;
use super::fleet::{Dials, Fleet, on_pool};

const POLICY: &str = "schema = 1\nname = \"whole\"\n[[files]]\nmount = \"/work\"\nfrom = \"workspace\"\naccess = \"read-write\"\n\
    [[files]]\nmount = \"/pkg\"\nfrom = \"package:acme.web\"\naccess = \"read\"\n[variables]\nread = [\"Web.*\", \"Token\"]\n";

/// A step that uses everything that travels, and one that uses what it made.
fn whole_steps() -> [Value; 2] {
    let body = "cat /pkg/index.html; cat /etc/passwd 2>/dev/null || echo contained
echo \"port $(get_octopusvariable Web.Port), token $(get_octopusvariable Token)\"
set_octopusvariable Made 'it is #1'
set_octopusvariable Hidden geheim-1 -sensitive
write_warning careful; update_progress 50 half
mkdir a; echo kept > a/report.txt; new_octopusartifact a/report.txt
mkdir b; echo also > b/report.txt; new_octopusartifact b/report.txt";
    let mut first = on_pool("First", body);
    first["Actions"][0]["Packages"] =
        json!([{ "Name": "", "PackageId": "acme.web", "FeedId": "feeds-builtin" }]);
    first["Actions"][0]["Properties"]["Seawall.Policy"] = "whole".into();
    let later =
        "echo \"#{Octopus.Action[First].Output.Made} #{Octopus.Action[First].Output.Hidden}\"";
    [first, script("Later", "Bash", later)]
}

fn everything_arrives(dials: Dials) {
    let fleet = Fleet::with(&[], &whole_steps());
    let server = &fleet.web.server;
    server.put("/api/policies/whole", json!({ "Text": POLICY }));
    fleet.web.set_variables(&[
        ("Web.Port", "8080", json!({})),
        ("Token", "hunter2-hunter2", json!({ "IsSensitive": true })),
    ]);
    let package = zip(&[("index.html", b"page 1\n")]);
    push(server, "acme.web.1.0.0.zip", "FailIfExists", &package).expect(201);
    let worker = fleet.worker("build-7", dials, &[]);
    let task = fleet.deploy("1.0.0");
    let log = fleet.ended(&task, "Success");
    for line in [
        "Runs on the worker build-7: it is the only worker of the pool linux",
        "page 1",
        "contained",
        "port 8080, token ****",
        "careful",
        "it is #1 ****",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
    assert!(!log.contains("hunter2") && !log.contains("geheim"), "{log}");
    let artifacts = server.get(&format!("/api/artifacts?regarding={task}"));
    for (item, expected) in [(0, "also\n"), (1, "kept\n")] {
        let content = artifacts["Items"][item]["Links"]["Content"].as_str();
        assert_eq!(server.get(content.expect("a link")), expected);
    }
    let receipt = server
        .get(&format!("/api/tasks/{task}/receipt"))
        .to_string();
    assert!(receipt.contains("package:acme.web"), "{receipt}");
    // What must not be on the worker's disk isn't.
    let mut files = vec![worker.directory.path().to_owned()];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(
                std::fs::read_dir(&path)
                    .expect("a list")
                    .flatten()
                    .map(|entry| entry.path()),
            );
        } else {
            let bytes = std::fs::read(&path).expect("a file");
            for secret in ["hunter2-hunter2", "geheim-1"] {
                let is_there = bytes
                    .windows(secret.len())
                    .any(|window| window == secret.as_bytes());
                assert!(!is_there, "{secret} is in {}", path.display());
            }
        }
    }
}

#[test]
fn everything_arrives_at_a_worker_that_dials_and_comes_back() {
    everything_arrives(Dials::Worker);
}

#[test]
fn everything_arrives_at_a_worker_that_is_dialled_and_comes_back() {
    everything_arrives(Dials::Server);
}

#[test]
fn every_language_and_module_runs_there_and_a_failure_is_told() {
    let languages = [
        ("Bash", "echo bash $BASH_VERSION | cut -c1-4"),
        (
            "Python",
            "import sys; print('python', sys.version_info.major)",
        ),
        ("JavaScript", "console.log('javascript', 1 + 1)"),
        ("PowerShell", "Write-Host \"powershell $(1 + 1)\""),
    ];
    let steps: Vec<Value> = languages
        .iter()
        .map(|(syntax, body)| {
            let mut step = script(syntax, syntax, body);
            step["Actions"][0]["WorkerPoolId"] = "linux".into();
            step
        })
        .chain([on_pool("Fail", "fail_step 'no disk'")])
        .collect();
    let fleet = Fleet::new(&steps);
    let _worker = fleet.worker("build-7", Dials::Worker, &[]);
    let task = fleet.deploy("1.0.0");
    let log = fleet.ended(&task, "Failed");
    for line in [
        "bash",
        "python 3",
        "javascript 2",
        "powershell 2",
        "The step `Fail` failed: no disk",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
}

#[test]
fn a_step_without_a_fit_worker_fails_and_says_who_was_asked_and_why_not() {
    let fleet = Fleet::with(&["--worker-lease", "2"], &[on_pool("Build", "echo built")]);
    fleet.web.release("1.0.0");
    let why = fleet.web.refused("1.0.0", "Dev");
    assert!(
        why.contains("a worker of the pool `linux`, which has none: enrol one with"),
        "{why}"
    );
    let mut gone = fleet.worker("gone", Dials::Worker, &[]);
    let off = fleet.worker("off", Dials::Worker, &[]);
    gone.kill();
    fleet.wait_for(&gone, "Offline");
    let mut record = fleet.web.server.get(&format!("/api/workers/{}", off.id));
    record["IsDisabled"] = true.into();
    fleet
        .web
        .server
        .put(&format!("/api/workers/{}", off.id), record);
    let log = fleet.ended(&fleet.web.deploy("1.0.0", "Dev"), "Failed");
    for reason in [
        "no worker of the pool `linux` can run it",
        "gone: ",
        "off: it is disabled",
    ] {
        assert!(log.contains(reason), "{reason}: {log}");
    }
    // The twin.
    gone.start();
    fleet.wait_for(&gone, "Online");
    let log = fleet.ended(&fleet.web.deploy("1.0.0", "Dev"), "Success");
    assert!(log.contains("Runs on the worker gone"), "{log}");
}

#[test]
fn a_step_that_waits_says_what_for_and_goes_on_when_a_worker_comes() {
    let mut step = on_pool("Build", "echo built");
    step["Actions"][0]["Properties"]["Seawall.Worker.WaitMinutes"] = "5".into();
    let fleet = Fleet::new(&[step]);
    let task = fleet.deploy("1.0.0");
    fleet
        .web
        .wait_for_text(&task, "Waiting: the pool `linux` has no workers");
    let _worker = fleet.worker("late", Dials::Worker, &[]);
    let log = fleet.ended(&task, "Success");
    assert!(log.contains("Runs on the worker late"), "{log}");
}

#[test]
fn a_step_that_waits_for_a_worker_can_be_cancelled() {
    let mut step = on_pool("Build", "echo built");
    step["Actions"][0]["Properties"]["Seawall.Worker.WaitMinutes"] = "5".into();
    let fleet = Fleet::new(&[step]);
    let task = fleet.deploy("1.0.0");
    fleet.web.wait_for_text(&task, "Waiting: ");
    fleet.cancelled(&task);
}

#[test]
fn a_full_worker_is_waited_for_and_a_cancelled_step_frees_it() {
    let forever = on_pool("Build", "echo began; while true; do sleep 0.05; done");
    let fleet = Fleet::new(&[forever]);
    fleet.web.any_order();
    let worker = fleet.worker("small", Dials::Worker, &["--concurrency", "1"]);
    let first = fleet.deploy("1.0.0");
    fleet.web.wait_for_text(&first, "began");
    let second = fleet.web.deploy("1.0.0", "Prod");
    fleet
        .web
        .wait_for_text(&second, "small: it runs 1 attempts of 1 at once");
    fleet.cancelled(&first);
    fleet.web.wait_for_text(&second, "began");
    fleet.cancelled(&second);
    // Leases end with what holds them: nothing is left of either.
    let path = format!("/api/workers/{}/connection", worker.id);
    fleet
        .web
        .until(|| fleet.web.server.get(&path)["RunningAttempts"] == 0);
}

#[test]
fn a_step_that_takes_too_long_is_stopped_there() {
    let mut step = on_pool("Build", "echo began; while true; do sleep 0.05; done");
    step["Actions"][0]["Properties"]["Seawall.Policy"] = "short".into();
    let fleet = Fleet::new(&[step]);
    let policy = "schema = 1\nname = \"short\"\n[limits]\nwall-time = \"500ms\"\n";
    fleet
        .web
        .server
        .put("/api/policies/short", json!({ "Text": policy }));
    let _worker = fleet.worker("build-7", Dials::Worker, &[]);
    let log = fleet.ended(&fleet.deploy("1.0.0"), "Failed");
    assert!(log.contains("wall-time"), "{log}");
}

/// What a command says that asks the fleet's server, after it ended with this exit code.
pub fn asked<const N: usize>(fleet: &Fleet, arguments: [&str; N], code: i32) -> Transcript {
    let command = seawall(arguments).env("SEAWALL_URL", fleet.web.server.url());
    let key = fleet.web.server.key.as_deref().unwrap_or_default();
    let said = command.env("SEAWALL_API_KEY", key).run();
    said.expect_code(code);
    said
}

#[test]
fn workers_are_looked_after_from_the_command_line() {
    let fleet = Fleet::new(&[on_pool("Build", "echo built")]);
    let _worker = fleet.worker("build-7", Dials::Worker, &["--label", "gpu"]);
    asked(&fleet, ["pool", "create", "windows"], 0);
    asked(&fleet, ["pool", "list"], 0).expect_in_stdout("windows");
    let listed = asked(&fleet, ["worker", "list"], 0);
    for text in ["build-7", "linux", "connected", "Healthy: seawall"] {
        listed.expect_in_stdout(text);
    }
    asked(&fleet, ["worker", "check", "build-7"], 0).expect_in_stdout("Healthy");
    asked(&fleet, ["worker", "upgrade"], 0);
    asked(&fleet, ["worker", "drain", "build-7"], 0).expect_in_stdout("build-7 is draining");
    let log = fleet.ended(&fleet.deploy("1.0.0"), "Failed");
    assert!(log.contains("build-7: it is draining"), "{log}");
    asked(&fleet, ["worker", "resume", "build-7"], 0);
    fleet.ended(&fleet.web.deploy("1.0.0", "Dev"), "Success");
    asked(&fleet, ["worker", "remove", "build-7"], 0);
    asked(&fleet, ["worker", "list"], 0).expect_in_stdout("Built-in");
}

#[test]
fn labels_choose_among_the_workers_of_a_pool() {
    let mut step = on_pool("Build", "echo built");
    step["Actions"][0]["Properties"]["Seawall.Worker.Labels"] = "gpu".into();
    let fleet = Fleet::new(&[step]);
    let _plain = fleet.worker("a-plain", Dials::Worker, &[]);
    let log = fleet.ended(&fleet.deploy("1.0.0"), "Failed");
    assert!(log.contains("a-plain: it has no label gpu"), "{log}");
    let _gpu = fleet.worker("gpu", Dials::Worker, &["--label", "GPU"]);
    let log = fleet.ended(&fleet.web.deploy("1.0.0", "Dev"), "Success");
    assert!(log.contains("Runs on the worker gpu"), "{log}");
}

/// The worker that a step's log names.
fn ran_on(log: &str, step: usize) -> String {
    let lines = log
        .lines()
        .filter(|line| line.contains("Runs on the worker"));
    let line = lines.into_iter().nth(step).expect("a line");
    let name = line.split("Runs on the worker ").nth(1).expect("a name");
    name.split(':').next().unwrap_or_default().to_owned()
}

#[test]
fn sticky_steps_stay_together_and_the_others_go_where_there_is_room() {
    let mut steps = vec![
        on_pool("One", "echo 1"),
        on_pool("Two", "echo 2"),
        on_pool("Three", "echo 3"),
    ];
    for step in &mut steps {
        step["Actions"][0]["Properties"]["Seawall.Worker.Sticky"] = "True".into();
    }
    let fleet = Fleet::new(&steps);
    let _workers = ["a", "b", "c"].map(|name| fleet.worker(name, Dials::Worker, &[]));
    let log = fleet.ended(&fleet.deploy("1.0.0"), "Success");
    let first = ran_on(&log, 0);
    assert_eq!([ran_on(&log, 1), ran_on(&log, 2)], [first.clone(), first]);
    assert!(log.contains("this step is sticky"), "{log}");
}

#[test]
fn the_built_in_worker_serves_the_default_pool_while_that_has_no_other() {
    let fleet = Fleet::with(
        &["--worker-lease", "2"],
        &[script("Build", "Bash", "echo built")],
    );
    let server = &fleet.web.server;
    let pools = server.get("/api/workerpools/all");
    let pools = pools.as_array().expect("a list").clone();
    let default = pools
        .iter()
        .find(|pool| pool["IsDefault"] == true)
        .expect("one is");
    let name = default["Name"].as_str().expect("a name").to_owned();
    let log = fleet.ended(&fleet.deploy("1.0.0"), "Success");
    assert!(!log.contains("Runs on the worker build"), "{log}");
    // Seen, and nobody's to change.
    let all = server.get("/api/workers/all");
    let all = all.as_array().expect("a list");
    let own = all
        .iter()
        .find(|worker| worker["IsInProcess"] == true)
        .expect("it is listed");
    let mut changed = own.clone();
    changed["Name"] = "mine".into();
    let path = format!("/api/workers/{}", own["Id"].as_str().expect("an id"));
    assert!(server.ask("PUT", &path, Some(changed)).status >= 400);
    // One that is away doesn't bring it back.
    let mut worker = fleet.enrolled("build-7", Dials::Worker, &[&name], &[]);
    fleet.wait_for(&worker, "Online");
    let log = fleet.ended(&fleet.web.deploy("1.0.0", "Dev"), "Success");
    assert!(log.contains("Runs on the worker build-7"), "{log}");
    worker.kill();
    fleet.wait_for(&worker, "Offline");
    let log = fleet.ended(&fleet.web.deploy("1.0.0", "Dev"), "Failed");
    assert!(log.contains("build-7: "), "{log}");
    // Nobody there any more: it serves again.
    let path = format!("/api/workers/{}", worker.id);
    server.ask("DELETE", &path, None).expect(200);
    fleet.ended(&fleet.web.deploy("1.0.0", "Dev"), "Success");
}

#[test]
fn a_worker_keeps_no_more_packages_than_it_has_room_for_and_fetches_what_left() {
    let uses = |name: &str, package: &str| {
        let mut step = on_pool(name, "ls /pkg");
        step["Actions"][0]["Packages"] =
            json!([{ "Name": "", "PackageId": package, "FeedId": "feeds-builtin" }]);
        step["Actions"][0]["Properties"]["Seawall.Policy"] = name.into();
        step
    };
    let fleet = Fleet::new(&[]);
    let server = &fleet.web.server;
    let mut digests = Vec::new();
    // Each fits into a MiB, and both don't. They don't become smaller.
    for (name, seed) in [("web", 1_u64), ("api", 2)] {
        let mut state = seed;
        let bytes: Vec<u8> = std::iter::repeat_with(|| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 56) as u8
        })
        .take(600 << 10)
        .collect();
        let package = zip(&[(&format!("{name}.bin"), bytes.as_slice())]);
        digests.push(hex::encode(sha2::Sha256::digest(&package)));
        let file = format!("acme.{name}.1.0.0.zip");
        push(server, &file, "FailIfExists", &package).expect(201);
        let policy = format!(
            "schema = 1\nname = \"{name}\"\n[[files]]\nmount = \"/pkg\"\nfrom = \"package:acme.{name}\"\naccess = \"read\"\n"
        );
        let path = format!("/api/policies/{name}");
        server.put(&path, json!({ "Text": policy }));
    }
    let worker = fleet.worker("build-7", Dials::Worker, &["--package-cache", "1"]);
    let kept = || {
        let found = std::fs::read_dir(worker.directory.path().join("packages"));
        let names = found.expect("a list").flatten();
        names
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect::<Vec<_>>()
    };
    for (version, name, digest) in [
        ("1.0.0", "web", &digests[0]),
        ("1.0.1", "web", &digests[0]),
        ("1.0.2", "api", &digests[1]),
        ("1.0.3", "web", &digests[0]),
    ] {
        fleet.web.set_steps(&[uses(name, &format!("acme.{name}"))]);
        let log = fleet.ended(&fleet.deploy(version), "Success");
        assert!(log.contains(&format!("{name}.bin")), "{version}: {log}");
        assert_eq!(kept(), std::slice::from_ref(digest), "{version}");
    }
}
