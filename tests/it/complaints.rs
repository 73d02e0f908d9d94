//! What users of Octopus Deploy complain of about workers (its public tracker's numbers stand with each), and that it
//! isn't so here. What other files claim already isn't repeated: cancelling (#7557) and full workers are in
//! [`external`](super::external), lost workers in [`link_survives`](super::link_survives), masking in
//! [`secrets`](super::secrets).

use serde_json::{Value, json};

use super::deploying::script;
use super::fleet::{Dials, Fleet, on_pool};

const FOREVER: &str = "echo began; while true; do sleep 0.05; done";

fn running(fleet: &Fleet, worker_id: &str) -> Value {
    let path = format!("/api/workers/{worker_id}/connection");
    fleet.web.server.get(&path)["RunningAttempts"].clone()
}

/// #4784, #4990: the built-in worker and what it may do are seen in its pool, over the API.
#[test]
fn the_built_in_worker_is_listed_in_the_default_pool_with_its_configuration() {
    let fleet = Fleet::new(&[]);
    let server = &fleet.web.server;
    let pools = server.get("/api/workerpools/all");
    let pools = pools.as_array().expect("a list").clone();
    let default = pools
        .iter()
        .find(|pool| pool["IsDefault"] == true)
        .expect("one is");
    let path = format!(
        "/api/workerpools/{}/workers",
        default["Id"].as_str().expect("an id")
    );
    let workers = server.get(&path);
    let own = &workers["Items"][0];
    assert_eq!(own["IsInProcess"], true, "{workers:#}");
    assert!(
        !own["StatusSummary"].as_str().unwrap_or_default().is_empty(),
        "{own:#}"
    );
    let path = format!("/api/workers/{}", own["Id"].as_str().expect("an id"));
    assert!(
        server.ask("DELETE", &path, None).status >= 400,
        "it is nobody's to remove"
    );
}

/// #4785: a script can be run on a worker without a project.
#[test]
fn the_script_console_reaches_the_workers_of_a_pool() {
    let fleet = Fleet::new(&[]);
    let _worker = fleet.worker("build-7", Dials::Worker, &[]);
    let arguments = |pools: Value| {
        json!({ "Name": "AdHocScript", "SpaceId": "Spaces-1", "Arguments": {
            "Syntax": "Bash", "ScriptBody": "echo console", "TargetType": "WorkerPools", "WorkerPoolIds": pools } })
    };
    let task = fleet
        .web
        .server
        .post("/api/tasks", arguments(json!(["linux"])));
    let log = fleet.ended(task["Id"].as_str().expect("an id"), "Success");
    for text in ["Runs on the worker build-7", "console"] {
        assert!(log.contains(text), "{log}");
    }
    for wrong in [
        json!([]),
        json!(["linux", "Default Worker Pool"]),
        json!(["nowhere"]),
    ] {
        let answer = fleet
            .web
            .server
            .ask("POST", "/api/tasks", Some(arguments(wrong)));
        assert_eq!(answer.status, 400, "{:#}", answer.body);
    }
}

/// #6218: that a worker in the default pool takes the built-in worker's place is said when it happens.
#[test]
fn a_worker_that_takes_the_built_in_workers_place_is_an_event_that_says_so() {
    let fleet = Fleet::new(&[script("Build", "Bash", "echo built")]);
    let _other = fleet.worker("elsewhere", Dials::Worker, &[]);
    let says_so = |event: &String| event.contains("the built-in worker serves it no longer");
    assert!(!fleet.events("BuiltInWorkerReplaced").iter().any(says_so));
    let worker = fleet.enrolled("build-7", Dials::Worker, &["Default Worker Pool"], &[]);
    fleet.wait_for(&worker, "Online");
    assert!(
        fleet.events("BuiltInWorkerReplaced").iter().any(says_so),
        "{:?}",
        fleet.events("BuiltInWorkerReplaced")
    );
}

/// #5634, #6245, #9692, #9703: a place on a worker is free again after a failure, a cancel and a crash of either side.
#[test]
fn a_place_on_a_worker_is_free_however_its_attempt_ends() {
    let body = "echo began; test \"$(get_octopusvariable Mode)\" = fail && exit 3; while true; do sleep 0.05; done";
    let mut fleet = Fleet::with(&["--worker-lease", "2"], &[on_pool("Build", body)]);
    let policy = "schema = 1\nname = \"default\"\n[variables]\nread = [\"Mode\"]\n";
    fleet
        .web
        .server
        .put("/api/policies/default", json!({ "Text": policy }));
    fleet.web.set_variables(&[("Mode", "fail", json!({}))]);
    let mut worker = fleet.worker("build-7", Dials::Worker, &["--concurrency", "1"]);
    fleet.ended(&fleet.deploy("1.0.0"), "Failed");
    fleet.web.until(|| running(&fleet, &worker.id) == 0); // after a failure
    fleet.web.set_variables(&[("Mode", "stay", json!({}))]);
    let task = fleet.deploy("2.0.0");
    fleet.web.wait_for_text(&task, "began");
    assert_eq!(running(&fleet, &worker.id), 1);
    fleet.restart();
    fleet.wait_for(&worker, "Online");
    fleet.web.until(|| running(&fleet, &worker.id) == 1);
    fleet.cancelled(&task);
    fleet.web.until(|| running(&fleet, &worker.id) == 0); // after a restart of the server and a cancel
    let task = fleet.web.deploy("2.0.0", "Dev");
    fleet.web.wait_for_text(&task, "began");
    worker.kill();
    fleet.web.question(&task);
    fleet.web.until(|| running(&fleet, &worker.id) == 0); // after a crash of the worker
}

