//! Workers over SSH: a machine with sshd and nothing else runs steps, is held to its pinned key, and keeps nothing.

use serde_json::{Value, json};

use super::cli::seawall;
use super::deploying::{Deploying, script};
use super::sshd::{PASSWORD, Sshd, USER, processes_of_the_account};

const POLICY: &str = "schema = 1\nname = \"native\"\n[process]\nallow = true\n[variables]\nread = [\"Web.*\", \"Token\", \"Octopus.Action.Package*\"]\n[env]\nSTAGE = \"#{Octopus.Environment.Name}\"\nQUOTED = \"it's\\n$HOME `id` #{Token}\"\n";

/// A script step for the pool of the machine.
pub fn step(name: &str, syntax: &str, body: &str) -> Value {
    let mut step = script(name, syntax, body);
    let action = &mut step["Actions"][0];
    action["WorkerPoolId"] = "far".into();
    action["Properties"]["Seawall.Isolation"] = "Process".into();
    action["Properties"]["Seawall.Policy"] = "native".into();
    step
}

/// An account with the key of the machine.
pub fn account(deploying: &Deploying, sshd: &Sshd, more: Value) -> Value {
    let key = std::fs::read_to_string(sshd.key()).expect("a key");
    let mut account = json!({ "Name": "deploy", "AccountType": "SshKeyPair", "Username": USER,
        "PrivateKeyFile": { "HasValue": true, "NewValue": key } });
    for (name, value) in more.as_object().into_iter().flatten() {
        account[name] = value.clone();
    }
    deploying.server.post("/api/accounts", account)
}

pub fn worker(deploying: &Deploying, sshd: &Sshd, account: &Value) -> Value {
    let pool = deploying
        .server
        .post("/api/workerpools", json!({ "Name": "far" }));
    json!({ "Name": "far-1", "WorkerPoolIds": [pool["Id"]], "Endpoint": { "CommunicationStyle": "Ssh",
        "Host": "127.0.0.1", "Port": sshd.port, "Fingerprint": sshd.fingerprint, "AccountId": account["Id"] } })
}

/// A server with these steps and the machine as its worker.
pub fn deploying(sshd: &Sshd, steps: &[Value]) -> Deploying {
    let deploying = Deploying::new(&[script("Nothing", "Bash", "true")]);
    deploying
        .server
        .put("/api/policies/native", json!({ "Text": POLICY }));
    let account = account(&deploying, sshd, json!({}));
    let worker = worker(&deploying, sshd, &account);
    deploying.server.post("/api/workers", worker);
    deploying.set_steps(steps);
    deploying.set_variables(&[
        ("Web.Port", "80'80\n#1", json!({})),
        ("Other", "not granted", json!({})),
        ("Token", "hunter2-hunter2", json!({ "IsSensitive": true })),
    ]);
    deploying
}

pub fn deploy(deploying: &Deploying) -> (Value, String) {
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    let ended = deploying.wait(&task);
    (ended, deploying.log(&task))
}

#[track_caller]
pub fn expect_nothing_left(deploying: &Deploying, sshd: &Sshd) {
    let home = sshd.home();
    // Tests beside this one have the same account, and other homes.
    let is_its = |line: &String| line.contains(&format!("98765{}", sshd.port));
    deploying.until(|| {
        println!(
            "in {home:?}: {:?}, {:?}",
            sshd.runs(),
            processes_of_the_account()
        );
        sshd.runs().is_empty() && !processes_of_the_account().iter().any(is_its)
    });
}

