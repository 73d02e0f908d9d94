//! `seawall run FILE` as a whole process, with its compiled guests in the cache.

use std::path::Path;

use super::Effort;
use super::native::{Interpreters, Native};
use super::report::{Cell, Goal, Section, Unit};
use super::sandbox::{Sandboxes, home, program};
use super::stats::{Samples, millis, ratio};

/// The scripts: file name and text.
const SCRIPTS: [(&str, &str); 3] = [
    ("hello.sh", "echo hello\n"),
    ("hello.py", "print(\"hello\")\n"),
    ("hello.js", "console.log(\"hello\")\n"),
];

/// p50 over 50 runs of each script, taking turns. `sandboxes` has filled the cache.
pub fn measure(_sandboxes: &Sandboxes, effort: Effort) -> Section {
    let Interpreters { bash, python, node } = Interpreters::find();
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut contestants = Vec::new();
    for ((name, text), interpreter) in SCRIPTS.into_iter().zip([&bash, &python, &node]) {
        let file = directory.join(name);
        std::fs::write(&file, text).expect("the target directory can be written");
        // `env` sets the variable and is gone; a `Native` has no environment of its own.
        let mut home_variable = std::ffi::OsString::from("SEAWALL_HOME=");
        home_variable.push(home());
        let ours = Native::new(
            "/usr/bin/env",
            [
                home_variable,
                program().into(),
                "run".into(),
                file.clone().into(),
            ],
        );
        let theirs = Native::new(interpreter, [file.as_os_str()]);
        contestants.push((name, ours, theirs, Samples::default(), Samples::default()));
    }
    for round in 0..=effort.of(50).max(10) {
        for (_, ours, theirs, our_samples, their_samples) in &mut contestants {
            let took = (ours.timed(Some(b"hello\n")), theirs.timed(Some(b"hello\n")));
            if round > 0 {
                our_samples.extend([took.0]);
                their_samples.extend([took.1]);
            }
        }
    }

    let columns = [
        "seawall p50",
        "p99",
        "native p50",
        "p99",
        "faster than native",
    ];
    let mut section = Section::new("`seawall run FILE`, a whole process", &columns);
    for (name, _, _, ours, theirs) in &contestants {
        let ms = |duration| Cell::new(millis(duration), Unit::Milliseconds);
        let cells = vec![
            ms(ours.p50()),
            ms(ours.p99()),
            ms(theirs.p50()),
            ms(theirs.p99()),
            Cell::new(ratio(theirs.p50(), ours.p50()), Unit::Times),
        ];
        let goal = Goal::at_most(millis(ours.p50()), 60.0, Unit::Milliseconds);
        section.row(*name, cells, vec![goal]);
    }
    section
}
