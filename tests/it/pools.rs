//! What clients write of machines and of pools: apart from what the server finds out itself, and for those whom a pool
//! is for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::{Value, json};

use super::deploying::{Deploying, script};
use super::fleet::{Dials, Fleet, free_port, on_pool};

#[test]
fn what_a_check_finds_is_never_a_conflict_for_who_changes_a_worker() {
    let deploying = Deploying::new(&[script("Nothing", "Bash", "true")]);
    let server = &deploying.server;
    let pool = server.post("/api/workerpools", json!({ "Name": "far" }));
    let account = server.post(
        "/api/accounts",
        json!({ "Name": "a", "AccountType": "UsernamePassword", "Username": "a",
        "Password": { "HasValue": true, "NewValue": "b" } }),
    );
    // Nobody is there, so that a check is over at once, and writes that.
    let endpoint = json!({ "CommunicationStyle": "Ssh", "Host": "127.0.0.1", "Port": free_port(),
        "Fingerprint": format!("SHA256:{}", "A".repeat(43)), "AccountId": account["Id"] });
    let worker = json!({ "Name": "w", "WorkerPoolIds": [pool["Id"]], "Endpoint": endpoint });
    let worker = server.post("/api/workers", worker);
    let path = format!("/api/workers/{}", worker["Id"].as_str().expect("an id"));
    let check = format!("{path}/check");
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Acquire) {
                    server.ask("POST", &check, Some(json!({}))).expect(200);
                }
            });
        }
        let statuses: Vec<u16> = (0..60)
            .map(|number| {
                let mut worker = worker.clone();
                worker["MaxAttempts"] = number.into();
                server.ask("PUT", &path, Some(worker)).status
            })
            .collect();
        is_over.store(true, Ordering::Release);
        assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    });
    let found = server.get(&path);
    assert_eq!(found["MaxAttempts"], 59, "{found}");
    assert_eq!(
        found["HealthStatus"], "Unavailable",
        "what was found is kept"
    );
}

#[test]
fn a_pool_for_some_projects_and_environments_is_refused_to_others_with_the_reason() {
    let fleet = Fleet::new(&[on_pool("Build", "echo built")]);
    let _worker = fleet.worker("build-7", Dials::Worker, &[]);
    let server = &fleet.web.server;
    let pool = |project: &str, environment: &str| {
        let pools = server.get("/api/workerpools/all");
        let mut pools = pools.as_array().into_iter().flatten();
        let mut pool = pools
            .find(|pool| pool["Name"] == "linux")
            .expect("it is there")
            .clone();
        let environments = server.get("/api/environments/all");
        let mut environments = environments.as_array().into_iter().flatten();
        let environment = environments.find(|one| one["Name"] == environment);
        pool["ProjectIds"] = json!([project]);
        pool["EnvironmentIds"] = json!([environment.expect("it is there")["Id"]]);
        let path = format!("/api/workerpools/{}", pool["Id"].as_str().expect("an id"));
        server.ask("PUT", &path, Some(pool))
    };
    let nobody = pool("Projects-999", "Dev");
    assert_eq!(nobody.status, 400, "{:?}", nobody.body);
    let own = fleet.web.project_id().to_owned();
    let other = server.post(
        "/api/projects",
        json!({ "Name": "Other", "ProjectGroupId": "ProjectGroups-1", "LifecycleId": "Lifecycles-1" }),
    );
    let other = other["Id"].as_str().expect("an id").to_owned();
    fleet.web.release("1.0.0");
    let command =
        json!({ "projectName": "Web", "releaseVersion": "1.0.0", "environmentNames": ["Dev"] });
    let create = "/api/Spaces-1/deployments/create/untenanted/v1";
    for (project, environment, why) in [
        (&other, "Dev", "is for some projects only"),
        (&own, "Prod", "is for some environments only"),
    ] {
        pool(project, environment).expect(200);
        let refused = server.ask("POST", create, Some(command.clone()));
        let refused = refused.expect(400).to_string();
        assert!(refused.contains(why), "{why}: {refused}");
    }
    pool(&own, "Dev").expect(200);
    let task = fleet.web.deploy("1.0.0", "Dev");
    let log = fleet.ended(&task, "Success");
    assert!(log.contains("built"), "{log}");
    // A script of nobody's project can't have it either.
    let script = json!({ "Name": "AdHocScript", "Arguments": { "ScriptBody": "true", "Syntax": "Bash",
        "TargetType": "WorkerPools", "WorkerPoolIds": ["linux"] } });
    let refused = server.ask("POST", "/api/tasks", Some(script));
    let refused = refused.expect(400).to_string();
    assert!(refused.contains("this belongs to none"), "{refused}");
}

