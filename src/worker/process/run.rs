//! One native run: spawned through the launcher, its output read, ended with its whole process group.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use super::launch::Launch;
use super::workspace::{RunDirectory, prepare};
use super::{Account, octopus};
use crate::policy::{FileSource, Grants, Limits, MountPath};
use crate::worker::attempt::Language;
use crate::worker::event::Stream;
use crate::worker::outcome::{Ending, LimitName};
use crate::worker::sandbox::LimitReached;
use crate::worker::sink::Sink;

/// What a process group has between TERM and KILL.
const GRACE: Duration = Duration::from_secs(5);

/// What is left of the output once the script itself is over: a background child may hold the pipe for ever.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// The only directories where programs are looked for.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// How this worker runs native processes.
#[derive(Debug)]
pub struct Native {
    account: Account,
    base: PathBuf,
    /// This program: it is its own launcher.
    program: PathBuf,
}

/// A script to run.
pub(in crate::worker) struct Script<'a> {
    pub language: Language,
    pub name: &'a str,
    pub text: &'a [u8],
    pub arguments: Vec<String>,
    pub environment: Vec<(String, String)>,
    /// What it may read.
    pub variables: BTreeMap<String, String>,
}

/// How it ended, and where its workspace is until this is dropped.
pub(in crate::worker) struct Ran {
    pub ending: Ending,
    pub wall_time: Duration,
    directory: RunDirectory,
}

impl Ran {
    /// The path that the policy's mounts give a path in the workspace, for artifacts.
    pub(in crate::worker) fn as_mounted(&self, path: &str, grants: &Grants) -> String {
        let work = self.directory.work();
        let inside = std::path::Path::new(path).strip_prefix(&work).ok();
        let mount = workspace_mount(grants);
        match (inside, mount) {
            (Some(inside), Some(mount)) => format!("{}/{}", mount.as_str(), inside.display()),
            _ => path.to_owned(),
        }
    }

    /// Where the workspace is.
    pub(in crate::worker) fn work(&self) -> PathBuf {
        self.directory.work()
    }
}

/// Where the policy mounts the workspace.
pub(in crate::worker) fn workspace_mount(grants: &Grants) -> Option<&MountPath> {
    let rules = grants.files.rules.iter();
    let mut own = rules.filter(|rule| rule.source == FileSource::Workspace);
    own.next().map(|rule| &rule.mount)
}

impl Native {
    /// Processes under `account`, each with a directory below `base`.
    ///
    /// # Errors
    /// If the directory can't be used.
    pub fn open(account: Account, base: PathBuf) -> io::Result<Self> {
        prepare(&base)?;
        Ok(Self {
            account,
            base,
            program: std::env::current_exe()?,
        })
    }

    /// The name of the account.
    pub fn account(&self) -> &str {
        &self.account.name
    }

