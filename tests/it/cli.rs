//! Runs the `seawall` program, and explains itself when an assertion fails.
//!
//! `script("a.sh", "echo hi").run().expect_code(0).expect_stdout("hi\n")`: a directory of its own for each run, and one
//! cache of compiled guests for all of them, so that each guest is compiled once.

use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use rustix::process::Signal;
use tempfile::TempDir;

use super::process::Process;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_seawall");

/// A run of the program that is being put together.
pub struct Seawall {
    directory: TempDir,
    arguments: Vec<OsString>,
    environment: Vec<(String, OsString)>,
    stdin: Vec<u8>,
}

/// The program with these arguments, in an empty directory, with an empty environment.
pub fn seawall<const N: usize>(arguments: [&str; N]) -> Seawall {
    Seawall {
        directory: TempDir::new().expect("a temporary directory can be made"),
        arguments: arguments.map(OsString::from).to_vec(),
        environment: vec![("SEAWALL_HOME".into(), home().into())],
        stdin: Vec::new(),
    }
}

/// `seawall run NAME`, with the script's text.
pub fn script(name: &str, text: &str) -> Seawall {
    seawall(["run", name]).file(name, text)
}

impl Seawall {
    /// Adds flags behind the sub-command, ahead of the script.
    pub fn with<const N: usize>(mut self, flags: [&str; N]) -> Self {
        self.arguments.splice(1..1, flags.map(OsString::from));
        self
    }

    /// Adds one argument at the end.
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Adds the script's own arguments.
    pub fn arguments<const N: usize>(mut self, arguments: [&str; N]) -> Self {
        self.arguments.push("--".into());
        self.arguments.extend(arguments.map(OsString::from));
        self
    }

    /// Writes `policy.toml` and runs under it. `schema` and `name` are added.
    pub fn policy(self, rules: &str) -> Self {
        let text = format!("schema = 1\nname = \"test\"\n{rules}");
        self.file("policy.toml", text)
            .with(["--policy", "policy.toml"])
    }

    /// As [`Seawall::policy`], with a workspace.
    pub fn policy_with_work(self, rules: &str) -> Self {
        self.policy(&format!("{WORK}{rules}"))
    }

    /// Writes a file into the directory that the program starts in.
    pub fn file(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let path = self.directory.path().join(name);
        let parent = path.parent().expect("a file is in a directory");
        fs::create_dir_all(parent).expect("directories can be made");
        fs::write(&path, bytes).expect("files can be written");
        self
    }

    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Uses a cache and directory of runs of its own.
    pub fn home(self, path: &Path) -> Self {
        self.env("SEAWALL_HOME", path)
    }

    pub fn stdin(mut self, text: &str) -> Self {
        self.stdin = text.into();
        self
    }

    /// The directory that the program starts in.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Starts the program, its standard input left open.
    pub fn start(self) -> Running {
        let mut command = Command::new(PROGRAM);
        command
            .args(&self.arguments)
            .current_dir(self.directory.path())
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        Running {
            process: Process::start(command),
            seawall: self,
        }
    }

    /// Runs the program to its end.
    pub fn run(self) -> Transcript {
        let mut running = self.start();
        let stdin = std::mem::take(&mut running.seawall.stdin);
        running.process.write(&stdin);
        running.finish()
    }
}

/// The program while it runs.
pub struct Running {
    process: Process,
    seawall: Seawall,
}

impl Running {
    pub fn pid(&self) -> i32 {
        self.process.pid()
    }

    pub fn write(&mut self, text: &str) {
        self.process.write(text.as_bytes());
    }

    pub fn signal(&self, signal: Signal) {
        self.process.signal(signal);
    }

