//! A script on a machine that has nothing of ours: what is sent there, and what is made of its output here.
//!
//! It is a process, with an account that is somebody else's affair, so that the policy must allow one. What it says
//! goes through the same pipeline as everything else that runs: messages are read, secrets are masked. Whoever has
//! the connection starts it, passes on what it says, and tells how it ended.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::artifact::{Artifact, ArtifactError};
use super::attempt::{Attempt, Language, Program};
use super::event::{Event, Stream};
use super::outcome::{Consumed, Ending, LimitName, Outcome};
use super::output::Secrets;
use super::process::{self, octopus};
use super::receipt::Witness;
use super::run::{Error, Finished, environment, open_sink};
use super::sandbox::Meter;
use super::sink::{EventSender, Sink};
use crate::policy::{Grants, Limits};

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
    language: Language,
    name: String,
    text: Vec<u8>,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    variables: BTreeMap<String, String>,
    grants: Arc<Grants>,
    sink: Arc<Sink>,
    witness: Arc<Witness>,
    started: Instant,
}

/// How a script is started in a directory of that machine. Nothing secret is in the files or the command.
pub struct Start {
    /// By name, for the directory.
    pub files: Vec<(String, Vec<u8>)>,
    pub command: Vec<String>,
    pub environment: Vec<(String, Zeroizing<String>)>,
    /// What it reads first: variables, secrets among them.
    pub stdin: Zeroizing<Vec<u8>>,
}

impl Elsewhere {
    /// A script that is about to run.
    ///
    /// # Errors
    /// [`Error::NativeDenied`] unless it may be a process, and those of its variables.
    pub fn new(attempt: Attempt, events: EventSender) -> Result<Self, Error> {
        let Attempt {
            program,
            arguments,
            stdin: _,
            grants,
            isolation: _,
            sources: _,
            variables,
        } = attempt;
        let Program::Script {
            language: language @ (Language::Shell | Language::Python),
            name,
            text,
        } = program
        else {
            return Err(Error::NativeDenied(
                "only scripts in Bash and Python are run over SSH",
            ));
        };
        if !process::is_granted(&grants) {
            return Err(Error::NativeDenied("the policy doesn't allow them"));
        }
        let environment = environment(&grants, &variables)?;
        let mut secrets = Secrets::default();
        for value in variables.sensitive_values() {
            secrets.add(value).map_err(|_| Error::TooManySecrets)?;
        }
        let readable = variables.readable(&grants.variables);
        let readable = readable.and_then(|json| serde_json::from_str(&json).ok());
        let limits = &grants.limits;
        let meter = Arc::new(Meter::start(limits.cpu_time.value, limits.wall_time.value));
        let witness = Arc::new(Witness::new(Arc::clone(&grants)));
        let sink = open_sink(&grants, secrets, events, &witness, &meter);
        sink.event(Event::Started {
            guest: name.clone(),
        });
        Ok(Self {
            language,
            name,
            text,
            arguments,
            environment,
            variables: readable.unwrap_or_default(),
            grants,
            sink,
            witness,
            started: Instant::now(),
        })
    }

    /// What holds it.
    pub fn limits(&self) -> &Limits {
        &self.grants.limits
    }

    /// How it is started with its files in `directory`, which is that machine's.
    pub fn start(&self, directory: &str) -> Start {
        let path = format!("{directory}/{}", self.name);
        let mut files = vec![(self.name.clone(), self.text.clone())];
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let (mut command, stdin): (Vec<String>, String) = match self.language {
            Language::Python => {
                let start = format!("{directory}/Bootstrap.py");
                let text = octopus::python_given("_given", Path::new(&path));
                let text = format!("{PYTHON_START}{text}");
                files.push(("Bootstrap.py".to_owned(), text.into_bytes()));
                let variables = serde_json::to_string(&self.variables);
                (
                    words(&["python3", "-u", &start]),
                    variables.expect("a map of strings is JSON"),
                )
            }
            _ => (
                words(&["bash", "--noprofile", "--norc", "-s", "--"]),
                octopus::bash(&self.variables, Path::new(&path)),
            ),
        };
        command.extend(self.arguments.iter().cloned());
        let environment = self.environment.iter();
        Start {
            files,
            command,
            environment: environment
                .map(|(name, value)| (name.clone(), Zeroizing::new(value.clone())))
                .collect(),
            stdin: Zeroizing::new(stdin.into_bytes()),
        }
    }

    /// Resolves when more output will be taken.
    pub async fn room(&self) {
        self.sink.room().await;
    }

    /// Takes what it said.
    ///
    /// # Errors
    /// The limit that this reached.
    pub fn output(&self, stream: Stream, bytes: &[u8]) -> Result<(), LimitName> {
        let taken = self.sink.output_bytes(stream, bytes);
        taken.map_err(|reached| reached.0)
    }

    /// It says no more. Gives the files that it asked to keep, as path and name.
    pub fn silence(&self) -> Vec<(String, String)> {
        self.sink.finish();
        self.sink.artifacts()
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
            output_bytes: self.sink.used_bytes(),
            ..Consumed::default()
        };
        let receipt = self.witness.receipt(consumed);
        Finished {
            outcome: Outcome {
                ending,
                receipt: receipt.masked(|text| self.sink.mask(text)),
            },
            artifacts,
        }
    }
}
