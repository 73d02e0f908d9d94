//! Projects and the groups they are in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::environment::Environment;
use super::resource::{Extra, Invalid, Kind, Reference, Resource, name_problems, named_resource};

/// Projects that belong together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct ProjectGroup {
    pub id: String,
    pub space_id: String,
    pub name: String,
    pub slug: String,
    pub description: String,
    pub environment_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention_policy_id: Option<String>,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Resource for ProjectGroup {
    named_resource!(ProjectGroup);

    fn problems(&self) -> Vec<String> {
        name_problems(&self.name)
    }

    fn uses(&self) -> Vec<String> {
        self.environment_ids.clone()
    }
}

/// Something that is released and deployed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Project {
    pub id: String,
    pub space_id: String,
    pub name: String,
    pub slug: String,
    pub description: String,
    pub project_group_id: String,
    pub lifecycle_id: String,
    /// Given by the server when the project is created.
    pub variable_set_id: String,
    /// Given by the server when the project is created.
    pub deployment_process_id: String,
    pub is_disabled: bool,
    pub is_version_controlled: bool,
    pub discrete_channel_release: bool,
    /// In order: the variables of an earlier set win over those of a later one.
    pub included_library_variable_set_ids: Vec<String>,
    pub tenanted_deployment_mode: TenantedMode,
    pub default_guided_failure_mode: GuidedFailureMode,
    pub default_to_skip_if_already_installed: bool,
    pub auto_create_release: bool,
    pub auto_deploy_release_overrides: Vec<Value>,
    pub cloned_from_project_id: Option<String>,
    pub extension_settings: Vec<Value>,
    pub templates: Vec<Value>,
    pub release_creation_strategy: Extra,
    pub persistence_settings: PersistenceSettings,
    /// The version of the next release: a template such as `#{Octopus.Version.NextPatch}`.
    pub versioning_strategy: Option<Extra>,
    /// What happens when deployment targets can't be reached.
    pub project_connectivity_policy: ConnectivityPolicy,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What happens when deployment targets can't be reached.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct ConnectivityPolicy {
    pub skip_machine_behavior: SkipMachines,
    /// Whether a deployment whose steps are for targets may have none at all.
    pub allow_deployments_to_no_targets: bool,
    pub exclude_unhealthy_targets: bool,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Which targets are left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SkipMachines {
    #[default]
    None,
    SkipUnavailableMachines,
}

/// Whether tenants take part in deployments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TenantedMode {
    #[default]
    Untenanted,
    TenantedOrUntenanted,
    Tenanted,
}

/// Whether a failed step asks a person what to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum GuidedFailureMode {
    #[default]
    EnvironmentDefault,
    Off,
    On,
}

impl GuidedFailureMode {
    /// Whether it asks, in this environment.
    pub fn applies(self, environment: &Environment) -> bool {
        match self {
            Self::On => true,
            Self::Off => false,
            Self::EnvironmentDefault => environment.use_guided_failure,
        }
    }
}

/// Where a project's settings are kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct PersistenceSettings {
    #[serde(rename = "Type")]
    pub kind: Persistence,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The kinds of places.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Persistence {
    #[default]
    Database,
    VersionControlled,
}

impl Resource for Project {
    named_resource!(Project);

    fn problems(&self) -> Vec<String> {
        let mut problems = name_problems(&self.name);
        for (property, value) in [
            ("ProjectGroupId", &self.project_group_id),
            ("LifecycleId", &self.lifecycle_id),
        ] {
            if value.is_empty() {
                problems.push(format!("Please provide a value for {property}."));
            }
        }
        if self.is_version_controlled
            || self.persistence_settings.kind == Persistence::VersionControlled
        {
            problems.push("Projects that are kept in Git are not supported.".to_owned());
        }
        problems
    }

    fn references(&self) -> Vec<Reference> {
        let sets = self.included_library_variable_set_ids.iter();
        [
            Reference::new(Kind::ProjectGroup, &self.project_group_id, "ProjectGroupId"),
            Reference::new(Kind::Lifecycle, &self.lifecycle_id, "LifecycleId"),
        ]
        .into_iter()
        .chain(sets.map(|id| {
            Reference::new(
                Kind::LibraryVariableSet,
                id,
                "IncludedLibraryVariableSetIds",
            )
        }))
        .collect()
    }

    /// Not the project that it was cloned from: that is told, and nothing depends on it.
    fn uses(&self) -> Vec<String> {
        [
            &self.project_group_id,
            &self.lifecycle_id,
            &self.variable_set_id,
            &self.deployment_process_id,
        ]
        .into_iter()
        .chain(&self.included_library_variable_set_ids)
        .cloned()
        .collect()
    }

    fn keep_from(&mut self, stored: &Self) -> Result<(), Invalid> {
        self.variable_set_id.clone_from(&stored.variable_set_id);
        self.deployment_process_id
            .clone_from(&stored.deployment_process_id);
        self.cloned_from_project_id
            .clone_from(&stored.cloned_from_project_id);
        Ok(())
    }
}
