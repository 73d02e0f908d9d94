//! What holds a native process: every probe of `guest/probe/native.toml`, the policy's directories, and an end that
//! leaves nothing behind.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::api_packages::{push, zip};
use super::cli::{PROGRAM, home, script};
use super::native::{ACCOUNT, Base, can_run, deploy, is_alive, native, number_after, server};

#[test]
fn every_probe_is_held_as_the_table_claims_and_succeeds_once_granted() {
    if !can_run() {
        return;
    }
    let base = Base::new();
    let output = Command::new(PROGRAM)
        .env_clear()
        .env("SEAWALL_HOME", home())
        .env("PATH", std::env::var("PATH").unwrap_or_default())
        .env("PROBE_SERVER_ENV", "env-value-471147")
        .args(["doctor", "--json", "--only", "native-"])
        .args(["--native-account", ACCOUNT, "--native-directory"])
        .arg(&base.0)
        .output()
        .expect("the program was built");
    let text = String::from_utf8_lossy(&output.stdout);
    let rows: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("one JSON object per line"))
        .collect();
    assert!(rows.len() >= 45, "only {} probes: {output:?}", rows.len());
    let is_bad = |row: &&Value| {
        (row["claimed"] == true && row["contained"] != true)
            || row
                .get("twin")
                .is_some_and(|twin| twin["succeeded"] != true)
    };
    let bad: Vec<&Value> = rows.iter().filter(is_bad).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    let unclaimed = rows.iter().filter(|row| row["claimed"] != true);
    for row in unclaimed {
        println!("not claimed: {}: {}", row["id"], row["how"]);
    }
    assert!(output.status.success(), "{output:?}");
    // The list of what is open is what plans say: these, and no more where the kernel has everything.
    let reachable = rows.iter().filter(|row| row["held_by"] == "nothing");
    let ids: Vec<&str> = reachable.filter_map(|row| row["id"].as_str()).collect();
    let open = [
        "native-server-command-line",
        "native-other-host",
        "native-udp",
        "native-disk",
        "native-files",
    ];
    assert_eq!(ids, open);
}

/// A package with a script, and a page.
fn package(deploying: &super::deploying::Deploying) {
    let script = b"echo \"from the package: $(cat \"$SEAWALL_MOUNT_PKG/index.html\")\"";
    let package = zip(&[("index.html", b"page 1"), ("run.sh", script)]);
    push(
        &deploying.server,
        "acme.web.1.0.0.zip",
        "FailIfExists",
        &package,
    )
    .expect(201);
}

fn using_package(mut step: Value) -> Value {
    step["Actions"][0]["Packages"] =
        json!([{ "Name": "", "PackageId": "acme.web", "FeedId": "feeds-builtin" }]);
    step
}

