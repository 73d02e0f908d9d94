//! Native processes: only where policy and operator allow them, as another account, with nothing of the server's, and
//! gone with everything they started.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::api_server::{ApiServer, serve};
use super::deploying::{Deploying, script};

/// An account that every system has and that owns nothing.
pub const ACCOUNT: &str = "nobody";

/// A script step that asks to be a process.
pub fn native(name: &str, syntax: &str, body: &str) -> Value {
    let mut step = script(name, syntax, body);
    step["Actions"][0]["Properties"]["Seawall.Isolation"] = "Process".into();
    step["Actions"][0]["Properties"]["Seawall.Policy"] = "native".into();
    step
}

/// Where processes have their workspaces: outside the directory that is the test's alone.
pub struct Base(pub PathBuf);

impl Base {
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("seawall-native-test-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Base {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

pub const POLICY: &str = "schema = 1\nname = \"native\"\n[process]\nallow = true\n[[files]]\nmount = \"/work\"\nfrom = \"workspace\"\naccess = \"read-write\"\n[variables]\nread = [\"Web.*\", \"Token\"]\n[env]\nSTAGE = \"#{Octopus.Environment.Name}\"\n";

/// Whether scripts can be run under another account; says so if they can't.
pub fn can_run() -> bool {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        println!("NOT RUN: only root can run scripts under another account");
    }
    is_root
}

/// A server that runs processes, with the policy `native`; `None` where only root could do it.
pub fn server(steps: &[Value], more: &str) -> Option<(Base, Deploying)> {
    if !can_run() {
        return None;
    }
    let base = Base::new();
    let directory = TempDir::new().expect("a temporary directory can be made");
    let mut command = serve(directory.path());
    command
        .args(["--native-account", ACCOUNT, "--native-directory"])
        .arg(&base.0);
    command
        .env("SECRET_OF_THE_SERVER", "swordfish")
        .env("PATH", std::env::var("PATH").unwrap_or_default());
    let deploying = Deploying::on(directory, ApiServer::spawn(command), steps);
    let text = format!("{POLICY}{more}");
    deploying
        .server
        .put("/api/policies/native", json!({ "Text": text }));
    Some((base, deploying))
}

/// The log of a deployment, and how it ended.
pub fn deploy(deploying: &Deploying) -> (Value, String) {
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    let ended = deploying.wait(&task);
    (ended, deploying.log(&task))
}

#[test]
fn a_process_is_another_account_with_nothing_of_the_servers() {
    let body = r#"
echo "I am $(id -un), groups $(id -G | wc -w), umask $(umask)"
grep NoNewPrivs /proc/self/status | tr '\t' ' '
env | cut -d= -f1 | sort | tr '\n' ' '; echo
ls /proc/self/fd | wc -l
[ "$(ps -o sid= -p $$ | tr -d ' ')" != "$(ps -o sid= -p 1 | tr -d ' ')" ] && echo "own session"
pwd; touch here && stat -c %U here
cat "$1/master.key" || echo "no key"
"#;
    let Some((base, deploying)) = server(&[native("Look", "Bash", body)], "") else {
        return;
    };
    let mut step = native("Look", "Bash", body);
    step["Actions"][0]["Properties"]["Octopus.Action.Script.ScriptParameters"] =
        deploying.directory.path().to_str().expect("text").into();
    deploying.set_steps(&[step]);
    let (ended, log) = deploy(&deploying);
    assert_eq!(ended["State"], "Success", "{log}");
    for line in [
        "I am nobody, groups 1, umask 0077",
        "NoNewPrivs: 1",
        "own session",
        "no key",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
    assert!(
        log.contains("STAGE")
            && !log.contains("SECRET_OF_THE_SERVER")
            && !log.contains("SEAWALL_HOME"),
        "{log}"
    );
    assert!(
        log.lines().any(|line| line.ends_with("|   nobody")),
        "the workspace is its own: {log}"
    );
    let left: Vec<_> = std::fs::read_dir(&base.0).expect("a list").collect();
    assert!(left.is_empty(), "its directory is left: {left:?}");
}

#[test]
fn helpers_variables_and_artifacts_work_in_bash_and_python() {
    let bash = "echo \"port $(get_octopusvariable web.port) other [$(get_octopusvariable Other)]\"
set_octopusvariable Made \"it's #1\"
set_octopusvariable Hidden geheim-1 -sensitive
echo report > report.txt; new_octopusartifact report.txt
write_warning careful; update_progress 50 half
echo \"token $(get_octopusvariable Token)\"";
    let python = "print('port', get_octopusvariable('Web.Port'))\nset_octopusvariable('Also', 'x')\nprintwarning('mind')\nopen('p.txt','w').write('y')\ncreateartifact('p.txt')\nimport sys; print('args', sys.argv[1:], __name__)";
    let mut python = native("Python", "Python", python);
    python["Actions"][0]["Properties"]["Octopus.Action.Script.ScriptParameters"] = "a 'b c'".into();
    let later = script(
        "Later",
        "Bash",
        "echo \"#{Octopus.Action[Bash].Output.Made} #{Octopus.Action[Python].Output.Also} #{Octopus.Action[Bash].Output.Hidden}\"",
    );
    let steps = [native("Bash", "Bash", bash), python, later];
    let Some((_base, deploying)) = server(&steps, "") else {
        return;
    };
    deploying.set_variables(&[
        ("Web.Port", "8080", json!({})),
        ("Other", "not granted", json!({})),
        ("Token", "hunter2-hunter2", json!({ "IsSensitive": true })),
    ]);
    let (ended, log) = deploy(&deploying);
    assert_eq!(ended["State"], "Success", "{log}");
    for line in [
        "port 8080 other []",
        "Warning  |   careful",
        "Warning  |   mind",
        "args ['a', 'b c'] __main__",
        "it's #1 x ****",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
    assert!(
        !log.contains("hunter2") && !log.contains("geheim-1"),
        "{log}"
    );
    let artifacts = deploying.server.get("/api/artifacts");
    let mut names: Vec<&str> = artifacts["Items"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["Filename"].as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["p.txt", "report.txt"], "{artifacts:#}");
}

#[test]
fn a_background_child_neither_holds_the_step_nor_outlives_it() {
    let body = "sleep 1000 & echo $! > pid; echo started $(cat pid)";
    let Some((_base, deploying)) = server(&[native("Start", "Bash", body)], "") else {
        return;
    };
    let (ended, log) = deploy(&deploying);
    assert_eq!(ended["State"], "Success", "{log}");
    let pid = number_after(&log, "started ");
    assert!(!is_alive(pid), "the child of the script still runs");
}

/// The number that stands after a text.
pub fn number_after(log: &str, text: &str) -> u32 {
    let rest = log.split(text).nth(1);
    let word = rest.and_then(|rest| rest.split_whitespace().next());
    word.and_then(|word| word.parse().ok())
        .unwrap_or_else(|| panic!("no number after `{text}`: {log}"))
}

/// Whether a process runs.
pub fn is_alive(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

#[test]
fn a_cancelled_process_gets_term_and_its_last_words_are_kept() {
    let body =
        "trap 'echo cleaning up; exit 3' TERM\necho waiting; while true; do sleep 0.05; done";
    let Some((_base, deploying)) = server(&[native("Wait", "Bash", body)], "") else {
        return;
    };
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    deploying.wait_for_text(&task, "waiting");
    deploying.cancel(&task);
    assert_eq!(deploying.wait(&task)["State"], "Canceled");
    assert!(
        deploying.log(&task).contains("cleaning up"),
        "{}",
        deploying.log(&task)
    );
}

#[test]
fn limits_end_a_process() {
    let steps = |body: &str| vec![native("Run", "Bash", body)];
    for (limit, body, expected) in [
        ("wall-time = \"300ms\"", "sleep 1000", "`wall-time`"),
        ("cpu-time = \"1s\"", "while :; do :; done", "`cpu-time`"),
        (
            "output = \"10KiB\"",
            "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxx; done",
            "`output`",
        ),
        (
            "disk = \"1MiB\"",
            "head -c 3000000 /dev/zero > big",
            "exit code",
        ),
    ] {
        let Some((_base, deploying)) = server(&steps(body), &format!("[limits]\n{limit}\n")) else {
            return;
        };
        let (ended, log) = deploy(&deploying);
        assert_eq!(ended["State"], "Failed", "{limit}: {log}");
        assert!(log.contains(expected), "{limit}: {log}");
    }
}

#[test]
fn a_process_needs_the_policy_and_the_operator() {
    let steps = [native("Run", "Bash", "true")];
    let command =
        json!({ "projectName": "Web", "releaseVersion": "1.0.0", "environmentNames": ["Dev"] });
    let path = "/api/Spaces-1/deployments/create/untenanted/v1";
    // An operator who named no account.
    let deploying = Deploying::new(&steps);
    deploying
        .server
        .put("/api/policies/native", json!({ "Text": POLICY }));
    deploying.release("1.0.0");
    let refused = deploying
        .server
        .ask("POST", path, Some(command.clone()))
        .expect(400);
    assert!(
        refused["Errors"].to_string().contains("--native-account"),
        "{refused}"
    );
    // A policy that doesn't say so.
    let Some((_base, deploying)) = server(&steps, "") else {
        return;
    };
    let without = POLICY.replace("[process]\nallow = true\n", "");
    deploying
        .server
        .put("/api/policies/native", json!({ "Text": without }));
    deploying.release("1.0.0");
    let refused = deploying
        .server
        .ask("POST", path, Some(command.clone()))
        .expect(400);
    assert!(
        refused["Errors"].to_string().contains("doesn't allow one"),
        "{refused}"
    );
    // Both, and the plan says what it is.
    deploying
        .server
        .put("/api/policies/native", json!({ "Text": POLICY }));
    let plan = deploying
        .server
        .ask("POST", "/api/deployments/plan", Some(command.clone()))
        .expect(200);
    let text = plan["Plans"][0]["Text"].as_str().expect("text");
    for line in [
        "process of the account `nobody`",
        "held    files: its workspace",
        "held    no TCP",
        "open    UDP; limits: files, random",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    // A word that means nothing is refused.
    let mut odd = native("Run", "Bash", "true");
    odd["Actions"][0]["Properties"]["Seawall.Isolation"] = "Container".into();
    deploying.set_steps(&[odd]);
    deploying.release("1.0.1");
    let command =
        json!({ "projectName": "Web", "releaseVersion": "1.0.1", "environmentNames": ["Dev"] });
    let refused = deploying
        .server
        .ask("POST", path, Some(command))
        .expect(400)["Errors"]
        .to_string();
    assert!(refused.contains("`Container`"), "{refused}");
}

#[test]
fn the_servers_own_account_and_root_need_words() {
    let refuse = |arguments: &[&str], expected: &str| {
        let directory = TempDir::new().expect("a temporary directory can be made");
        let ended = serve(directory.path())
            .env("PATH", std::env::var("PATH").unwrap_or_default())
            .args(arguments)
            .output()
            .expect("it ends");
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(
            !ended.status.success() && said.contains(expected),
            "{arguments:?}: {said}"
        );
    };
    refuse(
        &["--native-account", "root"],
        "--native-scripts-are-the-server",
    );
    refuse(
        &["--native-account", "nobody-at-all"],
        "no account `nobody-at-all`",
    );
    // A directory that others could have planted something in.
    let shared = TempDir::new().expect("a temporary directory can be made");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(shared.path(), mode).expect("it is ours");
    if rustix::process::geteuid().is_root() {
        let path = shared.path().to_str().expect("text");
        refuse(
            &["--native-account", ACCOUNT, "--native-directory", path],
            "others can write to it",
        );
    }
}
