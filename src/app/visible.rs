//! Which resources somebody may see, and what a question of permission about one is about.

use super::{Caller, Error};
use crate::model::access::Target;
use crate::model::resource::{Header, Kind};

/// What a question about a resource is about.
pub(super) fn target<'a>(kind: Kind, space_id: Option<&'a str>, header: &'a Header) -> Target<'a> {
    let own_id = Some(header.id.as_str()).filter(|id| !id.is_empty());
    let owner = header.owner_id.as_deref();
    let (space_id, project_id, environment_id) = match kind {
        Kind::Space => (own_id, None, None),
        Kind::Project => (space_id, own_id, None),
        Kind::Environment => (space_id, None, own_id),
        Kind::Channel
        | Kind::DeploymentProcess
        | Kind::Release
        | Kind::Deployment
        | Kind::Runbook
        | Kind::RunbookProcess
        | Kind::RunbookSnapshot
        | Kind::RunbookRun => (space_id, owner, None),
        Kind::VariableSet => (
            space_id,
            owner.filter(|id| id.starts_with(Kind::Project.facts().prefix)),
            None,
        ),
        _ => (space_id, None, None),
    };
    Target {
        space_id,
        project_id,
        environment_id,
    }
}

/// Which resources of a kind somebody may see.
pub(super) enum Visible {
    All,
    Ids(Vec<String>),
    OwnedBy(Vec<String>),
}

impl Visible {
    /// Those of a space, or of the server.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who may see none.
    pub(super) fn to(caller: &Caller, kind: Kind, space_id: Option<&str>) -> Result<Self, Error> {
        let view = kind.facts().view;
        let access = &caller.access;
        let Some(space_id) = space_id else {
            if kind == Kind::Space {
                return Ok(access.spaces(view).map_or(Self::All, Self::Ids));
            }
            let is_allowed = access.grants.iter().any(|grant| grant.role.allows(view));
            return if is_allowed {
                Ok(Self::All)
            } else {
                Err(Error::Forbidden { permission: view })
            };
        };
        caller.require_some(view, Some(space_id))?;
        let projects = || access.projects(view, space_id);
        Ok(match kind {
            Kind::Project => projects().map_or(Self::All, Self::Ids),
            Kind::Channel
            | Kind::DeploymentProcess
            | Kind::VariableSet
            | Kind::Release
            | Kind::Deployment
            | Kind::Runbook
            | Kind::RunbookProcess
            | Kind::RunbookSnapshot
            | Kind::RunbookRun => projects().map_or(Self::All, Self::OwnedBy),
            Kind::Environment => access
                .environments(view, space_id)
                .map_or(Self::All, Self::Ids),
            _ => Self::All,
        })
    }

    pub(super) fn has(&self, header: &Header) -> bool {
        let is_in = |ids: &[String], id: &str| ids.iter().any(|own| own.eq_ignore_ascii_case(id));
        match self {
            Self::All => true,
            Self::Ids(ids) => is_in(ids, &header.id),
            Self::OwnedBy(ids) => is_in(ids, header.owner_id.as_deref().unwrap_or_default()),
        }
    }
}
