//! People and programs that use the server: users, their API keys, and teams that give them roles.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::resource::{Extra, Header, Kind, Reference, Resource, name_problems};

/// Somebody, or a service account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct User {
    pub id: String,
    pub username: String,
    pub display_name: String,
    pub email_address: String,
    pub is_active: bool,
    pub is_service: bool,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for User {
    fn default() -> Self {
        Self {
            id: String::new(),
            username: String::new(),
            display_name: String::new(),
            email_address: String::new(),
            is_active: true,
            is_service: false,
            extra: Extra::new(),
        }
    }
}

impl Resource for User {
    const KIND: Kind = Kind::User;

    fn header(&self) -> Header {
        Header {
            id: self.id.clone(),
            name: self.username.clone(),
            ..Header::default()
        }
    }

    fn assign(&mut self, header: &Header) {
        self.id.clone_from(&header.id);
    }

    fn problems(&self) -> Vec<String> {
        let named = name_problems(&self.username).into_iter();
        let mut problems: Vec<String> = named
            .map(|problem| problem.replace("Name", "Username"))
            .collect();
        // It would be kept as an unknown property, in clear.
        let password = self.extra.get("Password").and_then(|value| value.as_str());
        if password.is_some_and(|password| !password.is_empty()) {
            problems
                .push("Passwords are not supported: create an API key for the user.".to_owned());
        }
        problems
    }
}

/// A team: its members get its roles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Team {
    pub id: String,
    /// `None` for a team of the whole server.
    pub space_id: Option<String>,
    pub name: String,
    pub slug: String,
    pub description: String,
    pub member_user_ids: Vec<String>,
    /// `false` for the teams that come with the server.
    pub can_be_deleted: bool,
    pub can_be_renamed: bool,
    pub can_change_members: bool,
    pub can_change_roles: bool,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Default for Team {
    fn default() -> Self {
        Self {
            id: String::new(),
            space_id: None,
            name: String::new(),
            slug: String::new(),
            description: String::new(),
            member_user_ids: Vec::new(),
            can_be_deleted: true,
            can_be_renamed: true,
            can_change_members: true,
            can_change_roles: true,
            extra: Extra::new(),
        }
    }
}

/// The team whose members administer the server.
pub const ADMINISTRATORS: &str = "teams-administrators";

/// The team that every user is in, without being listed.
pub const EVERYONE: &str = "teams-everyone";

impl Resource for Team {
    const KIND: Kind = Kind::Team;

    fn header(&self) -> Header {
        Header {
            id: self.id.clone(),
            space_id: None,
            owner_id: self.space_id.clone(),
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
        name_problems(&self.name)
    }

    fn references(&self) -> Vec<Reference> {
        let members = self.member_user_ids.iter();
        let space = self.space_id.iter();
        members
            .map(|id| Reference::new(Kind::User, id, "MemberUserIds"))
            .chain(space.map(|id| Reference::new(Kind::Space, id, "SpaceId")))
            .collect()
    }

    fn keep_from(&mut self, stored: &Self) -> Result<(), super::Invalid> {
        if !stored.can_be_renamed && self.name != stored.name {
            return Err(super::Invalid::because(format!(
                "The team `{}` can't be renamed.",
                stored.name
            )));
        }
        if !stored.can_change_members && self.member_user_ids != stored.member_user_ids {
            return Err(super::Invalid::because(format!(
                "Every user is in the team `{}`: members can't be chosen.",
                stored.name
            )));
        }
        self.space_id.clone_from(&stored.space_id);
        self.can_be_deleted = stored.can_be_deleted;
        self.can_be_renamed = stored.can_be_renamed;
        self.can_change_members = stored.can_change_members;
        self.can_change_roles = stored.can_change_roles;
        Ok(())
    }
}

/// A role that a team has, and where.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct ScopedUserRole {
    pub id: String,
    pub team_id: String,
    pub user_role_id: String,
    /// `None`: in every space.
    pub space_id: Option<String>,
    pub project_ids: Vec<String>,
    pub environment_ids: Vec<String>,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Resource for ScopedUserRole {
    const KIND: Kind = Kind::ScopedUserRole;

    fn header(&self) -> Header {
        Header {
            id: self.id.clone(),
            owner_id: Some(self.team_id.clone()),
            ..Header::default()
        }
    }

    fn assign(&mut self, header: &Header) {
        self.id.clone_from(&header.id);
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if super::access::Role::from_id(&self.user_role_id).is_none() {
            problems.push(format!("There is no user role `{}`.", self.user_role_id));
        }
        // A scope that can't be honoured must not be dropped: the grant would be wider than it reads.
        for property in ["TenantIds", "ProjectGroupIds"] {
            let has_ids = self.extra.get(property).and_then(|value| value.as_array());
            if has_ids.is_some_and(|ids| !ids.is_empty()) {
                problems.push(format!("{property} can't limit a role here."));
            }
        }
        problems
    }

    fn references(&self) -> Vec<Reference> {
        let one = |kind, id: &String, property| Reference::new(kind, id, property);
        let mut references = vec![one(Kind::Team, &self.team_id, "TeamId")];
        references.extend(
            self.space_id
                .iter()
                .map(|id| one(Kind::Space, id, "SpaceId")),
        );
        references.extend(
            self.project_ids
                .iter()
                .map(|id| one(Kind::Project, id, "ProjectIds")),
        );
        references.extend(
            self.environment_ids
                .iter()
                .map(|id| one(Kind::Environment, id, "EnvironmentIds")),
        );
        references
    }
}

/// A key to the API, as it is stored: the digest of it, never the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub id: String,
    pub user_id: String,
    pub purpose: String,
    /// The beginning of the key: finds the row, and lets its owner tell keys apart.
    pub hint: String,
    /// SHA-256 of the whole key. A key has 160 random bits, so that a slow hash would add nothing.
    pub digest: Vec<u8>,
    pub created_at: Timestamp,
    /// `None`: never.
    pub expires_at: Option<Timestamp>,
    pub is_revoked: bool,
}

impl ApiKey {
    /// Whether it opens anything at `now`.
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        !self.is_revoked && self.expires_at.is_none_or(|expiry| now < expiry)
    }
}
