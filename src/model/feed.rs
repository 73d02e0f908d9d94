//! Feeds: where packages come from.
//!
//! The built-in feed holds packages on the server itself; other kinds are records of where else to look.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::resource::{Extra, Invalid, Resource, name_problems, named_resource};
use super::variable::SensitiveValue;

/// Where packages come from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Feed {
    pub id: String,
    pub space_id: String,
    pub name: String,
    pub slug: String,
    pub feed_type: FeedType,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub feed_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<SensitiveValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub download_attempts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub download_retry_backoff_seconds: Option<u32>,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The protocols that a feed can speak.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum FeedType {
    BuiltIn,
    #[default]
    NuGet,
    Docker,
    Maven,
    GitHub,
    Helm,
    AwsElasticContainerRegistry,
    OctopusProject,
}

impl FeedType {
    /// As it is written in documents and in queries.
    pub fn name(self) -> &'static str {
        match self {
            Self::BuiltIn => "BuiltIn",
            Self::NuGet => "NuGet",
            Self::Docker => "Docker",
            Self::Maven => "Maven",
            Self::GitHub => "GitHub",
            Self::Helm => "Helm",
            Self::AwsElasticContainerRegistry => "AwsElasticContainerRegistry",
            Self::OctopusProject => "OctopusProject",
        }
    }
}

impl Resource for Feed {
    named_resource!(Feed);

    fn problems(&self) -> Vec<String> {
        let mut problems = name_problems(&self.name);
        let needs_address = !matches!(
            self.feed_type,
            FeedType::BuiltIn | FeedType::AwsElasticContainerRegistry | FeedType::OctopusProject
        );
        if needs_address && self.feed_uri.is_empty() {
            problems.push("Please provide a value for FeedUri.".to_owned());
        }
        problems
    }

    fn keep_from(&mut self, stored: &Self) -> Result<(), Invalid> {
        if (self.feed_type == FeedType::BuiltIn) != (stored.feed_type == FeedType::BuiltIn) {
            return Err(Invalid::because(
                "A feed can't become or stop being the built-in feed.",
            ));
        }
        Ok(())
    }
}