#[test]
fn packages_artifacts_and_host_directories_are_where_their_variables_say() {
    let shared = TempDir::new().expect("a temporary directory can be made");
    let everybody = std::fs::Permissions::from_mode(0o777);
    std::fs::set_permissions(shared.path(), everybody).expect("it is ours");
    std::fs::write(shared.path().join("settings"), "from the host").expect("it is ours");
    let body = r#"
cat "$SEAWALL_MOUNT_PKG/index.html"; echo
cat "$(get_octopusvariable 'Octopus.Action.Package[acme.web].ExtractedPath')/index.html"; echo
(echo x >> "$SEAWALL_MOUNT_PKG/index.html") 2>/dev/null || echo "the package is for reading"
cat "$SEAWALL_MOUNT_CONFIG/settings"; echo
(echo x > "$SEAWALL_MOUNT_CONFIG/new") 2>/dev/null || echo "the directory is for reading"
[ "$SEAWALL_MOUNT_WORK" = "$PWD" ] && echo "the workspace is here"
echo kept > "$SEAWALL_MOUNT_OUT/kept.txt"; new_octopusartifact "$SEAWALL_MOUNT_OUT/kept.txt"
"#;
    let more = format!(
        "[[files]]\nmount = \"/pkg\"\nfrom = \"package:acme.web\"\naccess = \"read\"\n[[files]]\nmount = \"/out\"\nfrom = \"artifacts\"\naccess = \"read-write\"\n[[files]]\nmount = \"/config\"\nfrom = \"host:{}\"\naccess = \"read\"\n",
        shared.path().display()
    );
    let Some((_base, deploying)) = server(&[], &more) else {
        return;
    };
    package(&deploying);
    deploying.set_steps(&[using_package(native("Use", "Bash", body))]);
    let (ended, log) = deploy(&deploying);
    assert_eq!(ended["State"], "Success", "{log}");
    for line in [
        "the package is for reading",
        "from the host",
        "the directory is for reading",
        "the workspace is here",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
    assert_eq!(log.matches("page 1").count(), 2, "{log}");
    let artifacts = deploying.server.get("/api/artifacts");
    assert_eq!(
        artifacts["Items"][0]["Filename"], "kept.txt",
        "{artifacts:#}"
    );
}

#[test]
fn a_script_of_a_package_can_be_a_process() {
    let more = "[[files]]\nmount = \"/pkg\"\nfrom = \"package:acme.web\"\naccess = \"read\"\n";
    let Some((_base, deploying)) = server(&[], more) else {
        return;
    };
    package(&deploying);
    let mut step = using_package(native("Run", "Bash", ""));
    let properties = &mut step["Actions"][0]["Properties"];
    properties["Octopus.Action.Script.ScriptSource"] = "Package".into();
    properties["Octopus.Action.Script.ScriptFileName"] = "run.sh".into();
    deploying.set_steps(&[step]);
    let (ended, log) = deploy(&deploying);
    assert_eq!(ended["State"], "Success", "{log}");
    assert!(log.contains("from the package: page 1"), "{log}");
}

#[test]
fn the_receipt_says_what_held_it_and_what_it_computed() {
    let body =
        "python3 -c 'for i in range(3000000): pass'; python3 -c 'for i in range(3000000): pass'";
    let Some((_base, deploying)) = server(&[native("Compute", "Bash", body)], "") else {
        return;
    };
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    let ended = deploying.wait(&task);
    assert_eq!(ended["State"], "Success", "{}", deploying.log(&task));
    let receipt = deploying.server.get(&format!("/api/tasks/{task}/receipt"));
    let step = find(&receipt, "process").unwrap_or_else(|| panic!("{receipt:#}"));
    assert_eq!(step["process"]["account"], ACCOUNT, "{receipt:#}");
    assert_ne!(step["process"]["landlock"], "unknown", "{receipt:#}");
    // Children's, too: bash itself has nothing to do.
    let seconds = step["consumed"]["cpu-time"].as_f64().expect("a number");
    assert!(seconds > 0.05, "{receipt:#}");
}

/// The nearest object that has a key.
fn find<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) if map.contains_key(key) => Some(value),
        Value::Object(map) => map.values().find_map(|inner| find(inner, key)),
        Value::Array(list) => list.iter().find_map(|inner| find(inner, key)),
        _ => None,
    }
}

#[test]
fn a_policys_environment_is_never_in_force_while_we_are_root() {
    let shared = TempDir::new().expect("a temporary directory can be made");
    let everybody = std::fs::Permissions::from_mode(0o777);
    std::fs::set_permissions(shared.path(), everybody).expect("it is ours");
    // Whoever loads a program with this writes a file, as whoever it is then.
    let place = shared.path().display();
    let more = format!(
        "LD_DEBUG = \"files\"\nLD_DEBUG_OUTPUT = \"{place}/loaded\"\n[[files]]\nmount = \"/shared\"\nfrom = \"host:{place}\"\naccess = \"read-write\"\n"
    );
    let Some((_base, deploying)) = server(&[native("Load", "Bash", "id > /dev/null")], &more)
    else {
        return;
    };
    let (ended, log) = deploy(&deploying);
    assert_eq!(ended["State"], "Success", "{log}");
    let written: Vec<u32> = std::fs::read_dir(shared.path())
        .expect("a list")
        .map(|entry| {
            entry
                .expect("an entry")
                .metadata()
                .expect("it is there")
                .uid()
        })
        .collect();
    assert!(
        !written.is_empty(),
        "the script's own programs obey it: {log}"
    );
    assert!(!written.contains(&0), "a program of root's obeyed it");
}