    /// Waits until standard output holds `text`.
    #[track_caller]
    pub fn expect_stdout(&mut self, text: &str) {
        let is_enough = |process: &Process| String::from_utf8_lossy(&process.stdout).contains(text);
        let waited = self.process.wait_until(is_enough);
        if waited.is_err() || !is_enough(&self.process) {
            let Process { stdout, stderr, .. } = &self.process;
            panic!(
                "standard output never held {text:?}\n--- stdout\n{}\n--- stderr\n{}",
                String::from_utf8_lossy(stdout),
                String::from_utf8_lossy(stderr)
            );
        }
    }

    /// Closes standard input and waits for the end.
    pub fn finish(mut self) -> Transcript {
        self.process.close_stdin();
        self.finish_with_stdin_open()
    }

    /// Waits for the end, with nothing more to read for the script.
    pub fn finish_with_stdin_open(mut self) -> Transcript {
        let code = self.process.wait();
        let mut files = Vec::new();
        list(self.seawall.directory.path(), &mut files);
        let transcript = Transcript {
            command: format!("{:?}", self.seawall.arguments),
            files,
            code: *code.as_ref().unwrap_or(&-9),
            stdout: String::from_utf8_lossy(&self.process.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&self.process.stderr).into_owned(),
            directory: self.seawall.directory,
        };
        assert!(code.is_ok(), "it did not end in time\n{transcript}");
        transcript
    }
}

/// A run of the program that is over.
pub struct Transcript {
    command: String,
    files: Vec<(String, String)>,
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    directory: TempDir,
}

impl Transcript {
    #[track_caller]
    pub fn expect_code(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "exit code\n{self}");
        self
    }

    #[track_caller]
    pub fn expect_stdout(&self, text: &str) -> &Self {
        assert_eq!(self.stdout, text, "standard output\n{self}");
        self
    }

    #[track_caller]
    pub fn expect_in_stdout(&self, text: &str) -> &Self {
        assert!(
            self.stdout.contains(text),
            "standard output lacks {text:?}\n{self}"
        );
        self
    }

    #[track_caller]
    pub fn expect_in_stderr(&self, text: &str) -> &Self {
        assert!(
            self.stderr.contains(text),
            "standard error lacks {text:?}\n{self}"
        );
        self
    }

    /// Neither standard output nor standard error may hold `text`.
    #[track_caller]
    pub fn expect_nowhere(&self, text: &str) -> &Self {
        assert!(
            !self.stdout.contains(text) && !self.stderr.contains(text),
            "{text:?} must not be shown\n{self}"
        );
        self
    }

    /// One JSON value per line of standard output.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<serde_json::Value> {
        let parse = |line| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{line:?}: {error}\n{self}"))
        };
        self.stdout.lines().map(parse).collect()
    }

    /// The lines that the report of denials says to add, all of them.
    pub fn lines_to_add(&self) -> String {
        let mut lines = String::new();
        let mut is_fix = false;
        for line in self.stderr.lines() {
            match line.strip_prefix("      ") {
                Some(rule) if is_fix => lines.push_str(&format!("{rule}\n")),
                _ => is_fix = line.trim() == "to allow it, add to the policy:",
            }
        }
        lines
    }

    /// Whether the directory that the program started in has a file.
    pub fn has(&self, name: &str) -> bool {
        self.directory.path().join(name).exists()
    }

    /// A file of the directory that the program started in.
    #[track_caller]
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.directory.path().join(name))
            .unwrap_or_else(|error| panic!("{name} can't be read: {error}\n{self}"))
    }
}

/// Everything there is to know, for whoever has to find out why.
impl fmt::Display for Transcript {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "--- seawall {}", self.command)?;
        for (name, text) in &self.files {
            writeln!(out, "--- {name}\n{text}")?;
        }
        writeln!(out, "--- stdout\n{}", self.stdout)?;
        writeln!(out, "--- stderr\n{}", self.stderr)?;
        writeln!(out, "--- exit code {}", self.code)
    }
}

