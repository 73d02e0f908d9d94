//! What a script could reach as a native process: every probe of the table, run as the account that was named.
//!
//! Not everything is held, and a plan says what isn't: such probes are reported as reachable, and are no failure. One
//! that gets through although it is claimed to be held, is.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use serde::Serialize;
use tokio::sync::watch;

use super::attack::{Printed, read};
use super::native_fixture::{NativeFixture, Neighbour};
use super::native_table::{NativeProbe, NativeTable};
use super::verdict::{End, Observed, Verdict, judge};
use super::{Twin, table};
use crate::cli::{Exit, Failure};
use crate::plan::{Isolation, Landlock};
use crate::policy::{Grants, grants, parse};
use crate::worker::process::{Native, kill_session, landlock_of_this_kernel};
use crate::worker::{
    Attempt, Ending, Language, Program, Receipt, Sources, Stdin, Variables, Worker, channel,
};

/// One line of the report.
#[derive(Debug, Serialize)]
struct Row<'t> {
    id: &'t str,
    area: &'t str,
    threat: &'t str,
    isolation: Isolation,
    /// What holds it.
    held_by: &'static str,
    /// Whether that is claimed on this kernel.
    claimed: bool,
    contained: bool,
    how: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_twin: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    twin: Option<Twin>,
}

/// What came of all of them.
#[derive(Debug, Default)]
pub struct Totals {
    n_claimed: usize,
    n_contained: usize,
    n_reachable: usize,
    n_twins: usize,
    /// Claimed, and not so; or a twin that didn't succeed.
    pub n_bad: usize,
}

/// Runs every probe whose id or area contains `only`.
///
/// # Errors
/// If the host failed; what scripts did is reported.
pub async fn run(
    worker: Worker,
    native: Native,
    only: Option<&str>,
    as_json: bool,
) -> Result<Totals, Failure> {
    let (base, account) = (native.base().to_owned(), native.account().to_owned());
    let worker = worker.with_native(native);
    let table = NativeTable::shipped();
    let landlock = landlock_of_this_kernel();
    let fixture = fixture(&base).await?;
    let neighbour = Neighbour::start(&worker).await?;
    let attacker = Attacker {
        places: fixture.places(&neighbour),
        worker,
        table: &table,
        fixture,
    };
    let mut totals = Totals::default();
    let is_wanted = |probe: &&NativeProbe| {
        only.is_none_or(|text| probe.id.contains(text) || probe.area.contains(text))
    };
    for probe in table.probes.iter().filter(is_wanted) {
        let row = attacker.row(probe, landlock).await?;
        totals.add(&row);
        print(&row, as_json).context("the report can't be printed")?;
    }
    neighbour.end().await;
    if !as_json && totals.n_claimed + totals.n_reachable > 0 {
        println!("{}", totals.summary(&account, landlock));
    }
    Ok(totals)
}

async fn fixture(base: &Path) -> Result<NativeFixture, Failure> {
    let fixture = NativeFixture::create(base).await;
    Ok(fixture.context("the probes' files can't be made")?)
}

impl Totals {
    fn add(&mut self, row: &Row<'_>) {
        let has_twin = row.twin.as_ref().is_some_and(|twin| twin.succeeded);
        self.n_twins += usize::from(has_twin);
        self.n_claimed += usize::from(row.claimed);
        self.n_contained += usize::from(row.claimed && row.contained);
        self.n_reachable += usize::from(!row.claimed && !row.contained);
        let is_bad = (row.claimed && !row.contained) || (row.twin.is_some() && !has_twin);
        self.n_bad += usize::from(is_bad);
    }

    fn summary(&self, account: &str, landlock: Landlock) -> String {
        let Self {
            n_claimed,
            n_contained,
            n_reachable,
            n_twins,
            n_bad: _,
        } = self;
        let lack = landlock
            .lack()
            .map(|lack| format!("\n{lack}"))
            .unwrap_or_default();
        format!(
            "\nprocesses of `{account}`: contained {n_contained}/{n_claimed} of what is claimed; \
             {n_reachable} reachable, as plans say; {n_twins} probes succeeded once granted{lack}"
        )
    }
}

struct Attacker<'t> {
    worker: Worker,
    table: &'t NativeTable,
    fixture: NativeFixture,
    places: HashMap<&'static str, String>,
}

