//! Spaces: walls between teams that share a server.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::resource::{Extra, Header, Invalid, Kind, Reference, Resource, name_problems};

const MAX_NAME_CHARS: usize = 100;

/// A part of the server with its own projects, environments and people.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Space {
    pub id: String,
    pub name: String,
    pub slug: String,
    pub description: String,
    /// The space of requests that name none.
    pub is_default: bool,
    pub space_managers_teams: Vec<String>,
    pub space_managers_team_members: Vec<String>,
    /// No task starts while it is set; needed before a space can be deleted.
    pub task_queue_stopped: bool,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Resource for Space {
    const KIND: Kind = Kind::Space;

    fn header(&self) -> Header {
        Header {
            id: self.id.clone(),
            space_id: None,
            owner_id: None,
            name: self.name.clone(),
            slug: self.slug.clone(),
            sort_order: 0,
        }
    }

    fn assign(&mut self, header: &Header) {
        self.id.clone_from(&header.id);
        self.slug.clone_from(&header.slug);
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = name_problems(&self.name);
        // Longer names don't fit into Octopus's own clients' columns.
        if self.name.chars().count() > MAX_NAME_CHARS {
            problems.push(format!(
                "The name of a space has at most {MAX_NAME_CHARS} characters."
            ));
        }
        if self.space_managers_teams.is_empty() && self.space_managers_team_members.is_empty() {
            problems
                .push("Please provide at least one space manager: a team or a member.".to_owned());
        }
        problems
    }

    fn references(&self) -> Vec<Reference> {
        let teams = self.space_managers_teams.iter();
        let members = self.space_managers_team_members.iter();
        teams
            .map(|id| Reference::new(Kind::Team, id, "SpaceManagersTeams"))
            .chain(members.map(|id| Reference::new(Kind::User, id, "SpaceManagersTeamMembers")))
            .collect()
    }

    fn keep_from(&mut self, stored: &Self) -> Result<(), Invalid> {
        self.is_default = stored.is_default;
        Ok(())
    }
}