#[test]
fn a_machine_with_sshd_and_nothing_else_runs_bash_and_python_with_variables_helpers_and_artifacts()
{
    let Some(sshd) = Sshd::start() else { return };
    let bash = "echo \"I am $(id -un) in $STAGE [$(get_octopusvariable web.port)] other [$(get_octopusvariable Other)]\"
printf '%s' \"$QUOTED\" | sha256sum
echo \"mode $(stat -c %a ..) $(umask) $# $1\"
grep -rl hunt[e]r2-hunter .. && echo 'a secret is on the disk'
tr '\\0' ' ' </proc/$PPID/cmdline | grep hunt[e]r2-hunter && echo 'a secret is in the arguments'
set_octopusvariable Made \"it's #1\"
echo report > report.txt; new_octopusartifact report.txt
ln -s /etc/passwd link; printf \"##octopus[createArtifact path='%s' name='%s']\\n\" $(printf link | base64) $(printf link | base64)
printf \"##octopus[createArtifact path='%s' name='%s']\\n\" $(printf /etc/passwd | base64) $(printf passwd | base64)
read -r line || echo 'nothing to read'
write_warning careful; echo mist >&2
echo \"token $(get_octopusvariable Token)\"";
    let python = "import sys, os\nprint('port', repr(get_octopusvariable('Web.Port')), sys.argv[1:], repr(sys.stdin.read()))\nset_octopusvariable('Also', 'x')\nprint('env', repr(os.environ['STAGE']))";
    let mut first = step("Bash", "Bash", bash);
    first["Actions"][0]["Properties"]["Octopus.Action.Script.ScriptParameters"] = "'a b'".into();
    let mut second = step("Python", "Python", python);
    second["Actions"][0]["Properties"]["Octopus.Action.Script.ScriptParameters"] = "a 'b c'".into();
    let later = script(
        "Later",
        "Bash",
        "echo \"#{Octopus.Action[Bash].Output.Made} #{Octopus.Action[Python].Output.Also}\"",
    );
    let deploying = deploying(&sshd, &[first, second, later]);
    let (ended, log) = deploy(&deploying);
    assert_eq!(ended["State"], "Success", "{log}");
    for line in [
        "Runs on the worker far-1",
        "I am deployer in Dev [80'80",
        "#1] other []",
        "mode 700 0077 1 a b",
        "nothing to read",
        "Warning  |   careful",
        "mist",
        "token ****",
        "port \"80'80\\n#1\" ['a', 'b c'] ''",
        "env 'Dev'",
        "it's #1 x",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
    assert!(!log.contains("a secret is"), "{log}");
    let expected = "it's\n$HOME `id` hunter2-hunter2";
    let digest = sha256(expected.as_bytes());
    assert!(
        log.contains(&digest),
        "the environment is not as it was given: {log}"
    );
    for line in ["not in the step's directory", "not a regular file"] {
        assert!(log.contains(line), "{line}: {log}");
    }
    let artifacts = deploying.server.get("/api/artifacts");
    let names: Vec<&str> = artifacts["Items"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["Filename"].as_str())
        .collect();
    assert_eq!(names, ["report.txt"]);
    expect_nothing_left(&deploying, &sshd);
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn a_cancelled_step_ends_with_everything_that_it_started_and_a_failed_one_leaves_nothing() {
    let Some(sshd) = Sshd::start() else { return };
    let sleep = format!("sleep 98765{}", sshd.port);
    let body = format!(
        "trap 'echo told to end; exit 3' TERM\n{sleep} & ({sleep}; true) &\nmkdir x; touch x/y; chmod 500 x\necho running\nwait"
    );
    let deploying = deploying(&sshd, &[step("Long", "Bash", &body)]);
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    deploying.wait_for_text(&task, "running");
    assert!(!sshd.runs().is_empty());
    deploying.cancel(&task);
    let ended = deploying.wait(&task);
    let log = deploying.log(&task);
    assert_eq!(ended["State"], "Canceled", "{log}");
    assert!(log.contains("told to end"), "{log}");
    expect_nothing_left(&deploying, &sshd);
    deploying.set_steps(&[step("Fails", "Bash", &format!("{sleep} & echo no; exit 7"))]);
    deploying.release("1.0.1");
    let task = deploying.deploy("1.0.1", "Dev");
    assert_eq!(deploying.wait(&task)["State"], "Failed");
    let log = deploying.log(&task);
    assert!(log.contains("exit code 7"), "{log}");
    expect_nothing_left(&deploying, &sshd);
}

#[test]
fn a_limit_of_the_policy_ends_a_step_there_too() {
    let Some(sshd) = Sshd::start() else { return };
    let sleep = format!("sleep 98765{}", sshd.port);
    let deploying = deploying(&sshd, &[]);
    for (limit, body, said) in [
        ("wall-time = \"1s\"", sleep.as_str(), "`wall-time`"),
        ("cpu-time = \"1s\"", "while :; do :; done", "`cpu-time`"),
        (
            "output = \"10KiB\"",
            "while :; do echo xxxxxxxxxxxxxxxx; done",
            "`output`",
        ),
        (
            "disk = \"64KiB\"",
            "head -c 200000 /dev/zero >x || fail_step 'the file is too large'",
            "the file is too large",
        ),
    ] {
        let text = format!("{POLICY}[limits]\n{limit}\n");
        deploying
            .server
            .put("/api/policies/native", json!({ "Text": text }));
        deploying.set_steps(&[step("Long", "Bash", body)]);
        let version = format!("1.0.{}", said.len());
        deploying.release(&version);
        let task = deploying.deploy(&version, "Dev");
        assert_eq!(deploying.wait(&task)["State"], "Failed");
        let log = deploying.log(&task);
        assert!(log.contains(said), "{limit}: {log}");
        expect_nothing_left(&deploying, &sshd);
    }
}

#[test]
fn a_lost_connection_is_a_lost_step_that_is_not_run_again() {
    let Some(sshd) = Sshd::start() else { return };
    let body = format!(
        "echo once >> {}/count; echo running; sleep 98765{}",
        sshd.home().display(),
        sshd.port
    );
    let deploying = deploying(&sshd, &[step("Long", "Bash", &body)]);
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    deploying.wait_for_text(&task, "running");
    sshd.cut();
    // Nobody knows how far it came: a person decides, and nothing is run again by itself.
    deploying.question(&task);
    let log = deploying.log(&task);
    assert!(
        log.contains("the connection was lost while it ran"),
        "{log}"
    );
    let count = std::fs::read_to_string(sshd.home().join("count")).expect("it ran");
    assert_eq!(count, "once\n");
    expect_nothing_left(&deploying, &sshd);
}

#[test]
fn a_server_that_ends_loses_the_step_and_cleans_up_when_it_is_back() {
    let Some(sshd) = Sshd::start() else { return };
    let body = format!("echo running; exec sleep 98765{}", sshd.port);
    let mut deploying = deploying(&sshd, &[step("Long", "Bash", &body)]);
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    deploying.wait_for_text(&task, "running");
    deploying.server.signal_kill();
    deploying.start_again();
    deploying.question(&task);
    let log = deploying.log(&task);
    assert!(
        log.contains("The server ended while this step ran over SSH"),
        "{log}"
    );
    expect_nothing_left(&deploying, &sshd);
}

#[test]
fn only_the_host_with_the_pinned_key_hears_anything() {
    let Some(sshd) = Sshd::start() else { return };
    let deploying = deploying(&sshd, &[step("Say", "Bash", "echo here")]);
    let workers = deploying.server.get("/api/workers/all");
    let own = |worker: &&Value| worker["Name"] == "far-1";
    let mut worker = workers
        .as_array()
        .expect("a list")
        .iter()
        .find(own)
        .expect("it is there")
        .clone();
    let path = format!("/api/workers/{}", worker["Id"].as_str().expect("an id"));
    let checked = |pinned: &str, worker: &mut Value| {
        worker["Endpoint"]["Fingerprint"] = pinned.into();
        deploying.server.put(&path, worker.clone());
        let found = deploying
            .server
            .ask("POST", &format!("{path}/check"), Some(json!({})))
            .expect(200);
        (
            found["HealthStatus"].clone(),
            found["StatusSummary"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        )
    };
    let other = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let (status, why) = checked(other, &mut worker);
    assert_eq!(status, "Unavailable");
    assert!(
        why.contains("is not the pinned one") && why.contains(&sshd.fingerprint),
        "{why}"
    );
    let (ended, log) = deploy(&deploying);
    assert_eq!(ended["State"], "Failed", "{log}");
    assert!(log.contains("is not the pinned one"), "{log}");
    // Whichever of its keys is pinned.
    for pinned in [&sshd.rsa_fingerprint, &sshd.fingerprint] {
        let (status, why) = checked(pinned, &mut worker);
        assert_eq!(status, "Healthy", "{why}");
        assert!(why.contains("MiB are free"), "{why}");
    }
    worker["Endpoint"]["Fingerprint"] = "aa:bb:cc".into();
    let refused = deploying.server.ask("PUT", &path, Some(worker));
    assert_eq!(refused.status, 400);
}

#[test]
fn an_account_is_sealed_proves_itself_by_key_or_password_and_is_fit_for_workers() {
    let Some(sshd) = Sshd::start() else { return };
    let deploying = Deploying::new(&[script("Nothing", "Bash", "true")]);
    let server = &deploying.server;
    deploying
        .server
        .put("/api/policies/native", json!({ "Text": POLICY }));
    let environment = server.get("/api/environments/all")[0]["Id"].clone();
    let key = account(
        &deploying,
        &sshd,
        json!({ "EnvironmentIds": [environment] }),
    );
    let shown = server.get("/api/accounts").to_string();
    assert!(
        shown.contains("\"HasValue\":true")
            && !shown.contains("PRIVATE KEY")
            && !shown.contains("sealed"),
        "{shown}"
    );
    let root = server.get("/api").to_string();
    assert!(root.contains("/accounts{/id}"), "{root}");
    let worker = worker(&deploying, &sshd, &key);
    let refused = server.ask("POST", "/api/workers", Some(worker.clone()));
    assert_eq!(refused.status, 400);
    assert!(
        refused
            .body
            .to_string()
            .contains("is restricted to environments"),
        "{:?}",
        refused.body
    );
    let path = format!("/api/accounts/{}", key["Id"].as_str().expect("an id"));
    let mut free = server.get(&path);
    free["EnvironmentIds"] = json!([]);
    server.put(&path, free.clone());
    let made = server.post("/api/workers", worker);
    free["EnvironmentIds"] = json!([environment]);
    let refused = server.ask("PUT", &path, Some(free));
    assert_eq!(refused.status, 409, "{:?}", refused.body);
    let used = server.ask("DELETE", &path, None);
    assert_eq!(used.status, 409, "{:?}", used.body);
    let broken = json!({ "Name": "broken", "AccountType": "SshKeyPair", "Username": USER, "PrivateKeyFile": { "NewValue": "no key" } });
    let refused = server.ask("POST", "/api/accounts", Some(broken));
    assert_eq!(refused.status, 400);
    // The key that was written back without its value still opens, and a password does, too.
    let check = format!("/api/workers/{}/check", made["Id"].as_str().expect("an id"));
    assert_eq!(
        server.ask("POST", &check, Some(json!({}))).expect(200)["HealthStatus"],
        "Healthy"
    );
    for (password, expected) in [(PASSWORD, "Healthy"), ("barley", "Unavailable")] {
        let account = json!({ "Name": password, "AccountType": "UsernamePassword", "Username": USER, "Password": { "HasValue": true, "NewValue": password } });
        let account = server.post("/api/accounts", account);
        let mut worker = server.get(&format!(
            "/api/workers/{}",
            made["Id"].as_str().expect("an id")
        ));
        worker["Endpoint"]["AccountId"] = account["Id"].clone();
        let path = format!("/api/workers/{}", made["Id"].as_str().expect("an id"));
        server.put(&path, worker);
        let found = server.ask("POST", &check, Some(json!({}))).expect(200);
        assert_eq!(found["HealthStatus"], expected, "{found}");
        assert!(!found.to_string().contains(password), "{found}");
    }
}

#[test]
fn a_machine_is_added_from_the_command_line() {
    let Some(sshd) = Sshd::start() else { return };
    let deploying = Deploying::new(&[script("Nothing", "Bash", "true")]);
    let key = deploying.server.key.as_deref().unwrap_or_default();
    let pool = seawall(["pool", "create", "far"])
        .env("SEAWALL_URL", deploying.server.url())
        .env("SEAWALL_API_KEY", key)
        .run();
    pool.expect_code(0);
    let port = sshd.port.to_string();
    let file = sshd.key().to_string_lossy().into_owned();
    let add = seawall([
        "worker",
        "add-ssh",
        "far-1",
        "--host",
        "127.0.0.1",
        "--port",
        &port,
        "--fingerprint",
        &sshd.fingerprint,
        "--user",
        USER,
        "--key",
        &file,
        "--pool",
        "far",
    ]);
    let added = add
        .env("SEAWALL_URL", deploying.server.url())
        .env("SEAWALL_API_KEY", key)
        .run();
    added.expect_code(0);
    added.expect_in_stdout("Healthy: It offers native processes over SSH");
    deploying
        .server
        .put("/api/policies/native", json!({ "Text": POLICY }));
    deploying.set_steps(&[step("Say", "Bash", "echo \"here is $(id -un)\"")]);
    deploying.set_variables(&[("Token", "hunter2-hunter2", json!({ "IsSensitive": true }))]);
    let (ended, log) = deploy(&deploying);
    assert_eq!(ended["State"], "Success", "{log}");
    assert!(log.contains("here is deployer"), "{log}");
}
