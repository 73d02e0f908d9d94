//! Every probe of `guest/probe/probes.toml`, through `seawall doctor`: contained, and once granted, successful.
//!
//! One line is printed per probe. Where this process may not make a network namespace, the probes whose success would
//! send a packet to another machine are not run, and that is printed too.

use std::process::{Command, Output};

use serde_json::Value;

use crate::cli;

/// What `seawall doctor --json` says of one probe.
struct Line {
    id: String,
    how: String,
    is_contained: bool,
    /// `None` where the thing can't be granted.
    twin_succeeded: Option<bool>,
    says_why_there_is_no_twin: bool,
}

#[test]
fn every_probe_is_contained_and_succeeds_once_it_is_granted() {
    let (output, is_isolated) = doctor();
    let text = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<Line> = text.lines().map(line).collect();
    for line in &lines {
        let word = if line.is_contained {
            "contained"
        } else {
            "BREACHED"
        };
        println!("{word}  {:<34} {}", line.id, line.how);
    }
    if !is_isolated {
        println!("not run: the probes marked `offline`; no network namespace can be made here");
    }
    let breached: Vec<_> = lines
        .iter()
        .filter(|line| !line.is_contained)
        .map(|line| &line.id)
        .collect();
    assert!(breached.is_empty(), "breached: {breached:?}");
    let failed: Vec<_> = lines
        .iter()
        .filter(|line| line.twin_succeeded == Some(false))
        .map(|line| &line.id)
        .collect();
    assert!(
        failed.is_empty(),
        "did not succeed once granted: {failed:?}"
    );
    let unexplained: Vec<_> = lines
        .iter()
        .filter(|line| line.twin_succeeded.is_none() && !line.says_why_there_is_no_twin)
        .map(|line| &line.id)
        .collect();
    assert!(
        unexplained.is_empty(),
        "neither a twin nor a reason: {unexplained:?}"
    );
    assert!(
        lines.len() >= 150,
        "only {} probes ran: {}",
        lines.len(),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{output:?}");
}

/// Runs the doctor, in a network namespace of its own where that is possible.
fn doctor() -> (Output, bool) {
    let seawall = env!("CARGO_BIN_EXE_seawall");
    let is_isolated = Command::new("unshare")
        .args([
            "--user",
            "--map-root-user",
            "--net",
            "ip",
            "link",
            "set",
            "lo",
            "up",
        ])
        .output()
        .is_ok_and(|output| output.status.success());
    let mut command = if is_isolated {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--net", "sh", "-c"]);
        command.args(["ip link set lo up && exec \"$0\" doctor --json", seawall]);
        command
    } else {
        let mut command = Command::new(seawall);
        command.args(["doctor", "--json"]);
        command
    };
    // The probe that looks for the server's own environment looks for this.
    command
        .env("PROBE_SERVER_ENV", "env-value-471147")
        .env("SEAWALL_HOME", cli::home());
    (
        command.output().expect("the program was built"),
        is_isolated,
    )
}

fn line(text: &str) -> Line {
    let row: Value = serde_json::from_str(text).expect("one JSON object per line");
    let string = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
    Line {
        id: string("id"),
        how: string("how"),
        is_contained: row["contained"] == true,
        twin_succeeded: row.get("twin").map(|twin| twin["succeeded"] == true),
        says_why_there_is_no_twin: row["no_twin"].is_string(),
    }
}
