//! Channels: which versions of a project go which way.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::resource::{Extra, Invalid, Kind, Reference, Resource, name_problems, named_resource};

/// A way that releases of a project take.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Channel {
    pub id: String,
    pub space_id: String,
    pub name: String,
    pub slug: String,
    pub description: String,
    pub project_id: String,
    /// The project's own lifecycle when empty.
    pub lifecycle_id: String,
    pub is_default: bool,
    /// Which package versions may be in it.
    pub rules: Vec<ChannelRule>,
    pub tenant_tags: Vec<String>,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Resource for Channel {
    named_resource!(Channel, owner = project_id);

    fn problems(&self) -> Vec<String> {
        let mut problems = name_problems(&self.name);
        if self.project_id.is_empty() {
            problems.push("Please provide a value for ProjectId.".to_owned());
        }
        problems
    }

    fn references(&self) -> Vec<Reference> {
        let mut references = vec![Reference::new(Kind::Project, &self.project_id, "ProjectId")];
        if !self.lifecycle_id.is_empty() {
            references.push(Reference::new(
                Kind::Lifecycle,
                &self.lifecycle_id,
                "LifecycleId",
            ));
        }
        references
    }

    fn keep_from(&mut self, stored: &Self) -> Result<(), Invalid> {
        if self.project_id != stored.project_id {
            return Err(Invalid::because("A channel can't move to another project."));
        }
        if stored.is_default && !self.is_default {
            return Err(Invalid::because(
                "A project needs a default channel: make another channel the default instead.",
            ));
        }
        Ok(())
    }
}

/// What versions of some packages may be.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct ChannelRule {
    pub id: String,
    pub version_range: String,
    /// A regular expression on the part after the hyphen.
    pub tag: String,
    pub actions: Vec<String>,
    pub action_packages: Vec<serde_json::Value>,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}
