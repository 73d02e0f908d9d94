//! Deployment processes: the steps of a project.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::resource::{Extra, Header, Invalid, Kind, Resource};
use super::step::{self, Step};

/// The steps of a project, in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeploymentProcess {
    pub id: String,
    pub space_id: String,
    pub project_id: String,
    /// Raised by each change; a change must name the version it was made from.
    pub version: u64,
    pub steps: Vec<Step>,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Resource for DeploymentProcess {
    const KIND: Kind = Kind::DeploymentProcess;

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
        let project = std::iter::once(self.project_id.clone());
        project.chain(step::uses(&self.steps)).collect()
    }

    fn keep_from(&mut self, stored: &Self) -> Result<(), Invalid> {
        self.project_id.clone_from(&stored.project_id);
        Ok(())
    }
}
