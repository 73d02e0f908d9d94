//! A step of a deployment starts with `$ErrorActionPreference = 'Stop'`, as Octopus's bootstrap has it; a plain run doesn't.

use std::path::Path;
use std::process::Command;

const SCRIPT: &str = "\"$ErrorActionPreference\"\nGet-Item ./nothing -ErrorAction Ignore\nGet-Item ./nothing\n'on'\n";

/// Runs [`SCRIPT`] with the files that a host gives; its output.
fn run(name: &str, has_variables: bool, has_messages: bool) -> String {
    let at = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&at);
    std::fs::create_dir_all(&at).expect("a folder");
    std::fs::write(at.join("x.ps1"), SCRIPT).expect("the script is written");
    if has_variables {
        std::fs::write(at.join("variables.json"), "{}").expect("the variables are written");
    }
    if has_messages {
        std::fs::write(at.join("messages"), "").expect("the messages file is there");
    }
    let done = Command::new(env!("CARGO_BIN_EXE_powershell"))
        .arg(at.join("x.ps1"))
        .current_dir(&at)
        .env_clear()
        .env("SEAWALL_TEST_VARIABLES", at.join("variables.json"))
        .env("SEAWALL_TEST_MESSAGES", at.join("messages"))
        .output()
        .expect("the interpreter runs");
    String::from_utf8(done.stdout).expect("text")
}

#[test]
fn a_step_stops_at_the_first_error() {
    assert_eq!(run("step", true, true), "Stop\n");
}

#[test]
fn a_plain_run_goes_on() {
    assert_eq!(run("plain", false, true), "Continue\non\n");
    assert_eq!(run("bare", true, false), "Continue\non\n");
}
