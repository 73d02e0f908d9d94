//! Attempts on external workers survive what happens to connections, servers and workers: output arrives once and in
//! order, and nothing runs twice unless its step says that it may.
//!
//! The network is a [`Proxy`](super::cutting::Proxy) that breaks on purpose. How often a script really ran is counted
//! by a web server that it calls.

use serde_json::{Value, json};
use std::time::Duration;

use super::api_packages::{push, zip};
use super::cutting::Way;
use super::fleet::{Dials, Fleet, WorkerProcess, on_pool};
use super::server::{Response, Server};

const PACKAGE: &str =
    "[[files]]\nmount = \"/pkg\"\nfrom = \"package:acme.web\"\naccess = \"read\"\n";

/// A project with one step, a worker for it, and a server that counts how often the step ran.
struct Counted {
    fleet: Fleet,
    worker: WorkerProcess,
    counter: Server,
}

/// `count` lines, with a moment between them.
fn lines(count: u32) -> String {
    format!("for i in $(seq 1 {count}); do echo \"line $i\"; sleep 0.01; done\n")
}

impl Counted {
    fn new(dials: Dials, body: &str) -> Self {
        Self::with(dials, body, &[], |_| {})
    }

    fn with(
        dials: Dials,
        body: &str,
        server_arguments: &[&str],
        change: impl Fn(&mut Value),
    ) -> Self {
        let counter = Server::http(|_| Response::ok("counted"));
        let body = format!("curl -fsS {} > /dev/null\n{body}", counter.url("/ran"));
        let mut step = on_pool("Build", &body);
        step["Actions"][0]["Properties"]["Seawall.Policy"] = "counted".into();
        change(&mut step["Actions"][0]);
        let has_package = !step["Actions"][0]["Packages"].is_null();
        let fleet = Fleet::with(server_arguments, &[step]);
        let policy = format!(
            "schema = 1\nname = \"counted\"\n{}{}",
            counter.all(),
            if has_package { PACKAGE } else { "" }
        );
        let path = "/api/policies/counted";
        fleet.web.server.put(path, json!({ "Text": policy }));
        let worker = fleet.worker("build-7", dials, &[]);
        Self {
            fleet,
            worker,
            counter,
        }
    }

    /// What can be cut.
    fn proxy(&self) -> &super::cutting::Proxy {
        self.worker.proxy.as_ref().unwrap_or(&self.fleet.proxy)
    }

    /// The way from the server to the worker.
    fn to_worker(&self) -> Way {
        match self.worker.proxy {
            Some(_) => Way::FromDialler,
            None => Way::ToDialler,
        }
    }

    fn to_server(&self) -> Way {
        match self.to_worker() {
            Way::FromDialler => Way::ToDialler,
            Way::ToDialler => Way::FromDialler,
        }
    }

    /// The task succeeded, every line is there once and in order, and the script ran once.
    #[track_caller]
    fn expect_once(&self, task: &str, n_lines: u32) {
        let log = self.fleet.ended(task, "Success");
        let numbers: Vec<u32> = log
            .lines()
            .filter_map(|line| line.rsplit_once("line ")?.1.trim().parse().ok())
            .collect();
        let expected: Vec<u32> = (1..=n_lines).collect();
        assert_eq!(numbers, expected, "{log}");
        assert_eq!(self.counter.seen().len(), 1, "how often it ran");
    }

    /// Waits until the worker has nothing to say any more.
    fn wait_for_empty_spool(&self) {
        let spool = self.worker.directory.path().join("spool");
        self.fleet
            .web
            .until(|| std::fs::read_dir(&spool).is_ok_and(|mut files| files.next().is_none()));
    }
}

#[test]
fn cut_before_the_attempt_is_accepted_it_is_handed_over_again() {
    for dials in [Dials::Worker, Dials::Server] {
        // Long enough to be cut in its middle.
        let body = format!("{}\n# {}\n", lines(20), "x".repeat(600_000));
        let counted = Counted::new(dials, &body);
        counted.proxy().cut_after(counted.to_worker(), 200_000);
        let before = counted.proxy().n_connections();
        let task = counted.fleet.deploy("1.0.0");
        counted.expect_once(&task, 20);
        assert!(counted.proxy().n_connections() > before, "it was cut");
        counted.wait_for_empty_spool();
    }
}

