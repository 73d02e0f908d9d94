//! What a live sandbox costs: 500 scripts that wait, all at once, in a process that did nothing else.

use std::time::Duration;

use seawall::worker::{Ending, Language, Stdin};
use tokio::sync::{mpsc, watch};

use super::Effort;
use super::report::{Cell, Goal, Section, Unit};
use super::sandbox::{Control, DEFAULT, Sandboxes, Script};

/// Sandboxes that are alive when memory is counted.
const LIVE: usize = 500;

/// All of them have said that they are there long before this, or something is wrong.
const PATIENCE: Duration = Duration::from_secs(120);

/// A script that says that it runs, and then waits for longer than the benchmark takes.
fn waiting(language: Language) -> Script {
    let text = match language {
        Language::Python => "import time\nprint('here', flush=True)\ntime.sleep(500)\n",
        Language::Shell => "echo here\nsleep 500\n",
        Language::PowerShell => "Write-Host here\nStart-Sleep 500\n",
        Language::JavaScript => {
            "console.log('here');\nawait new Promise((done) => setTimeout(done, 500000));\n"
        }
    };
    Script::text(language, text)
}

/// Private memory per live sandbox of one language, in a process that measures no other.
pub fn measure(sandboxes: &Sandboxes, language: Language, effort: Effort) -> Section {
    let live = effort.of(LIVE);
    let title = format!("Memory per live sandbox, {live} at once");
    let mut section = Section::new(&title, &["private", "page tables"]);
    let before = Usage::now();
    let after = with_live(sandboxes, &waiting(language), live);
    let each = |before: u64, after: u64| {
        let kib = u32::try_from(after.saturating_sub(before)).expect("less than 4 TiB");
        f64::from(kib) / live as f64
    };
    let private_mib = each(before.private_kib, after.private_kib) / 1024.0;
    let goals = match language {
        Language::Python => vec![Goal::at_most(private_mib, 0.8, Unit::Mebibytes)],
        Language::Shell | Language::PowerShell | Language::JavaScript => Vec::new(),
    };
    let tables = each(before.table_kib, after.table_kib);
    section.row(
        format!("{} that waits", language.guest()),
        vec![
            Cell::new(private_mib, Unit::Mebibytes),
            Cell::new(tables, Unit::Kibibytes),
        ],
        goals,
    );
    section
}

/// Starts `live` sandboxes, counts memory once each has printed its line, and stops them all.
fn with_live(sandboxes: &Sandboxes, script: &Script, live: usize) -> Usage {
    let (stop, cancelled) = watch::channel(false);
    let (written, mut lines) = mpsc::unbounded_channel();
    let running: Vec<_> = (0..live)
        .map(|_| {
            let (owned, script) = (sandboxes.clone(), script.clone());
            let control = Control {
                stdin: Stdin::Empty,
                cancelled: cancelled.clone(),
                written: Some(written.clone()),
            };
            sandboxes
                .runtime()
                .spawn(async move { owned.run_with(DEFAULT, &script, control).await })
        })
        .collect();
    drop(written);
    sandboxes.block_on(async {
        let all = async {
            for _ in 0..live {
                lines.recv().await.expect("no script ends by itself");
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, all).await;
        in_time.expect("every script says that it is there");
        let usage = Usage::now();
        stop.send(true).expect("scripts are listening");
        for task in running {
            let ran = task.await.expect("a run doesn't panic");
            assert_eq!(ran.outcome.ending, Ending::Cancelled);
        }
        usage
    })
}

/// Memory of this process that it shares with no other.
struct Usage {
    /// Pages that only this process has, once each.
    private_kib: u64,
    /// The kernel's page tables for it, which `smaps` leaves out.
    table_kib: u64,
}

impl Usage {
    fn now() -> Self {
        let sum = |path: &str, keys: &[&str]| -> u64 {
            let text = std::fs::read_to_string(path).expect("Linux tells this");
            text.lines()
                .filter(|line| keys.iter().any(|key| line.starts_with(key)))
                .filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok())
                .sum()
        };
        Self {
            private_kib: sum(
                "/proc/self/smaps_rollup",
                &["Private_Clean:", "Private_Dirty:"],
            ),
            table_kib: sum("/proc/self/status", &["VmPTE:"]),
        }
    }
}
