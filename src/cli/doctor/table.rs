//! The table of probes, as data: what is tried, under which policy, and what must come of it.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

/// The shipped table; its head describes every key.
const TABLE: &str = include_str!("../../../guest/probe/probes.toml");

/// All probes, in the order in which they run.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Policy text that stands in many entries, by name.
    fragments: BTreeMap<String, String>,
    #[serde(rename = "probe")]
    pub probes: Vec<Probe>,
}

/// One threat, tried once without a grant and, where there is one, once with it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Probe {
    pub id: String,
    pub threat: String,
    pub area: String,
    guest: String,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    before: Vec<Vec<String>>,
    #[serde(default)]
    policy: String,
    #[serde(default)]
    setup: Vec<String>,
    expect: String,
    #[serde(default)]
    or: Vec<String>,
    #[serde(default)]
    lacks: Vec<String>,
    #[serde(default)]
    shown_lacks: Vec<String>,
    #[serde(default)]
    server_lacks: Vec<String>,
    #[serde(default)]
    artifacts: Option<usize>,
    #[serde(default)]
    pub offline: bool,
    #[serde(default)]
    twin: Option<TwinEntry>,
    #[serde(default)]
    no_twin: Option<String>,
}

/// The same probe with the thing granted. What it leaves out is the probe's own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct TwinEntry {
    guest: Option<String>,
    args: Option<Vec<String>>,
    before: Option<Vec<Vec<String>>>,
    policy: Option<String>,
    setup: Option<Vec<String>>,
    expect: String,
    #[serde(default)]
    or: Vec<String>,
    #[serde(default)]
    lacks: Option<Vec<String>>,
    #[serde(default)]
    artifacts: Option<usize>,
}

/// What one attack is started with, and what must come of it.
#[derive(Debug, Clone, Copy)]
pub struct Attack<'t> {
    pub guest: &'t str,
    pub args: &'t [String],
    /// Runs that come first, in the same server and under the same policy.
    pub before: &'t [Vec<String>],
    pub policy: &'t str,
    pub setup: &'t [String],
    pub expect: Expectation<'t>,
}

/// What must come of an attack.
#[derive(Debug, Clone, Copy)]
pub struct Expectation<'t> {
    pub expect: &'t str,
    /// What is just as good.
    pub or: &'t [String],
    /// Text that no event may hold.
    pub lacks: &'t [String],
    /// Text that what is shown on a terminal may not hold.
    pub shown_lacks: &'t [String],
    /// Text that the HTTP server must not have received.
    pub server_lacks: &'t [String],
    pub artifacts: Option<usize>,
}

impl Table {
    /// The table that this program ships with.
    pub fn shipped() -> Self {
        toml::from_str(TABLE).expect("the shipped table is checked by a test")
    }

    /// The policy file that an entry's `policy` stands for, its places filled in.
    pub fn policy_text(&self, policy: &str, places: &HashMap<&'static str, String>) -> String {
        let mut text = format!("schema = 1\nname = \"probe\"\n{policy}");
        for (name, fragment) in &self.fragments {
            text = text.replace(&format!("{{{name}}}"), fragment);
        }
        fill(&text, places)
    }
}

impl Probe {
    /// The attack that must fail.
    pub fn attack(&self) -> Attack<'_> {
        Attack {
            guest: &self.guest,
            args: &self.args,
            before: &self.before,
            policy: &self.policy,
            setup: &self.setup,
            expect: Expectation {
                expect: &self.expect,
                or: &self.or,
                lacks: &self.lacks,
                shown_lacks: &self.shown_lacks,
                server_lacks: &self.server_lacks,
                artifacts: self.artifacts,
            },
        }
    }

    /// The attack that must succeed.
    pub fn twin(&self) -> Option<Attack<'_>> {
        let twin = self.twin.as_ref()?;
        Some(Attack {
            guest: twin.guest.as_deref().unwrap_or(&self.guest),
            args: twin.args.as_deref().unwrap_or(&self.args),
            before: twin.before.as_deref().unwrap_or(&self.before),
            policy: twin.policy.as_deref().unwrap_or(&self.policy),
            setup: twin.setup.as_deref().unwrap_or(&self.setup),
            expect: Expectation {
                expect: &twin.expect,
                or: &twin.or,
                lacks: twin.lacks.as_deref().unwrap_or_default(),
                shown_lacks: &[],
                server_lacks: &[],
                artifacts: twin.artifacts,
            },
        })
    }

    /// Why the thing can't be granted, where it can't.
    pub fn no_twin(&self) -> Option<&str> {
        self.no_twin.as_deref()
    }
}

/// Replaces `{name}` for every known name; other braces stay.
pub fn fill(text: &str, places: &HashMap<&'static str, String>) -> String {
    places.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}

#[cfg(test)]
mod tests {
    use super::Table;
    use std::collections::HashSet;

    #[test]
    fn the_shipped_table_is_valid_and_large_enough() {
        let table = Table::shipped();
        let ids: HashSet<_> = table.probes.iter().map(|probe| &probe.id).collect();
        assert_eq!(ids.len(), table.probes.len(), "an id stands twice");
        assert!(
            table.probes.len() >= 150,
            "only {} probes",
            table.probes.len()
        );
        for probe in &table.probes {
            assert!(
                probe.twin().is_some() != probe.no_twin().is_some(),
                "{} must have a twin or say why it has none",
                probe.id
            );
        }
    }
}
