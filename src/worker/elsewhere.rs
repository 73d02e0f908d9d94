//! A script on a machine that has nothing of ours: what is sent there, and what is made of its output here.
//!
//! It is a process, with an account that is somebody else's affair, so that the policy must allow one. What it says
//! goes through the same pipeline as everything else that runs: messages are read, secrets are masked. Whoever has
//! the connection starts it, passes on what it says, and tells how it ended.

use std::path::Path;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::artifact::{Artifact, ArtifactError};
use super::attempt::{Attempt, Language, Sources};
use super::event::Stream;
use super::outcome::{Consumed, Ending, LimitName, Outcome};
use super::process::{Begun, Permitted, octopus, places, program};
use super::run::{Error, Finished};
use super::sink::EventSender;
use crate::policy::{FileSource, Grants, Limits};

/// What Python runs in front of a script: its variables come on standard input, which is then the script's no more.
const PYTHON_START: &str = "\
import os as _os
_given = _os.dup(0)
_nothing = _os.open(_os.devnull, _os.O_RDONLY)
_os.dup2(_nothing, 0)
_os.close(_nothing)
";

/// One script, from the moment at which it could start.
pub struct Elsewhere {
    run: Begun,
    started: Instant,
}

/// How a script is started in a directory of that machine. Nothing secret is in the files or the command.
pub struct Start {
    /// By name, for the directory.
    pub files: Vec<(String, Vec<u8>)>,
    pub command: Vec<String>,
    pub environment: Vec<(String, Zeroizing<String>)>,
    /// What it is given first: variables, secrets among them.
    pub given: Zeroizing<Vec<u8>>,
    /// Where it reads that.
    pub reads: Reads,
    /// Whether its address space can be held to its memory.
    pub uses_what_it_reserves: bool,
}

/// Where an interpreter reads what it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reads {
    Stdin,
    /// From a pipe with this path, and nothing from standard input: PowerShell takes that for the script's own.
    Pipe(String),
}

impl Elsewhere {
    /// A script that is about to run.
    ///
    /// # Errors
    /// [`Error::NativeDenied`] unless it may be a process, and those of its variables.
    pub fn new(attempt: Attempt, events: EventSender) -> Result<Self, Error> {
        let mut attempt = Permitted::of(attempt)?;
        let mounted = mounted(&attempt.grants, &attempt.sources)?;
        attempt.script.environment.extend(mounted);
        Ok(Self {
            run: attempt.begin(events),
            started: Instant::now(),
        })
    }

    /// What holds it.
    pub fn limits(&self) -> &Limits {
        &self.run.grants.limits
    }

    /// How it is started with its files in `directory`, which is that machine's.
    pub fn start(&self, directory: &str) -> Start {
        let script = &self.run.script;
        let path = format!("{directory}/{}", script.name);
        let mut files = vec![(script.name.clone(), script.text.clone())];
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let mut reads = Reads::Stdin;
        let mut piped = |name: &str, start: &dyn Fn(&Path, &Path) -> String| {
            let pipe = format!("{directory}/variables.json");
            let text = start(Path::new(&pipe), Path::new(&path));
            files.push((name.to_owned(), text.into_bytes()));
            reads = Reads::Pipe(pipe);
            format!("{directory}/{name}")
        };
        let variables =
            || serde_json::to_string(&script.variables).expect("a map of strings is JSON");
        let (mut command, given): (Vec<String>, String) = match script.language {
            Language::Python => {
                let start = format!("{directory}/Bootstrap.py");
                let text = octopus::python_given("_given", Path::new(&path));
                let text = format!("{PYTHON_START}{text}");
                files.push(("Bootstrap.py".to_owned(), text.into_bytes()));
                (words(&["python3", "-u", &start]), variables())
            }
            Language::JavaScript => {
                let start = piped("Bootstrap.cjs", &octopus::javascript);
                (words(&["node", &start]), variables())
            }
            Language::PowerShell => {
                let start = piped("Bootstrap.ps1", &octopus::powershell);
                let mut command = words(program::PWSH);
                command.push(start);
                (command, variables())
            }
            Language::Shell => (
                words(&["bash", "--noprofile", "--norc", "-s", "--"]),
                octopus::bash(&script.variables, Path::new(&path)),
            ),
        };
        command.extend(script.arguments.iter().cloned());
        let environment = script.environment.iter();
        Start {
            files,
            command,
            environment: environment
                .map(|(name, value)| (name.clone(), Zeroizing::new(value.clone())))
                .collect(),
            given: Zeroizing::new(given.into_bytes()),
            reads,
            uses_what_it_reserves: program::uses_what_it_reserves(script.language),
        }
    }

    /// Resolves when more output will be taken.
    pub async fn room(&self) {
        self.run.sink.room().await;
    }

    /// Takes what it said.
    ///
    /// # Errors
    /// The limit that this reached.
    pub fn output(&self, stream: Stream, bytes: &[u8]) -> Result<(), LimitName> {
        let taken = self.run.sink.output_bytes(stream, bytes);
        taken.map_err(|reached| reached.0)
    }

    /// It says no more. Gives the files that it asked to keep, as path and name.
    pub fn silence(&self) -> Vec<(String, String)> {
        self.run.sink.finish();
        self.run.sink.artifacts()
    }

    /// It is over.
    pub fn finish(
        self,
        ending: Ending,
        artifacts: Vec<Result<Artifact, ArtifactError>>,
    ) -> Finished {
        let wall_time: Duration = self.started.elapsed();
        let consumed = Consumed {
            wall_time,
            output_bytes: self.run.sink.used_bytes(),
            ..Consumed::default()
        };
        let receipt = self.run.witness.receipt(consumed);
        Finished {
            outcome: Outcome {
                ending,
                receipt: receipt.masked(|text| self.run.sink.mask(text)),
            },
            artifacts,
        }
    }
}

/// The variables that name the directory of each mount, as those of a process here. A directory of the host is the
/// other machine's.
fn mounted(grants: &Grants, sources: &Sources) -> Result<Vec<(String, String)>, Error> {
    let mut mounted: Vec<(String, String)> = Vec::new();
    for grant in &grants.files.rules {
        let path = match (&grant.source, sources.mounts.get(&grant.mount)) {
            (_, Some(path)) => path.to_string_lossy().into_owned(),
            (FileSource::Host(path), None) => path.as_str().to_owned(),
            (FileSource::Workspace | FileSource::Artifacts | FileSource::Package(_), None) => {
                return Err(Error::SourceMissing {
                    origin: grant.origin.to_string(),
                    source_name: grant.source.to_string(),
                    mount: grant.mount.to_string(),
                });
            }
        };
        let name = places::variable(&grant.mount);
        if mounted.iter().any(|(other, _)| *other == name) {
            return Err(Error::SourceUnusable {
                path: path.into(),
                mount: grant.mount.to_string(),
                source: std::io::Error::other(format!("another mount is {name}, too")),
            });
        }
        mounted.push((name, path));
    }
    Ok(mounted)
}
