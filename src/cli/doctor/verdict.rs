//! What was observed of an attack, held against what the table expects. Pure.

use std::collections::HashMap;

use super::table::{Expectation, fill};
use crate::worker::{Ending, Receipt};

/// What one attack did, as far as anybody outside the sandbox can tell.
#[derive(Debug)]
pub struct Observed {
    pub end: End,
    /// The probe's last line: `breached: …`, `refused: …`, `inconclusive: …`, or anything.
    pub last_line: String,
    /// Every event in words: log lines, output variables, messages.
    pub said: String,
    /// The same as a terminal would show it.
    pub shown: String,
    /// Everything that the HTTP servers received.
    pub received: String,
    pub n_artifacts: usize,
    pub receipt: Receipt,
    /// Whether an ordinary run afterwards worked.
    pub is_well_afterwards: bool,
    /// What the run left on the host of the directories that were its own.
    pub left_behind: Option<String>,
    /// What `{name}` stood for in this attack.
    pub places: HashMap<&'static str, String>,
}

/// How it ended.
#[derive(Debug)]
pub enum End {
    Ran(Ending),
    /// It was refused before it ran: the policy, the compiler or the linker said no.
    NotStarted(String),
}

/// Whether an expectation holds, and the evidence in a few words.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    pub holds: bool,
    pub how: String,
}

/// Judges one attack.
pub fn judge(expected: &Expectation<'_>, observed: &Observed) -> Verdict {
    let Expectation {
        expect,
        or,
        lacks,
        shown_lacks,
        server_lacks,
        artifacts,
    } = expected;
    let mut how = describe(observed);
    let mut holds = std::iter::once(*expect)
        .chain(or.iter().map(String::as_str))
        .any(|word| is_as(word, observed));
    let mut require = |claim: bool, why: String| {
        if !claim {
            holds = false;
            how = format!("{why}; {how}");
        }
    };
    for text in *lacks {
        let is_absent = !observed.said.contains(&fill(text, &observed.places));
        require(is_absent, format!("an event holds {text:?}"));
    }
    for text in *shown_lacks {
        let is_absent = !observed.shown.contains(&fill(text, &observed.places));
        require(is_absent, format!("{text:?} was shown"));
    }
    for text in *server_lacks {
        let is_absent = !observed.received.contains(&fill(text, &observed.places));
        require(is_absent, format!("the server received {text:?}"));
    }
    if let Some(left) = &observed.left_behind {
        require(false, format!("{left} was left behind"));
    }
    if let Some(most) = artifacts {
        let n = observed.n_artifacts;
        require(n <= *most, format!("{n} artifacts were left"));
    }
    Verdict { holds, how }
}

fn is_as(word: &str, observed: &Observed) -> bool {
    let Observed { end, last_line, .. } = observed;
    let exited = |wanted: u8| matches!(end, End::Ran(Ending::Exited { code }) if *code == wanted);
    match word.split_once(':').unwrap_or((word, "")) {
        ("breached", "") => exited(0) && last_line.starts_with("breached:"),
        ("refused", "") => exited(10) && last_line.starts_with("refused:"),
        ("inconclusive", "") => last_line.starts_with("inconclusive:"),
        ("limit", name) => {
            matches!(end, End::Ran(Ending::LimitReached { limit }) if limit.as_str() == name)
        }
        ("trap", "") => matches!(end, End::Ran(Ending::Trapped { .. })),
        ("exit", code) => code.parse().is_ok_and(exited),
        ("denied", part) => {
            matches!(end, End::NotStarted(why) if why.to_lowercase().contains(&part.to_lowercase()))
        }
        // Whatever the guest made of it, such as odd arguments that were taken: nobody else noticed.
        ("contained", "") => observed.is_well_afterwards,
        // An unknown word holds for nothing, so that a typo shows.
        _ => false,
    }
}

fn describe(observed: &Observed) -> String {
    let mut how = match &observed.end {
        End::NotStarted(why) => format!("not started: {why}"),
        End::Ran(Ending::LimitReached { limit }) => format!("limit {limit}"),
        End::Ran(Ending::Trapped { message }) => format!("trap: {message}"),
        End::Ran(Ending::Cancelled) => "cancelled".into(),
        End::Ran(Ending::Exited { code }) if observed.last_line.is_empty() => {
            format!("exit code {code}")
        }
        End::Ran(Ending::Exited { .. }) => observed.last_line.clone(),
    };
    if let Some(first) = observed.receipt.denials.first() {
        how.push_str(&format!(" [{}]", first.denial));
    }
    how.lines()
        .next()
        .unwrap_or_default()
        .chars()
        .flat_map(char::escape_debug)
        .take(150)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observed(end: End, last_line: &str) -> Observed {
        Observed {
            end,
            last_line: last_line.into(),
            said: last_line.into(),
            shown: last_line.into(),
            received: String::new(),
            n_artifacts: 0,
            receipt: Receipt::default(),
            is_well_afterwards: true,
            left_behind: None,
            places: HashMap::from([("secret", "s3cret-value".to_owned())]),
        }
    }

    fn holds(expect: &str, observed: &Observed) -> bool {
        let expected = Expectation {
            expect,
            or: &[],
            lacks: &[],
            shown_lacks: &[],
            server_lacks: &[],
            artifacts: None,
        };
        judge(&expected, observed).holds
    }

    #[test]
    fn a_breach_is_nothing_else() {
        let breach = observed(
            End::Ran(Ending::Exited { code: 0 }),
            "breached: read 12 bytes",
        );
        for expect in ["refused", "limit:disk", "trap", "denied:read", "typo"] {
            assert!(!holds(expect, &breach), "{expect}");
        }
        assert!(holds("breached", &breach));
    }

    #[test]
    fn a_probe_that_could_not_decide_is_neither_refused_nor_breached() {
        let lost = observed(
            End::Ran(Ending::Exited { code: 11 }),
            "inconclusive: no such file",
        );
        assert!(!holds("refused", &lost));
        assert!(!holds("breached", &lost));
    }

    #[test]
    fn what_must_not_be_shown_is_looked_for() {
        let refused = observed(
            End::Ran(Ending::Exited { code: 10 }),
            "refused: but here is s3cret",
        );
        let lacks = ["s3cret".to_owned()];
        let expected = Expectation {
            expect: "refused",
            or: &[],
            lacks: &lacks,
            shown_lacks: &[],
            server_lacks: &[],
            artifacts: None,
        };
        assert!(!judge(&expected, &refused).holds);
    }

    #[test]
    fn what_must_not_be_shown_may_be_a_place() {
        let refused = |line| observed(End::Ran(Ending::Exited { code: 10 }), line);
        let lacks = ["{secret}".to_owned()];
        let expected = Expectation {
            expect: "refused",
            or: &[],
            lacks: &lacks,
            shown_lacks: &[],
            server_lacks: &[],
            artifacts: None,
        };
        assert!(!judge(&expected, &refused("refused: s3cret-value")).holds);
        assert!(judge(&expected, &refused("refused: ********")).holds);
    }

    #[test]
    fn a_run_that_leaves_something_behind_is_not_contained() {
        let mut left = observed(End::Ran(Ending::Exited { code: 10 }), "refused: no");
        left.left_behind = Some("work".into());
        assert!(!holds("refused", &left));
    }
}
