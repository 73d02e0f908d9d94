//! Environments: where releases are deployed to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::resource::{Extra, Resource, name_problems, named_resource};

/// A stage that deployments go to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Environment {
    pub id: String,
    pub space_id: String,
    pub name: String,
    pub slug: String,
    pub description: String,
    /// Position in lists, from 0.
    pub sort_order: i64,
    /// Whether a failed step asks a person what to do.
    pub use_guided_failure: bool,
    pub allow_dynamic_infrastructure: bool,
    pub extension_settings: Vec<serde_json::Value>,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Resource for Environment {
    named_resource!(Environment, order = sort_order);

    fn problems(&self) -> Vec<String> {
        name_problems(&self.name)
    }
}
