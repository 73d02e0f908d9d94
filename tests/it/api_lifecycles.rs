//! Claims about what lifecycles do by themselves: automatic deployments, and letting go of old releases.

use serde_json::{Value, json};

use super::deploying::{Deploying, script};

/// The lifecycle with these phases, each `name environment environment`; an environment with a star is automatic.
fn phases(deploying: &Deploying, phases: &[&str], retention: Value) {
    let environments = deploying.server.get("/api/environments/all");
    let id = |name: &str| {
        let mut all = environments.as_array().expect("a list").iter();
        all.find(|one| one["Name"] == name).expect("an environment")["Id"].clone()
    };
    let phase = |text: &&str| {
        let mut words = text.split_whitespace();
        let name = words.next().expect("a name");
        let (automatic, optional): (Vec<&str>, Vec<&str>) =
            words.partition(|word| word.ends_with('*'));
        let ids = |names: Vec<&str>| {
            names
                .iter()
                .map(|name| id(name.trim_end_matches('*')))
                .collect::<Vec<_>>()
        };
        json!({ "Name": name, "AutomaticDeploymentTargets": ids(automatic), "OptionalDeploymentTargets": ids(optional) })
    };
    let mut lifecycle = deploying.server.get("/api/lifecycles/Lifecycles-1");
    lifecycle["Phases"] = phases.iter().map(phase).collect();
    lifecycle["ReleaseRetentionPolicy"] = retention;
    deploying
        .server
        .put("/api/lifecycles/Lifecycles-1", lifecycle);
}

fn tasks(deploying: &Deploying) -> Vec<String> {
    let tasks = deploying.server.get("/api/tasks?take=100");
    let tasks = tasks["Items"].as_array().expect("a list").iter();
    let mut tasks: Vec<String> = tasks
        .map(|task| {
            format!(
                "{}: {}",
                task["Description"].as_str().unwrap_or_default(),
                task["State"].as_str().unwrap_or_default()
            )
        })
        .collect();
    tasks.reverse();
    tasks
}

#[test]
fn a_release_goes_by_itself_where_the_lifecycle_says() {
    let deploying = Deploying::new(&[script(
        "A",
        "Bash",
        "[ \"#{Octopus.Release.Number}\" != 1.0.1 ]",
    )]);
    phases(&deploying, &["First Dev*", "Second Prod*"], json!({}));
    deploying.release("1.0.0");
    deploying.until(|| tasks(&deploying).len() == 2);
    deploying.wait("ServerTasks-2");
    assert_eq!(
        tasks(&deploying),
        [
            "Deploy Web release 1.0.0 to Dev: Success",
            "Deploy Web release 1.0.0 to Prod: Success"
        ]
    );
    let deployment = deploying.server.get("/api/deployments?take=1")["Items"][0].clone();
    assert_eq!(deployment["DeployedBy"], "server");
    assert_eq!(deployment["TaskId"], "ServerTasks-2");
    // One that fails in the first phase stays there, and is not tried again.
    deploying.release("1.0.1");
    deploying.until(|| tasks(&deploying).len() == 3);
    deploying.wait("ServerTasks-3");
    deploying.release("1.0.2");
    deploying.until(|| tasks(&deploying).len() == 5);
    deploying.wait("ServerTasks-5");
    let tasks = tasks(&deploying);
    assert_eq!(tasks[2], "Deploy Web release 1.0.1 to Dev: Failed");
    assert_eq!(tasks[4], "Deploy Web release 1.0.2 to Prod: Success");
}

#[test]
fn what_can_not_be_deployed_by_itself_is_an_event() {
    let mut step = script("A", "Bash", "true");
    step["Actions"][0]["Properties"]["Seawall.Policy"] = "nobody".into();
    let deploying = Deploying::new(&[step]);
    phases(&deploying, &["First Dev*"], json!({}));
    deploying.release("1.0.0");
    let refused = || {
        let events = deploying.server.get("/api/events?take=5");
        let mut events = events["Items"]
            .as_array()
            .expect("a list")
            .clone()
            .into_iter();
        events.find(|event| event["Category"] == "AutomaticDeploymentRefused")
    };
    deploying.until(|| refused().is_some());
    let message = refused().expect("an event")["Message"].to_string();
    assert!(message.contains("names the policy `nobody`"), "{message}");
    assert!(tasks(&deploying).is_empty());
}

#[test]
fn releases_beyond_the_policy_go_and_what_is_deployed_stays() {
    let deploying = Deploying::new(&[script("A", "Bash", "true")]);
    phases(
        &deploying,
        &["First Dev"],
        json!({ "QuantityToKeep": 1, "ShouldKeepForever": false, "Unit": "Items" }),
    );
    for version in ["1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4"] {
        deploying.release(version);
        if version < "1.0.3" {
            deploying.wait(&deploying.deploy(version, "Dev"));
        }
    }
    let versions = || {
        let releases = deploying.server.get("/api/releases?take=100");
        let releases = releases["Items"]
            .as_array()
            .expect("a list")
            .clone()
            .into_iter();
        releases
            .map(|one| one["Version"].as_str().expect("text").to_owned())
            .collect::<Vec<_>>()
    };
    let applied = deploying
        .server
        .ask("POST", "/api/retention/apply", Some(json!({})))
        .expect(200);
    assert_eq!(applied["ReleasesDeleted"], 2, "{applied}");
    assert_eq!(versions(), ["1.0.4", "1.0.2", "1.0.1"]);
    let again = deploying
        .server
        .ask("POST", "/api/retention/apply", Some(json!({})))
        .expect(200);
    assert_eq!(again["ReleasesDeleted"], 0);
    let tasks = deploying.server.get("/api/tasks?take=100");
    assert_eq!(
        tasks["TotalResults"], 2,
        "the tasks of a release go with it"
    );
}