#[test]
fn cut_while_it_runs_the_output_goes_on_where_it_was() {
    for dials in [Dials::Worker, Dials::Server] {
        let counted = Counted::new(dials, &lines(300));
        let task = counted.fleet.deploy("1.0.0");
        for number in [20, 90, 180] {
            let text = format!("line {number}");
            counted.fleet.web.wait_for_text(&task, &text);
            counted.proxy().cut();
        }
        counted.expect_once(&task, 300);
    }
}

#[test]
fn cut_between_output_and_finish_the_end_arrives_later() {
    let counted = Counted::new(Dials::Worker, &format!("{}sleep 0.3\n", lines(30)));
    let task = counted.fleet.deploy("1.0.0");
    counted.fleet.web.wait_for_text(&task, "line 30");
    counted.proxy().refuse(true);
    counted.proxy().cut();
    let is_over = || counted.worker.log().contains("is over");
    counted.fleet.web.until(is_over);
    counted.proxy().refuse(false);
    counted.expect_once(&task, 30);
    counted.wait_for_empty_spool();
}

#[test]
fn cut_after_the_finish_and_before_the_acknowledgement_nothing_is_doubled_and_nothing_stays() {
    let counted = Counted::new(Dials::Worker, &lines(50));
    let task = counted.fleet.deploy("1.0.0");
    counted.fleet.web.wait_for_text(&task, "line 10");
    // The worker is heard, and hears nothing.
    counted.proxy().hold(counted.to_worker());
    counted.expect_once(&task, 50);
    counted.proxy().cut();
    counted.proxy().release(counted.to_worker());
    counted.wait_for_empty_spool();
    assert_eq!(counted.counter.seen().len(), 1);
}

#[test]
fn a_package_that_is_cut_on_its_way_goes_on_where_it_was_and_travels_once() {
    let body = format!("cat /pkg/large | wc -c\n{}", lines(3));
    let counted = Counted::with(Dials::Worker, &body, &[], |action| {
        action["Packages"] =
            json!([{ "Name": "", "PackageId": "acme.web", "FeedId": "feeds-builtin" }]);
    });
    // What doesn't compress, and isn't random either.
    let mut bytes = Vec::with_capacity(24 << 20);
    let mut state = 1_u64;
    while bytes.len() < 24 << 20 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        bytes.extend(state.to_be_bytes());
    }
    let package = zip(&[("large", &bytes)]);
    let server = &counted.fleet.web.server;
    push(server, "acme.web.1.0.0.zip", "FailIfExists", &package).expect(201);
    let way = counted.to_worker();
    let before = counted.proxy().n_bytes(way);
    counted.proxy().cut_after(way, 10 << 20);
    let task = counted.fleet.deploy("1.0.0");
    counted.expect_once(&task, 3);
    let travelled = counted.proxy().n_bytes(way) - before;
    assert!(travelled < 36 << 20, "{travelled} bytes for 24 MiB");
    // The second time it is there.
    let before = counted.proxy().n_bytes(way);
    let task = counted.fleet.web.deploy("1.0.0", "Dev");
    counted.fleet.ended(&task, "Success");
    let travelled = counted.proxy().n_bytes(way) - before;
    assert!(travelled < 1 << 20, "{travelled} bytes for nothing");
}

#[test]
fn a_network_that_garbles_and_is_slow_costs_time_only() {
    let counted = Counted::new(Dials::Worker, &lines(200));
    counted.proxy().delay(Duration::from_millis(5));
    let task = counted.fleet.deploy("1.0.0");
    counted.fleet.web.wait_for_text(&task, "line 20");
    counted.proxy().repeat_next(counted.to_server());
    counted.fleet.web.wait_for_text(&task, "line 100");
    counted.proxy().repeat_next(counted.to_worker());
    counted.expect_once(&task, 200);
    assert!(counted.proxy().n_connections() > 1, "it noticed");
}

