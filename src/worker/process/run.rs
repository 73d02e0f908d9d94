//! One native run: spawned under its supervisor, its output read, ended with everything it started.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::process::Command;
use tokio::sync::watch;

use super::launch::{Launch, Orders};
use super::places::{by_access, places, variable};
use super::program::{program, uses_what_it_reserves};
use super::script::Script;
use super::supervise::{Report, SUPERVISE_SUBCOMMAND, TERMINATE};
use super::workspace::{RunDirectory, prepare};
use super::{Account, landlock_of_this_kernel};
use crate::plan::{Landlock, Unheld};
use crate::policy::{FileSource, Grants, MountPath};
use crate::worker::attempt::Sources;
use crate::worker::event::Stream;
use crate::worker::outcome::{Ending, LimitName};
use crate::worker::run::Error;
use crate::worker::sandbox::{Directory, LimitReached};
use crate::worker::sink::Sink;

/// What a process group has between TERM and KILL.
const GRACE: Duration = Duration::from_secs(5);

/// What is left of the output once everything is over: only what is in a pipe.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// The only directories where programs are looked for.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// How this worker runs native processes.
#[derive(Debug)]
pub struct Native {
    account: Account,
    base: PathBuf,
    unheld: Unheld,
    /// This program: it is its own supervisor and launcher.
    program: PathBuf,
}

/// How it ended, and where its directories are until this is dropped.
pub(in crate::worker) struct Ran {
    pub ending: Ending,
    pub wall_time: Duration,
    pub cpu_time: Duration,
    /// What the kernel held it to; `None` if it was never launched.
    pub landlock: Option<Landlock>,
    places: Vec<Directory>,
    _directory: RunDirectory,
}

impl Ran {
    /// The path that the policy's mounts give a path of the host, for artifacts.
    pub(in crate::worker) fn as_mounted(&self, path: &str) -> String {
        let inside = |place: &Directory| {
            let inside = Path::new(path).strip_prefix(&place.host_path).ok()?;
            Some(format!(
                "{}/{}",
                place.grant.mount.as_str(),
                inside.display()
            ))
        };
        self.places
            .iter()
            .find_map(inside)
            .unwrap_or_else(|| path.to_owned())
    }

    /// Where a mount is on this host.
    pub(in crate::worker) fn host_path_of(&self, mount: &MountPath) -> Option<PathBuf> {
        let mut places = self.places.iter();
        let place = places.find(|place| place.grant.mount == *mount)?;
        Some(place.host_path.clone())
    }
}

impl Native {
    /// Processes under `account`, each with a directory below `base`.
    ///
    /// # Errors
    /// If the directory can't be used.
    pub fn open(account: Account, base: PathBuf, unheld: Unheld) -> io::Result<Self> {
        prepare(&base)?;
        Ok(Self {
            account,
            base,
            unheld,
            program: std::env::current_exe()?,
        })
    }

    /// The name of the account.
    pub fn account(&self) -> &str {
        &self.account.name
    }

    /// Whether they may run where the kernel doesn't hold them.
    pub fn unheld(&self) -> Unheld {
        self.unheld
    }

    /// A directory of the account's, with a workspace in it.
    pub(in crate::worker) fn directory(&self) -> io::Result<RunDirectory> {
        RunDirectory::new(&self.base, &self.account)
    }

    /// Where runs have their directories.
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// Runs a script to its end, or until `cancelled`.
    ///
    /// # Errors
    /// [`Error::NativeDenied`] if the operator requires more of the kernel than it has; others if it can't be started,
    /// or a mount can't be found.
    pub(in crate::worker) async fn run(
        &self,
        mut script: Script,
        grants: &Arc<Grants>,
        sources: Sources,
        sink: &Arc<Sink>,
        mut cancelled: watch::Receiver<bool>,
    ) -> Result<Ran, Error> {
        if let Some(why) = landlock_of_this_kernel().refusal(self.unheld) {
            return Err(Error::NativeDenied(why));
        }
        let shared = sources.workspace.clone();
        let (directory, places) = self.directories(grants, sources).await?;
        let work = shared.unwrap_or_else(|| directory.work());
        name_packages(&places, &mut script.variables);
        let orders = Orders {
            environment: self.environment(&script, &places, &work),
        };
        let launch = self.launch(&script, grants, &places, (&directory, &work));
        let launch = launch.map_err(Error::Native)?;
        let limits = &grants.limits;
        let started = Instant::now();
        let (ours, theirs) = std::os::unix::net::UnixStream::pair().map_err(Error::Native)?;
        let mut supervisor = Command::new(&self.program)
            .args(launch.arguments(SUPERVISE_SUBCOMMAND))
            .env_clear()
            .env("PATH", PATH)
            .current_dir(&work)
            // Its end of the socket closes with us, whatever becomes of us; then it ends everything.
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(Error::Native)?;
        let mut link = link(ours, &orders).await.map_err(Error::Native)?;
        let (out, err) = (supervisor.stdout.take(), supervisor.stderr.take());
        // A limit is known at once: a script that writes into what nobody reads any more would only seem to have failed.
        let pumps = async {
            tokio::try_join!(
                pump(out, Stream::Stdout, sink),
                pump(err, Stream::Stderr, sink)
            )
        };
        let mut pumps = pin!(pumps);
        let mut wall = pin!(tokio::time::sleep(limits.wall_time.value));
        let mut is_read = false;
        // Why it is ended, if it didn't end by itself.
        let stopped = loop {
            tokio::select! {
                status = supervisor.wait() => break status.map(|_| None).map_err(Error::Native)?,
                read = &mut pumps, if !is_read => {
                    is_read = true;
                    if let Err(limit) = read {
                        break Some(Ending::LimitReached { limit: limit.0 });
                    }
                }
                Ok(_) = cancelled.wait_for(|is_cancelled| *is_cancelled) => break Some(Ending::Cancelled),
                () = &mut wall => break Some(Ending::LimitReached { limit: LimitName::WallTime }),
            }
        };
        if stopped.is_some() {
            link.write_all(&[TERMINATE]).await.ok();
            // What it says while it ends is still read.
            let ended = async {
                let last_words = async {
                    if !is_read {
                        is_read = pumps.as_mut().await.is_ok();
                    }
                };
                tokio::join!(supervisor.wait(), last_words)
            };
            tokio::time::timeout(GRACE, ended).await.ok();
        }
        link.shutdown().await.ok();
        supervisor.wait().await.map_err(Error::Native)?;
        if !is_read {
            tokio::time::timeout(LAST_WORDS, pumps).await.ok();
        }
        let report = report(link).await.map_err(Error::Native)?;
        Ok(Ran {
            ending: stopped.unwrap_or_else(|| ending(&report)),
            wall_time: started.elapsed(),
            cpu_time: report.cpu_time,
            landlock: report.landlock,
            places,
            _directory: directory,
        })
    }

