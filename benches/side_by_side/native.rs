//! The other side: programs of this machine, spawned and waited for, with and without bubblewrap.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::report::Machine;

/// A program and its arguments, to be spawned again and again.
#[derive(Clone)]
pub struct Native {
    program: PathBuf,
    arguments: Vec<OsString>,
}

/// The interpreters that the sandbox is compared with.
pub struct Interpreters {
    pub bash: PathBuf,
    pub python: PathBuf,
    pub node: PathBuf,
}

impl Interpreters {
    /// The ones that this machine has.
    ///
    /// `/usr/bin` comes first, because a version manager's `python3` is a shell script that takes
    /// longer than Python itself; comparing with that would flatter us.
    pub fn find() -> Self {
        let find =
            |name| which(name).unwrap_or_else(|| panic!("`{name}` is needed to compare with"));
        Self {
            bash: find("bash"),
            python: find("python3"),
            node: find("node"),
        }
    }
}

/// Where `name` is: `/usr/bin`, `/bin`, then the `PATH`.
pub fn which(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    ["/usr/bin", "/bin"]
        .map(PathBuf::from)
        .into_iter()
        .chain(std::env::split_paths(&path))
        .map(|directory| directory.join(name))
        .find(|file| file.is_file())
}

impl Native {
    /// `program` with `arguments`.
    pub fn new<A: Into<OsString>>(
        program: impl AsRef<Path>,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            arguments: arguments.into_iter().map(Into::into).collect(),
        }
    }

    /// The same in a bubblewrap sandbox that shares nothing but a read-only root; `None` where
    /// bubblewrap is missing or this kernel doesn't let it work.
    pub fn under_bubblewrap(&self) -> Option<Self> {
        let wrapped = Self {
            program: which("bwrap")?,
            arguments: ["--ro-bind", "/", "/", "--unshare-all", "--die-with-parent"]
                .map(OsString::from)
                .into_iter()
                .chain([self.program.clone().into_os_string()])
                .chain(self.arguments.iter().cloned())
                .collect(),
        };
        wrapped
            .command()
            .output()
            .ok()?
            .status
            .success()
            .then_some(wrapped)
    }

    /// Spawns it, waits, collects what it printed, and says how long that took.
    ///
    /// # Panics
    /// If it fails, or prints something other than `expected`: what failed early measures nothing.
    pub fn timed(&self, expected: Option<&[u8]>) -> Duration {
        let mut command = self.command();
        let began = Instant::now();
        let output = command.output().expect("the program can be spawned");
        let took = began.elapsed();
        assert!(
            output.status.success(),
            "{}: {}",
            self.program.display(),
            String::from_utf8_lossy(&output.stderr)
        );
        if let Some(expected) = expected {
            assert_eq!(output.stdout, expected, "{}", self.program.display());
        }
        took
    }

    /// Spawns it once and returns what it printed.
    pub fn output(&self) -> Vec<u8> {
        let output = self.command().output().expect("the program can be spawned");
        output.stdout
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null());
        command
    }
}

/// This machine and its programs, for the report.
pub fn machine() -> Machine {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let processor = read("/proc/cpuinfo")
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown".into(), |(_, name)| name.to_owned());
    let interpreters = Interpreters::find();
    let version = |program: &Path| {
        let printed = Native::new(program, ["--version"]).output();
        let printed = String::from_utf8_lossy(&printed);
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        let version = printed
            .split_whitespace()
            .find(|word| word.contains(|letter: char| letter.is_ascii_digit()))
            .unwrap_or("?")
            .to_owned();
        format!(
            "{name} {}",
            version.trim_start_matches('v').trim_end_matches(',')
        )
    };
    let Interpreters { bash, python, node } = interpreters;
    let programs = [Some(bash), Some(python), Some(node), which("bwrap")];
    Machine {
        cores: cores(),
        processor,
        kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
        programs: programs
            .into_iter()
            .flatten()
            .map(|program| version(&program))
            .collect(),
    }
}

/// Processors that this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