    /// Runs a script to its end, or until `cancelled`.
    ///
    /// # Errors
    /// If it can't be started.
    pub(in crate::worker) async fn run(
        &self,
        script: Script<'_>,
        limits: &Limits,
        sink: &Arc<Sink>,
        mut cancelled: watch::Receiver<bool>,
    ) -> io::Result<Ran> {
        let directory = RunDirectory::new(&self.base, &self.account)?;
        let program = program(&directory, &script)?;
        let launch = Launch {
            uid: self.account.uid,
            gid: self.account.gid,
            cpu_seconds: limits.cpu_time.value.as_secs().max(1),
            memory_bytes: limits.memory.value.0,
            file_bytes: limits.disk.value.0,
            handles: limits.handles.value,
            program,
        };
        let work = directory.work();
        let mut command = Command::new(&self.program);
        command
            .args(launch.arguments())
            .env_clear()
            .envs(script.environment)
            .env("PATH", PATH)
            .env("HOME", &work)
            .env("PWD", &work)
            .env("TMPDIR", &work)
            .env("LANG", "C.UTF-8")
            .env("USER", &self.account.name)
            .env("LOGNAME", &self.account.name)
            .current_dir(&work)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let started = std::time::Instant::now();
        let mut child = command.spawn()?;
        let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        let pid = pid.ok_or_else(|| io::Error::other("the process has no number"))?;
        let group = Group(pid);
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let pumps = async {
            let both = tokio::join!(
                pump(out, Stream::Stdout, sink),
                pump(err, Stream::Stderr, sink)
            );
            both.0.and(both.1)
        };
        let mut pumps = pin!(pumps);
        let mut wall = pin!(tokio::time::sleep(limits.wall_time.value));
        let mut is_read = false;
        let ending = loop {
            tokio::select! {
                status = child.wait() => break ending(status?),
                read = &mut pumps, if !is_read => {
                    is_read = true;
                    if let Err(limit) = read {
                        break Ending::LimitReached { limit: limit.0 };
                    }
                }
                Ok(_) = cancelled.wait_for(|is_cancelled| *is_cancelled) => break Ending::Cancelled,
                () = &mut wall => break Ending::LimitReached { limit: LimitName::WallTime },
            }
        };
        if !matches!(ending, Ending::Exited { .. }) {
            group.signal(Signal::TERM);
            // What it says while it ends is still read.
            let ended = async {
                let last_words = async {
                    if !is_read {
                        pumps.await.ok();
                    }
                };
                tokio::join!(child.wait(), last_words)
            };
            tokio::time::timeout(GRACE, ended).await.ok();
        } else if !is_read {
            tokio::time::timeout(LAST_WORDS, pumps).await.ok();
        }
        // Whatever is left of the group, background children too.
        group.signal(Signal::KILL);
        reap(&mut child).await?;
        Ok(Ran {
            ending,
            wall_time: started.elapsed(),
            directory,
        })
    }
}

async fn reap(child: &mut Child) -> io::Result<()> {
    child.wait().await.map(drop)
}

/// A session of its own is a process group of its own, with the number of its first process.
struct Group(Pid);

impl Group {
    fn signal(&self, signal: Signal) {
        // Nobody left is what we want.
        kill_process_group(self.0, signal).ok();
    }
}

/// Also when the run is dropped in the middle.
impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

fn program(directory: &RunDirectory, script: &Script<'_>) -> io::Result<Vec<String>> {
    let text = |path: &PathBuf| path.to_string_lossy().into_owned();
    let path = directory.script(script.name, script.text)?;
    let mut program = match script.language {
        Language::Shell => {
            let start = octopus::bash(&script.variables, &path);
            let start = directory.script("Bootstrap.sh", start.as_bytes())?;
            vec![
                "bash".into(),
                "--noprofile".into(),
                "--norc".into(),
                text(&start),
            ]
        }
        Language::Python => {
            let json = serde_json::to_vec(&script.variables)?;
            let variables = directory.script("variables.json", &json)?;
            let start = octopus::python(&variables, &path);
            let start = directory.script("Bootstrap.py", start.as_bytes())?;
            vec!["python3".into(), "-u".into(), text(&start)]
        }
        Language::JavaScript | Language::PowerShell => {
            return Err(io::Error::other("this language is not run as a process"));
        }
    };
    program.extend(script.arguments.iter().cloned());
    Ok(program)
}

async fn pump(
    from: Option<impl AsyncRead + Unpin>,
    stream: Stream,
    sink: &Sink,
) -> Result<(), LimitReached> {
    let Some(mut from) = from else {
        return Ok(());
    };
    let mut buffer = vec![0; 16 * 1024];
    loop {
        sink.room().await;
        match from.read(&mut buffer).await {
            Ok(0) | Err(_) => return Ok(()),
            Ok(n_read) => sink.output_bytes(stream, &buffer[..n_read])?,
        }
    }
}

fn ending(status: ExitStatus) -> Ending {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ending::Exited {
            code: u8::try_from(code).unwrap_or(u8::MAX),
        },
        (None, Some(signal)) if signal == Signal::XCPU.as_raw() => Ending::LimitReached {
            limit: LimitName::CpuTime,
        },
        // As shells say it.
        (None, signal) => Ending::Exited {
            code: u8::try_from(128 + signal.unwrap_or(0)).unwrap_or(u8::MAX),
        },
    }
}
