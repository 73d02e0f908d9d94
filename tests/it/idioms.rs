//! What deployment scripts do, under the native interpreter and here: output and exit code are the same.
//!
//! One file below `tests/cases/LANGUAGE/` is one case; a folder is one too, and starts at its `main`. What is meant to
//! differ is below `tests/cases/LANGUAGE-sandbox/`, with the expected output beside it. They run in this process,
//! through [`Worker`], two at a time: a hundred programs would take longer to start than to run.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use seawall::policy::{MountPath, grants, parse};
use seawall::worker::event::{Event, Stream};
use seawall::worker::sandbox::{Compiler, Trust};
use seawall::worker::{
    Attempt, Ending, Language, Program, Sources, Stdin, Variables, Worker, channel,
};
use tempfile::TempDir;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::watch;

use crate::cli::{PROGRAM, home};
use crate::process::Process;

/// A case, and where its files are.
struct Case {
    name: String,
    /// The script; of a folder, its `main`.
    script: PathBuf,
    folder: Option<PathBuf>,
}

impl Case {
    fn file_name(&self) -> String {
        let name = self.script.file_name().expect("it is a file");
        name.to_string_lossy().into_owned()
    }
}

/// What can be compared.
#[derive(PartialEq, Eq)]
struct Seen {
    stdout: String,
    code: i32,
}

/// Cases that claim something about another host than this one.
const ELSEWHERE: [(&str, &str); 2] = [
    (
        "octopus-helpers-on-stdout",
        "here a sensitive value is masked; helpers.rs has its claims",
    ),
    (
        "commonjs",
        "here a launcher starts a folder's main, and `module.id` and `require.main` tell",
    ),
];

fn cases(folder: &str) -> Vec<Case> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases")
        .join(folder);
    let Ok(entries) = fs::read_dir(&directory) else {
        return Vec::new();
    };
    let mut found: Vec<Case> = entries
        .flatten()
        .filter_map(|entry| {
            let path = entry.path();
            let name = path.file_stem()?.to_string_lossy().into_owned();
            if path.is_dir() {
                let mut files = fs::read_dir(&path).ok()?.flatten().map(|file| file.path());
                let script =
                    files.find(|file| file.file_stem().is_some_and(|stem| stem == "main"))?;
                return Some(Case {
                    name,
                    script,
                    folder: Some(path),
                });
            }
            let is_script = path.extension().is_some_and(|extension| extension != "out");
            is_script.then_some(Case {
                name,
                script: path,
                folder: None,
            })
        })
        .filter(|case| {
            let elsewhere = ELSEWHERE.iter().find(|(name, _)| *name == case.name);
            if let Some((name, why)) = elsewhere {
                println!("{name}: not run: {why}");
            }
            elsewhere.is_none()
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// A fresh directory with the files of a case, if it is a folder.
fn workspace(case: &Case) -> TempDir {
    let target = TempDir::new().expect("a temporary directory can be made");
    if let Some(folder) = &case.folder {
        copy(folder, target.path());
    }
    target
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("directories can be made");
    for entry in fs::read_dir(from).expect("the case can be read").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("the case can be copied");
        }
    }
}

