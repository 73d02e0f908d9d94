//! Claims about a server that is killed: at 200 random instants under load, on one directory.

use std::collections::BTreeSet;
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use serde_json::{Value, json};

use super::api_server::ApiServer;
use super::deploying::{Deploying, script};

const N_KILLS: u64 = 200;

/// The next of a row of numbers that looks random, and is the same in every run.
fn next(state: &mut u64) -> u64 {
    // The multiplier and increment of Knuth's MMIX.
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

fn repeatable(name: &str, body: &str) -> Value {
    let mut step = script(name, "Bash", body);
    step["Actions"][0]["Properties"]["Seawall.Repeatable"] = "True".into();
    step
}

#[test]
fn whenever_the_server_is_killed_nothing_acknowledged_is_lost_and_no_task_is_stuck() {
    let mut web = Deploying::new(&[
        repeatable("One", "echo ran-one; set_octopusvariable Name value-of-one"),
        repeatable(
            "Two",
            "echo \"ran-two after #{Octopus.Action[One].Output.Name}\"",
        ),
    ]);
    web.release("1.0.0");
    for index in 0..8 {
        web.server
            .post("/api/environments", json!({ "Name": format!("E{index}") }));
    }
    web.any_order();
    let mut random = 42;
    let mut acknowledged = BTreeSet::new();
    for kill in 0..N_KILLS {
        let (first, acknowledgement) = mpsc::channel();
        let (_never, silence) = mpsc::channel::<()>();
        let pause = Duration::from_micros(next(&mut random) % 40_000);
        let server = &web.server;
        let made = std::thread::scope(|scope| {
            let clients: Vec<_> = (0..4)
                .map(|client| {
                    let first = first.clone();
                    scope.spawn(move || deploy_until_it_dies(server, client, &first))
                })
                .collect();
            drop(first);
            // Half of the servers are killed while they start, half while they work, however slow the machine is.
            if kill % 2 == 1 {
                acknowledgement.recv().expect("a deployment");
            }
            // The instant of the kill, and nothing that the test waits for.
            silence.recv_timeout(pause).unwrap_err();
            server.signal_kill();
            let made = clients.into_iter().map(|client| client.join());
            made.flat_map(|made| made.expect("clients don't panic"))
                .collect::<Vec<String>>()
        });
        acknowledged.extend(made);
        web.start_again();
    }
    assert!(
        acknowledged.len() as u64 >= N_KILLS / 2,
        "only {} were acknowledged",
        acknowledged.len()
    );
    for task_id in &acknowledged {
        let task = web.wait(task_id);
        let log = web.log(task_id);
        assert_eq!(task["State"], "Success", "{log}");
        let count = |text: &str| log.matches(text).count();
        let n_lost = count("nobody knows how far it came");
        assert!(count("ran-two after value-of-one") >= 1, "{log}");
        let n_runs = count("|   ran-one") + count("|   ran-two");
        assert!(
            n_runs <= 2 + n_lost,
            "a step ran again for no reason: {log}"
        );
    }
    let open = web.server.get("/api/tasks?active=true");
    let unacknowledged = open["Items"].as_array().into_iter().flatten();
    for task in unacknowledged {
        let task_id = task["Id"].as_str().expect("an id");
        assert_eq!(web.wait(task_id)["State"], "Success");
    }
}

/// The tasks whose deployments were acknowledged before the server was gone; `acknowledged` is told of each.
fn deploy_until_it_dies(
    server: &ApiServer,
    client: usize,
    acknowledged: &Sender<()>,
) -> Vec<String> {
    let mut made = Vec::new();
    for index in 0.. {
        let environment = format!("E{}", (client * 2 + index) % 8);
        let command = json!({ "ProjectName": "Web", "ReleaseVersion": "1.0.0", "EnvironmentNames": [environment] });
        let path = "/api/Spaces-1/deployments/create/untenanted/v1";
        let Some(answer) = server.try_ask("POST", path, &command) else {
            break;
        };
        if answer.status == 201 {
            let id = answer.body["DeploymentServerTasks"][0]["ServerTaskId"].as_str();
            made.extend(id.map(str::to_owned));
            // Only the first is waited for.
            acknowledged.send(()).ok();
        }
    }
    made
}
