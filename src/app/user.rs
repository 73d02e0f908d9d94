//! What is special about users and teams: the teams that come with the server stay, and somebody can always
//! administer it.

use super::resource::{Managed, Removal};
use super::{App, Error};
use crate::model::user::{ADMINISTRATORS, ScopedUserRole, Team, User};
use crate::store::{Document, Filter, Page};

impl Managed for User {
    async fn complete(&mut self, app: &App, stored: Option<&Self>) -> Result<(), Error> {
        if stored.is_some() && !self.is_active {
            require_other_administrator(app, &self.id).await?;
        }
        if self.display_name.is_empty() {
            self.display_name.clone_from(&self.username);
        }
        Ok(())
    }

    async fn removal(&self, app: &App) -> Result<Removal, Error> {
        require_other_administrator(app, &self.id).await?;
        Ok(Removal::default())
    }
}

/// Refuses what would leave nobody to administer the server.
async fn require_other_administrator(app: &App, user_id: &str) -> Result<(), Error> {
    let team = app.store().document_by_id::<Team>(ADMINISTRATORS).await?;
    let members = team
        .map(|team| team.record.member_user_ids)
        .unwrap_or_default();
    let is_one = members.iter().any(|id| id.eq_ignore_ascii_case(user_id));
    if !is_one {
        return Ok(());
    }
    for id in members
        .iter()
        .filter(|id| !id.eq_ignore_ascii_case(user_id))
    {
        let other: Option<Document<User>> = app.store().document_by_id(id).await?;
        if other.is_some_and(|other| other.record.is_active) {
            return Ok(());
        }
    }
    Err(Error::Conflict(
        "Nobody else administers the server: add somebody to that team first.".into(),
    ))
}

impl Managed for Team {
    async fn complete(&mut self, _app: &App, _stored: Option<&Self>) -> Result<(), Error> {
        if self.id == ADMINISTRATORS && self.member_user_ids.is_empty() {
            return Err(Error::Conflict(
                "Somebody must administer the server.".into(),
            ));
        }
        Ok(())
    }

    async fn removal(&self, app: &App) -> Result<Removal, Error> {
        if !self.can_be_deleted {
            return Err(Error::Conflict(format!(
                "The team `{}` can't be deleted.",
                self.name
            )));
        }
        let of_team = Filter {
            owner_ids: Some(vec![self.id.clone()]),
            ..Filter::default()
        };
        let mut removal = Removal::default();
        for role in app
            .store()
            .documents::<ScopedUserRole>(&of_team, Page::ALL)
            .await?
            .1
        {
            removal.also(&role);
        }
        Ok(removal)
    }
}

impl Managed for ScopedUserRole {
    async fn complete(&mut self, app: &App, stored: Option<&Self>) -> Result<(), Error> {
        if let Some(stored) = stored {
            self.team_id.clone_from(&stored.team_id);
        }
        require_changeable(app, &self.team_id).await
    }

    async fn removal(&self, app: &App) -> Result<Removal, Error> {
        require_changeable(app, &self.team_id).await?;
        Ok(Removal::default())
    }
}

async fn require_changeable(app: &App, team_id: &str) -> Result<(), Error> {
    let team: Option<Document<Team>> = app.store().document_by_id(team_id).await?;
    match team {
        Some(team) if !team.record.can_change_roles => Err(Error::Conflict(format!(
            "The roles of the team `{}` can't be changed.",
            team.record.name
        ))),
        Some(_) | None => Ok(()),
    }
}