/// #9470: exclusive steps wait for each other.
#[test]
fn an_exclusive_step_waits_for_a_worker_to_itself_and_says_for_what() {
    let mut step = on_pool("Build", FOREVER);
    step["Actions"][0]["Properties"]["Seawall.Worker.Exclusive"] = "True".into();
    let fleet = Fleet::new(&[step]);
    fleet.web.any_order();
    let _worker = fleet.worker("build-7", Dials::Worker, &[]);
    let first = fleet.deploy("1.0.0");
    fleet.web.wait_for_text(&first, "began");
    let second = fleet.web.deploy("1.0.0", "Prod");
    fleet
        .web
        .wait_for_text(&second, &format!("build-7: {first} has it to itself"));
    fleet.cancelled(&first);
    fleet.web.wait_for_text(&second, "began");
    fleet.cancelled(&second);
}

/// #8004, #8218: steps that run at the same time are spread, and how far one package stays on one worker is a choice.
#[test]
fn parallel_steps_are_spread_over_the_workers() {
    let steps = ["A", "B", "C"].map(|name| {
        let mut step = on_pool(name, FOREVER);
        step["StartTrigger"] = "StartWithPrevious".into();
        step
    });
    let fleet = Fleet::new(&steps);
    let workers = ["one", "two", "three"].map(|name| fleet.worker(name, Dials::Worker, &[]));
    let task = fleet.deploy("1.0.0");
    fleet.web.until(|| {
        workers
            .iter()
            .all(|worker| running(&fleet, &worker.id) == 1)
    });
    fleet.cancelled(&task);
}

/// #9650: a timeout of a day and more is one.
#[test]
fn a_timeout_of_more_than_a_day_is_accepted_and_hangs_nothing() {
    let mut step = on_pool("Build", "echo built");
    step["Actions"][0]["Properties"]["Octopus.Action.ExecutionTimeout.Minutes"] = "2880".into();
    let fleet = Fleet::new(&[step]);
    let _worker = fleet.worker("build-7", Dials::Worker, &[]);
    fleet.ended(&fleet.deploy("1.0.0"), "Success");
}

/// #8563, #8581, #4965: how a worker is can be asked while it is full.
#[test]
fn a_health_check_waits_for_no_script() {
    let fleet = Fleet::new(&[on_pool("Build", FOREVER)]);
    let worker = fleet.worker("build-7", Dials::Worker, &["--concurrency", "1"]);
    let task = fleet.deploy("1.0.0");
    fleet.web.wait_for_text(&task, "began");
    let path = format!("/api/workers/{}/check", worker.id);
    let answer = fleet
        .web
        .server
        .ask("POST", &path, Some(json!({})))
        .expect(200);
    assert_eq!(answer["HealthStatus"], "Healthy", "{answer:#}");
    fleet.cancelled(&task);
}

/// 3.6: what one step leaves on a worker, no other finds.
#[test]
fn steps_that_run_at_once_on_one_worker_see_nothing_of_each_other() {
    let write = "echo mine > /work/file; echo wrote; while true; do sleep 0.05; done";
    let mut read = on_pool(
        "Read",
        "sleep 0.3; ls /work; cat /work/file 2>/dev/null || echo nothing; exit 1",
    );
    read["StartTrigger"] = "StartWithPrevious".into();
    let fleet = Fleet::new(&[on_pool("Write", write), read]);
    let _worker = fleet.worker("build-7", Dials::Worker, &[]);
    let task = fleet.deploy("1.0.0");
    fleet.web.wait_for_text(&task, "wrote");
    fleet.web.wait_for_text(&task, "nothing");
    fleet.cancelled(&task);
}

/// #6676, #7295: output is seen while a step runs, and its last line isn't lost.
#[test]
fn output_is_live_and_complete_to_the_last_byte() {
    let body = "echo first; sleep 0.5; echo second; for i in $(seq 1 2000); do echo \"row $i\"; done; printf 'the end'";
    let fleet = Fleet::new(&[on_pool("Build", body)]);
    let _worker = fleet.worker("build-7", Dials::Worker, &[]);
    let task = fleet.deploy("1.0.0");
    let answer = fleet.web.follow(&task, |answer| {
        answer["Items"].to_string().contains("first")
    });
    assert!(
        !answer["Items"].to_string().contains("second"),
        "it came only with the rest"
    );
    let log = fleet.ended(&task, "Success");
    assert!(log.contains("row 2000") && log.contains("the end"), "{log}");
}
