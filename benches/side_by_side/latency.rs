//! A trivial script, from looking up its policy to its removed workspace, beside spawning the same.

use std::time::Duration;

use seawall::worker::Language;

use super::Effort;
use super::native::{Interpreters, Native};
use super::report::{Cell, Goal, Section, Unit};
use super::sandbox::{DEFAULT, NO_OP, Sandboxes, Script};
use super::stats::{Samples, millis, ratio};

/// Runs of one contestant before the next has its turn. Long enough that most runs find warm
/// caches, as in a server that is in use; short enough that a burst of noise meets everybody.
const BLOCK: usize = 20;

/// A script and the program that would run it without us.
pub struct Contest {
    pub name: &'static str,
    pub script: Script,
    pub native: Native,
    pub expected: &'static [u8],
    pub at_most_ms: f64,
    pub times_faster: Option<f64>,
}

/// The trivial script in each language, and the compiled module that does nothing.
pub fn contests() -> Vec<Contest> {
    let Interpreters { bash, python, node } = Interpreters::find();
    let shell = "echo hi";
    let py = "print(\"hi\")";
    let js = "console.log(\"hi\")";
    vec![
        Contest {
            name: "shell `echo hi` / `bash -c`",
            script: Script::text(Language::Shell, shell),
            native: Native::new(bash, ["-c", shell]),
            expected: b"hi\n",
            at_most_ms: 0.35,
            times_faster: Some(3.0),
        },
        Contest {
            name: "Python `print(\"hi\")` / `python3 -c`",
            script: Script::text(Language::Python, py),
            native: Native::new(python, ["-c", py]),
            expected: b"hi\n",
            at_most_ms: 1.0,
            times_faster: Some(10.0),
        },
        Contest {
            name: "JavaScript `console.log(\"hi\")` / `node -e`",
            script: Script::text(Language::JavaScript, js),
            native: Native::new(node, ["-e", js]),
            expected: b"hi\n",
            at_most_ms: 0.4,
            times_faster: Some(80.0),
        },
        Contest {
            name: "compiled no-op / `/bin/true`",
            script: Script::Module(NO_OP.into()),
            native: Native::new("/bin/true", [""; 0]),
            expected: b"",
            at_most_ms: 0.1,
            times_faster: None,
        },
    ]
}

#[derive(Default)]
struct Measured {
    sandbox: Samples,
    native: Samples,
    bubblewrap: Samples,
}

/// p50 and p99 over 500 runs of each contestant.
pub fn measure(sandboxes: &Sandboxes, effort: Effort) -> Section {
    let contests = contests();
    let wrapped: Vec<_> = contests
        .iter()
        .map(|c| c.native.under_bubblewrap())
        .collect();
    let mut measured: Vec<Measured> = contests.iter().map(|_| Measured::default()).collect();
    // The first block of each warms caches and isn't counted.
    for block in 0..=effort.of(500).div_ceil(BLOCK) {
        for ((contest, wrapped), measured) in contests.iter().zip(&wrapped).zip(&mut measured) {
            let sandbox = in_sandbox(sandboxes, contest);
            let spawn = |native: &Native| -> Vec<Duration> {
                (0..BLOCK)
                    .map(|_| native.timed(Some(contest.expected)))
                    .collect()
            };
            let native = spawn(&contest.native);
            let bubblewrap = wrapped.as_ref().map(spawn);
            if block > 0 {
                measured.sandbox.extend(sandbox);
                measured.native.extend(native);
                measured.bubblewrap.extend(bubblewrap.into_iter().flatten());
            }
        }
    }

    let mut section = Section::new(
        "A trivial script",
        &[
            "sandbox p50",
            "p99",
            "native p50",
            "p99",
            "bwrap p50",
            "p99",
            "faster than native",
            "than bwrap",
        ],
    );
    for ((contest, wrapped), measured) in contests.iter().zip(&wrapped).zip(&measured) {
        let ms = |duration| Cell::new(millis(duration), Unit::Milliseconds);
        let times = |value| Cell::new(value, Unit::Times);
        let ours = measured.sandbox.p50();
        let factor = ratio(measured.native.p50(), ours);
        let mut cells = vec![
            ms(ours),
            ms(measured.sandbox.p99()),
            ms(measured.native.p50()),
            ms(measured.native.p99()),
        ];
        cells.extend(match wrapped {
            Some(_) => [
                ms(measured.bubblewrap.p50()),
                ms(measured.bubblewrap.p99()),
                times(factor),
                times(ratio(measured.bubblewrap.p50(), ours)),
            ],
            None => [
                Cell::absent(Unit::Milliseconds),
                Cell::absent(Unit::Milliseconds),
                times(factor),
                Cell::absent(Unit::Times),
            ],
        });
        let mut goals = vec![Goal::at_most(
            millis(ours),
            contest.at_most_ms,
            Unit::Milliseconds,
        )];
        goals.extend(
            contest
                .times_faster
                .map(|wanted| Goal::at_least(factor, wanted, Unit::Times)),
        );
        section.row(contest.name, cells, goals);
    }
    section
}

/// One block, on a thread of the runtime: that is where a server's runs are.
fn in_sandbox(sandboxes: &Sandboxes, contest: &Contest) -> Vec<Duration> {
    let (owned, script, expected) = (sandboxes.clone(), contest.script.clone(), contest.expected);
    let block = sandboxes.runtime().spawn(async move {
        let mut took = Vec::with_capacity(BLOCK);
        for _ in 0..BLOCK {
            let ran = owned.run(DEFAULT, &script).await.succeeded();
            assert_eq!(ran.output, expected);
            took.push(ran.took);
        }
        took
    });
    sandboxes.block_on(block).expect("a run doesn't panic")
}
