//! Variables: sets of them, their scopes, and values that are never shown again.
//!
//! A sensitive value exists in three forms, and only the middle one is stored: what a client writes
//! (`NewValue`, or `Value` of a sensitive variable), sealed text, and what a client reads (`HasValue`).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::resource::{Extra, Header, Invalid, Kind, Resource, name_problems, named_resource};

/// Variables for any project that includes them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct LibraryVariableSet {
    pub id: String,
    pub space_id: String,
    pub name: String,
    pub slug: String,
    pub description: String,
    /// Given by the server when the set is created.
    pub variable_set_id: String,
    /// `Variables` or `ScriptModule`.
    pub content_type: ContentType,
    pub templates: Vec<serde_json::Value>,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What a library set is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ContentType {
    #[default]
    Variables,
    ScriptModule,
}

impl Resource for LibraryVariableSet {
    named_resource!(LibraryVariableSet);

    fn problems(&self) -> Vec<String> {
        name_problems(&self.name)
    }

    fn uses(&self) -> Vec<String> {
        vec![self.variable_set_id.clone()]
    }

    fn keep_from(&mut self, stored: &Self) -> Result<(), Invalid> {
        self.variable_set_id.clone_from(&stored.variable_set_id);
        self.content_type = stored.content_type;
        Ok(())
    }
}

/// The variables of a project or of a library set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct VariableSet {
    pub id: String,
    pub space_id: String,
    pub owner_id: String,
    /// Raised by each change; a change must name the version it was made from.
    pub version: u64,
    pub variables: Vec<Variable>,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

impl VariableSet {
    /// An empty one, for its owner: a project or a library set.
    pub fn of(owner_id: &str, space_id: &str, id: &str) -> Self {
        Self {
            id: id.to_owned(),
            space_id: space_id.to_owned(),
            owner_id: owner_id.to_owned(),
            ..Self::default()
        }
    }
}

/// One value of one name. A name may have several, each with its scope.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Variable {
    pub id: String,
    pub name: String,
    /// `None` for sensitive variables and those without a value.
    pub value: Option<String>,
    pub description: String,
    #[serde(rename = "Type")]
    pub kind: VariableKind,
    pub scope: Scope,
    pub is_editable: bool,
    pub is_sensitive: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Prompt>,
    /// Sealed with the master key. In the database only: never read from a client, never sent to one.
    #[serde(rename = "$sealed", skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Variable {
    /// The ids in its scope, and its value where that is an id.
    fn uses(&self) -> impl Iterator<Item = &String> {
        let Scope {
            environment,
            machine,
            role: _,
            action: _,
            channel,
            tenant_tag: _,
            process_owner,
            other,
        } = &self.scope;
        let value = match self.kind {
            VariableKind::String | VariableKind::Sensitive => None,
            VariableKind::Certificate | VariableKind::WorkerPool | VariableKind::Other(_) => {
                self.value.as_ref()
            }
        };
        [environment, machine, channel, process_owner]
            .into_iter()
            .chain(other.values())
            .flatten()
            .chain(value)
    }
}

/// What a value means.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum VariableKind {
    #[default]
    String,
    Sensitive,
    Certificate,
    WorkerPool,
    /// An account or another kind that is only passed on.
    #[serde(untagged)]
    Other(String),
}

/// Where a value applies: within each list any entry will do, and every list that isn't empty must match.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Scope {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub machine: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub role: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub action: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channel: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tenant_tag: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub process_owner: Vec<String>,
    /// Scopes that exist in Octopus and not here; a variable that has one never applies.
    #[serde(flatten)]
    pub other: BTreeMap<String, Vec<String>>,
}

/// What somebody who deploys is asked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Prompt {
    pub label: String,
    pub description: String,
    pub required: bool,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A value that can be written and never read.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct SensitiveValue {
    pub has_value: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Sealed with the master key. In the database only.
    #[serde(rename = "$sealed", skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
}

/// Never the value.
impl std::fmt::Debug for SensitiveValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SensitiveValue")
            .field("has_value", &self.has_value)
            .finish_non_exhaustive()
    }
}

impl Resource for VariableSet {
    const KIND: Kind = Kind::VariableSet;

    fn header(&self) -> Header {
        Header {
            owner_id: Some(self.owner_id.clone()),
            ..Header::of(&self.id, &self.space_id)
        }
    }

    fn assign(&mut self, header: &Header) {
        self.id.clone_from(&header.id);
        self.space_id = header.space_id.clone().unwrap_or_default();
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (index, variable) in self.variables.iter().enumerate() {
            if variable.name.trim().is_empty() {
                problems.push(format!("Please provide a name for variable {}.", index + 1));
            }
        }
        problems
    }

    fn uses(&self) -> Vec<String> {
        let variables = self.variables.iter().flat_map(Variable::uses);
        std::iter::once(&self.owner_id)
            .chain(variables)
            .cloned()
            .collect()
    }

    fn keep_from(&mut self, stored: &Self) -> Result<(), Invalid> {
        self.owner_id.clone_from(&stored.owner_id);
        Ok(())
    }
}