/// Runs a case under its native interpreter.
fn natively(interpreter: &str, case: &Case) -> Seen {
    let directory = workspace(case);
    let script = match &case.folder {
        Some(_) => directory
            .path()
            .join(case.script.file_name().expect("it is a file")),
        None => case.script.clone(),
    };
    let mut command = Command::new(interpreter);
    command
        .arg(script)
        .current_dir(directory.path())
        .env_clear();
    // As in the sandbox: nothing but what finds the interpreter, UTF-8, and UTC.
    for name in ["PATH", "HOME"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    command.env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
    let mut process = Process::start(command);
    process.close_stdin();
    let code = process.wait().unwrap_or(-9);
    Seen {
        stdout: String::from_utf8_lossy(&process.stdout).into_owned(),
        code,
    }
}

/// Runs a case in a sandbox, under the policy that everybody has who names none, and with a `/tmp`,
/// which the native interpreter has too.
///
/// `name` is what the script is called there.
async fn sandboxed(worker: &Worker, language: Language, case: &Case, name: &str) -> (Seen, String) {
    let directory = workspace(case);
    let mount = MountPath::parse("/work").expect("it is a path");
    let text = "schema = 1\nname = \"case\"\n[[files]]\nmount = \"/work\"\nfrom = \"workspace\"\naccess = \"read-write\"\n[[files]]\nmount = \"/tmp\"\nfrom = \"artifacts\"\naccess = \"read-write\"\n";
    let (policy, _) = parse("case.toml", text).expect("it is right");
    let (name, text) = match &case.folder {
        None => (name, fs::read(&case.script).expect("the case can be read")),
        Some(_) => ("launcher.mjs", launcher(language, name).into_bytes()),
    };
    let name = name.to_owned();
    let (sender, mut events) = channel();
    let (_never, cancelled) = watch::channel(false);
    let attempt = Attempt {
        program: Program::Script {
            language,
            name,
            text,
        },
        arguments: Vec::new(),
        stdin: Stdin::Empty,
        grants: Arc::new(grants(&policy, None).expect("there is no ceiling")),
        isolation: seawall::plan::Isolation::Sandbox,
        sources: Sources {
            mounts: [(mount, directory.path().to_owned())].into(),
            workspace: None,
        },
        variables: Variables::default(),
    };
    let reading = tokio::spawn(async move {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        while let Some(numbered) = events.next().await {
            if let Event::Output { stream, bytes, .. } = numbered.event {
                match stream {
                    Stream::Stdout => stdout.extend(bytes),
                    Stream::Stderr => stderr.extend(bytes),
                }
            }
        }
        (stdout, stderr)
    });
    let finished = worker.run(attempt, sender, cancelled, None, &|_| {}).await;
    let (stdout, stderr) = reading.await.expect("reading doesn't panic");
    let stdout = String::from_utf8_lossy(&stdout).into_owned();
    let mut stderr = String::from_utf8_lossy(&stderr).into_owned();
    let code = match finished {
        Ok(finished) => match finished.outcome.ending {
            Ending::Exited { code } => i32::from(code),
            other => {
                writeln!(stderr, "{other:?}").expect("writing to a string cannot fail");
                -1
            }
        },
        Err(error) => {
            writeln!(stderr, "{error}").expect("writing to a string cannot fail");
            -2
        }
    };
    (Seen { stdout, code }, stderr)
}

/// Starts the `main` of a folder, which is the workspace.
fn launcher(language: Language, main: &str) -> String {
    match language {
        Language::Shell => format!(". /work/{main}\n"),
        Language::Python => {
            format!(
                "import runpy, sys\nsys.path.insert(0, '/work')\nrunpy.run_path('/work/{main}', run_name='__main__')\n"
            )
        }
        Language::JavaScript => format!("import('/work/{main}');\n"),
        Language::PowerShell => format!(". /work/{main}\n"),
    }
}

/// Runs `check` for every case, two at a time, and fails with everything that it found.
fn check_all(
    folder: &str,
    cases: &[Case],
    check: impl Fn(&Handle, &Worker, &Case) -> Option<String> + Sync,
) {
    let compiler = Compiler::new(PROGRAM.into());
    let worker = Worker::new(
        &home().join("compiled"),
        &home().join("runs"),
        compiler,
        Trust::new(Vec::new()),
    )
    .expect("the shared home can be used");
    let runtime = Runtime::new().expect("a runtime can be made");
    let next = AtomicUsize::new(0);
    let differences = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(difference) = check(runtime.handle(), &worker, case) {
                        let mut differences = differences.lock().expect("no check panics");
                        differences.push(format!("=== {}\n{difference}", case.name));
                    }
                }
            });
        }
    });
    let mut differences = differences.into_inner().expect("no check panics");
    differences.sort();
    println!(
        "{folder}: {} of {} cases agree",
        cases.len() - differences.len(),
        cases.len()
    );
    assert!(
        differences.is_empty(),
        "{} of {} cases in {folder} differ:\n{}",
        differences.len(),
        cases.len(),
        differences.join("\n")
    );
}