#[test]
fn a_server_that_is_killed_finds_the_attempt_where_it_is_now() {
    for dials in [Dials::Worker, Dials::Server] {
        let mut counted = Counted::new(dials, &lines(300));
        let task = counted.fleet.deploy("1.0.0");
        for number in [40, 150] {
            let text = format!("line {number}");
            counted.fleet.web.wait_for_text(&task, &text);
            counted.fleet.restart();
        }
        counted.expect_once(&task, 300);
        counted.wait_for_empty_spool();
    }
}

#[test]
fn what_ended_while_the_server_was_away_is_told_when_it_is_back() {
    let mut counted = Counted::new(Dials::Worker, &lines(100));
    let task = counted.fleet.deploy("1.0.0");
    counted.fleet.web.wait_for_text(&task, "line 10");
    let key = counted.fleet.web.server.key.take();
    counted.fleet.web.server.signal_kill();
    counted.fleet.web.server.wait();
    let start = std::time::Instant::now();
    while !counted.worker.log().contains("is over") {
        assert!(start.elapsed() < Duration::from_secs(30), "it went on");
        std::thread::yield_now();
    }
    counted.fleet.start(key);
    counted.expect_once(&task, 100);
}

/// Kills the worker in the middle of a step that is a server's to lose after two seconds.
fn lost(change: impl Fn(&mut Value)) -> (Counted, String) {
    let arguments = ["--worker-lease", "2"];
    let mut counted = Counted::with(Dials::Worker, &lines(200), &arguments, change);
    let task = counted.fleet.deploy("1.0.0");
    counted.fleet.web.wait_for_text(&task, "line 20");
    counted.worker.kill();
    (counted, task)
}

#[test]
fn a_step_whose_worker_was_killed_is_lost_and_a_person_is_asked() {
    let (mut counted, task) = lost(|_| {});
    let question = counted.fleet.web.question(&task);
    let log = counted.fleet.web.log(&task);
    assert!(log.contains("has lost this step"), "{log}");
    assert_eq!(
        counted.counter.seen().len(),
        1,
        "it isn't run again by itself"
    );
    counted.worker.start();
    counted.fleet.wait_for(&counted.worker, "Online");
    // What the killed one left is nobody's any more.
    counted.wait_for_empty_spool();
    let id = question["Id"].as_str().expect("an id");
    let path = format!("/api/interruptions/{id}/submit");
    let answer = json!({ "Guidance": "Retry" });
    counted
        .fleet
        .web
        .server
        .ask("POST", &path, Some(answer))
        .expect(200);
    counted.fleet.ended(&task, "Success");
    assert_eq!(counted.counter.seen().len(), 2);
}

#[test]
fn a_lost_step_that_may_be_repeated_runs_again_on_another_worker() {
    let (counted, task) = lost(|action| {
        action["Properties"]["Seawall.Repeatable"] = "True".into();
    });
    let _other = counted.fleet.worker("other", Dials::Worker, &[]);
    let log = counted.fleet.ended(&task, "Success");
    assert!(log.contains("Runs on the worker other"), "{log}");
    assert_eq!(counted.counter.seen().len(), 2);
}

#[test]
fn a_worker_that_was_started_again_knows_that_it_lost_its_attempt() {
    let mut counted = Counted::new(Dials::Worker, &lines(200));
    let task = counted.fleet.deploy("1.0.0");
    counted.fleet.web.wait_for_text(&task, "line 20");
    counted.worker.kill();
    counted.worker.start();
    counted.fleet.web.question(&task);
    let log = counted.fleet.web.log(&task);
    assert!(
        log.contains("The worker lost this step: the worker ended while it ran"),
        "{log}"
    );
    // What it had said before isn't lost.
    assert!(log.contains("line 20"), "{log}");
    assert_eq!(counted.counter.seen().len(), 1);
}

#[test]
fn a_cancelled_step_stops_although_the_connection_was_away() {
    let counted = Counted::new(Dials::Worker, &lines(100_000));
    let task = counted.fleet.deploy("1.0.0");
    counted.fleet.web.wait_for_text(&task, "line 20");
    counted.proxy().refuse(true);
    counted.proxy().cut();
    counted.fleet.web.cancel(&task);
    counted.proxy().refuse(false);
    counted.fleet.ended(&task, "Canceled");
    counted.wait_for_empty_spool();
}