#[test]
fn a_pool_for_some_teams_runs_what_their_members_ask_for_and_nothing_else() {
    let fleet = Fleet::new(&[on_pool("Build", "echo built")]);
    let _worker = fleet.worker("build-7", Dials::Worker, &[]);
    let server = &fleet.web.server;
    let id = |made: &Value| made["Id"].as_str().expect("an id").to_owned();
    let team = |name: &str, user: &Value| {
        let members = json!({ "Name": name, "MemberUserIds": [user["Id"]] });
        let team = server.post("/api/teams", members);
        let role = json!({ "TeamId": team["Id"], "UserRoleId": "userroles-spacemanager", "SpaceId": "Spaces-1" });
        server.post("/api/scopeduserroles", role);
        id(&team)
    };
    let user = |name: &str| server.post("/api/users", json!({ "Username": name }));
    let key = |user: &Value| {
        let keys = format!("/api/users/{}/apikeys", id(user));
        let made = server.post(&keys, json!({ "Purpose": "a test" }));
        made["ApiKey"].as_str().expect("a key").to_owned()
    };
    let (ada, bob) = (user("ada"), user("bob"));
    let builders = team("Builders", &ada);
    team("Others", &bob);
    let restrict = |team_id: &str| {
        let pools = server.get("/api/workerpools/all");
        let mut pools = pools.as_array().into_iter().flatten();
        let pool = pools.find(|pool| pool["Name"] == "linux");
        let mut pool = pool.expect("it is there").clone();
        pool["TeamIds"] = json!([team_id]);
        let path = format!("/api/workerpools/{}", id(&pool));
        server.ask("PUT", &path, Some(pool))
    };
    restrict("Teams-999").expect(400);
    // Before it is for some, it is for all.
    let script = json!({ "Name": "AdHocScript", "SpaceId": "Spaces-1", "Arguments": { "ScriptBody": "echo once",
        "Syntax": "Bash", "TargetType": "WorkerPools", "WorkerPoolIds": ["linux"] } });
    let asked = server.post("/api/tasks", script.clone());
    fleet.ended(&id(&asked), "Success");
    restrict(&builders).expect(200);
    fleet.web.release("1.0.0");
    let command =
        json!({ "projectName": "Web", "releaseVersion": "1.0.0", "environmentNames": ["Dev"] });
    let create = "/api/Spaces-1/deployments/create/untenanted/v1";
    let rerun = format!("/api/tasks/rerun/{}", id(&asked));
    for (path, body) in [
        (create, command.clone()),
        ("/api/tasks", script.clone()),
        (rerun.as_str(), json!({})),
    ] {
        let refused = server.ask_as(&key(&bob), "POST", path, Some(body.clone()));
        let refused = refused.expect(400).to_string();
        let why = "needs a worker of the pool `linux`, which is for some teams only";
        assert!(refused.contains(why), "{path}: {refused}");
        // The twin: a member's work is done.
        let made = server.ask_as(&key(&ada), "POST", path, Some(body));
        assert!(made.status < 300, "{path}: {:?}", made.body);
    }
    let tasks = server.get("/api/tasks?states=Queued,Executing,Success");
    for task in tasks["Items"].as_array().expect("a list") {
        fleet.ended(&id(task), "Success");
    }
}
