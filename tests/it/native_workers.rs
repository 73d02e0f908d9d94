//! What a worker's own operator decides: processes, their account, and a ceiling that the server can't lift; and a server
//! that runs nobody's code at all.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use seawall::plan::Landlock;
use seawall::worker::process::landlock_of_this_kernel;

use super::api_server::{ApiServer, serve};
use super::deploying::Deploying;
use super::fleet::{Dials, Fleet, on_pool};
use super::native::{ACCOUNT, Base, POLICY, can_run, native, number_after};

/// A step that asks a worker to be a process.
fn native_on_pool(body: &str) -> Value {
    let mut step = on_pool("Run", body);
    step["Actions"][0]["Properties"]["Seawall.Isolation"] = "Process".into();
    step["Actions"][0]["Properties"]["Seawall.Policy"] = "native".into();
    step
}

/// A server whose policy `native` allows processes, and whose built-in worker runs none.
fn fleet(steps: &[Value]) -> Fleet {
    let fleet = Fleet::with(&["--no-builtin-worker"], steps);
    let server = &fleet.web.server;
    server.put("/api/policies/native", json!({ "Text": POLICY }));
    fleet
}

#[test]
fn a_process_on_a_worker_is_the_account_of_that_workers_operator() {
    if !can_run() {
        return;
    }
    let base = Base::new();
    let directory = base.0.to_str().expect("text");
    let fleet = fleet(&[native_on_pool(
        "echo \"I am $(id -un)\"; cat /etc/hostname || echo held",
    )]);
    let native = ["--native-account", ACCOUNT, "--native-directory", directory];
    let _worker = fleet.worker("build-7", Dials::Worker, &native);
    let task = fleet.deploy("1.0.0");
    let log = fleet.ended(&task, "Success");
    assert!(log.contains("I am nobody") && log.contains("held"), "{log}");
}

#[test]
fn where_landlock_is_required_a_process_is_held_or_refused_with_the_reason() {
    if !can_run() {
        return;
    }
    let base = Base::new();
    let directory = base.0.to_str().expect("text");
    let fleet = fleet(&[native_on_pool("cat /etc/hostname || echo held")]);
    let arguments = [
        "--native-require-landlock",
        "--native-account",
        ACCOUNT,
        "--native-directory",
        directory,
    ];
    let _worker = fleet.worker("build-7", Dials::Worker, &arguments);
    let task = fleet.deploy("1.0.0");
    if landlock_of_this_kernel() >= Landlock::Ports {
        println!("NOT RUN: this kernel has Landlock, so that nothing is refused");
        let log = fleet.ended(&task, "Success");
        assert!(log.contains("held"), "{log}");
    } else {
        let log = fleet.ended(&task, "Failed");
        assert!(
            log.contains("may not be a native process: this kernel"),
            "{log}"
        );
    }
    // The same on a server's own worker, which says so before anything runs.
    let local = Base::new();
    let directory = tempfile::tempdir().expect("a directory");
    let mut command = serve(directory.path());
    command.args(["--native-require-landlock", "--native-account", ACCOUNT]);
    command.arg("--native-directory").arg(&local.0);
    command.env("PATH", std::env::var("PATH").unwrap_or_default());
    let step = native("Run", "Bash", "cat /etc/hostname || echo held");
    let own = Deploying::on(directory, ApiServer::spawn(command), &[step]);
    own.server
        .put("/api/policies/native", json!({ "Text": POLICY }));
    own.release("1.0.0");
    if landlock_of_this_kernel() >= Landlock::Ports {
        let task = own.deploy("1.0.0", "Dev");
        own.succeeded(&task);
    } else {
        let create = "/api/Spaces-1/deployments/create/untenanted/v1";
        let command =
            json!({ "projectName": "Web", "releaseVersion": "1.0.0", "environmentNames": ["Dev"] });
        let answer = own.server.ask("POST", create, Some(command));
        let refused = answer.expect(400).to_string();
        assert!(refused.contains("--native-require-landlock"), "{refused}");
    }
}

