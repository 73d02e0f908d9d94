//! How long a guest outlives its limit, or the moment when somebody cancelled it.

use std::time::{Duration, Instant};

use seawall::worker::{Ending, Language, LimitName, Stdin};
use tokio::sync::{mpsc, watch};

use super::Effort;
use super::report::{Cell, Goal, Section, Unit};
use super::sandbox::{Control, DEFAULT, Sandboxes, Script};
use super::stats::{Samples, millis};

/// Kills per case.
const KILLS: usize = 50;

/// Policies named by what they limit; each is the default policy with one limit more.
const WALL: Duration = Duration::from_millis(60);
const CPU: Duration = Duration::from_millis(60);

/// What ends the guest.
#[derive(Clone, Copy)]
enum End {
    Cancel,
    WallTime,
    CpuTime,
}

/// Guests that would never end. Each says first that it runs.
const GUESTS: [(&str, Language, &str, &[End]); 6] = [
    (
        "Python, spins",
        Language::Python,
        "print('here', flush=True)\nwhile True: pass\n",
        &[End::Cancel, End::WallTime, End::CpuTime],
    ),
    (
        "Python, sleeps in a host call",
        Language::Python,
        "import time\nprint('here', flush=True)\ntime.sleep(500)\n",
        &[End::Cancel, End::WallTime],
    ),
    (
        "Python, waits for standard input",
        Language::Python,
        "import sys\nprint('here', flush=True)\nsys.stdin.read()\n",
        &[End::Cancel, End::WallTime],
    ),
    (
        "Python, allocates and fills 64 MiB again and again",
        Language::Python,
        "print('here', flush=True)\nwhile True: block = b'x' * (64 << 20)\n",
        &[End::Cancel, End::WallTime, End::CpuTime],
    ),
    (
        "shell, spins",
        Language::Shell,
        "echo here\nwhile :; do :; done\n",
        &[End::Cancel, End::CpuTime],
    ),
    (
        "JavaScript, spins",
        Language::JavaScript,
        "console.log('here');\nwhile (true) {}\n",
        &[End::Cancel, End::CpuTime],
    ),
];

/// From the limit, or the cancelling, to the end of `Worker::run`: p50, p99 and the longest.
pub fn measure(sandboxes: &Sandboxes, effort: Effort) -> Section {
    let mut sandboxes = sandboxes.clone();
    let shipped = include_str!("../../policies/default.toml");
    for (end, key, limit) in [
        (End::WallTime, "wall-time", WALL),
        (End::CpuTime, "cpu-time", CPU),
    ] {
        let text = format!("{shipped}\n[limits]\n{key} = \"{}ms\"\n", limit.as_millis());
        sandboxes.add_policy(end.policy(), &text);
    }
    let mut section = Section::new("From limit to end", &["p50", "p99", "longest"]);
    for (name, language, text, ends) in GUESTS {
        for end in ends {
            let script = Script::text(language, text);
            let mut late = Samples::default();
            for number in 0..effort.of(KILLS) {
                late.extend([lateness(&sandboxes, &script, *end, number)]);
            }
            let cells = [late.p50(), late.p99(), late.max()]
                .map(|duration| Cell::new(millis(duration), Unit::Milliseconds));
            let goal = Goal::at_most(millis(late.max()), 50.0, Unit::Milliseconds);
            section.row(format!("{name}; {}", end.words()), cells.into(), vec![goal]);
        }
    }
    section
}

impl End {
    /// The policy that the guest runs under.
    fn policy(self) -> &'static str {
        match self {
            Self::Cancel => DEFAULT,
            Self::WallTime => "wall-time",
            Self::CpuTime => "cpu-time",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Cancel => "cancelled",
            Self::WallTime => "wall time is over",
            Self::CpuTime => "CPU time is used up",
        }
    }
}

fn lateness(sandboxes: &Sandboxes, script: &Script, end: End, number: usize) -> Duration {
    let (stop, cancelled) = watch::channel(false);
    let (written, mut lines) = mpsc::unbounded_channel();
    let control = Control {
        stdin: Stdin::Inherited,
        cancelled,
        written: Some(written),
    };
    let (owned, script) = (sandboxes.clone(), script.clone());
    let began = Instant::now();
    let running = sandboxes.runtime().spawn(async move {
        let ran = owned.run_with(end.policy(), &script, control).await;
        (ran, Instant::now())
    });
    sandboxes.block_on(async {
        let mut stopped_at = None;
        if let End::Cancel = end {
            lines.recv().await.expect("the guest says that it runs");
            // Somewhere in the guest's loop and in the engine's tick, elsewhere each time.
            let pause = Duration::from_micros(2_000 + 370 * number as u64);
            tokio::time::sleep(pause).await;
            stopped_at = Some(Instant::now());
            stop.send(true).expect("the run is listening");
        }
        let (ran, ended_at) = running.await.expect("a run doesn't panic");
        let (expected, late) = match end {
            End::Cancel => {
                let stopped_at = stopped_at.expect("set above");
                (Ending::Cancelled, ended_at - stopped_at)
            }
            // The run's own clock starts a little later than ours, so this errs against us.
            End::WallTime => (
                Ending::LimitReached {
                    limit: LimitName::WallTime,
                },
                ended_at.saturating_duration_since(began + WALL),
            ),
            // Only the guest's own clock knows when its CPU time was used up.
            End::CpuTime => (
                Ending::LimitReached {
                    limit: LimitName::CpuTime,
                },
                ran.outcome.receipt.consumed.cpu_time.saturating_sub(CPU),
            ),
        };
        assert_eq!(ran.outcome.ending, expected);
        late
    })
}
