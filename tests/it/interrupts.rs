//! Stopping: Ctrl-C, SIGTERM and sudden death, and what each leaves behind.

use std::path::{Path, PathBuf};

use rustix::process::Signal;

use crate::cli::{Running, home, home_with, script};
use crate::languages::LANGUAGES;

/// The directories of the runs of one process.
fn run_directories(home: &Path, pid: i32) -> Vec<PathBuf> {
    std::fs::read_dir(home.join("runs"))
        .expect("runs have a directory")
        .flatten()
        .filter(|entry| {
            entry
                .file_name()
                .to_string_lossy()
                .starts_with(&format!("{pid}-"))
        })
        .map(|entry| entry.path())
        .collect()
}

/// A script that has written a file and waits for input that never comes.
fn waiting(home: &Path) -> Running {
    let mut running = script("a.mjs", "import fs from 'node:fs';\nfs.writeFileSync('x', 'x');\nconsole.log('ready');\nfs.readFileSync(0);\n")
        .home(home)
        .start();
    running.expect_stdout("ready\n");
    running
}

#[test]
fn an_interrupt_ends_the_run_with_130_and_removes_its_workspace() {
    for signal in [Signal::INT, Signal::TERM] {
        let running = waiting(home());
        let pid = running.pid();
        assert_eq!(
            run_directories(home(), pid).len(),
            1,
            "one run, one directory"
        );
        running.signal(signal);
        running
            .finish_with_stdin_open()
            .expect_code(130)
            .expect_in_stderr("stopped");
        assert_eq!(
            run_directories(home(), pid),
            Vec::<PathBuf>::new(),
            "{signal:?}"
        );
    }
}

#[test]
fn an_interrupt_ends_a_script_that_computes_or_sleeps() {
    for language in LANGUAGES {
        for text in [
            language.pick(
                "echo ready; while :; do :; done\n",
                "print('ready')\nwhile True: pass\n",
                "console.log('ready');\nfor (;;) {}\n",
                "Write-Host ready; while ($true) { }\n",
            ),
            language.pick(
                "echo ready; sleep 1000\n",
                "import time\nprint('ready')\ntime.sleep(1000)\n",
                "console.log('ready');\nawait new Promise((done) => setTimeout(done, 1e6));\n",
                "Write-Host ready; Start-Sleep 1000\n",
            ),
        ] {
            let mut running = script(language.file(), text).start();
            running.expect_stdout("ready\n");
            running.signal(Signal::INT);
            running.finish_with_stdin_open().expect_code(130);
        }
    }
}

#[test]
fn a_run_that_ends_by_itself_leaves_nothing() {
    let running = script("a.mjs", "import fs from 'node:fs';\nfs.mkdirSync('a/b', { recursive: true });\nfs.writeFileSync('a/b/c', 'x');\n").start();
    let pid = running.pid();
    running.finish().expect_code(0);
    assert_eq!(run_directories(home(), pid), Vec::<PathBuf>::new());
}

#[test]
fn what_a_killed_run_leaves_is_removed_by_the_next() {
    let home = home_with("javascript");
    let running = waiting(home.path());
    let pid = running.pid();
    running.signal(Signal::KILL);
    running.finish_with_stdin_open().expect_code(-9);
    assert_eq!(
        run_directories(home.path(), pid).len(),
        1,
        "nobody was left to remove it"
    );

    // One that is still at work is left alone.
    let other = waiting(home.path());
    script("a.mjs", "console.log('next');\n")
        .home(home.path())
        .run()
        .expect_code(0)
        .expect_stdout("next\n");
    assert_eq!(run_directories(home.path(), pid), Vec::<PathBuf>::new());
    assert_eq!(run_directories(home.path(), other.pid()).len(), 1);
    other.finish().expect_code(0);
}

#[test]
fn many_runs_may_find_the_leftovers_of_a_killed_one_at_once() {
    let home = home_with("javascript");
    let killed: Vec<Running> = (0..4).map(|_| waiting(home.path())).collect();
    for running in &killed {
        running.signal(Signal::KILL);
    }
    for running in killed {
        running.finish_with_stdin_open().expect_code(-9);
    }
    let starting: Vec<Running> = (0..8)
        .map(|_| {
            script("a.mjs", "console.log('next');\n")
                .home(home.path())
                .start()
        })
        .collect();
    for running in starting {
        running.finish().expect_code(0).expect_stdout("next\n");
    }
}
