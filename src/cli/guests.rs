//! `seawall guests`: the interpreters that this program carries.

use std::io::Write as _;

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;

use super::exit::Exit;
use super::{Failure, home};
use crate::worker::sandbox::EMBEDDED;

#[derive(Debug, Args)]
pub struct Arguments {
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
pub fn run(arguments: Arguments) -> Result<Exit, Failure> {
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

#[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
fn mebibytes(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
