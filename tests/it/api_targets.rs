//! Steps for deployment targets: who they run for, with which variables, how many at once, and what health means.

use std::net::TcpListener;

use serde_json::{Value, json};

use super::deploying::{Deploying, manual, script};

/// A script step that a worker runs on behalf of the targets with a role.
fn for_role(name: &str, role: &str, body: &str, more: Value) -> Value {
    let mut step = script(name, "Bash", body);
    step["Properties"] = json!({ "Octopus.Action.TargetRoles": role });
    for (key, value) in more.as_object().into_iter().flatten() {
        step["Properties"][key] = value.clone();
    }
    step
}

fn region(server: &Deploying, name: &str, more: Value) -> Value {
    let environments = server.server.get("/api/environments/all");
    let ids: Vec<&Value> = environments
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["Id"])
        .collect();
    let mut target = json!({ "Name": name, "EnvironmentIds": ids, "Roles": ["web"],
        "Endpoint": { "CommunicationStyle": "None" } });
    for (key, value) in more.as_object().into_iter().flatten() {
        target[key] = value.clone();
    }
    server.server.post("/api/machines", target)
}

#[test]
fn a_step_runs_once_for_each_target_with_its_variables() {
    let body =
        "echo \"$(get_octopusvariable Octopus.Machine.Name) has $(get_octopusvariable Port)\"
set_octopusvariable Url \"http://$(get_octopusvariable Octopus.Machine.Name)\"";
    let later =
        "echo \"#{Octopus.Action[Each].Output[eu].Url} #{Octopus.Action[Each].Output[us].Url}\"";
    let deploying = Deploying::new(&[
        for_role("Each", "web", body, json!({})),
        for_role("Databases", "db", "echo never", json!({})),
        script("Later", "Bash", later),
    ]);
    let eu = region(&deploying, "eu", json!({}));
    region(&deploying, "us", json!({ "Roles": ["web", "big"] }));
    region(&deploying, "off", json!({ "IsDisabled": true }));
    deploying.set_variables(&[
        ("Port", "1", json!({})),
        ("Port", "2", json!({ "Scope": { "Role": ["big"] } })),
        ("Port", "3", json!({ "Scope": { "Machine": [eu["Id"]] } })),
    ]);
    let policy =
        "schema = 1\nname = \"default\"\n[variables]\nread = [\"Port\", \"Octopus.Machine.*\"]\n";
    deploying
        .server
        .put("/api/policies/default", json!({ "Text": policy }));
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    let log = deploying.succeeded(&task);
    assert!(
        log.contains("eu has 3") && log.contains("us has 2"),
        "{log}"
    );
    assert!(log.contains("http://eu http://us"), "{log}");
    assert!(!log.contains("off"), "{log}");
    assert!(
        log.contains("no deployment target here has one of the roles db"),
        "{log}"
    );
    let details = deploying.server.get(&format!("/api/tasks/{task}/details"));
    let each = &details["ActivityLogs"][0]["Children"][0];
    assert_eq!(each["Name"], "Step 1: Each");
    assert_eq!(each["Children"][0]["Name"], "Each for eu");
}

#[test]
fn a_check_without_roles_is_of_every_target_and_a_named_one_may_be_anywhere() {
    let check = json!({ "Name": "Check", "Actions": [{ "Name": "Check", "ActionType": "Octopus.HealthCheck",
        "Properties": { "Octopus.Action.HealthCheck.Type": "ConnectionTest" } }] });
    let deploying = Deploying::new(&[for_role("Each", "web", "echo each", json!({})), check]);
    region(&deploying, "eu", json!({}));
    region(&deploying, "db-1", json!({ "Roles": ["db"] }));
    let elsewhere = json!({ "EnvironmentIds": ["Environments-2"] });
    region(&deploying, "prod-1", elsewhere);
    deploying.release("1.0.0");
    let planned = |more: Value| {
        let task = deploying.deploy_with("1.0.0", "Dev", more);
        deploying.succeeded(&task);
        deploying.log(&task)
    };
    let all = planned(json!({}));
    assert!(all.contains("db-1") && all.contains("eu"), "{all}");
    assert!(!all.contains("prod-1"), "{all}");
    let without = planned(json!({ "excludedMachineNames": ["prod-1", "db-1"] }));
    assert!(!without.contains("db-1"), "{without}");
}

#[test]
fn a_rolling_step_takes_one_target_after_the_other_and_stops_at_the_first_that_fails() {
    let body = "[ \"#{Octopus.Machine.Name}\" != b ] || fail_step 'b is ill'";
    let mut rolling = for_role(
        "Roll",
        "web",
        body,
        json!({ "Octopus.Action.MaxParallelism": "1" }),
    );
    let approve = manual("Approve", "May #{Octopus.Machine.Name} go?")["Actions"][0].clone();
    rolling["Actions"]
        .as_array_mut()
        .expect("actions")
        .insert(0, approve);
    let deploying = Deploying::new(&[rolling]);
    for name in ["a", "b", "c"] {
        region(&deploying, name, json!({}));
    }
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    for name in ["a", "b"] {
        deploying.wait_for_text(&task, &format!("May {name} go?"));
        let question = deploying.question(&task);
        let id = question["Id"].as_str().expect("an id");
        let submit = format!("/api/interruptions/{id}/submit");
        let answer = json!({ "Result": "Proceed", "Notes": "" });
        deploying
            .server
            .ask("POST", &submit, Some(answer))
            .expect(200);
    }
    assert_eq!(deploying.wait(&task)["State"], "Failed");
    let log = deploying.log(&task);
    assert!(
        log.contains("The step `Roll for b` failed: b is ill"),
        "{log}"
    );
    assert!(
        log.contains("Skipped: the step failed for another target."),
        "{log}"
    );
}

