//! Where steps run: each row of the table has its test, here or where it is named.
//!
//! ```text
//! e-mail, manual intervention, health check, certificate      the server      deploying, api_certificates, here
//! RunOnServer, without and with a pool                        a worker        deploying, external
//! RunOnServer on behalf of roles; cloud region                a worker        api_targets
//! AWS, Azure, Terraform                                       a worker        plan::place
//! deployment targets: agents, SSH, offline drop               the target      here
//! the script of a machine policy                              by its machine  health
//! ```

use serde_json::{Value, json};

use super::api_packages::{push, zip};
use super::cli::seawall;
use super::deploying::{Deploying, script};
use super::fleet::{Dials, Fleet};
use super::sshd::{Sshd, USER, is_installed};

/// A script step that runs on the targets with the role `web`.
pub fn on_targets(name: &str, syntax: &str, body: &str) -> Value {
    let mut step = script(name, syntax, body);
    step["Properties"] = json!({ "Octopus.Action.TargetRoles": "web" });
    step["Actions"][0]["Properties"]["Octopus.Action.RunOnServer"] = "False".into();
    step
}

pub fn policy(deploying: &Deploying, name: &str, more: &str) {
    let text = format!(
        "schema = 1\nname = \"{name}\"\n[variables]\nread = [\"Octopus.Machine.*\", \"Octopus.Action.Package*\", \"Token\"]\n{more}"
    );
    let path = format!("/api/policies/{name}");
    deploying.server.put(&path, json!({ "Text": text }));
}

const SAY: &str = "echo \"on $(get_octopusvariable Octopus.Machine.Name)\"";

#[test]
fn a_step_for_targets_runs_on_agents_that_dial_and_on_those_that_are_dialled() {
    let fleet = Fleet::new(&[on_targets("Say", "Bash", SAY)]);
    policy(&fleet.web, "default", "");
    let polling = fleet.target("polling", Dials::Worker);
    let mut listening = fleet.target("listening", Dials::Server);
    let log = fleet.ended(&fleet.deploy("1.0.0"), "Success");
    for name in ["polling", "listening"] {
        assert!(
            log.contains(&format!(
                "Runs on the deployment target {name}: the step is for it"
            )),
            "{log}"
        );
        assert!(log.contains(&format!("on {name}")), "{log}");
    }
    let workers = fleet.web.server.get("/api/workers/all").to_string();
    assert!(
        !workers.contains("polling"),
        "a target is no worker: {workers}"
    );
    let kind = |id: &str| {
        fleet.web.server.get(&format!("/api/machines/{id}"))["Endpoint"]["CommunicationStyle"]
            .clone()
    };
    assert_eq!(
        (kind(&polling.id), kind(&listening.id)),
        (json!("TentacleActive"), json!("TentaclePassive"))
    );
    // A check on demand asks the agent itself.
    let asked = json!({ "Name": "Health", "Arguments": {} });
    let task = fleet.web.server.post("/api/tasks", asked);
    let task = task["Id"].as_str().expect("an id").to_owned();
    let log = fleet.ended(&task, "Success");
    assert!(
        log.contains("polling (polling agent): seawall") && log.contains("MiB are free"),
        "{log}"
    );
    // One that is gone stops what is for it, or is left out, as the project says.
    listening.kill();
    let path = format!("/api/machines/{}", listening.id);
    fleet
        .web
        .until(|| fleet.web.server.get(&path)["HealthStatus"] == "Unavailable");
    fleet.web.release("1.0.1");
    let refused = fleet.web.refused("1.0.1", "Dev");
    assert!(
        refused.to_string().contains("`listening` is unavailable"),
        "{refused}"
    );
    let path = format!("/api/projects/{}", fleet.web.project_id());
    let mut project = fleet.web.server.get(&path);
    project["ProjectConnectivityPolicy"] =
        json!({ "SkipMachineBehavior": "SkipUnavailableMachines" });
    fleet.web.server.put(&path, project);
    let log = fleet.ended(&fleet.web.deploy("1.0.1", "Dev"), "Success");
    assert!(
        log.contains("on polling") && !log.contains("on listening"),
        "{log}"
    );
}