    /// Its own directory, and those of its mounts.
    async fn directories(
        &self,
        grants: &Arc<Grants>,
        sources: Sources,
    ) -> Result<(RunDirectory, Vec<Directory>), Error> {
        let (base, account, grants) = (self.base.clone(), self.account.clone(), Arc::clone(grants));
        // Packages are copied.
        let made = tokio::task::spawn_blocking(move || {
            let directory = RunDirectory::new(&base, &account).map_err(Error::Native)?;
            let places = places(&directory, &grants, &sources)?;
            Ok((directory, places))
        });
        made.await
            .map_err(|error| Error::Native(io::Error::other(error)))?
    }

    fn launch(
        &self,
        script: &Script,
        grants: &Grants,
        places: &[Directory],
        (directory, work): (&RunDirectory, &Path),
    ) -> io::Result<Launch> {
        let limits = &grants.limits;
        let memory_bytes = limits.memory.value.0;
        let (mut read, mut write) = by_access(places);
        read.push(directory.scripts());
        write.push(work.to_owned());
        let rules = grants.network.rules().iter();
        let ports: BTreeSet<u16> = rules.flat_map(|rule| rule.ports.iter().copied()).collect();
        Ok(Launch {
            uid: self.account.uid,
            gid: self.account.gid,
            cpu_seconds: limits.cpu_time.value.as_secs().max(1),
            memory_bytes,
            address_bytes: uses_what_it_reserves(script.language).then_some(memory_bytes),
            file_bytes: limits.disk.value.0,
            handles: limits.handles.value,
            read,
            write,
            connect: ports.into_iter().collect(),
            program: program(directory, script)?,
        })
    }

    fn environment(
        &self,
        script: &Script,
        places: &[Directory],
        work: &Path,
    ) -> Vec<(String, String)> {
        let work = work.to_string_lossy().into_owned();
        let own = [
            ("PATH", PATH),
            ("HOME", &work),
            ("PWD", &work),
            ("TMPDIR", &work),
            ("LANG", "C.UTF-8"),
            ("USER", &self.account.name),
            ("LOGNAME", &self.account.name),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mounted = places.iter().map(|place| {
            let path = place.host_path.to_string_lossy().into_owned();
            (variable(&place.grant.mount), path)
        });
        script
            .environment
            .iter()
            .cloned()
            .chain(own)
            .chain(mounted)
            .collect()
    }
}

/// Says where each package is, as a variable of the name that Octopus gives it.
fn name_packages(places: &[Directory], variables: &mut BTreeMap<String, String>) {
    for place in places {
        if let FileSource::Package(_) = &place.grant.source
            && let Some(id) = place.grant.source.package_id()
        {
            let name = format!("Octopus.Action.Package[{id}].ExtractedPath");
            variables.insert(name, place.host_path.to_string_lossy().into_owned());
        }
    }
}

/// Our end of the socket, once the orders are on their way.
async fn link(ours: std::os::unix::net::UnixStream, orders: &Orders) -> io::Result<UnixStream> {
    ours.set_nonblocking(true)?;
    let mut link = UnixStream::from_std(ours)?;
    let mut line = serde_json::to_vec(orders)?;
    line.push(b'\n');
    link.write_all(&line).await?;
    Ok(link)
}

/// The last word of a supervisor that is over.
async fn report(mut link: UnixStream) -> io::Result<Report> {
    let mut text = Vec::new();
    match link.read_to_end(&mut text).await {
        // It ended by itself before it read that it should; what it said came before.
        Err(error) if error.kind() != io::ErrorKind::ConnectionReset => return Err(error),
        _ => {}
    }
    serde_json::from_slice(&text)
        .map_err(|_| io::Error::other("its supervisor ended without a word"))
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

fn ending(report: &Report) -> Ending {
    match (report.code, report.signal) {
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[tokio::test]
    async fn a_supervisor_that_ends_before_it_reads_our_last_word_has_reported_all_the_same() {
        let (ours, mut theirs) = std::os::unix::net::UnixStream::pair().expect("a pair");
        ours.set_nonblocking(true).expect("a socket option");
        let mut link = UnixStream::from_std(ours).expect("a socket");
        link.write_all(&[TERMINATE]).await.expect("there is room");
        let said = Report {
            code: Some(3),
            signal: None,
            cpu_time: Duration::ZERO,
            landlock: None,
        };
        let said = serde_json::to_vec(&said).expect("it is JSON");
        theirs.write_all(&said).expect("there is room");
        // What wasn't read resets the connection.
        drop(theirs);
        assert_eq!(report(link).await.expect("a report").code, Some(3));
    }
}