#[test]
fn targets_can_be_chosen_and_left_out() {
    let deploying = Deploying::new(&[for_role("Each", "web", "echo here", json!({}))]);
    deploying.release("1.0.0");
    let command = |more: Value| {
        let mut command =
            json!({ "projectName": "Web", "releaseVersion": "1.0.0", "environmentNames": ["Dev"] });
        for (key, value) in more.as_object().into_iter().flatten() {
            command[key] = value.clone();
        }
        command
    };
    let path = "/api/Spaces-1/deployments/create/untenanted/v1";
    let refused = deploying
        .server
        .ask("POST", path, Some(command(json!({}))))
        .expect(400);
    assert!(
        refused["Errors"]
            .to_string()
            .contains("no deployment target here with one of the roles web"),
        "{refused}"
    );
    region(&deploying, "a", json!({}));
    region(&deploying, "b", json!({}));
    let only_b = deploying.deploy_with("1.0.0", "Dev", json!({ "specificMachineNames": ["b"] }));
    deploying.wait(&only_b);
    let log = deploying.log(&only_b);
    assert!(
        log.contains("Each for b") && !log.contains("Each for a"),
        "{log}"
    );
    let without_b = deploying.deploy_with("1.0.0", "Dev", json!({ "excludedMachineNames": ["b"] }));
    deploying.wait(&without_b);
    assert!(!deploying.log(&without_b).contains("Each for b"));
    let unknown = command(json!({ "specificMachineNames": ["nobody"] }));
    let refused = deploying
        .server
        .ask("POST", path, Some(unknown))
        .expect(400);
    assert!(
        refused["Errors"]
            .to_string()
            .contains("no deployment target `nobody`"),
        "{refused}"
    );
}

#[test]
fn code_for_an_ssh_target_is_refused_and_on_its_behalf_is_run() {
    let deploying = Deploying::new(&[for_role("Each", "web", "echo here", json!({}))]);
    // Nobody looks whether it is there.
    let never = deploying
        .server
        .post("/api/machinepolicies", json!({ "Name": "Never" }));
    let endpoint = json!({ "CommunicationStyle": "Ssh", "Host": "127.0.0.1", "Port": 1 });
    let more = json!({ "MachinePolicyId": never["Id"], "Endpoint": endpoint });
    let made = region(&deploying, "box", more);
    let connection = format!(
        "/api/machines/{}/connection",
        made["Id"].as_str().expect("an id")
    );
    assert_eq!(deploying.server.get(&connection)["Status"], "Unknown");
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    assert_eq!(deploying.wait(&task)["State"], "Success");
    let mut there = for_role("Each", "web", "echo here", json!({}));
    there["Actions"][0]["Properties"]["Octopus.Action.RunOnServer"] = "False".into();
    deploying.set_steps(&[there]);
    deploying.release("1.0.1");
    let refused = deploying.refused("1.0.1", "Dev");
    assert!(refused.contains("`box` itself (SSH target)"), "{refused}");
}

#[test]
fn a_health_check_connects_and_what_it_finds_counts() {
    let check = json!({ "Name": "Check", "Actions": [{ "Name": "Check", "ActionType": "Octopus.HealthCheck",
        "Properties": { "Octopus.Action.HealthCheck.ErrorHandling": "TreatExceptionsAsWarnings" } }]});
    let deploying = Deploying::new(&[check]);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let open = listener.local_addr().expect("an address").port();
    let closed = {
        let other = TcpListener::bind("127.0.0.1:0").expect("a port");
        other.local_addr().expect("an address").port()
    };
    let never = deploying
        .server
        .post("/api/machinepolicies", json!({ "Name": "Never" }));
    let agent = |port| {
        json!({ "MachinePolicyId": never["Id"], "Endpoint": {
        "CommunicationStyle": "TentaclePassive", "Uri": format!("https://127.0.0.1:{port}/") } })
    };
    let up = region(&deploying, "up", agent(open));
    let down = region(&deploying, "down", agent(closed));
    assert_eq!(up["HealthStatus"], "Unknown");
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    let ended = deploying.wait(&task);
    assert_eq!(ended["State"], "Success", "{}", deploying.log(&task));
    assert_eq!(ended["HasWarningsOrErrors"], true);
    let health = |target: &Value| {
        let path = format!("/api/machines/{}", target["Id"].as_str().expect("an id"));
        deploying.server.get(&path)["HealthStatus"].clone()
    };
    assert_eq!(
        (health(&up), health(&down)),
        ("Healthy".into(), "Unavailable".into())
    );
    // It stops no deployment that has nothing for it, and a check may look at it again.
    let again = deploying.deploy("1.0.0", "Dev");
    assert_eq!(deploying.wait(&again)["State"], "Success");
    assert!(
        deploying.log(&again).contains("down"),
        "{}",
        deploying.log(&again)
    );
    // What is unavailable stops the next deployment that is for it, unless the project leaves it out.
    let check = json!({ "Name": "Check", "Actions": [{ "Name": "Check", "ActionType": "Octopus.HealthCheck",
        "Properties": { "Octopus.Action.HealthCheck.ErrorHandling": "TreatExceptionsAsWarnings" } }]});
    deploying.set_steps(&[check, for_role("Each", "web", "echo here", json!({}))]);
    deploying.release("1.0.1");
    let refused = deploying.refused("1.0.1", "Dev");
    assert!(refused.contains("`down` is unavailable"), "{refused}");
    let path = format!("/api/projects/{}", deploying.project_id());
    let mut project = deploying.server.get(&path);
    project["ProjectConnectivityPolicy"] =
        json!({ "SkipMachineBehavior": "SkipUnavailableMachines" });
    deploying.server.put(&path, project);
    let task = deploying.deploy("1.0.1", "Dev");
    assert_eq!(deploying.wait(&task)["State"], "Success");
    assert!(
        !deploying.log(&task).contains("down"),
        "{}",
        deploying.log(&task)
    );
}