impl Attacker<'_> {
    async fn row<'p>(
        &self,
        probe: &'p NativeProbe,
        landlock: Landlock,
    ) -> Result<Row<'p>, Failure> {
        let policy = probe.policy(&self.places);
        let Verdict { holds, how } = self.verdict(probe, probe.expect(), &policy).await?;
        let twin = match probe.twin_policy(&self.places) {
            None => None,
            Some(policy) => {
                let Verdict { holds, how } = self.verdict(probe, "breached", &policy).await?;
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
            isolation: Isolation::Process,
            held_by: probe.held_by.as_str(),
            claimed: probe.held_by.is_claimed(landlock),
            contained: holds,
            how,
            no_twin: probe.no_twin.as_deref(),
            twin,
        })
    }

    /// Runs the script under `policy`, and holds what came of it against `expect`.
    async fn verdict(
        &self,
        probe: &NativeProbe,
        expect: &str,
        policy: &str,
    ) -> Result<Verdict, Failure> {
        self.fixture
            .restore()
            .context("the probes' files can't be made")?;
        let script = self.table.script(probe, &self.places);
        let attempt = attempt(probe.language(), script, policy_of(policy)?);
        let (sender, events) = channel();
        let reader = tokio::spawn(read(events));
        let (_keep, cancelled) = watch::channel(false);
        let finished = self
            .worker
            .run(attempt, sender, cancelled, None, &|_| {})
            .await;
        let finished = finished.map_err(|error| Failure::new(Exit::Host, error))?;
        let printed = reader.await.unwrap_or_default();
        if probe.leaves {
            return Ok(what_is_left(&printed.last_line));
        }
        let expectation = table::Expectation {
            expect,
            or: &[],
            lacks: &[],
            shown_lacks: &[],
            server_lacks: &[],
            artifacts: None,
        };
        let observed = observed(finished.outcome.ending, finished.outcome.receipt, printed);
        Ok(judge(&expectation, &observed))
    }
}

fn observed(ending: Ending, receipt: Receipt, printed: Printed) -> Observed {
    let Printed {
        last_line,
        said,
        shown,
    } = printed;
    Observed {
        end: End::Ran(ending),
        last_line,
        said,
        shown,
        received: String::new(),
        n_artifacts: 0,
        receipt,
        is_well_afterwards: true,
        left_behind: None,
        places: HashMap::new(),
    }
}

/// Whether the process that the last line names is gone. If it isn't, it goes now, with its session: one that starts
/// itself again and again uses up all that the account may have, and no later probe could be started.
fn what_is_left(last_line: &str) -> Verdict {
    let number = last_line.strip_prefix("left:").map(str::trim);
    let Some(number) = number.and_then(|text| text.parse::<u32>().ok()) else {
        let how = format!("inconclusive: it said {last_line:?}");
        return Verdict { holds: false, how };
    };
    let stat = std::fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
    let is_alive = stat
        .rsplit_once(')')
        .is_some_and(|(_, state)| !state.starts_with(" Z"));
    if is_alive {
        kill_session(number);
    }
    let how = match is_alive {
        true => format!("breached: process {number} still runs"),
        false => format!("process {number} is gone"),
    };
    Verdict {
        holds: !is_alive,
        how,
    }
}

/// The grants of a policy of the table.
pub(super) fn policy_of(text: &str) -> anyhow::Result<Arc<Grants>> {
    let (policy, _) = parse("probe.toml", text)?;
    Ok(Arc::new(grants(&policy, None)?))
}

/// A script that is a process.
pub(super) fn attempt(language: Language, text: String, grants: Arc<Grants>) -> Attempt {
    Attempt {
        program: Program::Script {
            language,
            name: "probe".to_owned(),
            text: text.into_bytes(),
        },
        arguments: Vec::new(),
        stdin: Stdin::Empty,
        grants,
        isolation: Isolation::Process,
        sources: Sources::default(),
        variables: Variables::default(),
    }
}

fn print(row: &Row<'_>, as_json: bool) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    if as_json {
        serde_json::to_writer(&mut out, row)?;
        return writeln!(out);
    }
    let word = match (row.contained, row.claimed) {
        (true, _) => "contained",
        (false, true) => "BREACHED ",
        (false, false) => "reachable",
    };
    writeln!(out, "{word}  {:<34} {}: {}", row.id, row.held_by, row.how)?;
    match &row.twin {
        Some(twin) if !twin.succeeded => {
            writeln!(out, "           {:<34} TWIN FAILED: {}", "", twin.how)
        }
        _ => Ok(()),
    }
}
