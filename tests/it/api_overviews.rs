//! What interactive clients ask before they act, and tasks that belong to no project.

use serde_json::{Value, json};

use super::deploying::{Deploying, script};

fn id(value: &Value) -> String {
    value["Id"].as_str().expect("an id").to_owned()
}

#[test]
fn a_release_says_how_far_it_is_and_where_it_may_go() {
    let deploying = Deploying::new(&[script("A", "Bash", "true"), script("B", "Bash", "true")]);
    deploying.release("1.0.0");
    let release = deploying.server.get("/api/releases?take=1")["Items"][0].clone();
    let path = format!("/api/releases/{}", id(&release));
    let environments = deploying.server.get("/api/environments/all");
    let (dev, prod) = (id(&environments[0]), id(&environments[1]));
    let progression = || deploying.server.get(&format!("{path}/progression"));
    let before = progression();
    let progress = |value: &Value| {
        let phases = value["Phases"].as_array().expect("phases").iter();
        phases
            .map(|phase| phase["Progress"].as_str().expect("text").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(progress(&before), ["Current", "Pending"]);
    assert_eq!(before["NextDeployments"], json!([dev]));
    deploying.wait(&deploying.deploy("1.0.0", "Dev"));
    let after = progression();
    assert_eq!(progress(&after), ["Complete", "Current"]);
    assert_eq!(after["NextDeployments"], json!([prod]));
    assert_eq!(
        after["Phases"][0]["Deployments"][0]["Task"]["State"],
        "Success"
    );
    let template = deploying
        .server
        .get(&format!("{path}/deployments/template"));
    let names: Vec<&Value> = template["PromoteTo"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["Name"])
        .collect();
    assert_eq!(names, ["Dev", "Prod"]);
    let preview = template["PromoteTo"][1]["Links"]["Preview"]
        .as_str()
        .expect("a link");
    let preview = deploying.server.get(preview);
    assert_eq!(preview["StepsToExecute"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_preview_asks_for_prompted_variables_and_shows_no_secret() {
    let deploying = Deploying::new(&[script("A", "Bash", "true")]);
    let prompt = json!({ "Prompt": { "Label": "Who?", "Required": true } });
    let secret =
        json!({ "IsSensitive": true, "Prompt": { "Label": "Password?", "Required": false } });
    deploying.set_variables(&[("Who", "", prompt), ("Password", "hunter2", secret)]);
    deploying.release("1.0.0");
    let release = id(&deploying.server.get("/api/releases?take=1")["Items"][0]);
    let environment = id(&deploying.server.get("/api/environments/all")[0]);
    let body = json!({ "deploymentPreviews": [{ "environmentId": environment }] });
    let path = format!("/api/releases/{release}/deployments/previews");
    let previews = deploying.server.ask("POST", &path, Some(body)).expect(200);
    let elements = previews[0]["Form"]["Elements"].as_array().expect("a list");
    assert_eq!(elements[0]["Control"]["Label"], "Who?");
    assert_eq!(
        (
            &elements[0]["IsValueRequired"],
            &elements[1]["Control"]["IsSecure"]
        ),
        (&json!(true), &json!(true))
    );
    assert!(!previews.to_string().contains("hunter2"));
    // The deployment itself still needs the answer.
    let command =
        json!({ "projectName": "Web", "releaseVersion": "1.0.0", "environmentNames": ["Dev"] });
    let refused = deploying
        .server
        .ask(
            "POST",
            "/api/deployments/create/untenanted/v1",
            Some(command),
        )
        .expect(400);
    assert!(
        refused["Errors"]
            .to_string()
            .contains("`Who` needs a value"),
        "{refused}"
    );
}

#[test]
fn a_script_runs_on_the_server_by_itself_and_again() {
    let deploying = Deploying::new(&[]);
    let task = |body: Value| deploying.server.ask("POST", "/api/tasks", Some(body));
    let script = |place: &str| {
        json!({ "Name": "AdHocScript", "Description": "Look around", "Arguments": {
        "ScriptBody": "echo \"I am in $(pwd)\"", "Syntax": "Bash", "TargetType": place } })
    };
    let made = task(script("OctopusServer")).expect(201);
    let ended = deploying.wait(&id(&made));
    assert_eq!(
        (&ended["State"], &ended["CanRerun"]),
        (&json!("Success"), &json!(true)),
        "{}",
        deploying.log(&id(&made))
    );
    assert!(
        deploying.log(&id(&made)).contains("I am in /"),
        "{}",
        deploying.log(&id(&made))
    );
    let again = deploying
        .server
        .ask(
            "POST",
            &format!("/api/tasks/rerun/{}", id(&made)),
            Some(json!({})),
        )
        .expect(201);
    assert_ne!(id(&again), id(&made));
    assert_eq!(deploying.wait(&id(&again))["State"], "Success");
    for (body, expected) in [
        (script("Workers"), "scripts run on the server"),
        (
            json!({ "Name": "AdHocScript", "Arguments": { "Syntax": "Bash" } }),
            "Arguments.ScriptBody is missing",
        ),
        (
            json!({ "Name": "Deploy" }),
            "it is AdHocScript, Health or TestEmail",
        ),
        (
            json!({ "Name": "TestEmail", "Arguments": { "EmailAddress": "a@example.com" } }),
            "no SMTP server is configured",
        ),
        (
            json!({ "Name": "AdHocScript", "Arguments": { "ScriptBody": "x", "Syntax": "Cobol" } }),
            "written in `cobol`",
        ),
    ] {
        let refused = task(body).expect(400);
        assert!(refused.to_string().contains(expected), "{refused}");
    }
    let unknown = json!({ "Name": "Health", "Arguments": { "MachineIds": ["Machines-99"] } });
    task(unknown).expect(404);
    let region = json!({ "Name": "eu", "EnvironmentIds": [id(&deploying.server.get("/api/environments/all")[0])],
        "Roles": ["web"], "Endpoint": { "CommunicationStyle": "None" } });
    deploying.server.post("/api/machines", region);
    let health =
        task(json!({ "Name": "Health", "Arguments": { "EnvironmentId": "Dev" } })).expect(201);
    assert_eq!(deploying.wait(&id(&health))["State"], "Success");
    assert!(deploying.log(&id(&health)).contains("eu (cloud region)"));
}

#[test]
fn a_task_says_what_it_waits_for() {
    let deploying = Deploying::new(&[super::deploying::manual("Wait", "?")]);
    deploying.release("1.0.0");
    let first = deploying.deploy("1.0.0", "Dev");
    deploying.question(&first);
    let second = deploying.deploy("1.0.0", "Dev");
    let behind = |id: &str| {
        deploying
            .server
            .get(&format!("/api/tasks/{id}/queued-behind"))
    };
    assert_eq!(behind(&second)["Items"][0]["Id"], first.as_str());
    assert_eq!(behind(&first)["TotalResults"], 0);
}

#[test]
fn overviews_count_and_name() {
    let deploying = Deploying::new(&[script("A", "Bash", "true")]);
    deploying.set_variables(&[
        ("Port", "1", json!({})),
        ("Port", "2", json!({ "Scope": { "Role": ["web"] } })),
    ]);
    let environments = deploying.server.get("/api/environments/all");
    let dev = id(&environments[0]);
    let region = json!({ "Name": "eu", "EnvironmentIds": [dev], "Roles": ["web"], "Endpoint": { "CommunicationStyle": "None" } });
    deploying.server.post("/api/machines", region);
    let summary = deploying.server.get("/api/environments/summary");
    assert_eq!(summary["TotalMachines"], 1);
    assert_eq!(
        summary["EnvironmentSummaries"][0]["MachineHealthStatusSummaries"],
        json!({ "Healthy": 1 })
    );
    let pools = deploying.server.get("/api/workerpools/summary");
    assert_eq!(
        pools["WorkerPoolSummaries"][0]["TotalWorkers"], 1,
        "{pools:#}"
    );
    let project = deploying.project_id();
    let names = deploying
        .server
        .get(&format!("/api/variables/names?project={project}"));
    assert_eq!(names, json!(["Port"]));
    let preview = |more: &str| {
        let path = format!("/api/variables/preview?project={project}{more}");
        deploying.server.get(&path)["Variables"][0]["Value"].clone()
    };
    assert_eq!(
        (preview(""), preview("&role=web")),
        (json!("1"), json!("2"))
    );
    let lifecycle = deploying.server.get("/api/lifecycles/Lifecycles-1/preview");
    assert_eq!(lifecycle["Phases"].as_array().map(Vec::len), Some(2));
    let template = deploying.server.get(&format!(
        "/api/projects/{project}/deploymentprocesses/template"
    ));
    assert_eq!(template["NextVersionIncrement"], "0.0.1");
    let mine = deploying.server.get("/api/users/me/permissions");
    assert!(
        mine["SpacePermissions"]["DeploymentCreate"].is_array(),
        "{mine}"
    );
    assert_eq!(
        deploying.server.get("/api/users/me/spaces")[0]["Id"],
        "Spaces-1"
    );
    let teams = deploying.server.get("/api/users/me/teams");
    assert!(teams.to_string().contains("Administrators"), "{teams}");
    let pool = |name: &str| {
        deploying
            .server
            .post("/api/workerpools", json!({ "Name": name }))
    };
    let (a, b) = (pool("A"), pool("B"));
    deploying
        .server
        .ask(
            "PUT",
            "/api/workerpools/sortorder",
            Some(json!([id(&b), id(&a)])),
        )
        .expect(200);
    let all = deploying.server.get("/api/workerpools/all");
    let names: Vec<&Value> = all
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["Name"])
        .collect();
    assert_eq!(names, ["B", "A", "Default Worker Pool"]);
}