#[test]
fn a_token_for_targets_makes_no_worker_and_one_for_workers_no_target() {
    let fleet = Fleet::new(&[script("Nothing", "Bash", "true")]);
    let enrol = |token: &str, more: &[&str]| {
        let server = format!("https://127.0.0.1:{}", fleet.proxy.port);
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().to_string_lossy().into_owned();
        let mut command = seawall([
            "worker",
            "enrol",
            "--name",
            "x",
            "--server",
            &server,
            "--token",
            token,
            "--directory",
            &path,
        ]);
        for argument in more {
            command = command.argument(argument);
        }
        command.run()
    };
    let made = fleet.web.server.post(
        "/api/workers/enrolments",
        json!({ "Environments": ["Dev"] }),
    );
    let for_target = made["Token"].as_str().expect("a token");
    enrol(for_target, &[])
        .expect_code(118)
        .expect_in_stderr("needs a role");
    enrol(for_target, &["--role", "web", "--environment", "Prod"])
        .expect_code(118)
        .expect_in_stderr("not for the environment `Prod`");
    enrol(&fleet.token(&["linux"]), &["--role", "web"])
        .expect_code(118)
        .expect_in_stderr("is for a worker");
    enrol(for_target, &["--role", "web", "--environment", "Dev"]).expect_code(0);
}

/// The machine as a target with the role `web`.
fn ssh_target(deploying: &Deploying, sshd: &Sshd) -> Value {
    let key = std::fs::read_to_string(sshd.key()).expect("a key");
    let account = deploying.server.post(
        "/api/accounts",
        json!({ "Name": "deploy", "AccountType": "SshKeyPair",
        "Username": USER, "PrivateKeyFile": { "HasValue": true, "NewValue": key } }),
    );
    let environment = deploying.server.get("/api/environments/all")[0]["Id"].clone();
    deploying.server.post(
        "/api/machines",
        json!({ "Name": "far", "EnvironmentIds": [environment], "Roles": ["web"],
        "Endpoint": { "CommunicationStyle": "Ssh", "Host": "127.0.0.1", "Port": sshd.port,
            "Fingerprint": sshd.fingerprint, "AccountId": account["Id"] } }),
    )
}

