//! Runs one attack in one sandbox and reports what was observed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use anyhow::{Context as _, anyhow};
use tokio::sync::watch;

use super::fixture::Fixture;
use super::server::Servers;
use super::table::{Attack, Table, fill};
use super::verdict::{End, Observed};
use crate::cli::Failure;
use crate::cli::exit::Exit;
use crate::policy::{Grants, grants, parse};
use crate::worker::event::{Event, Stream};
use crate::worker::output::terminal;
use crate::worker::sandbox::EMBEDDED;
use crate::worker::{
    Attempt, Error, Events, Finished, Program, Receipt, Sensitive, Sources, Stdin, Variables,
    Worker, channel,
};

/// Most that is kept of what an attack prints.
const SHOWN_BYTES: usize = 1 << 20;

/// Longest last line that is kept; some probes list hundreds of spellings in theirs.
const LAST_LINE_BYTES: usize = 64 * 1024;

/// Sandboxes and servers for attacks.
pub struct Attacker {
    worker: Worker,
    /// Where the worker's runs have their directories.
    runs: PathBuf,
    servers: Servers,
    table: Table,
}

impl Attacker {
    /// Starts the loopback servers.
    ///
    /// # Errors
    /// If no port of this machine can be listened on.
    pub async fn start(worker: Worker, runs: PathBuf) -> anyhow::Result<Self> {
        let servers = Servers::start()
            .await
            .context("the loopback servers can't be started")?;
        Ok(Self {
            worker,
            runs,
            servers,
            table: Table::shipped(),
        })
    }

    /// The probes.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Carries out `attack` with fresh files.
    ///
    /// # Errors
    /// If the host failed; what the attack did is observed.
    pub async fn carry_out(&self, attack: &Attack<'_>) -> Result<Observed, Failure> {
        let fixture = Fixture::create(attack.setup).context("a probe's files can't be made")?;
        self.servers.forget();
        let mut places = fixture.places();
        places.extend(self.servers.places());
        let text = self.table.policy_text(attack.policy, &places);
        let grants = match parse("probe.toml", &text) {
            Ok((policy, _)) => grants(&policy, None)
                .map(Arc::new)
                .map_err(|error| Failure::new(Exit::Denied, error))?,
            Err(error) => return Ok(not_started(format!("policy: {error}"), places)),
        };
        for step in attack.before {
            let (guest, args) = match step.first() {
                Some(module) if module.starts_with("modules/") => (module.as_str(), &step[1..]),
                _ => (attack.guest, step.as_slice()),
            };
            // How these end does not matter.
            let _ = self.run(guest, args, &fixture, &grants, &places).await?;
        }
        let (finished, printed) = self
            .run(attack.guest, attack.args, &fixture, &grants, &places)
            .await?;
        let mut observed = match finished {
            Ok(finished) => Observed {
                end: End::Ran(finished.outcome.ending),
                last_line: printed.last_line,
                said: printed.said,
                shown: printed.shown,
                received: self.servers.received(),
                n_artifacts: finished
                    .artifacts
                    .iter()
                    .filter(|kept| kept.is_ok())
                    .count(),
                receipt: finished.outcome.receipt,
                is_well_afterwards: true,
                left_behind: left_behind(&self.runs).context("the runs can't be listed")?,
                places,
            },
            Err(why) => not_started(why, places),
        };
        if attack.expect.expect == "contained" {
            observed.is_well_afterwards = self.is_well(&grants).await?;
        }
        Ok(observed)
    }

    /// Whether an ordinary run works.
    async fn is_well(&self, grants: &Arc<Grants>) -> Result<bool, Failure> {
        let fixture = Fixture::create(&[]).context("a probe's files can't be made")?;
        let args = ["exit".to_owned(), "7".to_owned()];
        let (finished, _) = self
            .run("probe", &args, &fixture, grants, &HashMap::new())
            .await?;
        Ok(matches!(
            finished.map(|finished| finished.outcome.ending),
            Ok(crate::worker::Ending::Exited { code: 7 })
        ))
    }

