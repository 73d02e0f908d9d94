//! How machines are: the scripts that a machine policy has for them, and what their health is put together from.
//!
//! ```json
//! "MachineHealthCheckPolicy": {
//!   "HealthCheckType": "RunScript",
//!   "BashHealthCheckPolicy": { "RunType": "Inline", "ScriptBody": "[ -e /srv/app ] || fail_healthcheck 'no app'" },
//!   "PowerShellHealthCheckPolicy": { "RunType": "InheritFromDefault" }
//! }
//! ```
//!
//! A connection and a script say two things of one machine, at different times. Both are kept, so that a machine that
//! its script found ill isn't well again because it answered.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::template::Template;

/// What the last look found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum HealthStatus {
    HasWarnings,
    Healthy,
    Unavailable,
    Unhealthy,
    #[default]
    Unknown,
}

impl HealthStatus {
    /// The worse of the two. What isn't there, or was never seen, is that first of all.
    fn worse(self, other: Self) -> Self {
        let rank = |status: Self| match status {
            Self::Healthy => 0,
            Self::HasWarnings => 1,
            Self::Unhealthy => 2,
            Self::Unavailable => 3,
            Self::Unknown => 4,
        };
        if rank(other) > rank(self) {
            other
        } else {
            self
        }
    }
}

/// What a look found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Finding {
    pub status: HealthStatus,
    /// In words.
    pub summary: String,
}

impl Finding {
    pub fn new(status: HealthStatus, summary: impl Into<String>) -> Self {
        Self {
            status,
            summary: summary.into(),
        }
    }
}

/// What was found of a machine whose machine policy has a script for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Findings {
    pub connection: Finding,
    pub script: Finding,
}

impl Findings {
    /// What they come to. Of a machine that isn't there, nothing else matters.
    pub fn together(&self) -> Finding {
        let Self { connection, script } = self;
        match connection.status {
            HealthStatus::Unavailable | HealthStatus::Unknown => connection.clone(),
            status => Finding::new(
                status.worse(script.status),
                format!("{} {}", script.summary, connection.summary),
            ),
        }
    }
}

/// The scripts of a machine policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthScripts {
    pub bash: HealthScript,
    pub powershell: HealthScript,
}

/// What a machine policy says of one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HealthScript {
    /// What the default machine policy says.
    Inherited,
    Own(String),
    /// None: a connection is all.
    None,
}

impl HealthScripts {
    /// What a `MachineHealthCheckPolicy` says.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn of(policy: Option<&Value>) -> Result<Self, String> {
        let text = |name: &str| policy.and_then(|policy| policy.get(name)?.as_str());
        let kind = text("HealthCheckType").filter(|kind| !kind.is_empty());
        match kind.unwrap_or("RunScript") {
            "RunScript" => {}
            "OnlyConnectivity" => {
                return Ok(Self {
                    bash: HealthScript::None,
                    powershell: HealthScript::None,
                });
            }
            other => {
                return Err(format!(
                    "HealthCheckType is `{other}`: it is RunScript or OnlyConnectivity."
                ));
            }
        }
        let one = |name: &str| script(name, policy.and_then(|policy| policy.get(name)));
        Ok(Self {
            bash: one("BashHealthCheckPolicy")?,
            powershell: one("PowerShellHealthCheckPolicy")?,
        })
    }
}

fn script(name: &str, rule: Option<&Value>) -> Result<HealthScript, String> {
    let text = |property: &str| rule.and_then(|rule| rule.get(property)?.as_str());
    let kind = text("RunType").filter(|kind| !kind.is_empty());
    match kind.unwrap_or("InheritFromDefault") {
        "InheritFromDefault" => return Ok(HealthScript::Inherited),
        "OnlyConnectivity" => return Ok(HealthScript::None),
        "Inline" => {}
        other => {
            return Err(format!(
                "{name}.RunType is `{other}`: it is InheritFromDefault, Inline or OnlyConnectivity."
            ));
        }
    }
    let body = text("ScriptBody").unwrap_or_default();
    if body.trim().is_empty() {
        return Err(format!(
            "{name}.RunType is Inline, and its ScriptBody is empty: write a script, or use OnlyConnectivity."
        ));
    }
    match Template::parse(body) {
        Ok(_) => Ok(HealthScript::Own(body.to_owned())),
        Err(error) => Err(format!("{name}.ScriptBody can't be read: {error}.")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_policy_says_which_scripts_it_has() {
        let own = |body: &str| HealthScript::Own(body.to_owned());
        let inline = json!({ "RunType": "Inline", "ScriptBody": "true" });
        for (policy, bash, powershell) in [
            (json!({}), HealthScript::Inherited, HealthScript::Inherited),
            (
                json!({ "BashHealthCheckPolicy": inline }),
                own("true"),
                HealthScript::Inherited,
            ),
            (
                json!({ "HealthCheckType": "RunScript", "PowerShellHealthCheckPolicy": inline,
                    "BashHealthCheckPolicy": { "RunType": "OnlyConnectivity", "ScriptBody": "true" } }),
                HealthScript::None,
                own("true"),
            ),
            (
                json!({ "HealthCheckType": "OnlyConnectivity", "BashHealthCheckPolicy": inline }),
                HealthScript::None,
                HealthScript::None,
            ),
        ] {
            let said = HealthScripts::of(Some(&policy));
            assert_eq!(said, Ok(HealthScripts { bash, powershell }), "{policy}");
        }
        for (policy, why) in [
            (
                json!({ "HealthCheckType": "Often" }),
                "HealthCheckType is `Often`",
            ),
            (
                json!({ "BashHealthCheckPolicy": { "RunType": "Sometimes" } }),
                "BashHealthCheckPolicy.RunType is `Sometimes`",
            ),
            (
                json!({ "PowerShellHealthCheckPolicy": { "RunType": "Inline" } }),
                "PowerShellHealthCheckPolicy.RunType is Inline, and its ScriptBody is empty",
            ),
            (
                json!({ "BashHealthCheckPolicy": { "RunType": "Inline", "ScriptBody": "#{if A}" } }),
                "can't be read",
            ),
        ] {
            let said = HealthScripts::of(Some(&policy)).expect_err("it is refused");
            assert!(said.contains(why), "{why}: {said}");
        }
    }

    #[test]
    fn the_worse_of_connection_and_script_is_the_health() {
        use HealthStatus::{HasWarnings, Healthy, Unavailable, Unhealthy, Unknown};
        for (connection, script, expected) in [
            (Healthy, Healthy, Healthy),
            (Healthy, HasWarnings, HasWarnings),
            (Healthy, Unhealthy, Unhealthy),
            (HasWarnings, Healthy, HasWarnings),
            (Unhealthy, Healthy, Unhealthy),
            (Unavailable, Unhealthy, Unavailable),
            (Unknown, Healthy, Unknown),
        ] {
            let found = Findings {
                connection: Finding::new(connection, "It answers."),
                script: Finding::new(script, "It was looked at."),
            };
            assert_eq!(found.together().status, expected, "{found:?}");
        }
    }
}
