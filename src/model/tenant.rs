//! Tenants, and the tags that group them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::resource::{Extra, Kind, Reference, Resource, name_problems, named_resource};

/// Somebody whom projects are deployed for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Tenant {
    pub id: String,
    pub space_id: String,
    pub name: String,
    pub slug: String,
    pub description: String,
    /// As `Set/Tag`.
    pub tenant_tags: Vec<String>,
    /// Per project id, the ids of the environments it is deployed to.
    pub project_environments: BTreeMap<String, Vec<String>>,
    pub cloned_from_tenant_id: Option<String>,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Resource for Tenant {
    named_resource!(Tenant);

    fn problems(&self) -> Vec<String> {
        let mut problems = name_problems(&self.name);
        for tag in &self.tenant_tags {
            if !tag.contains('/') {
                problems.push(format!("`{tag}` is no tag: write `Set/Tag`."));
            }
        }
        problems
    }

    fn references(&self) -> Vec<Reference> {
        let mut references = Vec::new();
        for (project_id, environment_ids) in &self.project_environments {
            references.push(Reference::new(
                Kind::Project,
                project_id,
                "ProjectEnvironments",
            ));
            references.extend(
                environment_ids
                    .iter()
                    .map(|id| Reference::new(Kind::Environment, id, "ProjectEnvironments")),
            );
        }
        references
    }
}

/// Tags of which a tenant can have several.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct TagSet {
    pub id: String,
    pub space_id: String,
    pub name: String,
    pub slug: String,
    pub description: String,
    pub sort_order: i64,
    pub tags: Vec<Tag>,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Resource for TagSet {
    named_resource!(TagSet, order = sort_order);

    fn problems(&self) -> Vec<String> {
        let mut problems = name_problems(&self.name);
        for (index, tag) in self.tags.iter().enumerate() {
            if tag.name.trim().is_empty() {
                problems.push(format!("Please provide a name for tag {}.", index + 1));
            }
            if self.tags[..index]
                .iter()
                .any(|earlier| earlier.name.eq_ignore_ascii_case(&tag.name))
            {
                problems.push(format!("Two tags are called `{}`.", tag.name));
            }
        }
        problems
    }
}

/// One tag of a set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Tag {
    pub id: String,
    pub name: String,
    /// As `#RRGGBB`.
    pub color: String,
    pub description: String,
    pub sort_order: i64,
    /// `Set/Tag`, written by the server.
    pub canonical_tag_name: String,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}