#[test]
fn nothing_is_left_when_the_server_is_killed() {
    let body = "setsid sh -c 'echo \"its child $$ runs\"; exec sleep 1000' & echo \"itself $$ runs\"; wait";
    let Some((_base, deploying)) = server(&[native("Wait", "Bash", body)], "") else {
        return;
    };
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    deploying.wait_for_text(&task, "itself");
    deploying.wait_for_text(&task, "its child");
    let log = deploying.log(&task);
    let pids = [
        number_after(&log, "itself "),
        number_after(&log, "its child "),
    ];
    assert!(pids.into_iter().all(is_alive), "{log}");
    deploying.server.kill();
    let start = std::time::Instant::now();
    while pids.into_iter().any(is_alive) {
        assert!(
            start.elapsed() < super::process::PATIENCE,
            "{pids:?} still run"
        );
    }
}

#[test]
fn node_runs_scripts_with_the_helpers_that_our_interpreter_has() {
    if Command::new("/usr/bin/node")
        .arg("--version")
        .output()
        .is_err()
    {
        println!("NOT RUN: there is no /usr/bin/node");
        return;
    }
    let body = "console.log('port', get_octopusvariable('web.port'), octopusvariables['Web.Port'], process.argv.slice(2).join(' '));
setOctopusVariable('Made', 'it is #1'); printWarning('mind');
require('fs').writeFileSync('n.txt', 'y'); createArtifact('n.txt');
failstep('by design');";
    let mut step = native("Node", "JavaScript", body);
    step["Actions"][0]["Properties"]["Octopus.Action.Script.ScriptParameters"] = "a 'b c'".into();
    let Some((_base, deploying)) = server(&[step], "") else {
        return;
    };
    deploying.set_variables(&[("Web.Port", "8080", json!({}))]);
    let (ended, log) = deploy(&deploying);
    assert_eq!(ended["State"], "Failed", "{log}");
    for line in ["port 8080 8080 a b c", "mind", "by design"] {
        assert!(log.contains(line), "{line}: {log}");
    }
    let artifacts = deploying.server.get("/api/artifacts");
    assert_eq!(artifacts["Items"][0]["Filename"], "n.txt", "{artifacts:#}");
}

#[test]
fn a_script_can_be_tried_as_a_process_without_a_server() {
    if !can_run() {
        return;
    }
    let base = Base::new();
    let directory = base.0.to_str().expect("text");
    let path = std::env::var("PATH").unwrap_or_default();
    let tried = |text: &str| script("x.sh", text).env("PATH", path.clone());
    tried("id -un; exit 7")
        .with([
            "--isolation",
            "process",
            "--native-account",
            ACCOUNT,
            "--native-directory",
            directory,
        ])
        .run()
        .expect_code(7)
        .expect_in_stdout("nobody");
    // Not without an account, and not against a policy.
    tried("id -un")
        .with(["--isolation", "process"])
        .run()
        .expect_code(2);
    tried("id -un")
        .policy_with_work("")
        .with([
            "--isolation",
            "process",
            "--native-account",
            ACCOUNT,
            "--native-directory",
            directory,
        ])
        .run()
        .expect_code(120);
}

#[test]
fn what_is_put_in_front_of_a_script_for_pwsh_is_powershell() {
    // Our own interpreter reads it: pwsh is on few machines.
    let helpers = include_str!("../../src/worker/process/octopus.ps1");
    let text = format!(
        r##"$SeawallVariables = '/work/v.json'
$SeawallScript = '/work/s.ps1'
Set-Content /work/v.json '{{"Web.Port":"8080"}}'
Set-Content /work/s.ps1 'Write-Host "port $($OctopusParameters["Web.Port"]) $args"; Set-OctopusVariable -Name Made -Value "it is #1"; Set-OctopusVariable Hidden geheim-1 -Sensitive; Write-Warning careful; Set-Content /work/r.txt kept; New-OctopusArtifact /work/r.txt; Update-Progress 50 half; Fail-Step "by design"'
{helpers}"##
    );
    let ended = script("x.ps1", &text).arguments(["a", "b"]).run();
    ended
        .expect_code(1)
        .expect_in_stdout("port 8080 a b")
        .expect_in_stdout("careful");
    for line in [
        "output variable Made = it is #1",
        "output variable Hidden = ******** (sensitive)",
        "artifact r.txt",
        "50 % half",
        "the script failed: by design",
    ] {
        ended.expect_in_stderr(line);
    }
}