/// The text files below `directory`, as far as they can be shown.
fn list(directory: &Path, into: &mut Vec<(String, String)>) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            list(&path, into);
        } else if let Ok(text) = fs::read_to_string(&path) {
            let shown: String = text.chars().take(4_000).collect();
            into.push((path.display().to_string(), shown));
        }
    }
}

/// A rule that grants a fresh workspace.
pub const WORK: &str =
    "[[files]]\nmount = \"/work\"\nfrom = \"workspace\"\naccess = \"read-write\"\n";

/// The cache and directory of runs that all tests share, with every interpreter compiled.
pub fn home() -> &'static Path {
    static HOME: OnceLock<PathBuf> = OnceLock::new();
    HOME.get_or_init(|| {
        let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let home = temporary.join("seawall-home");
        // One process compiles, the others wait: each test may be a process of its own.
        let lock =
            fs::File::create(temporary.join("seawall-home.lock")).expect("the lock can be made");
        lock.lock().expect("the lock can be taken");
        compile_guests(&home);
        home
    })
}

fn compile_guests(home: &Path) {
    let guests = run_in(home, home, &["guests", "--json"]);
    let guests: Vec<serde_json::Value> = guests
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is an object"))
        .collect();
    let is_missing = |name: &str| {
        guests
            .iter()
            .any(|guest| guest["name"] == name && guest["compiled"] == false)
    };
    let scripts = [
        ("shell", "a.sh"),
        ("python", "a.py"),
        ("javascript", "a.js"),
    ];
    if !scripts.iter().any(|(guest, _)| is_missing(guest)) {
        return;
    }
    // What earlier builds left would fill the disk.
    for entry in fs::read_dir(home.join("compiled"))
        .expect("the cache exists")
        .flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_current = guests
            .iter()
            .any(|guest| name.starts_with(guest["digest"].as_str().expect("a digest")));
        if !is_current {
            fs::remove_file(entry.path()).expect("the cache is ours");
        }
    }
    let directory = TempDir::new().expect("a temporary directory can be made");
    for (guest, name) in scripts {
        if is_missing(guest) {
            fs::write(directory.path().join(name), "").expect("files can be written");
            run_in(home, directory.path(), &["run", name]);
        }
    }
}

/// Runs the program where the harness itself needs it, and returns its standard output.
fn run_in(home: &Path, directory: &Path, arguments: &[&str]) -> String {
    fs::create_dir_all(directory).expect("directories can be made");
    let mut command = Command::new(PROGRAM);
    command
        .args(arguments)
        .current_dir(directory)
        .env_clear()
        .env("SEAWALL_HOME", home);
    let mut process = Process::start(command);
    process.close_stdin();
    let code = process.wait();
    let stdout = String::from_utf8_lossy(&process.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&process.stderr);
    assert!(
        matches!(code, Ok(0)),
        "seawall {arguments:?}: {code:?}\n{stdout}\n{stderr}"
    );
    stdout
}

/// A home of its own that has the compiled form of one guest: copied, so that it may be damaged.
pub fn home_with(guest: &str) -> TempDir {
    let target = TempDir::new().expect("a temporary directory can be made");
    let compiled = target.path().join("compiled");
    fs::create_dir(&compiled).expect("directories can be made");
    let digest = digest_of(guest);
    for entry in fs::read_dir(home().join("compiled"))
        .expect("the cache exists")
        .flatten()
    {
        if entry.file_name().to_string_lossy().starts_with(&digest) {
            fs::copy(entry.path(), compiled.join(entry.file_name()))
                .expect("the cache can be copied");
        }
    }
    target
}

/// The SHA-256 of a guest's component, by which the cache names it.
pub fn digest_of(guest: &str) -> String {
    let guests = run_in(home(), home(), &["guests", "--json"]);
    guests
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).expect("each line is an object")
        })
        .find(|row| row["name"] == guest)
        .and_then(|row| row["digest"].as_str().map(str::to_owned))
        .unwrap_or_else(|| panic!("this build has no {guest} guest: run `make guests`"))
}