fn compare_with_native(language: Language, interpreter: &str) {
    let folder = language.guest();
    let is_missing = Command::new(interpreter).arg("--version").output().is_err();
    if is_missing {
        println!("could not run: this machine has no {interpreter} to compare {folder} with");
        return;
    }
    let cases = cases(folder);
    check_all(folder, &cases, |runtime, worker, case| {
        let expected = natively(interpreter, case);
        let (seen, stderr) = runtime.block_on(sandboxed(worker, language, case, &case.file_name()));
        let is_same = seen == expected;
        (!is_same).then(|| explain(&expected.stdout, Some(expected.code), &seen, &stderr))
    });
}

fn compare_with_file(language: Language) {
    let folder = format!("{}-sandbox", language.guest());
    let cases = cases(&folder);
    check_all(&folder, &cases, |runtime, worker, case| {
        let beside = case
            .folder
            .as_ref()
            .unwrap_or(&case.script)
            .with_extension("out");
        let Ok(written) = fs::read_to_string(&beside) else {
            return Some(format!("{} is missing", beside.display()));
        };
        let (expected, code) = claims(&written);
        // guest/shell/README.md: the expected output of shell scripts calls them so.
        let name = match language {
            Language::Shell => "x.sh".to_owned(),
            Language::Python | Language::JavaScript | Language::PowerShell => case.file_name(),
        };
        let (seen, stderr) = runtime.block_on(sandboxed(worker, language, case, &name));
        let is_same =
            seen.stdout == expected && seen.code >= 0 && code.is_none_or(|code| code == seen.code);
        (!is_same).then(|| explain(&expected, code, &seen, &stderr))
    });
}

/// What a `.out` file says: standard output, and the exit code if its last line is `exit N`.
///
/// It was written where helpers have no messages file, and shows their messages. Here the host
/// takes those.
fn claims(written: &str) -> (String, Option<i32>) {
    let last = written.lines().next_back().unwrap_or_default();
    let code = last
        .strip_prefix("exit ")
        .and_then(|code| code.parse().ok());
    let stdout = match code {
        Some(_) => written.trim_end_matches('\n').trim_end_matches(last),
        None => written,
    };
    let is_shown = |line: &&str| !line.starts_with("##octopus[");
    (
        stdout.split_inclusive('\n').filter(is_shown).collect(),
        code,
    )
}

/// The first line that differs, the codes, and what was said on standard error.
fn explain(expected: &str, code: Option<i32>, seen: &Seen, stderr: &str) -> String {
    let mut text = String::new();
    let (mut left, mut right) = (expected.lines(), seen.stdout.lines());
    for number in 1.. {
        match (left.next(), right.next()) {
            (None, None) => break,
            (left, right) if left == right => {}
            (left, right) => {
                let shown = |line: Option<&str>| {
                    line.map_or("(nothing)".into(), |line| format!("{line:?}"))
                };
                writeln!(
                    text,
                    "line {number}: expected {}\nline {number}: here     {}",
                    shown(left),
                    shown(right)
                )
                .expect("writing to a string cannot fail");
                break;
            }
        }
    }
    match code {
        Some(code) if code != seen.code => {
            writeln!(text, "exit code: expected {code}, here {}", seen.code)
        }
        _ => writeln!(text, "exit code: {}", seen.code),
    }
    .expect("writing to a string cannot fail");
    for line in stderr.lines().take(8) {
        writeln!(text, "  stderr: {line}").expect("writing to a string cannot fail");
    }
    text
}

#[test]
fn shell_scripts_print_what_bash_prints() {
    compare_with_native(Language::Shell, "bash");
}

#[test]
fn python_scripts_print_what_python_prints() {
    compare_with_native(Language::Python, "python3");
}

#[test]
fn javascript_scripts_print_what_node_prints() {
    compare_with_native(Language::JavaScript, "node");
}

#[test]
fn shell_scripts_do_in_a_sandbox_what_is_written_down() {
    compare_with_file(Language::Shell);
}

#[test]
fn python_scripts_do_in_a_sandbox_what_is_written_down() {
    compare_with_file(Language::Python);
}

#[test]
fn javascript_scripts_do_in_a_sandbox_what_is_written_down() {
    compare_with_file(Language::JavaScript);
}
