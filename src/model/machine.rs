//! Worker pools, and the policies that say how machines are looked after.

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::resource::{Extra, Invalid, Resource, name_problems, named_resource};

/// Workers to choose from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct WorkerPool {
    pub id: String,
    pub space_id: String,
    pub name: String,
    pub slug: String,
    pub description: String,
    /// The pool of steps that name none.
    pub is_default: bool,
    pub sort_order: i64,
    pub worker_pool_type: WorkerPoolType,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Who fills a pool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum WorkerPoolType {
    #[default]
    StaticWorkerPool,
    DynamicWorkerPool,
}

impl Resource for WorkerPool {
    named_resource!(WorkerPool, order = sort_order);

    fn problems(&self) -> Vec<String> {
        let mut problems = name_problems(&self.name);
        if self.worker_pool_type == WorkerPoolType::DynamicWorkerPool {
            problems.push("Dynamic worker pools need Octopus Cloud: use a static pool.".to_owned());
        }
        problems
    }

    fn keep_from(&mut self, stored: &Self) -> Result<(), Invalid> {
        if stored.is_default && !self.is_default {
            return Err(Invalid::because(
                "A space needs a default worker pool: make another pool the default instead.",
            ));
        }
        Ok(())
    }
}

/// How machines are checked and connected to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct MachinePolicy {
    pub id: String,
    pub space_id: String,
    pub name: String,
    pub slug: String,
    pub description: String,
    pub is_default: bool,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

impl MachinePolicy {
    /// How often machines are checked; `None` for never.
    ///
    /// # Errors
    /// What is wrong with what it says, for people.
    pub fn health_check_interval(&self) -> Result<Option<SignedDuration>, String> {
        let policy = self.extra.get("MachineHealthCheckPolicy");
        let property = |name: &str| policy.and_then(|policy| policy.get(name));
        let text = |name: &str| {
            let text = property(name).and_then(Value::as_str);
            text.filter(|text| !text.is_empty())
        };
        if text("HealthCheckCron").is_some() {
            return Err("HealthCheckCron is not supported: use HealthCheckInterval.".to_owned());
        }
        let script = property("BashHealthCheckPolicy");
        let kind = script
            .and_then(|script| script.get("RunType"))
            .and_then(Value::as_str);
        if kind == Some("Inline") {
            return Err("Health checks with a script need code on targets, which this server can't run: use RunType InheritFromDefault.".to_owned());
        }
        text("HealthCheckInterval").map(interval).transpose()
    }
}

/// A time span as .NET writes it: `[days.]hours:minutes:seconds` (documentation of `TimeSpan`, "c").
fn interval(text: &str) -> Result<SignedDuration, String> {
    let bad = || {
        format!("HealthCheckInterval is `{text}`: write hours:minutes:seconds, such as `01:00:00`.")
    };
    let (days, rest) = text.split_once('.').unwrap_or(("0", text));
    let mut parts = std::iter::once(days)
        .chain(rest.split(':'))
        .map(|part| part.parse::<u32>().map(i64::from));
    let mut next = || parts.next().and_then(Result::ok).ok_or_else(bad);
    let (days, hours, minutes, seconds) = (next()?, next()?, next()?, next()?);
    let total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
    if parts.next().is_some() || total < 60 {
        return Err(match total {
            0..60 => "HealthCheckInterval is less than a minute.".to_owned(),
            _ => bad(),
        });
    }
    Ok(SignedDuration::from_secs(total))
}

impl Resource for MachinePolicy {
    named_resource!(MachinePolicy);

    fn problems(&self) -> Vec<String> {
        let mut problems = name_problems(&self.name);
        problems.extend(self.health_check_interval().err());
        problems
    }

    fn keep_from(&mut self, stored: &Self) -> Result<(), Invalid> {
        self.is_default = stored.is_default;
        Ok(())
    }
}

/// What the last health check found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum HealthStatus {
    HasWarnings,
    Healthy,
    Unavailable,
    Unhealthy,
    #[default]
    Unknown,
}
