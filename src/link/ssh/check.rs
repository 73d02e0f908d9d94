//! How a machine is, as far as a login shows it.

use jiff::Timestamp;

use super::connection::{Connection, SshError};
use crate::model::health::HealthStatus;

/// Below this a script has no room to work.
const LEAST_FREE_KIB: u64 = 64 << 10;

/// Clocks that differ by more are a warning.
const MAX_SKEW_SECONDS: i64 = 300;

/// What may be missing is asked for last, so that its absence takes nothing else with it.
const LOOK: &str = "echo os $(uname -s 2>/dev/null); echo machine $(uname -m 2>/dev/null); \
for p in tar cat mkdir rm setsid bash python3 node pwsh; do command -v $p >/dev/null 2>&1 && echo has $p; done; \
b=$1; [ -n \"$b\" ] || b=$HOME; echo now $(date +%s 2>/dev/null); \
df -Pk \"$b\" 2>/dev/null | { read -r h; read -r a b c d e; echo free $d; }; exit 0";

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub status: HealthStatus,
    pub summary: String,
    pub operating_system: String,
    pub architecture: String,
    /// The interpreters that are there.
    pub interpreters: Vec<String>,
}

/// What runs scripts, and the name of the language for people.
const INTERPRETERS: [(&str, &str); 4] = [
    ("bash", "Bash"),
    ("python3", "Python"),
    ("node", "JavaScript"),
    ("pwsh", "PowerShell"),
];

/// Asks a machine how it is.
///
/// # Errors
/// [`SshError`].
pub async fn check(
    connection: &Connection,
    directory: &str,
    now: Timestamp,
) -> Result<Condition, SshError> {
    let said = connection.ask_quickly(LOOK, &[directory]).await?;
    let said = said.fine("looking around")?;
    Ok(judge(&String::from_utf8_lossy(&said), now))
}

fn judge(said: &str, now: Timestamp) -> Condition {
    let words = |name: &str| {
        let lines = said.lines().filter_map(|line| line.split_once(' '));
        let found = lines.filter(|(first, _)| *first == name);
        found
            .map(|(_, rest)| rest.trim().chars().take(60).collect::<String>())
            .collect::<Vec<_>>()
    };
    let one = |name: &str| words(name).pop().unwrap_or_default();
    let has = words("has");
    let missing = |wanted: &[&str]| {
        let missing = wanted
            .iter()
            .filter(|name| !has.iter().any(|own| own == **name));
        missing
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let free_kib: Option<u64> = one("free").parse().ok();
    let clock: Option<i64> = one("now").parse().ok();
    let mut warnings = Vec::new();
    let mut problems = Vec::new();
    let tools = missing(&["tar", "cat", "mkdir", "rm"]);
    if !tools.is_empty() {
        problems.push(format!("It has no {tools}."));
    }
    if free_kib.is_some_and(|free| free < LEAST_FREE_KIB) {
        problems.push("Its disk is nearly full.".to_owned());
    }
    let languages = missing(&["bash", "python3"]);
    if !languages.is_empty() {
        warnings.push(format!(
            "It has no {languages}: steps in that language fail there."
        ));
    }
    if !missing(&["setsid"]).is_empty() {
        warnings.push(
            "It has no setsid: what a script leaves in the background is not ended with it."
                .to_owned(),
        );
    }
    let skew = clock.map(|clock| (clock - now.as_second()).abs());
    if let Some(skew) = skew.filter(|skew| *skew > MAX_SKEW_SECONDS) {
        warnings.push(format!("Its clock differs by {skew} seconds."));
    }
    let status = match (problems.is_empty(), warnings.is_empty()) {
        (false, _) => HealthStatus::Unhealthy,
        (true, false) => HealthStatus::HasWarnings,
        (true, true) => HealthStatus::Healthy,
    };
    let free = free_kib.map_or("its free disk is not known".to_owned(), |free| {
        format!("{} MiB are free on its disk", free >> 10)
    });
    problems.extend(warnings);
    let mut known = INTERPRETERS.to_vec();
    known.retain(|(program, _)| has.iter().any(|own| own == program));
    let languages: Vec<&str> = known.iter().map(|(_, language)| *language).collect();
    let languages = match languages.is_empty() {
        true => "in no language".to_owned(),
        false => format!("in {}", languages.join(", ")),
    };
    problems.push(format!(
        "It offers native processes over SSH, {languages}; {free}."
    ));
    Condition {
        status,
        summary: problems.join(" "),
        operating_system: one("os"),
        architecture: one("machine"),
        interpreters: known
            .iter()
            .map(|(program, _)| (*program).to_owned())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: &str = "os Linux\nmachine x86_64\nhas tar\nhas cat\nhas mkdir\nhas rm\nhas setsid\nhas bash\nhas python3\nnow 1000\nfree 1048576\n";

    fn status(said: &str) -> HealthStatus {
        let now = Timestamp::from_second(1000).expect("a time");
        judge(said, now).status
    }

    #[test]
    fn what_a_machine_says_is_judged() {
        assert_eq!(status(FINE), HealthStatus::Healthy);
        for (from, to, expected) in [
            ("has python3\n", "", HealthStatus::HasWarnings),
            ("has setsid\n", "", HealthStatus::HasWarnings),
            ("now 1000", "now 2000", HealthStatus::HasWarnings),
            ("has tar\n", "", HealthStatus::Unhealthy),
            ("free 1048576", "free 1", HealthStatus::Unhealthy),
            ("free 1048576", "free", HealthStatus::Healthy),
        ] {
            assert_eq!(status(&FINE.replace(from, to)), expected, "{from}");
        }
        assert_eq!(status(""), HealthStatus::Unhealthy);
    }

    #[test]
    fn the_languages_of_a_machine_are_those_whose_interpreters_it_has() {
        let now = Timestamp::from_second(1000).expect("a time");
        let some = judge(FINE, now);
        assert_eq!(some.interpreters, ["bash", "python3"]);
        assert!(
            some.summary.contains("in Bash, Python;"),
            "{}",
            some.summary
        );
        let all = judge(&format!("{FINE}has pwsh\nhas node\nhas perl\n"), now);
        assert_eq!(all.interpreters, ["bash", "python3", "node", "pwsh"]);
        assert!(judge("", now).interpreters.is_empty());
    }
}
