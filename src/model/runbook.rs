//! Runbooks: processes of a project that are run without a release.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::project::GuidedFailureMode;
use super::release::SelectedPackage;
use super::resource::{
    Extra, Header, Invalid, Kind, Reference, Resource, name_problems, named_resource, newest_first,
};
use super::step::{self, Step};

/// Something that is done to environments, as often as anybody likes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Runbook {
    pub id: String,
    pub space_id: String,
    pub name: String,
    pub slug: String,
    pub description: String,
    pub project_id: String,
    /// Given by the server when the runbook is created.
    pub runbook_process_id: String,
    /// What runs unless a run names another.
    pub published_runbook_snapshot_id: Option<String>,
    pub environment_scope: EnvironmentScope,
    /// For [`EnvironmentScope::Specified`].
    pub environments: Vec<String>,
    pub default_guided_failure_mode: GuidedFailureMode,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Which environments a runbook may run in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum EnvironmentScope {
    #[default]
    All,
    /// Those that its `Environments` name.
    Specified,
    /// Those of the project's lifecycle.
    FromProjectLifecycles,
}

impl Resource for Runbook {
    named_resource!(Runbook, owner = project_id);

    fn problems(&self) -> Vec<String> {
        let mut problems = name_problems(&self.name);
        if self.project_id.is_empty() {
            problems.push("Please provide a value for ProjectId.".to_owned());
        }
        problems
    }

    fn references(&self) -> Vec<Reference> {
        let environments = self.environments.iter();
        std::iter::once(Reference::new(Kind::Project, &self.project_id, "ProjectId"))
            .chain(environments.map(|id| Reference::new(Kind::Environment, id, "Environments")))
            .collect()
    }

    fn uses(&self) -> Vec<String> {
        let own = [&self.project_id, &self.runbook_process_id].into_iter();
        own.chain(&self.environments)
            .chain(&self.published_runbook_snapshot_id)
            .cloned()
            .collect()
    }

    fn keep_from(&mut self, stored: &Self) -> Result<(), Invalid> {
        self.project_id.clone_from(&stored.project_id);
        self.runbook_process_id
            .clone_from(&stored.runbook_process_id);
        Ok(())
    }
}

/// The steps of a runbook, in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct RunbookProcess {
    pub id: String,
    pub space_id: String,
    pub project_id: String,
    pub runbook_id: String,
    /// Raised by each change; a change must name the version it was made from.
    pub version: u64,
    pub steps: Vec<Step>,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Resource for RunbookProcess {
    const KIND: Kind = Kind::RunbookProcess;

    fn header(&self) -> Header {
        Header {
            owner_id: Some(self.project_id.clone()),
            ..Header::of(&self.id, &self.space_id)
        }
    }

    fn assign(&mut self, header: &Header) {
        self.id.clone_from(&header.id);
        self.space_id = header.space_id.clone().unwrap_or_default();
    }

    fn problems(&self) -> Vec<String> {
        step::problems(&self.steps)
    }

    fn uses(&self) -> Vec<String> {
        let own = [&self.project_id, &self.runbook_id].into_iter().cloned();
        own.chain(step::uses(&self.steps)).collect()
    }

    fn keep_from(&mut self, stored: &Self) -> Result<(), Invalid> {
        self.project_id.clone_from(&stored.project_id);
        self.runbook_id.clone_from(&stored.runbook_id);
        Ok(())
    }
}

/// A runbook with its process and variables as they were.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct RunbookSnapshot {
    pub id: String,
    pub space_id: String,
    pub name: String,
    pub notes: Option<String>,
    pub project_id: String,
    pub runbook_id: String,
    /// When it was made, as RFC 3339.
    pub assembled: String,
    pub frozen_runbook_process_id: String,
    /// The copy of all the project's variables, those of library sets included.
    pub frozen_project_variable_set_id: String,
    pub library_variable_set_snapshot_ids: Vec<String>,
    pub selected_packages: Vec<SelectedPackage>,
    pub selected_git_resources: Vec<Value>,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Resource for RunbookSnapshot {
    const KIND: Kind = Kind::RunbookSnapshot;

    fn header(&self) -> Header {
        Header {
            owner_id: Some(self.project_id.clone()),
            // Names are one of each in a runbook, and the index knows only the project.
            name: format!("{}/{}", self.runbook_id, self.name),
            sort_order: newest_first(&self.id),
            ..Header::of(&self.id, &self.space_id)
        }
    }

    fn assign(&mut self, header: &Header) {
        self.id.clone_from(&header.id);
        self.space_id = header.space_id.clone().unwrap_or_default();
    }

    fn problems(&self) -> Vec<String> {
        name_problems(&self.name)
    }

    fn references(&self) -> Vec<Reference> {
        vec![Reference::new(Kind::Runbook, &self.runbook_id, "RunbookId")]
    }

    fn uses(&self) -> Vec<String> {
        [
            &self.project_id,
            &self.runbook_id,
            &self.frozen_runbook_process_id,
            &self.frozen_project_variable_set_id,
        ]
        .into_iter()
        .chain(&self.library_variable_set_snapshot_ids)
        .cloned()
        .collect()
    }

    fn keep_from(&mut self, stored: &Self) -> Result<(), Invalid> {
        let (name, notes) = (std::mem::take(&mut self.name), self.notes.take());
        *self = stored.clone();
        (self.name, self.notes) = (name, notes);
        Ok(())
    }
}

/// One snapshot, one environment, one task.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct RunbookRun {
    pub id: String,
    pub space_id: String,
    pub name: String,
    pub comments: Option<String>,
    /// When it was asked for, as RFC 3339.
    pub created: String,
    pub project_id: String,
    pub runbook_id: String,
    pub runbook_snapshot_id: String,
    pub frozen_runbook_process_id: String,
    pub environment_id: String,
    pub tenant_id: Option<String>,
    pub task_id: String,
    pub deployed_by: String,
    pub manifest_variable_set_id: String,
    pub skip_actions: Vec<String>,
    pub specific_machine_ids: Vec<String>,
    pub excluded_machine_ids: Vec<String>,
    pub force_package_download: bool,
    pub use_guided_failure: bool,
    /// What was answered to prompts, by name. An answer to a sensitive prompt is not shown.
    pub form_values: BTreeMap<String, Value>,
    pub queue_time: Option<String>,
    pub queue_time_expiry: Option<String>,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Resource for RunbookRun {
    const KIND: Kind = Kind::RunbookRun;

    fn header(&self) -> Header {
        Header {
            owner_id: Some(self.project_id.clone()),
            sort_order: newest_first(&self.id),
            ..Header::of(&self.id, &self.space_id)
        }
    }

    fn assign(&mut self, header: &Header) {
        self.id.clone_from(&header.id);
        self.space_id = header.space_id.clone().unwrap_or_default();
    }

    fn problems(&self) -> Vec<String> {
        Vec::new()
    }

    fn uses(&self) -> Vec<String> {
        [
            &self.project_id,
            &self.runbook_id,
            &self.runbook_snapshot_id,
            &self.frozen_runbook_process_id,
            &self.environment_id,
            &self.manifest_variable_set_id,
        ]
        .into_iter()
        .chain(&self.tenant_id)
        .chain(&self.specific_machine_ids)
        .chain(&self.excluded_machine_ids)
        .cloned()
        .collect()
    }

    fn keep_from(&mut self, _stored: &Self) -> Result<(), Invalid> {
        Err(Invalid::because("A run can't be changed."))
    }
}
