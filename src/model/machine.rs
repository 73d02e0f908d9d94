//! Worker pools, and the policies that say how machines are looked after.

use croner::Cron;
use croner::parser::{CronParser, Seconds};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::health::HealthScripts;
use super::resource::{Extra, Invalid, Kind, Reference, Resource, name_problems, named_resource};

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
    /// The projects that may use it; empty for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub project_ids: Vec<String>,
    /// The environments that it may be used for; empty for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environment_ids: Vec<String>,
    /// The teams whose members may have work done there; empty for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub team_ids: Vec<String>,
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

    fn references(&self) -> Vec<Reference> {
        let environments = self.environment_ids.iter();
        let environments =
            environments.map(|id| Reference::new(Kind::Environment, id, "EnvironmentIds"));
        let teams = self.team_ids.iter();
        let teams = teams.map(|id| Reference::new(Kind::Team, id, "TeamIds"));
        let projects = self.project_ids.iter();
        projects
            .map(|id| Reference::new(Kind::Project, id, "ProjectIds"))
            .chain(environments)
            .chain(teams)
            .collect()
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
    /// When machines are checked; `None` for never. A cron expression counts before an interval.
    ///
    /// # Errors
    /// What is wrong with what it says, for people.
    pub fn health_check_schedule(&self) -> Result<Option<Schedule>, String> {
        let policy = self.extra.get("MachineHealthCheckPolicy");
        let property = |name: &str| policy.and_then(|policy| policy.get(name));
        let text = |name: &str| {
            let text = property(name).and_then(Value::as_str);
            text.filter(|text| !text.is_empty())
        };
        if let Some(cron) = text("HealthCheckCron") {
            let zone = text("HealthCheckCronTimezone").unwrap_or("UTC");
            return Schedule::at(cron, zone).map(Some);
        }
        let every = text("HealthCheckInterval").map(interval).transpose()?;
        Ok(every.map(Schedule::Every))
    }

    /// The scripts that machines are checked with.
    ///
    /// # Errors
    /// What is wrong with what it says, for people.
    pub fn health_scripts(&self) -> Result<HealthScripts, String> {
        HealthScripts::of(self.extra.get("MachineHealthCheckPolicy"))
    }
}

/// When machines are checked.
#[derive(Debug, Clone)]
pub enum Schedule {
    /// This long after the last time.
    Every(SignedDuration),
    /// At these times of a place.
    At { cron: Box<Cron>, zone: TimeZone },
}

impl Schedule {
    /// A cron expression with five fields, or with six of which the first is for seconds, as Octopus's clients write it.
    fn at(cron: &str, zone: &str) -> Result<Self, String> {
        let parser = CronParser::builder().seconds(Seconds::Optional).build();
        let parsed = parser.parse(cron);
        let parsed = parsed.map_err(|error| {
            format!("HealthCheckCron is `{cron}`, which can't be read: {error}. Write minute, hour, day, month and day of the week, such as `0 6 * * MON-FRI`.")
        })?;
        let found = TimeZone::get(zone);
        let zone = found.map_err(|_| {
            format!("HealthCheckCronTimezone is `{zone}`, which is no time zone of the IANA's: write one such as `Europe/Berlin`.")
        })?;
        Ok(Self::At {
            cron: Box::new(parsed),
            zone,
        })
    }

    /// The first time after `last`; `None` if there is none.
    pub fn after(&self, last: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Every(interval) => Some(last.checked_add(*interval).unwrap_or(Timestamp::MAX)),
            Self::At { cron, zone } => {
                let last = last.to_zoned(zone.clone());
                let next = cron.find_next_occurrence(&last, false).ok()?;
                Some(next.timestamp())
            }
        }
    }
}

fn interval(text: &str) -> Result<SignedDuration, String> {
    let span = time_span("HealthCheckInterval", text)?;
    if span < SignedDuration::from_mins(1) {
        return Err("HealthCheckInterval is less than a minute.".to_owned());
    }
    Ok(span)
}

/// A time span as .NET writes it: `[days.]hours:minutes:seconds` (documentation of `TimeSpan`, "c").
///
/// # Errors
/// That it is none, for people who know it by `name`.
pub fn time_span(name: &str, text: &str) -> Result<SignedDuration, String> {
    let (days, rest) = text.split_once('.').unwrap_or(("0", text));
    let parts = std::iter::once(days).chain(rest.split(':'));
    let numbers: Result<Vec<i64>, _> = parts
        .map(|part| part.parse::<u32>().map(i64::from))
        .collect();
    match numbers.as_deref() {
        Ok([days, hours, minutes, seconds]) => Ok(SignedDuration::from_secs(
            ((days * 24 + hours) * 60 + minutes) * 60 + seconds,
        )),
        _ => Err(format!(
            "{name} is `{text}`: write hours:minutes:seconds, such as `01:00:00`."
        )),
    }
}

impl Resource for MachinePolicy {
    named_resource!(MachinePolicy);

    fn problems(&self) -> Vec<String> {
        let mut problems = name_problems(&self.name);
        problems.extend(self.health_check_schedule().err());
        problems.extend(self.health_scripts().err());
        problems
    }

    fn keep_from(&mut self, stored: &Self) -> Result<(), Invalid> {
        self.is_default = stored.is_default;
        Ok(())
    }
}
