//! PowerShell: a trivial script, a loop that only counts, a pipeline of objects, and the size of the guest. Beside them
//! the same in `pwsh`, where that is installed.

use std::time::Duration;

use seawall::worker::Language;
use seawall::worker::sandbox::EMBEDDED;

use super::Effort;
use super::native::{Native, which};
use super::report::{Cell, Goal, Section, Unit};
use super::sandbox::{COMPUTE, DEFAULT, Sandboxes, Script};
use super::stats::{Samples, millis, ratio};

/// A script, its output, how often it is run, and the longest that it should take.
struct Case {
    name: &'static str,
    text: &'static str,
    expected: &'static [u8],
    policy: &'static str,
    n_runs: usize,
    at_most_ms: f64,
}

const CASES: [Case; 3] = [
    Case {
        name: "`Write-Output hi`",
        text: "Write-Output hi",
        expected: b"hi\n",
        policy: DEFAULT,
        n_runs: 500,
        at_most_ms: 0.4,
    },
    Case {
        name: "a million integer additions",
        text: "$sum = 0\nfor ($i = 0; $i -lt 1000000; $i++) { $sum += $i }\n$sum",
        expected: b"499999500000\n",
        policy: COMPUTE,
        n_runs: 10,
        at_most_ms: 400.0,
    },
    Case {
        name: "10,000 objects through `Where-Object` and `Sort-Object`",
        text: "$objects = foreach ($i in 1..10000) { [pscustomobject]@{ Id = $i; Key = ($i * 7919) % 10007 } }\n\
               $objects | Where-Object { $_.Key % 2 -eq 0 } | Sort-Object Key | Select-Object -First 1 -ExpandProperty Key",
        expected: b"2\n",
        policy: COMPUTE,
        n_runs: 20,
        at_most_ms: 60.0,
    },
];

/// Mebibytes that the guest may have.
const AT_MOST_MIB: f64 = 12.0;

pub fn measure(sandboxes: &Sandboxes, effort: Effort) -> Section {
    let mut section = Section::new(
        "PowerShell",
        &["sandbox p50", "p99", "`pwsh` p50", "faster than pwsh"],
    );
    let pwsh = which("pwsh");
    for case in &CASES {
        let ours = in_sandbox(sandboxes, case, effort);
        let theirs = pwsh.as_ref().map(|program| {
            let arguments = ["-NoProfile", "-NonInteractive", "-Command", case.text];
            let native = Native::new(program, arguments);
            let mut samples = Samples::default();
            let n_runs = effort.of(case.n_runs.min(50));
            samples.extend((0..n_runs).map(|_| native.timed(None)));
            samples
        });
        let ms = |duration: Duration| Cell::new(millis(duration), Unit::Milliseconds);
        let mut cells = vec![ms(ours.p50()), ms(ours.p99())];
        cells.extend(match &theirs {
            Some(theirs) => [
                ms(theirs.p50()),
                Cell::new(ratio(theirs.p50(), ours.p50()), Unit::Times),
            ],
            None => [Cell::absent(Unit::Milliseconds), Cell::absent(Unit::Times)],
        });
        let goal = Goal::at_most(millis(ours.p50()), case.at_most_ms, Unit::Milliseconds);
        section.row(case.name, cells, vec![goal]);
    }
    if let Some(guest) = EMBEDDED.iter().find(|guest| guest.name == "powershell") {
        #[expect(clippy::cast_precision_loss, reason = "two decimals are shown")]
        let mebibytes = guest.size as f64 / f64::from(1 << 20);
        let cells = vec![
            Cell::new(mebibytes, Unit::Mebibytes),
            Cell::absent(Unit::Milliseconds),
            Cell::absent(Unit::Milliseconds),
            Cell::absent(Unit::Times),
        ];
        let goal = Goal::at_most(mebibytes, AT_MOST_MIB, Unit::Mebibytes);
        section.row("the guest's size", cells, vec![goal]);
    }
    section
}

fn in_sandbox(sandboxes: &Sandboxes, case: &'static Case, effort: Effort) -> Samples {
    let owned = sandboxes.clone();
    let n_runs = effort.of(case.n_runs);
    let runs = sandboxes.runtime().spawn(async move {
        let script = Script::text(Language::PowerShell, case.text);
        let mut took = Vec::new();
        for run in 0..=n_runs {
            let ran = owned.run(case.policy, &script).await.succeeded();
            assert_eq!(ran.output, case.expected);
            // The first warms caches.
            if run > 0 {
                took.push(ran.took);
            }
        }
        took
    });
    let mut samples = Samples::default();
    samples.extend(sandboxes.block_on(runs).expect("a run doesn't panic"));
    samples
}
