//! Lifecycles: in which order a release may reach its environments, and how long things are kept.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::resource::{Extra, Kind, Reference, Resource, name_problems, named_resource};

/// Phases that a release goes through, in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Lifecycle {
    pub id: String,
    pub space_id: String,
    pub name: String,
    pub slug: String,
    pub description: String,
    /// In order. None at all means: any environment, in the order of the environments.
    pub phases: Vec<Phase>,
    pub release_retention_policy: Retention,
    pub tentacle_retention_policy: Retention,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Resource for Lifecycle {
    named_resource!(Lifecycle);

    fn problems(&self) -> Vec<String> {
        let mut problems = name_problems(&self.name);
        for (index, phase) in self.phases.iter().enumerate() {
            problems.extend(phase.problems(index));
            let is_repeated = self.phases[..index]
                .iter()
                .any(|earlier| earlier.name.eq_ignore_ascii_case(&phase.name));
            if is_repeated {
                problems.push(format!("Two phases are called `{}`.", phase.name));
            }
        }
        problems
    }

    fn references(&self) -> Vec<Reference> {
        let environments = self.phases.iter().flat_map(Phase::environments);
        environments
            .map(|id| Reference::new(Kind::Environment, id, "Phases"))
            .collect()
    }
}

impl Lifecycle {
    /// Whether a release goes anywhere by itself.
    pub fn is_automatic(&self) -> bool {
        let mut phases = self.phases.iter();
        phases.any(|phase| !phase.automatic_deployment_targets.is_empty())
    }
}

/// One stop on the way.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Phase {
    pub id: String,
    pub name: String,
    /// Whether the next phase may be entered without it.
    pub is_optional_phase: bool,
    pub is_priority_phase: bool,
    /// How many of its environments must have the release first; 0 means all.
    pub minimum_environments_before_promotion: u32,
    /// Environments that somebody deploys to.
    pub optional_deployment_targets: Vec<String>,
    /// Environments that are deployed to as soon as the phase is reached.
    pub automatic_deployment_targets: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release_retention_policy: Option<Retention>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tentacle_retention_policy: Option<Retention>,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Phase {
    /// All environments of the phase, the automatic ones first.
    pub fn environments(&self) -> impl Iterator<Item = &String> {
        let automatic = self.automatic_deployment_targets.iter();
        automatic.chain(&self.optional_deployment_targets)
    }

    fn problems(&self, index: usize) -> Vec<String> {
        let mut problems = Vec::new();
        let number = index + 1;
        if self.name.trim().is_empty() {
            problems.push(format!("Please provide a name for phase {number}."));
        }
        let n_environments = self.environments().count();
        // A phase without environments takes all that no other phase names, so any minimum may fit.
        let minimum =
            usize::try_from(self.minimum_environments_before_promotion).unwrap_or(usize::MAX);
        if n_environments > 0 && minimum > n_environments {
            problems.push(format!(
                "Phase {number} waits for {minimum} environments, but has {n_environments}."
            ));
        }
        problems
    }
}

/// How long something is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Retention {
    pub quantity_to_keep: u32,
    pub should_keep_forever: bool,
    pub unit: RetentionUnit,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            quantity_to_keep: 0,
            should_keep_forever: true,
            unit: RetentionUnit::Days,
            extra: Extra::new(),
        }
    }
}

/// What a quantity counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RetentionUnit {
    #[default]
    Days,
    Items,
}
