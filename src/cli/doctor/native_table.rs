//! The table of what native processes try, as data; its head describes every key.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::table::fill;
use crate::plan::Landlock;
use crate::worker::Language;

const TABLE: &str = include_str!("../../../guest/probe/native.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NativeTable {
    preludes: BTreeMap<String, String>,
    #[serde(rename = "probe")]
    pub probes: Vec<NativeProbe>,
}

/// One thing that a script tries.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NativeProbe {
    pub id: String,
    pub threat: String,
    pub area: String,
    pub held_by: HeldBy,
    #[serde(default)]
    language: ProbeLanguage,
    #[serde(default)]
    policy: String,
    script: String,
    #[serde(default)]
    expect: Option<String>,
    /// Whether it says which process it leaves.
    #[serde(default)]
    pub leaves: bool,
    #[serde(default)]
    twin: Option<NativeTwin>,
    #[serde(default)]
    pub no_twin: Option<String>,
}

/// The same with the thing granted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NativeTwin {
    policy: String,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ProbeLanguage {
    #[default]
    Bash,
    Python,
}

/// What is claimed to hold something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeldBy {
    Account,
    Launcher,
    LandlockFiles,
    LandlockPorts,
    LandlockSignals,
    Limits,
    Supervisor,
    Nothing,
}

impl HeldBy {
    /// For people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Launcher => "launcher",
            Self::LandlockFiles | Self::LandlockPorts | Self::LandlockSignals => "Landlock",
            Self::Limits => "limits",
            Self::Supervisor => "supervisor",
            Self::Nothing => "nothing",
        }
    }

    /// Whether it is claimed on a kernel with this much of Landlock.
    pub fn is_claimed(self, landlock: Landlock) -> bool {
        match self {
            Self::Account | Self::Launcher | Self::Limits | Self::Supervisor => true,
            Self::LandlockFiles => landlock >= Landlock::Files,
            Self::LandlockPorts => landlock >= Landlock::Ports,
            Self::LandlockSignals => landlock >= Landlock::Signals,
            Self::Nothing => false,
        }
    }
}

impl NativeTable {
    /// The table that this program ships with.
    pub fn shipped() -> Self {
        toml::from_str(TABLE).expect("the shipped table is checked by a test")
    }

    /// The script of a probe, its places filled in.
    pub fn script(&self, probe: &NativeProbe, places: &HashMap<&'static str, String>) -> String {
        let prelude = self.preludes.get(match probe.language {
            ProbeLanguage::Bash => "bash",
            ProbeLanguage::Python => "python",
        });
        let prelude = prelude.map(String::as_str).unwrap_or_default();
        format!("{prelude}\n{}\n", fill(&probe.script, places))
    }
}

impl NativeProbe {
    /// The language of its script.
    pub fn language(&self) -> Language {
        match self.language {
            ProbeLanguage::Bash => Language::Shell,
            ProbeLanguage::Python => Language::Python,
        }
    }

    /// What must come of it, in the words of the other table.
    pub fn expect(&self) -> &str {
        self.expect.as_deref().unwrap_or("refused")
    }

    /// The policy of the attack that must fail.
    pub fn policy(&self, places: &HashMap<&'static str, String>) -> String {
        policy(&self.policy, places)
    }

    /// The policy under which it must succeed.
    pub fn twin_policy(&self, places: &HashMap<&'static str, String>) -> Option<String> {
        let twin = self.twin.as_ref()?;
        Some(policy(&twin.policy, places))
    }
}

fn policy(more: &str, places: &HashMap<&'static str, String>) -> String {
    let head = "schema = 1\nname = \"probe\"\n[process]\nallow = true\n";
    format!("{head}{}", fill(more, places))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_shipped_table_is_valid() {
        let table = NativeTable::shipped();
        let ids: HashSet<_> = table.probes.iter().map(|probe| &probe.id).collect();
        assert_eq!(ids.len(), table.probes.len(), "an id stands twice");
        assert!(table.probes.len() >= 45, "only {}", table.probes.len());
        for probe in &table.probes {
            assert!(
                probe.twin.is_some() != probe.no_twin.is_some(),
                "{} must have a twin or say why it has none",
                probe.id
            );
        }
    }

    #[test]
    fn what_a_kernel_lacks_is_not_claimed() {
        assert!(HeldBy::LandlockFiles.is_claimed(Landlock::Signals));
        assert!(HeldBy::LandlockFiles.is_claimed(Landlock::Files));
        assert!(!HeldBy::LandlockPorts.is_claimed(Landlock::Files));
        assert!(!HeldBy::LandlockFiles.is_claimed(Landlock::Absent));
        assert!(HeldBy::Account.is_claimed(Landlock::Absent));
        assert!(!HeldBy::Nothing.is_claimed(Landlock::Signals));
    }
}
