//! Health checks with the script of a machine policy: where it runs, what its end means, and what can't be run.
//!
//! ```text
//! cloud region          a worker of its pool or the default one
//! agent                 itself
//! external worker       itself
//! SSH                   itself, as a process
//! ```

use serde_json::{Value, json};

use super::deploying::{Deploying, script};
use super::external::asked;
use super::fleet::{Dials, Fleet, on_pool};
use super::sshd::Sshd;
use super::{ssh, target_kinds};

/// A machine policy that checks nobody by itself, with this script in Bash; its id.
pub fn machine_policy(deploying: &Deploying, name: &str, script: &str) -> Value {
    with_scripts(
        deploying,
        name,
        json!({ "BashHealthCheckPolicy": { "RunType": "Inline", "ScriptBody": script } }),
    )
}

fn with_scripts(deploying: &Deploying, name: &str, mut health: Value) -> Value {
    health["HealthCheckType"] = "RunScript".into();
    let policy = json!({ "Name": name, "MachineHealthCheckPolicy": health });
    deploying.server.post("/api/machinepolicies", policy)["Id"].clone()
}

/// A region in Dev with the role `web`.
pub fn region(deploying: &Deploying, name: &str, policy: &Value) -> Value {
    let environment = deploying.server.get("/api/environments/Dev")["Id"].clone();
    deploying.server.post(
        "/api/machines",
        json!({ "Name": name, "EnvironmentIds": [environment], "Roles": ["web"],
            "MachinePolicyId": policy, "Endpoint": { "CommunicationStyle": "None" } }),
    )
}

/// Gives a machine another policy.
pub fn use_policy(deploying: &Deploying, path: &str, policy: &Value) {
    let mut machine = deploying.server.get(path);
    machine["MachinePolicyId"] = policy.clone();
    deploying.server.put(path, machine);
}