#[test]
fn a_worker_without_an_account_for_processes_is_given_none() {
    let fleet = fleet(&[native_on_pool("echo \"I am $(id -un)\"")]);
    let _worker = fleet.worker("build-7", Dials::Worker, &[]);
    let task = fleet.deploy("1.0.0");
    let log = fleet.ended(&task, "Failed");
    assert!(log.contains("it runs no native processes"), "{log}");
    assert!(!log.contains("I am"), "{log}");
}

/// How a step under the server's policy ends on a worker with this ceiling.
fn under(ceiling: &str, state: &str) -> String {
    let directory = TempDir::new().expect("a temporary directory can be made");
    let path = directory.path().join("ceiling.toml");
    fs::write(&path, format!("schema = 1\nname = \"operator\"\n{ceiling}")).expect("it is ours");
    let mut step = on_pool("Run", "echo \"it ran in $STAGE\"");
    step["Actions"][0]["Properties"]["Seawall.Policy"] = "native".into();
    let fleet = fleet(&[step]);
    let path = path.to_str().expect("text");
    let _worker = fleet.worker("build-7", Dials::Worker, &["--ceiling", path]);
    let task = fleet.deploy("1.0.0");
    fleet.ended(&task, state)
}

const CEILING: &str = "[[files]]\nmount = \"/\"\nfrom = \"workspace\"\naccess = \"read-write\"\n[variables]\nread = [\"*\"]\n";

#[test]
fn a_workers_ceiling_is_not_lifted_by_what_the_server_grants() {
    let log = under(CEILING, "Failed");
    assert!(
        log.contains("not within the ceiling of this worker") && log.contains("process"),
        "{log}"
    );
    assert!(!log.contains("it ran"), "{log}");
}

#[test]
fn what_a_workers_ceiling_allows_runs_there() {
    let log = under(&format!("{CEILING}[process]\nallow = true\n"), "Success");
    assert!(log.contains("it ran in Dev"), "{log}");
}

/// The parent of a process.
fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let after = stat.rsplit_once(')')?.1;
    after.split_whitespace().nth(1)?.parse().ok()
}

/// Every process that is below `root`.
fn below(root: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("a list").flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_below =
        |pid: &u32| std::iter::successors(parent(*pid), |pid| parent(*pid)).any(|pid| pid == root);
    pids.filter(is_below).collect()
}

/// The address space of a process, in GiB.
fn address_space_gib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmSize:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.expect("a number") >> 20
}

#[test]
fn without_a_built_in_worker_no_code_of_users_is_in_or_under_the_server() {
    if !can_run() {
        return;
    }
    let base = Base::new();
    let directory = base.0.to_str().expect("text");
    let sandboxed = on_pool("Sandboxed", "echo \"sandboxed on a worker\"");
    let native = native_on_pool("echo \"process $$ waits\"; sleep 1000");
    let fleet = fleet(&[sandboxed, native]);
    let native = ["--native-account", ACCOUNT, "--native-directory", directory];
    let worker = fleet.worker("build-7", Dials::Worker, &native);
    let task = fleet.deploy("1.0.0");
    fleet.web.wait_for_text(&task, "waits");
    let log = fleet.web.log(&task);
    assert!(log.contains("sandboxed on a worker"), "{log}");
    let script = number_after(&log, "process ");
    let server = fleet.web.server.pid();
    assert!(
        below(worker.pid()).contains(&script),
        "it is not below the worker"
    );
    assert_eq!(
        below(server),
        Vec::<u32>::new(),
        "something is below the server"
    );
    // No engine was made: its pool alone takes thousands of GiB of address space, as the worker's shows.
    assert!(
        address_space_gib(server) < 1000,
        "{} GiB",
        address_space_gib(server)
    );
    assert!(
        address_space_gib(worker.pid()) > 1000,
        "the worker has no pool"
    );
    let metrics = fleet.web.server.get("/metrics");
    let metrics = metrics.as_str().expect("text");
    assert!(metrics.contains("seawall_sandbox_engines 0\n"), "{metrics}");
    fleet.cancelled(&task);
}
