//! Deployments: a release on its way to one environment.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::resource::{Extra, Header, Invalid, Kind, Resource, newest_first};

/// One release, one environment, one task.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Deployment {
    pub id: String,
    pub space_id: String,
    pub name: String,
    pub comments: Option<String>,
    /// When it was asked for, as RFC 3339.
    pub created: String,
    pub release_id: String,
    pub project_id: String,
    pub channel_id: String,
    pub environment_id: String,
    pub tenant_id: Option<String>,
    pub task_id: String,
    pub deployed_by: String,
    pub deployment_process_id: String,
    pub manifest_variable_set_id: String,
    pub skip_actions: Vec<String>,
    pub specific_machine_ids: Vec<String>,
    pub excluded_machine_ids: Vec<String>,
    pub force_package_download: bool,
    pub force_package_redeployment: bool,
    pub use_guided_failure: bool,
    /// What was answered to prompts, by name. An answer to a sensitive prompt is not shown.
    pub form_values: BTreeMap<String, Value>,
    pub queue_time: Option<String>,
    pub queue_time_expiry: Option<String>,
    pub changes: Vec<Value>,
    pub changes_markdown: String,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Resource for Deployment {
    const KIND: Kind = Kind::Deployment;

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
            &self.release_id,
            &self.project_id,
            &self.channel_id,
            &self.environment_id,
            &self.deployment_process_id,
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
        Err(Invalid::because("A deployment can't be changed."))
    }
}