#[test]
fn a_step_for_targets_runs_over_ssh_as_a_process_or_not_at_all() {
    let Some(sshd) = Sshd::start() else { return };
    let body = "echo \"$(id -un) on $(get_octopusvariable Octopus.Machine.Name)\"; ls; cat \"$(get_octopusvariable Octopus.Action.Package.ExtractedPath)/index.html\"";
    let mut package = on_targets("Package", "Bash", "");
    package["Actions"][0]["ActionType"] = "Octopus.TentaclePackage".into();
    package["Actions"][0]["Packages"] =
        json!([{ "Name": "", "PackageId": "acme.web", "FeedId": "feeds-builtin" }]);
    package["Actions"][0]["Properties"] =
        json!({ "Octopus.Action.RunOnServer": "False", "Seawall.Policy": "native" });
    let mut say = on_targets("Say", "Bash", SAY);
    say["Actions"][0]["Properties"]["Seawall.Policy"] = "native".into();
    let deploying = Deploying::new(&[say.clone(), package]);
    ssh_target(&deploying, &sshd);
    policy(&deploying, "native", "[process]\nallow = true\n");
    let bytes = zip(&[("index.html", b"page 1\n"), ("Deploy.sh", body.as_bytes())]);
    push(
        &deploying.server,
        "acme.web.1.0.0.zip",
        "FailIfExists",
        &bytes,
    )
    .expect(201);
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    let ended = deploying.wait(&task);
    let log = deploying.log(&task);
    assert_eq!(ended["State"], "Success", "{log}");
    for line in [
        "Runs on the deployment target far",
        "on far",
        "deployer on far",
        "Deploy.sh",
        "page 1",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
    let asked = json!({ "Name": "Health", "Arguments": {} });
    let task = deploying.server.post("/api/tasks", asked)["Id"]
        .as_str()
        .expect("an id")
        .to_owned();
    deploying.wait(&task);
    let log = deploying.log(&task);
    assert!(
        log.contains("far (SSH target): It offers native processes over SSH"),
        "{log}"
    );
    let refused = |step: Value, why: &str| {
        deploying.set_steps(&[step]);
        let version = format!("2.0.{}", why.len());
        deploying.release(&version);
        let answer = deploying.refused(&version, "Dev");
        assert!(answer.contains(why), "{why}: {answer}");
    };
    refused(
        on_targets("Say", "Bash", SAY),
        "add `allow = true` to its [process]",
    );
    if is_installed("pwsh") {
        println!("NOT RUN: pwsh is installed, and nothing else could be missing");
    } else {
        let mut other = say.clone();
        other["Actions"][0]["Properties"]["Octopus.Action.Script.Syntax"] = "PowerShell".into();
        refused(other, "the deployment target `far` has no `pwsh`");
    }
    say["Actions"][0]["Properties"]["Seawall.Isolation"] = "Sandbox".into();
    refused(say, "where there is none");
}

/// The one file that the server keeps and that has these bytes in it.
fn kept(deploying: &Deploying, text: &[u8]) -> Vec<u8> {
    let folders = std::fs::read_dir(deploying.directory.path().join("blobs")).expect("a list");
    let files = folders
        .flatten()
        .filter_map(|folder| std::fs::read_dir(folder.path()).ok());
    let all = files.flat_map(|files| files.flatten());
    let mut found = all.filter_map(|file| {
        let bytes = std::fs::read(file.path()).ok()?;
        let is_it = bytes.windows(text.len()).any(|window| window == text);
        is_it.then_some(bytes)
    });
    found.next().expect("it is kept")
}

#[test]
fn a_step_for_an_offline_drop_is_a_bundle_that_runs_elsewhere_with_its_password() {
    let body = "echo \"on $(get_octopusvariable Octopus.Machine.Name) with $(get_octopusvariable Token)\"; cat /pkg/index.html; echo $1";
    let mut step = on_targets("Say", "Bash", body);
    step["Actions"][0]["Packages"] =
        json!([{ "Name": "", "PackageId": "acme.web", "FeedId": "feeds-builtin" }]);
    step["Actions"][0]["Properties"]["Octopus.Action.Script.ScriptParameters"] =
        "'an argument'".into();
    let deploying = Deploying::new(&[step]);
    policy(
        &deploying,
        "default",
        "[[files]]\nmount = \"/pkg\"\nfrom = \"package:acme.web\"\naccess = \"read\"\n",
    );
    deploying.set_variables(&[("Token", "hunter2-hunter2", json!({ "IsSensitive": true }))]);
    let bytes = zip(&[("index.html", b"page 1\n")]);
    push(
        &deploying.server,
        "acme.web.1.0.0.zip",
        "FailIfExists",
        &bytes,
    )
    .expect(201);
    let environment = deploying.server.get("/api/environments/all")[0]["Id"].clone();
    let target = |endpoint: Value| json!({ "Name": "ship", "EnvironmentIds": [environment], "Roles": ["web"], "Endpoint": endpoint });
    let made = deploying.server.post(
        "/api/machines",
        target(json!({ "CommunicationStyle": "OfflineDrop" })),
    );
    deploying.release("1.0.0");
    let refused = deploying.refused("1.0.0", "Dev");
    assert!(
        refused.contains("SensitiveVariablesEncryptionPassword"),
        "{refused}"
    );
    let endpoint = json!({ "CommunicationStyle": "OfflineDrop", "Destination": { "DestinationType": "Artifact" },
        "SensitiveVariablesEncryptionPassword": { "HasValue": true, "NewValue": "sesame" } });
    let path = format!("/api/machines/{}", made["Id"].as_str().expect("an id"));
    let shown = deploying.server.put(&path, target(endpoint));
    assert!(!shown.to_string().contains("sesame"), "{shown}");
    let task = deploying.deploy("1.0.0", "Dev");
    let ended = deploying.wait(&task);
    let log = deploying.log(&task);
    assert_eq!(ended["State"], "Success", "{log}");
    assert!(
        log.contains("Nothing was run") && !log.contains("on ship"),
        "{log}"
    );
    let artifacts = deploying
        .server
        .get(&format!("/api/artifacts?regarding={task}"));
    assert_eq!(
        artifacts["Items"][0]["Filename"],
        "Say for ship.seawall.tar"
    );
    let bundle = kept(&deploying, b"attempt.json");
    let holds = |text: &str| {
        bundle
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    assert!(holds("attempt.json") && !holds("hunter2") && !holds("sesame"));
    let run = |bytes: &[u8], password: &str| {
        let command = seawall(["offline-drop", "run", "step.tar", "--password-env", "DROP"]);
        command.file("step.tar", bytes).env("DROP", password).run()
    };
    let ran = run(&bundle, "sesame");
    ran.expect_code(0)
        .expect_in_stdout("on ship with ****")
        .expect_in_stdout("page 1")
        .expect_in_stdout("an argument");
    ran.expect_nowhere("hunter2");
    run(&bundle, "barley")
        .expect_code(2)
        .expect_in_stderr("the password is another one");
    // Another script doesn't get the secrets of this one.
    let what = b"an argument";
    let at = bundle.windows(what.len()).position(|window| window == what);
    let mut changed = bundle.clone();
    changed[at.expect("it is in the clear")] = b'A';
    let refused = run(&changed, "sesame");
    refused.expect_code(2);
    refused.expect_nowhere("on ship");
}
