//! Packages of the built-in feed, what is known about how they were built, and artifacts of tasks.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A package, and which bytes it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// As clients know it: `packages-Acme.Web.1.4.2`.
    pub id: String,
    pub space_id: String,
    pub package_id: String,
    pub version: String,
    /// With its dot.
    pub extension: String,
    pub size_bytes: u64,
    pub sha256: String,
    pub published: Timestamp,
}

impl Package {
    /// The id of a package.
    pub fn id(package_id: &str, version: &str) -> String {
        format!("packages-{package_id}.{version}")
    }

    /// The name of its file.
    pub fn file_name(&self) -> String {
        format!("{}.{}{}", self.package_id, self.version, self.extension)
    }
}

/// How a package was built, as the build server tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildInformation {
    pub id: String,
    pub space_id: String,
    pub package_id: String,
    pub version: String,
    pub created: Timestamp,
    /// Octopus's `OctopusBuildInformation`: branch, commits, and so on.
    pub details: Value,
}

/// A file that a step kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    pub id: String,
    pub space_id: String,
    pub task_id: String,
    pub name: String,
    /// The step that made it.
    pub source: String,
    /// The entry of the plan.
    pub index: u32,
    pub size_bytes: u64,
    pub sha256: String,
    pub created: Timestamp,
}
