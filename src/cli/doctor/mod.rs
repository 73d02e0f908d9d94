//! `seawall doctor`: attacks the wall with every probe, on this machine, and says what held and how.
//!
//! ```text
//!  guest/probe/probes.toml ─► table ─► one sandbox per probe ─► verdict
//!                                        ▲ fixture: a directory with traps, a loopback server
//! ```
//!
//! Each probe is a guest that really tries one forbidden thing. Where the thing can be granted, the
//! same probe runs a second time with the grant and must succeed: a probe that could not succeed
//! would prove nothing. With an account for native processes, scripts try as that account what they could reach, and
//! what isn't held is said to be reachable. Everything stays on this machine: the servers listen on loopback, the files
//! are in a temporary directory.

mod attack;
mod fixture;
mod module;
mod native;
mod native_fixture;
mod native_table;
mod server;
mod table;
mod verdict;

use std::io::Write as _;

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;

use super::exit::Exit;
use super::native::NativeArguments;
use super::{Failure, home};
use attack::Attacker;
use table::Probe;
use verdict::{Verdict, judge};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seawall doctor
  seawall doctor --only links --json
  seawall doctor --native-account deploy-user            native processes of that account, too

Exit code 0 if everything that is claimed to be contained was, and every twin succeeded, 1 otherwise.")]
pub struct Arguments {
    /// Run only the probes whose id or area contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,

    /// Print one JSON object per probe
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    native: NativeArguments,
}

/// One line of the report.
#[derive(Debug, Serialize)]
struct Row<'t> {
    id: &'t str,
    area: &'t str,
    threat: &'t str,
    contained: bool,
    how: String,
    /// Why the thing can't be granted, where it can't.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_twin: Option<&'t str>,
    /// Whether the same probe succeeds once the thing is granted; absent where it can't be granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    twin: Option<Twin>,
}

#[derive(Debug, Serialize)]
struct Twin {
    succeeded: bool,
    how: String,
}

impl Row<'_> {
    fn is_good(&self) -> bool {
        self.contained && self.twin.as_ref().is_none_or(|twin| twin.succeeded)
    }
}

/// Runs the command.
pub async fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let native = arguments.native.open()?;
    let worker = home::worker(Vec::new())?;
    let attacker = Attacker::start(worker.clone(), home::runs()?).await?;
    let wanted = |probe: &&Probe| {
        arguments.only.as_ref().is_none_or(|text| {
            probe.id.contains(text.as_str()) || probe.area.contains(text.as_str())
        })
    };
    let is_online = has_default_route();
    let (mut n_contained, mut n_total, mut n_twins, mut n_bad, mut n_left_out) = (0, 0, 0, 0, 0);
    for probe in attacker.table().probes.iter().filter(wanted) {
        if probe.offline && is_online {
            n_left_out += 1;
            continue;
        }
        let row = row(&attacker, probe).await?;
        n_total += 1;
        n_contained += usize::from(row.contained);
        n_twins += usize::from(row.twin.as_ref().is_some_and(|twin| twin.succeeded));
        n_bad += usize::from(!row.is_good());
        print_row(&row, arguments.json).context("the report can't be printed")?;
    }
    if !arguments.json && n_total > 0 {
        println!("\ncontained {n_contained}/{n_total}; {n_twins} probes succeeded once granted");
        if n_left_out > 0 {
            println!(
                "{n_left_out} probes were left out: a hole would send a packet to another machine. \
                 Run them where none can leave: unshare --net sh -c 'ip link set lo up; seawall doctor'"
            );
        }
    }
    if let Some(native) = native {
        let only = arguments.only.as_deref();
        let totals = native::run(worker, native, only, arguments.json).await?;
        n_bad += totals.n_bad;
    }
    Ok(if n_bad == 0 {
        Exit::Success
    } else {
        Exit::Negative
    })
}

async fn row<'t>(attacker: &Attacker, probe: &'t Probe) -> Result<Row<'t>, Failure> {
    let attack = probe.attack();
    let Verdict { holds, how } = judge(&attack.expect, &attacker.carry_out(&attack).await?);
    let twin = match probe.twin() {
        None => None,
        Some(attack) => {
            let Verdict { holds, how } = judge(&attack.expect, &attacker.carry_out(&attack).await?);
            Some(Twin {
                succeeded: holds,
                how,
            })
        }
    };
    Ok(Row {
        id: &probe.id,
        area: &probe.area,
        threat: &probe.threat,
        contained: holds,
        how,
        no_twin: probe.no_twin(),
        twin,
    })
}

/// Whether a packet could leave this machine. Where that can't be read, it could.
fn has_default_route() -> bool {
    let read = |path| std::fs::read_to_string(path);
    match (read("/proc/net/route"), read("/proc/net/ipv6_route")) {
        (Ok(v4), Ok(v6)) => {
            let has_v4 = v4
                .lines()
                .skip(1)
                .any(|line| line.split_whitespace().nth(1) == Some("00000000"));
            // An unreachable default route on `lo` is what an isolated namespace has.
            let has_v6 = v6
                .lines()
                .any(|line| line.starts_with(&"0".repeat(32)) && !line.ends_with("lo"));
            has_v4 || has_v6
        }
        _ => true,
    }
}

fn print_row(row: &Row, as_json: bool) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    if as_json {
        serde_json::to_writer(&mut out, row)?;
        return writeln!(out);
    }
    let word = if row.contained {
        "contained"
    } else {
        "BREACHED "
    };
    writeln!(out, "{word}  {:<34} {}", row.id, row.how)?;
    match &row.twin {
        Some(twin) if !twin.succeeded => {
            writeln!(out, "           {:<34} TWIN FAILED: {}", "", twin.how)
        }
        _ => Ok(()),
    }
}
