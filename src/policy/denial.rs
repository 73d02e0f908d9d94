//! What a script is told, and what is counted, when something isn't granted.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::origin::Origin;

/// What kind of thing was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DenialKind {
    FileRead,
    FileWrite,
    /// An HTTP request.
    Request,
    /// A raw TCP connection.
    Connection,
    /// The name was granted, the address it resolved to was not.
    Address,
    /// Looking a name up.
    Lookup,
    Variable,
    Environment,
    Limit,
    Process,
    InBandMessage,
}

/// A denial: what was tried, which rule decided, why, and which lines would allow it.
///
/// Equal denials are one denial that happened again: they compare and hash by everything shown.
/// Holds no query strings and no values, so it may be logged.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Denial {
    pub kind: DenialKind,
    /// What was tried: `GET https://api.github.com/repos/acme/x`, `read /etc/passwd`.
    pub subject: String,
    /// The rule that came nearest. `None` if no rule is about this at all.
    pub rule: Option<Origin>,
    /// A sentence fragment that names the rule or file that decided.
    pub reason: String,
    /// The exact policy lines that would allow it. Empty if no line can.
    pub fix: String,
}

/// Without the fix: one line for a log. [`Denial::explained`] has the rest.
impl fmt::Display for Denial {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "denied: {}: {}", self.subject, self.reason)
    }
}

impl std::error::Error for Denial {}

impl Denial {
    /// The denial and the lines that would allow it, for people.
    pub fn explained(&self) -> String {
        match self.fix.is_empty() {
            true => format!("{self}\nno policy line can allow this\n"),
            false => format!("{self}\nto allow it, add:\n\n{}", self.fix),
        }
    }
}
