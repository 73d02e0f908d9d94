//! Releases: a version of a project, with its process and variables as they were.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::resource::{Extra, Header, Invalid, Kind, Reference, Resource, newest_first};

/// A frozen version of a project.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Release {
    pub id: String,
    pub space_id: String,
    pub project_id: String,
    pub channel_id: String,
    pub version: String,
    pub release_notes: Option<String>,
    /// When it was made, as RFC 3339.
    pub assembled: String,
    /// The copy of the process that it was made with.
    pub project_deployment_process_snapshot_id: String,
    /// The copy of all its variables, those of library sets included.
    pub project_variable_set_snapshot_id: String,
    pub library_variable_set_snapshot_ids: Vec<String>,
    pub selected_packages: Vec<SelectedPackage>,
    pub selected_git_resources: Vec<Value>,
    pub build_information: Vec<Value>,
    pub custom_fields: BTreeMap<String, String>,
    pub ignore_channel_rules: bool,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Which version of a package a step of the release gets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct SelectedPackage {
    pub action_name: String,
    /// Empty for an action's primary package.
    pub package_reference_name: String,
    pub version: String,
}

impl Resource for Release {
    const KIND: Kind = Kind::Release;

    fn header(&self) -> Header {
        Header {
            owner_id: Some(self.project_id.clone()),
            // A version is a release's name: one of each in a project.
            name: self.version.clone(),
            sort_order: newest_first(&self.id),
            ..Header::of(&self.id, &self.space_id)
        }
    }

    fn assign(&mut self, header: &Header) {
        self.id.clone_from(&header.id);
        self.space_id = header.space_id.clone().unwrap_or_default();
    }

    fn problems(&self) -> Vec<String> {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '_');
        if self.version.is_empty()
            || self.version.len() > 349
            || !self.version.chars().all(is_allowed)
        {
            return vec![format!(
                "`{}` is no version: write numbers with dots between, such as 1.4.2 or 1.4.2-beta.1.",
                self.version
            )];
        }
        Vec::new()
    }

    fn references(&self) -> Vec<Reference> {
        vec![Reference::new(Kind::Project, &self.project_id, "ProjectId")]
    }

    fn uses(&self) -> Vec<String> {
        let copies = [
            &self.project_deployment_process_snapshot_id,
            &self.project_variable_set_snapshot_id,
        ];
        [&self.project_id, &self.channel_id]
            .into_iter()
            .chain(copies)
            .chain(&self.library_variable_set_snapshot_ids)
            .cloned()
            .collect()
    }

    fn keep_from(&mut self, stored: &Self) -> Result<(), Invalid> {
        let notes = self.release_notes.take();
        *self = stored.clone();
        self.release_notes = notes;
        Ok(())
    }
}