    /// One run. The inner error is the reason why a guest was not started.
    async fn run(
        &self,
        guest: &str,
        args: &[String],
        fixture: &Fixture,
        grants: &Arc<Grants>,
        places: &HashMap<&'static str, String>,
    ) -> Result<(Result<Finished, String>, Printed), Failure> {
        let program = match guest {
            "probe" => Program::Builtin {
                guest: guest.into(),
            },
            // A core module: it goes the way of every user's module, adapter and all.
            "probe-p1" => Program::Module {
                name: guest.to_owned(),
                bytes: EMBEDDED
                    .iter()
                    .find(|embedded| embedded.name == guest)
                    .ok_or_else(|| {
                        anyhow!("this build has no `{guest}`: run `make guests` and build again")
                    })?
                    .bytes(),
            },
            name => Program::Module {
                name: name.to_owned(),
                bytes: super::module::assembled(name)?,
            },
        };
        let mut variables = Variables::default();
        if let Some((name, value)) = fixture.secret() {
            variables.set(name, value.to_owned(), Sensitive::Yes);
        }
        let (stdin, _keep_open): (Stdin, _) = fixture.stdin();
        let attempt = Attempt {
            program,
            arguments: args.iter().map(|arg| fill(arg, places)).collect(),
            stdin,
            grants: Arc::clone(grants),
            isolation: crate::plan::Isolation::Sandbox,
            sources: Sources::default(),
            variables,
        };
        let (sender, events) = channel();
        let reader = tokio::spawn(read(events));
        let (_keep, cancelled) = watch::channel(false);
        let finished = self
            .worker
            .run(attempt, sender, cancelled, None, &|_| {})
            .await;
        let printed = reader.await.unwrap_or_default();
        match finished {
            Ok(finished) => Ok((Ok(finished), printed)),
            Err(error @ (Error::Overlap { .. } | Error::SourceUnusable { .. })) => {
                Ok((Err(format!("policy: {error}")), printed))
            }
            Err(Error::Sandbox(crate::worker::sandbox::Error::Module { why })) => {
                Ok((Err(format!("module: {why}")), printed))
            }
            Err(error) => Err(Failure::new(Exit::Host, error)),
        }
    }
}

/// What runs of this process left in their directories: the name of the first such thing.
fn left_behind(runs: &Path) -> io::Result<Option<String>> {
    let ours = format!("{}-", std::process::id());
    for run in fs::read_dir(runs)? {
        let run = run?;
        if !run.file_name().to_string_lossy().starts_with(&ours) {
            continue;
        }
        for directory in fs::read_dir(run.path())? {
            if let Some(left) = fs::read_dir(directory?.path())?.next() {
                return Ok(Some(left?.file_name().to_string_lossy().into_owned()));
            }
        }
    }
    Ok(None)
}

fn not_started(why: String, places: HashMap<&'static str, String>) -> Observed {
    Observed {
        end: End::NotStarted(why),
        last_line: String::new(),
        said: String::new(),
        shown: String::new(),
        received: String::new(),
        n_artifacts: 0,
        receipt: Receipt::default(),
        is_well_afterwards: true,
        left_behind: None,
        places,
    }
}

/// What an attack printed.
#[derive(Default)]
pub(super) struct Printed {
    /// Of standard output, the last line that is not empty.
    pub(super) last_line: String,
    /// Everything, as it was said and as a terminal would show it.
    pub(super) said: String,
    pub(super) shown: String,
}

pub(super) async fn read(mut events: Events) -> Printed {
    let mut tail: Vec<u8> = Vec::new();
    let (mut said, mut shown) = (String::new(), String::new());
    while let Some(numbered) = events.next().await {
        let text = match &numbered.event {
            Event::Output { stream, bytes, .. } => {
                if *stream == Stream::Stdout {
                    tail.extend_from_slice(bytes);
                    let excess = tail.len().saturating_sub(LAST_LINE_BYTES);
                    tail.drain(..excess);
                }
                String::from_utf8_lossy(bytes).into_owned()
            }
            other => serde_json::to_string(other).unwrap_or_default(),
        };
        if shown.len() < SHOWN_BYTES {
            shown.push_str(&terminal::visible(text.as_bytes()));
            said.push_str(&text);
        }
    }
    let last_line = String::from_utf8_lossy(&tail)
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default()
        .to_owned();
    Printed {
        last_line,
        said,
        shown,
    }
}
