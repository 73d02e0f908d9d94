//! `seawall guests`: the interpreters that this program carries, and what one of them covers.
//!
//! What a guest covers is its own to say: it is asked in a sandbox that grants nothing.

use std::io::Write as _;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use clap::Args;
use serde::Serialize;
use tokio::sync::watch;

use super::exit::Exit;
use super::{Failure, home};
use crate::plan::Isolation;
use crate::policy::Grants;
use crate::worker::event::{Event, Numbered};
use crate::worker::sandbox::EMBEDDED;
use crate::worker::{Attempt, Ending, Program, Sources, Stdin, Variables, channel};

/// The interpreters that say what they cover; the others have what their upstream has.
const LISTED: [&str; 1] = ["powershell"];

pub const EXAMPLES: &str = "\
Examples:
  seawall guests                 version, size, digest, compiled or not
  seawall guests powershell      the cmdlets with their parameters, and the types with their static members";

#[derive(Debug, Args)]
pub struct Arguments {
    /// One guest: what it covers, where it is bounded
    #[arg(conflicts_with = "json")]
    name: Option<String>,
    /// Print one JSON object per guest
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row {
    name: &'static str,
    version: &'static str,
    size_bytes: usize,
    /// SHA-256 of the component.
    digest: &'static str,
    /// Whether it has been compiled for this machine.
    compiled: bool,
}

/// Runs the command.
///
/// # Errors
/// [`Exit::Usage`] for a guest that isn't there or that has no list, [`Exit::Host`].
pub async fn run(arguments: Arguments) -> Result<Exit, Failure> {
    if let Some(name) = &arguments.name {
        return covered(name).await;
    }
    let worker = home::worker(Vec::new())?;
    let rows = EMBEDDED.iter().map(|guest| Row {
        name: guest.name,
        version: guest.version,
        size_bytes: guest.size,
        digest: guest.digest,
        compiled: worker.guests().is_compiled(guest),
    });
    let mut out = std::io::stdout().lock();
    for row in rows {
        let line = if arguments.json {
            serde_json::to_string(&row).context("the list can't be printed")?
        } else {
            let compiled = if row.compiled {
                "compiled"
            } else {
                "not compiled yet"
            };
            format!(
                "{:<11} {:<50} {:>6.1} MiB  {}  {compiled}",
                row.name,
                row.version,
                mebibytes(row.size_bytes),
                row.digest,
            )
        };
        writeln!(out, "{line}").context("the list can't be printed")?;
    }
    if EMBEDDED.is_empty() {
        writeln!(
            out,
            "this build carries no guests: run `make guests` and build again"
        )
        .context("the list can't be printed")?;
    }
    Ok(Exit::Success)
}

/// Prints what a guest says that it covers.
async fn covered(name: &str) -> Result<Exit, Failure> {
    let known: Vec<&str> = EMBEDDED.iter().map(|guest| guest.name).collect();
    if !known.contains(&name) {
        let text = format!("there is no guest `{name}`: there are {}", known.join(", "));
        return Err(Failure::new(Exit::Usage, anyhow!(text)));
    }
    if !LISTED.contains(&name) {
        let text = format!(
            "`{name}` keeps no list of what it covers; {} does",
            LISTED.join(", ")
        );
        return Err(Failure::new(Exit::Usage, anyhow!(text)));
    }
    let attempt = Attempt {
        program: Program::Builtin {
            guest: name.to_owned(),
        },
        arguments: vec!["--list".to_owned()],
        stdin: Stdin::Empty,
        grants: Arc::new(Grants::nothing()),
        isolation: Isolation::Sandbox,
        sources: Sources::default(),
        variables: Variables::default(),
    };
    let worker = home::worker(Vec::new())?;
    let (sender, mut events) = channel();
    let (_keep, cancelled) = watch::channel(false);
    let printing = async {
        let mut out = std::io::stdout().lock();
        while let Some(Numbered { event, .. }) = events.next().await {
            if let Event::Output { bytes, .. } = event {
                out.write_all(&bytes)?;
            }
        }
        out.flush()
    };
    let running = worker.run(attempt, sender, cancelled, None, &|_| {});
    let (finished, printed) = tokio::join!(running, printing);
    printed.context("the list can't be printed")?;
    let finished = finished.map_err(|error| Failure::new(Exit::Host, error))?;
    match finished.outcome.ending {
        Ending::Exited { code: 0 } => Ok(Exit::Success),
        ending => Err(Failure::new(
            Exit::Host,
            anyhow!("the guest `{name}` could not say what it covers: {ending:?}"),
        )),
    }
}

#[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
fn mebibytes(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