/// Has these machines checked; how the task ended, and its log.
pub fn check(deploying: &Deploying, arguments: Value) -> (String, String) {
    let asked = json!({ "Name": "Health", "Arguments": arguments });
    let task = deploying.server.post("/api/tasks", asked)["Id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let ended = deploying.wait(&task);
    let state = ended["State"].as_str().expect("a state").to_owned();
    (state, deploying.log(&task))
}

/// What the record of a machine says of its health.
pub fn health(deploying: &Deploying, path: &str) -> (String, String) {
    let found = deploying.server.get(path);
    let text = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
    (text("HealthStatus"), text("StatusSummary"))
}

pub fn path_of(made: &Value) -> String {
    format!("/api/machines/{}", made["Id"].as_str().expect("an id"))
}

#[test]
fn a_region_is_as_healthy_as_the_script_that_a_worker_runs_for_it_says() {
    let deploying = Deploying::new(&[script("Nothing", "Bash", "true")]);
    target_kinds::policy(&deploying, "default", "[limits]\nwall-time = \"2s\"\n");
    let fine =
        "echo \"looking at #{Octopus.Machine.Name}, $(get_octopusvariable Octopus.Machine.Roles)\"";
    let cases = [
        ("fine", fine, "Healthy", "looking at fine, web"),
        (
            "warned",
            "echo_warning 'half full'\nexit 0",
            "HasWarnings",
            "half full",
        ),
        (
            "failed",
            "fail_healthcheck 'no space left'\necho never",
            "Unhealthy",
            "no space left",
        ),
        (
            "erred",
            "echo_error 'a disk is gone'\ntrue",
            "Unhealthy",
            "a disk is gone",
        ),
        (
            "erred and left",
            "echo_error 'a fan is gone'\nexit 0",
            "Unhealthy",
            "a fan is gone",
        ),
        (
            "erred elsewhere",
            "trap 'exit 0' EXIT\necho_error 'a light is gone'",
            "HasWarnings",
            "a light is gone",
        ),
        ("coded", "exit 3", "Unhealthy", "exit code 3"),
        (
            "endless",
            "while true; do :; done",
            "Unhealthy",
            "reached the limit `wall-time`",
        ),
    ];
    let mut regions = Vec::new();
    for (name, body, _, _) in &cases {
        let policy = machine_policy(&deploying, name, body);
        regions.push(region(&deploying, name, &policy));
    }
    let (state, log) = check(&deploying, json!({}));
    assert_eq!(state, "Failed", "{log}");
    assert!(!log.contains("never"), "{log}");
    for ((name, _, expected, said), made) in cases.iter().zip(&regions) {
        let (status, summary) = health(&deploying, &path_of(made));
        assert_eq!(status, *expected, "{name}: {summary}\n{log}");
        assert!(log.contains(said), "{said}: {log}");
        if *expected == "Unhealthy" {
            let is_said = summary.contains("The script of its machine policy failed");
            assert!(is_said, "{name}: {summary}");
        }
    }
    // What a client writes of a region leaves what was found.
    let path = path_of(&regions[2]);
    let region = deploying.server.get(&path);
    deploying.server.put(&path, region);
    assert_eq!(health(&deploying, &path).0, "Unhealthy");
    // Each is a change, and each run has its receipt.
    let events = deploying.server.get("/api/events?take=1000").to_string();
    assert!(
        events.contains("The machine `failed` is Unhealthy now"),
        "{events}"
    );
    let tasks = deploying.server.get("/api/tasks?name=Health");
    let id = tasks["Items"][0]["Id"].as_str().expect("an id");
    let receipts = deploying.server.get(&format!("/api/tasks/{id}/receipt"));
    assert!(receipts.to_string().contains("wall"), "{receipts}");
    // Without its script it is well again, once it was checked.
    let connects = with_scripts(
        &deploying,
        "connects",
        json!({ "BashHealthCheckPolicy": { "RunType": "OnlyConnectivity" } }),
    );
    use_policy(&deploying, &path, &connects);
    assert_eq!(health(&deploying, &path).0, "Healthy");
}

#[test]
fn a_script_in_powershell_is_run_where_there_is_none_in_bash() {
    let deploying = Deploying::new(&[script("Nothing", "Bash", "true")]);
    target_kinds::policy(&deploying, "default", "");
    let policy = |name: &str, body: &str| {
        with_scripts(
            &deploying,
            name,
            json!({ "PowerShellHealthCheckPolicy": { "RunType": "Inline", "ScriptBody": body } }),
        )
    };
    let cases = [
        ("fine", "Write-Host 'all is well'", "Healthy"),
        ("warned", "Write-Warning 'half full'", "HasWarnings"),
        (
            "failed",
            "Fail-HealthCheck 'no space left'\nWrite-Host 'never'",
            "Unhealthy",
        ),
        ("erred", "Write-Error 'a disk is gone'", "Unhealthy"),
    ];
    let mut regions = Vec::new();
    for (name, body, _) in cases {
        regions.push(region(&deploying, name, &policy(name, body)));
    }
    let (state, log) = check(&deploying, json!({}));
    assert_eq!(state, "Failed", "{log}");
    for ((name, _, expected), made) in cases.iter().zip(&regions) {
        let (status, summary) = health(&deploying, &path_of(made));
        assert_eq!(status, *expected, "{name}: {summary}\n{log}");
    }
    assert!(
        log.contains("all is well") && !log.contains("never"),
        "{log}"
    );
}

#[test]
fn a_script_that_the_default_policy_mounts_nothing_for_is_a_finding_and_no_reason_to_check_nobody()
{
    let deploying = Deploying::new(&[script("Nothing", "Bash", "true")]);
    target_kinds::policy(
        &deploying,
        "default",
        "[[files]]\nmount = \"/pkg\"\nfrom = \"package:acme.web\"\naccess = \"read\"\n",
    );
    let policy = machine_policy(&deploying, "looks", "echo it ran");
    let looked = region(&deploying, "looked", &policy);
    let (state, log) = check(&deploying, json!({}));
    assert_eq!(state, "Failed", "{log}");
    let (status, summary) = health(&deploying, &path_of(&looked));
    assert_eq!(status, "Unhealthy", "{summary}");
    let why = "The script of its machine policy can't be run: it runs under the policy `default`, which mounts package:acme.web";
    assert!(
        summary.contains(why) && log.contains(why),
        "{summary}\n{log}"
    );
    assert!(!log.contains("  it ran"), "{log}");
    // The twin: with a policy that it can be run under.
    target_kinds::policy(&deploying, "default", "");
    let (state, log) = check(&deploying, json!({}));
    assert_eq!(state, "Success", "{log}");
    assert_eq!(health(&deploying, &path_of(&looked)).0, "Healthy");
}

#[test]
fn agents_and_external_workers_are_looked_at_by_their_own_scripts() {
    let fleet = Fleet::new(&[script("Nothing", "Bash", "true")]);
    let web = &fleet.web;
    target_kinds::policy(web, "default", "");
    let target = fleet.target("target", Dials::Worker);
    let mut worker = fleet.worker("worker", Dials::Worker, &[]);
    let paths = [
        format!("/api/machines/{}", target.id),
        format!("/api/workers/{}", worker.id),
    ];
    let fine = machine_policy(
        web,
        "fine",
        "echo \"$(get_octopusvariable Octopus.Machine.Name) is fine\"",
    );
    let ill = machine_policy(
        web,
        "ill",
        "echo_warning 'so-so'; fail_healthcheck 'no app'",
    );
    for path in &paths {
        use_policy(web, path, &fine);
    }
    let both = json!({ "MachineIds": [target.id, worker.id] });
    let (state, log) = check(web, both.clone());
    assert_eq!(state, "Success", "{log}");
    for (path, name) in paths.iter().zip(["target", "worker"]) {
        let ran = format!("Runs on the machine {name}: the check is of it");
        assert!(log.contains(&ran), "{ran}: {log}");
        assert!(log.contains(&format!("{name} is fine")), "{log}");
        let (status, summary) = health(web, path);
        assert_eq!(status, "Healthy", "{summary}");
        assert!(
            summary.contains("found nothing wrong. seawall"),
            "{summary}"
        );
        use_policy(web, path, &ill);
    }
    let (state, log) = check(web, both.clone());
    assert_eq!(state, "Failed", "{log}");
    for path in &paths {
        let (status, summary) = health(web, path);
        assert_eq!(status, "Unhealthy", "{log}");
        assert!(summary.contains("failed: no app."), "{summary}");
    }
    // That it answers doesn't make it well; nor does a check of the connection alone.
    let check_path = format!("{}/check", paths[1]);
    web.server
        .ask("POST", &check_path, Some(json!({})))
        .expect(200);
    assert_eq!(health(web, &paths[1]).0, "Unhealthy");
    asked(&fleet, ["worker", "check", "worker"], 1)
        .expect_in_stdout("so-so")
        .expect_in_stdout("Unhealthy: The script of its machine policy failed: no app.");
    // And whoever is ill can be looked at again: by the pool.
    for path in &paths {
        use_policy(web, path, &fine);
    }
    let (state, log) = check(web, json!({ "WorkerpoolId": "linux" }));
    assert_eq!(state, "Success", "{log}");
    assert_eq!(health(web, &paths[1]).0, "Healthy");
    assert!(!log.contains("target"), "{log}");
    asked(&fleet, ["worker", "check", "worker"], 0)
        .expect_in_stdout("worker is fine")
        .expect_in_stdout("Healthy: The script of its machine policy found nothing wrong.");
    // A script isn't run on a machine that isn't there.
    worker.kill();
    fleet.wait_for(&worker, "Offline");
    let (state, log) = check(web, json!({ "MachineIds": [worker.id] }));
    assert_eq!(state, "Failed", "{log}");
    assert_eq!(health(web, &paths[1]).0, "Unavailable");
    assert!(!log.contains("Runs on the machine"), "{log}");
}

#[test]
fn a_machine_over_ssh_is_looked_at_in_a_process_or_not_at_all() {
    let Some(sshd) = Sshd::start() else { return };
    let deploying = ssh::deploying(&sshd, &[script("Nothing", "Bash", "true")]);
    target_kinds::policy(&deploying, "default", "[process]\nallow = true\n");
    let workers = deploying.server.get("/api/workers?name=far-1");
    let id = workers["Items"][0]["Id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let path = format!("/api/workers/{id}");
    let named = json!({ "MachineIds": [id] });
    for (name, body, expected, said) in [
        (
            "fine",
            "echo \"I am $(id -un)\"",
            "Healthy",
            "I am deployer",
        ),
        (
            "warned",
            "echo_warning 'half full'",
            "HasWarnings",
            "half full",
        ),
        (
            "erred",
            "echo_error 'a disk is gone'",
            "Unhealthy",
            "a disk is gone",
        ),
        (
            "erred and left",
            "echo_error 'a fan is gone'\nexit 0",
            "Unhealthy",
            "a fan is gone",
        ),
        (
            "erred elsewhere",
            "trap 'exit 0' EXIT\necho_error 'a light is gone'",
            "HasWarnings",
            "a light is gone",
        ),
        (
            "failed",
            "fail_healthcheck 'no app'; echo never",
            "Unhealthy",
            "no app",
        ),
        ("coded", "false", "Unhealthy", "exit code 1"),
    ] {
        let policy = machine_policy(&deploying, name, body);
        use_policy(&deploying, &path, &policy);
        let (_, log) = check(&deploying, named.clone());
        assert_eq!(health(&deploying, &path).0, expected, "{log}");
        assert!(log.contains(said) && !log.contains("never"), "{log}");
    }
    // There is no sandbox there: without a word in the policy, nothing is run.
    target_kinds::policy(&deploying, "default", "");
    let policy = machine_policy(&deploying, "refused", "echo it ran");
    use_policy(&deploying, &path, &policy);
    let (state, log) = check(&deploying, named.clone());
    assert_eq!(state, "Failed", "{log}");
    let (status, summary) = health(&deploying, &path);
    assert_eq!(status, "Unhealthy", "{summary}");
    assert!(
        summary.contains("can only be a process, and its policy `default` doesn't allow one"),
        "{summary}"
    );
    assert!(!log.contains("it ran"), "{log}");
    // One in PowerShell is none for it.
    let powershell = with_scripts(
        &deploying,
        "powershell",
        json!({ "PowerShellHealthCheckPolicy": { "RunType": "Inline", "ScriptBody": "exit 1" } }),
    );
    use_policy(&deploying, &path, &powershell);
    let (state, log) = check(&deploying, named);
    assert_eq!(state, "Success", "{log}");
    ssh::expect_nothing_left(&deploying, &sshd);
}

#[test]
fn a_full_check_in_a_deployment_runs_scripts_and_a_connection_test_does_not() {
    let step = |kind: &str, handling: &str| {
        json!({ "Name": "Check", "Actions": [{ "Name": "Check", "ActionType": "Octopus.HealthCheck",
            "Properties": { "Octopus.Action.HealthCheck.Type": kind,
                "Octopus.Action.HealthCheck.ErrorHandling": handling } }] })
    };
    let after = script("After", "Bash", "echo went on");
    let deploying = Deploying::new(&[]);
    target_kinds::policy(&deploying, "default", "");
    let fine = machine_policy(&deploying, "fine", "echo looked");
    let ill = machine_policy(&deploying, "ill", "fail_healthcheck 'no app'");
    region(&deploying, "well", &fine);
    let sick = region(&deploying, "sick", &ill);
    for (version, kind, handling, state, runs, goes_on) in [
        (
            "1.0.0",
            "FullHealthCheck",
            "TreatExceptionsAsErrors",
            "Failed",
            true,
            false,
        ),
        (
            "1.0.1",
            "FullHealthCheck",
            "TreatExceptionsAsWarnings",
            "Success",
            true,
            true,
        ),
        (
            "1.0.2",
            "ConnectionTest",
            "TreatExceptionsAsErrors",
            "Success",
            false,
            true,
        ),
    ] {
        deploying.set_steps(&[step(kind, handling), after.clone()]);
        deploying.release(version);
        let task = deploying.deploy(version, "Dev");
        let ended = deploying.wait(&task);
        let log = deploying.log(&task);
        assert_eq!(ended["State"], state, "{log}");
        let found = (log.contains("looked"), log.contains("went on"));
        assert_eq!(found, (runs, goes_on), "{log}");
        // What a connection test finds is not all.
        assert_eq!(health(&deploying, &path_of(&sick)).0, "Unhealthy");
    }
}

#[test]
fn machines_are_looked_at_by_their_scripts_without_being_asked() {
    let fleet = Fleet::new(&[script("Nothing", "Bash", "true")]);
    let web = &fleet.web;
    target_kinds::policy(web, "default", "");
    let worker = fleet.worker("worker", Dials::Worker, &[]);
    let scheduled = |name: &str, when: Value| {
        let mut health = when;
        health["BashHealthCheckPolicy"] =
            json!({ "RunType": "Inline", "ScriptBody": format!("fail_healthcheck '{name}'") });
        with_scripts(web, name, health)
    };
    let hourly = scheduled("by interval", json!({ "HealthCheckInterval": "01:00:00" }));
    let daily = scheduled("by cron", json!({ "HealthCheckCron": "0 6 * * *" }));
    // What was never checked is due at once, and one with a policy that it never was checked by.
    let made = region(web, "eu", &hourly);
    let worker_path = format!("/api/workers/{}", worker.id);
    use_policy(web, &worker_path, &daily);
    for (path, why) in [(path_of(&made), "by interval"), (worker_path, "by cron")] {
        web.until(|| health(web, &path).1.contains(&format!("failed: {why}.")));
        assert_eq!(health(web, &path).0, "Unhealthy");
    }
    // Nobody checks them again before it is time.
    let tasks = || web.server.get("/api/tasks?name=Health")["TotalResults"].clone();
    let n_tasks = tasks();
    let never = machine_policy(web, "never", "true");
    let unasked = region(web, "us", &never);
    let (state, log) = check(web, json!({ "MachineIds": [unasked["Id"]] }));
    assert_eq!(state, "Success", "{log}");
    assert_eq!(tasks().as_u64(), n_tasks.as_u64().map(|n| n + 1));
}

#[test]
fn a_region_is_looked_at_by_a_worker_of_its_pool_and_never_by_a_server_without_one() {
    let fleet = Fleet::with(&["--no-builtin-worker"], &[]);
    let web = &fleet.web;
    target_kinds::policy(web, "default", "");
    let _worker = fleet.worker("build-7", Dials::Worker, &[]);
    let pools = web.server.get("/api/workerpools?name=linux");
    let policy = machine_policy(web, "looks", "echo it ran");
    let path = path_of(&region(web, "eu", &policy));
    let (state, log) = check(web, json!({}));
    assert_eq!(state, "Failed", "{log}");
    let (status, summary) = health(web, &path);
    assert_eq!(status, "Unhealthy", "{summary}");
    let why = "can't be run: it would run on the built-in worker, which is switched off";
    assert!(summary.contains(why), "{summary}");
    assert!(!log.contains("it ran"), "{log}");
    let mut region = web.server.get(&path);
    region["Endpoint"]["DefaultWorkerPoolId"] = pools["Items"][0]["Id"].clone();
    web.server.put(&path, region);
    let (state, log) = check(web, json!({}));
    assert_eq!(state, "Success", "{log}");
    assert_eq!(health(web, &path).0, "Healthy");
    for line in ["Runs on the worker build-7", "it ran"] {
        assert!(log.contains(line), "{line}: {log}");
    }
}

#[test]
fn a_worker_that_is_busy_and_draining_is_looked_at_all_the_same() {
    let fleet = Fleet::new(&[on_pool("Long", "echo begun; while true; do sleep 1; done")]);
    let web = &fleet.web;
    target_kinds::policy(web, "default", "");
    let worker = fleet.worker("worker", Dials::Worker, &["--concurrency", "1"]);
    let policy = machine_policy(web, "looks", "echo looked");
    let path = format!("/api/workers/{}", worker.id);
    use_policy(web, &path, &policy);
    let busy = fleet.deploy("1.0.0");
    web.wait_for_text(&busy, "begun");
    let mut draining = web.server.get(&path);
    draining["IsDraining"] = true.into();
    web.server.put(&path, draining);
    let (state, log) = check(web, json!({ "MachineIds": [worker.id] }));
    assert_eq!(state, "Success", "{log}");
    assert!(log.contains("looked"), "{log}");
    assert_eq!(health(web, &path).0, "Healthy");
    fleet.cancelled(&busy);
}