#[test]
fn targets_are_records_like_any_other() {
    let deploying = Deploying::new(&[]);
    let made = region(
        &deploying,
        "eu",
        json!({ "HealthStatus": "Unhealthy", "Roles": [" web ", "eu", ""] }),
    );
    assert_eq!(
        made["HealthStatus"], "Healthy",
        "health is found, not said: {made:#}"
    );
    assert_eq!(made["Roles"], json!(["web", "eu"]));
    assert!(
        made["MachinePolicyId"]
            .as_str()
            .is_some_and(|id| id.starts_with("MachinePolicies-"))
    );
    assert_eq!(
        deploying.server.get("/api/machineroles/all"),
        json!(["eu", "web"])
    );
    let environment = deploying.server.get("/api/environments/Dev")["Id"].clone();
    let path = format!(
        "/api/environments/{}/machines",
        environment.as_str().expect("an id")
    );
    assert_eq!(deploying.server.get(&path)["TotalResults"], 1);
    let refused = deploying
        .server
        .ask("POST", "/api/machines", Some(json!({ "Name": "x" })))
        .expect(400);
    assert_eq!(
        refused["Errors"].as_array().map(Vec::len),
        Some(3),
        "{refused:#}"
    );
}

#[test]
fn new_targets_are_checked_without_being_asked() {
    let deploying = Deploying::new(&[]);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let open = listener.local_addr().expect("an address").port();
    let closed = {
        let other = TcpListener::bind("127.0.0.1:0").expect("a port");
        other.local_addr().expect("an address").port()
    };
    let ssh = |port: u16| json!({ "Endpoint": { "CommunicationStyle": "Ssh", "Host": "127.0.0.1", "Port": port } });
    let down = region(&deploying, "down", ssh(closed));
    // What answers says that it is an SSH server, as RFC 4253 wants it.
    let greeting = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        std::io::Write::write_all(&mut stream, b"SSH-2.0-test\r\n").expect("it is written");
    });
    let up = region(&deploying, "up", ssh(open));
    let health = |target: &Value| {
        let path = format!("/api/machines/{}", target["Id"].as_str().expect("an id"));
        let found = deploying.server.get(&path);
        found["HealthLastChecked"]
            .is_string()
            .then(|| found["HealthStatus"].clone())
    };
    deploying.until(|| health(&up).is_some() && health(&down).is_some());
    assert_eq!(
        (health(&up), health(&down)),
        (Some("Healthy".into()), Some("Unavailable".into()))
    );
    greeting.join().expect("it greeted");
    let failed = deploying.server.get("/api/tasks?name=Health&states=Failed");
    assert_eq!(failed["TotalResults"], 1, "one of them is down: {failed}");
    for (policy, expected) in [
        (
            json!({ "HealthCheckInterval": "soon" }),
            "hours:minutes:seconds",
        ),
        (
            json!({ "HealthCheckInterval": "00:00:01" }),
            "less than a minute",
        ),
        (
            json!({ "HealthCheckCron": "every day" }),
            "HealthCheckCron is `every day`",
        ),
        (
            json!({ "HealthCheckCron": "0 6 * * *", "HealthCheckCronTimezone": "Mars/Olympus" }),
            "no time zone",
        ),
        (
            json!({ "BashHealthCheckPolicy": { "RunType": "Inline", "ScriptBody": "" } }),
            "its ScriptBody is empty",
        ),
    ] {
        let body = json!({ "Name": "Odd", "MachineHealthCheckPolicy": policy });
        let refused = deploying
            .server
            .ask("POST", "/api/machinepolicies", Some(body))
            .expect(400);
        assert!(
            refused["Errors"].to_string().contains(expected),
            "{refused}"
        );
    }
}
