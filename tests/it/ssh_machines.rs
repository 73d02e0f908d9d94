//! What a machine with sshd has and has not: interpreters, the directories of a policy's mounts, and what becomes of a
//! script when nobody is there any more who started it.

use std::time::{Duration, Instant};

use serde_json::json;

use super::api_packages::{push, zip};
use super::deploying::Deploying;
use super::ssh::{deploy, deploying, expect_nothing_left, step};
use super::sshd::{Sshd, is_installed};

/// Waits until the machine was looked at.
fn checked(deploying: &Deploying) -> String {
    let found = || {
        let all = deploying.server.get("/api/workers/all");
        let own = all.as_array().into_iter().flatten();
        own.filter(|one| one["Name"] == "far-1")
            .map(|one| one.to_string())
            .collect::<String>()
    };
    deploying.until(|| found().contains("It offers"));
    found()
}

#[test]
fn javascript_runs_where_node_is_with_variables_helpers_and_an_empty_input() {
    let Some(sshd) = Sshd::start() else { return };
    if !is_installed("node") {
        return println!("NOT RUN: node is not installed");
    }
    let body = "import fs from 'node:fs';
console.log('port', JSON.stringify(get_octopusvariable('web.port')), process.argv.slice(2), fs.readFileSync(0, 'utf8').length);
console.log('other', get_octopusvariable('Other'), process.env.STAGE, 'token', get_octopusvariable('Token'));
setOctopusVariable('Made', 'x y');
const files = fs.readdirSync('../script').filter((name) => fs.statSync('../script/' + name).isFile());
console.log('secrets on the disk', files.filter((name) => fs.readFileSync('../script/' + name, 'utf8').includes('hunter' + '2-')).length);
fs.writeFileSync('report.txt', 'report'); createArtifact('report.txt');
process.exitCode = 4;";
    let mut first = step("Node", "JavaScript", body);
    first["Actions"][0]["Properties"]["Octopus.Action.Script.ScriptParameters"] = "'a b' c".into();
    let deploying = deploying(&sshd, &[first]);
    assert!(checked(&deploying).contains("JavaScript"));
    let (ended, log) = deploy(&deploying);
    assert_eq!(ended["State"], "Failed", "{log}");
    for line in [
        "port \"80'80\\n#1\" [ 'a b', 'c' ] 0",
        "other undefined Dev token ****",
        "secrets on the disk 0",
        "exit code 4",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
    let artifacts = deploying.server.get("/api/artifacts").to_string();
    assert!(artifacts.contains("report.txt"), "{artifacts}");
    expect_nothing_left(&deploying, &sshd);
}

#[test]
fn powershell_runs_where_pwsh_is_and_a_machine_without_it_is_not_chosen() {
    let Some(sshd) = Sshd::start() else { return };
    let body = "Write-Host \"port $($OctopusParameters['Web.Port'].Length) $($args -join '|')\"";
    let deploying = deploying(&sshd, &[step("Say", "PowerShell", body)]);
    let said = checked(&deploying);
    let (ended, log) = deploy(&deploying);
    if is_installed("pwsh") {
        assert!(said.contains("PowerShell"), "{said}");
        assert_eq!(ended["State"], "Success", "{log}");
        assert!(log.contains("port 8"), "{log}");
    } else {
        println!("NOT RUN: pwsh is not installed, so that only the refusal is seen");
        assert_eq!(ended["State"], "Failed", "{log}");
        assert!(log.contains("far-1: it has no pwsh"), "{log}");
    }
    expect_nothing_left(&deploying, &sshd);
}

#[test]
fn the_mounts_of_a_policy_are_directories_there_with_the_names_that_they_have_here() {
    let Some(sshd) = Sshd::start() else { return };
    let body = "echo \"work is here $([ \"$SEAWALL_MOUNT_WORK\" = \"$PWD\" ] && echo yes)\"
echo \"page $(cat \"$SEAWALL_MOUNT_PKG_WEB/index.html\")\"
echo \"host $SEAWALL_MOUNT_SRV\"
echo made >\"$SEAWALL_MOUNT_OUT/made.txt\"; new_octopusartifact \"$SEAWALL_MOUNT_OUT/made.txt\"";
    let mut say = step("Say", "Bash", body);
    say["Actions"][0]["Properties"]["Seawall.Policy"] = "mounting".into();
    say["Actions"][0]["Packages"] =
        json!([{ "Name": "web", "PackageId": "acme.web", "FeedId": "feeds-builtin" }]);
    let deploying = deploying(&sshd, &[]);
    let mount = |mount: &str, from: &str, access: &str| {
        format!("[[files]]\nmount = \"{mount}\"\nfrom = \"{from}\"\naccess = \"{access}\"\n")
    };
    let text = [
        "schema = 1\nname = \"mounting\"\n[process]\nallow = true\n".to_owned(),
        mount("/work", "workspace", "read-write"),
        mount("/out", "artifacts", "read-write"),
        mount("/pkg/web", "package:acme.web", "read"),
        mount("/srv", "host:/srv/site", "read"),
    ]
    .concat();
    let path = "/api/policies/mounting";
    deploying.server.put(path, json!({ "Text": text }));
    let bytes = zip(&[("index.html", b"one")]);
    let pushed = push(
        &deploying.server,
        "acme.web.1.0.0.zip",
        "FailIfExists",
        &bytes,
    );
    pushed.expect(201);
    deploying.set_steps(&[say]);
    let (ended, log) = deploy(&deploying);
    assert_eq!(ended["State"], "Success", "{log}");
    for line in ["work is here yes", "page one", "host /srv/site"] {
        assert!(log.contains(line), "{line}: {log}");
    }
    let artifacts = deploying.server.get("/api/artifacts").to_string();
    assert!(artifacts.contains("made.txt"), "{artifacts}");
    expect_nothing_left(&deploying, &sshd);
}

#[test]
fn what_a_script_left_in_a_session_of_its_own_ends_with_the_step() {
    let Some(sshd) = Sshd::start() else { return };
    let sleep = format!("sleep 98765{}", sshd.port);
    let body = format!("setsid {sleep} >/dev/null 2>&1 &\nsleep 0.2; echo over");
    let deploying = deploying(&sshd, &[step("Leaves", "Bash", &body)]);
    let (ended, log) = deploy(&deploying);
    assert_eq!(ended["State"], "Success", "{log}");
    expect_nothing_left(&deploying, &sshd);
}

#[test]
fn a_machine_that_nobody_reaches_any_more_ends_the_script_itself() {
    let Some(mut sshd) = Sshd::start() else {
        return;
    };
    let sleep = format!("sleep 98765{}", sshd.port);
    let body = format!("setsid {sleep} >/dev/null 2>&1 &\n{sleep} &\necho running; {sleep}");
    let deploying = deploying(&sshd, &[step("Long", "Bash", &body)]);
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    deploying.wait_for_text(&task, "running");
    sshd.end();
    deploying.question(&task);
    // The server can't: it finds nobody who lets it in.
    expect_nothing_left(&deploying, &sshd);
}

/// Tells the server to end while a step runs, and starts it again once it has; how long it took.
fn told_to_end(mut deploying: Deploying) -> (Deploying, Duration) {
    deploying.server.signal(rustix::process::Signal::TERM);
    let start = Instant::now();
    deploying.server.wait();
    let took = start.elapsed();
    deploying.start_again();
    (deploying, took)
}

#[test]
fn a_server_that_is_told_to_end_lets_a_step_over_ssh_finish_and_goes_on_after_its_start() {
    let Some(sshd) = Sshd::start() else { return };
    let count = sshd.home().join("count");
    let first = format!(
        "echo once >>{0}; echo running; sleep 3; echo finished",
        count.display()
    );
    let steps = [
        step("First", "Bash", &first),
        step("Second", "Bash", "echo second"),
    ];
    let deploying = deploying(&sshd, &steps);
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    deploying.wait_for_text(&task, "running");
    let (deploying, took) = told_to_end(deploying);
    assert!(
        took < Duration::from_secs(15),
        "it waited for nothing: {took:?}"
    );
    let ended = deploying.wait(&task);
    let log = deploying.log(&task);
    assert_eq!(ended["State"], "Success", "{log}");
    assert!(log.contains("finished") && log.contains("second"), "{log}");
    let count = std::fs::read_to_string(count).expect("it ran");
    assert_eq!(count, "once\n");
    expect_nothing_left(&deploying, &sshd);
}

#[test]
fn a_step_over_ssh_that_goes_on_for_too_long_is_lost_when_the_server_ends_and_leaves_nothing() {
    let Some(sshd) = Sshd::start() else { return };
    let body = format!("trap '' TERM; echo running; sleep 98765{}", sshd.port);
    let deploying = deploying(&sshd, &[step("Long", "Bash", &body)]);
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    deploying.wait_for_text(&task, "running");
    let (deploying, _) = told_to_end(deploying);
    deploying.question(&task);
    expect_nothing_left(&deploying, &sshd);
}
