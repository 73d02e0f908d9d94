//! Who asks: a user, how they are known, and everything they may do.

use std::sync::Arc;

use jiff::Timestamp;

use super::Error;
use crate::model::access::{Access, Grant, Permission, Role, Target};
use crate::model::event::Event;
use crate::model::user::User;

/// Where a request comes from, for the audit trail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    pub ip_address: String,
    pub user_agent: String,
}

/// Somebody who proved who they are.
#[derive(Debug, Clone)]
pub struct Caller {
    pub user: Arc<User>,
    pub access: Arc<Access>,
    /// How: the id of the API key.
    pub identity: String,
    pub origin: Origin,
}

impl Caller {
    /// The server itself, for what it does without being asked: with every right, and its own name in the events.
    pub fn server() -> Self {
        let user = User {
            id: "users-server".to_owned(),
            username: "server".to_owned(),
            display_name: "Seawall".to_owned(),
            is_service: true,
            ..User::default()
        };
        let everything = Grant {
            role: Role::SystemAdministrator,
            space_id: None,
            project_ids: Vec::new(),
            environment_ids: Vec::new(),
        };
        let access = Access {
            grants: vec![everything],
        };
        Self {
            user: Arc::new(user),
            access: Arc::new(access),
            identity: "the server".to_owned(),
            origin: Origin::default(),
        }
    }

    /// # Errors
    /// [`Error::Forbidden`] unless `permission` is granted for `target`.
    pub fn require(&self, permission: Permission, target: Target<'_>) -> Result<(), Error> {
        if self.access.allows(permission, target) {
            return Ok(());
        }
        Err(Error::Forbidden { permission })
    }

    /// # Errors
    /// [`Error::Forbidden`] unless `permission` is granted for something in the space, or on the server.
    pub fn require_some(
        &self,
        permission: Permission,
        space_id: Option<&str>,
    ) -> Result<(), Error> {
        if self.access.allows_some(permission, space_id) {
            return Ok(());
        }
        Err(Error::Forbidden { permission })
    }

    /// An event that this caller caused. `related_ids` begins with what it is mostly about.
    pub fn event(
        &self,
        now: Timestamp,
        category: &str,
        space_id: Option<String>,
        message: String,
        related_ids: Vec<String>,
    ) -> Event {
        Event {
            category: category.to_owned(),
            space_id,
            user_id: self.user.id.clone(),
            username: self.user.username.clone(),
            identity: self.identity.clone(),
            occurred_at: now,
            message,
            related_ids,
            user_agent: self.origin.user_agent.clone(),
            ip_address: self.origin.ip_address.clone(),
        }
    }
}
