//! What is special about projects and their groups: a project comes with a variable set, a deployment process
//! and a default channel, and takes them with it.

use super::resource::{Managed, Removal};
use super::{App, Error};
use crate::model::channel::Channel;
use crate::model::lifecycle::Lifecycle;
use crate::model::process::DeploymentProcess;
use crate::model::project::{Project, ProjectGroup};
use crate::model::resource::Kind;
use crate::model::variable::VariableSet;
use crate::store::{Change, Filter, Page};

impl Managed for ProjectGroup {}

impl Managed for DeploymentProcess {
    async fn complete(&mut self, _app: &App, stored: Option<&Self>) -> Result<(), Error> {
        let current = stored.map_or(0, |stored| stored.version);
        if self.version != current {
            return Err(Error::Conflict(format!(
                "The deployment process is at version {current}, and this change was made from version {}: read it again.",
                self.version
            )));
        }
        self.version += 1;
        Ok(())
    }
}

impl Managed for Lifecycle {
    async fn complete(&mut self, _app: &App, _stored: Option<&Self>) -> Result<(), Error> {
        for phase in &mut self.phases {
            if phase.id.is_empty() {
                phase.id = super::random::uuid()?;
            }
        }
        Ok(())
    }
}

impl Managed for Project {
    async fn complete(&mut self, _app: &App, stored: Option<&Self>) -> Result<(), Error> {
        if stored.is_none() {
            self.variable_set_id = format!("variableset-{}", self.id);
            self.deployment_process_id = format!("deploymentprocess-{}", self.id);
        }
        Ok(())
    }

    async fn accompany(&mut self, app: &App, stored: Option<&Self>) -> Result<Vec<Change>, Error> {
        if stored.is_some() {
            return Ok(Vec::new());
        }
        let variables = VariableSet {
            id: self.variable_set_id.clone(),
            space_id: self.space_id.clone(),
            owner_id: self.id.clone(),
            ..VariableSet::default()
        };
        let process = DeploymentProcess {
            id: self.deployment_process_id.clone(),
            space_id: self.space_id.clone(),
            project_id: self.id.clone(),
            ..DeploymentProcess::default()
        };
        let channel = Channel {
            id: app.store().next_id(Kind::Channel.facts().prefix),
            space_id: self.space_id.clone(),
            name: "Default".into(),
            slug: "default".into(),
            project_id: self.id.clone(),
            is_default: true,
            ..Channel::default()
        };
        Ok(vec![
            Change::insert(&variables),
            Change::insert(&process),
            Change::insert(&channel),
        ])
    }

    async fn removal(&self, app: &App) -> Result<Removal, Error> {
        let store = app.store();
        let mut removal = Removal::default();
        let owned = Filter {
            owner_ids: Some(vec![self.id.clone()]),
            ..Filter::default()
        };
        for channel in store.documents::<Channel>(&owned, Page::ALL).await?.1 {
            removal.also(&channel);
        }
        for variables in store.documents::<VariableSet>(&owned, Page::ALL).await?.1 {
            removal.also(&variables);
        }
        for process in store
            .documents::<DeploymentProcess>(&owned, Page::ALL)
            .await?
            .1
        {
            removal.also(&process);
        }
        Ok(removal)
    }
}
