//! What is special about projects and their groups: a project comes with a variable set, a deployment process
//! and a default channel, and takes them with it.

use serde_json::Value;

use super::resource::{Managed, Removal};
use super::{App, Error, random, snapshot};
use crate::model::channel::Channel;
use crate::model::deployment::Deployment;
use crate::model::lifecycle::Lifecycle;
use crate::model::process::DeploymentProcess;
use crate::model::project::{Project, ProjectGroup};
use crate::model::release::Release;
use crate::model::resource::{Extra, Kind, Resource};
use crate::model::runbook::{Runbook, RunbookProcess, RunbookRun, RunbookSnapshot};
use crate::model::step::Step;
use crate::model::variable::VariableSet;
use crate::plan::version;
use crate::store::{Change, Filter, Page, Store, TaskChange, TaskFilter, TaskOwner};

impl Managed for ProjectGroup {}

impl Managed for DeploymentProcess {
    async fn complete(&mut self, _app: &App, stored: Option<&Self>) -> Result<(), Error> {
        snapshot::refuse_copy(&self.id)?;
        let current = stored.map_or(0, |stored| stored.version);
        raise_version("The deployment process", &mut self.version, current)?;
        name_steps(&mut self.steps)
    }
}

/// Raises the version of what was changed from the version `current`.
///
/// # Errors
/// [`Error::Conflict`] if the change was made from another.
pub(super) fn raise_version(what: &str, version: &mut u64, current: u64) -> Result<(), Error> {
    if *version != current {
        return Err(Error::Conflict(format!(
            "{what} is at version {current}, and this change was made from version {version}: read it again."
        )));
    }
    *version += 1;
    Ok(())
}

/// Gives ids to steps and actions that have none yet.
///
/// # Errors
/// [`Error::Conflict`] if the system has no random numbers.
pub(super) fn name_steps(steps: &mut [Step]) -> Result<(), Error> {
    for step in steps {
        let ids = std::iter::once(&mut step.id)
            .chain(step.actions.iter_mut().map(|action| &mut action.id));
        for id in ids.filter(|id| id.is_empty()) {
            *id = random::uuid()?;
        }
    }
    Ok(())
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
        // What a client doesn't say is what holds, and some read it without looking whether it is there.
        self.versioning_strategy.get_or_insert_with(|| {
            Extra::from_iter([
                ("Template".to_owned(), version::DEFAULT.into()),
                ("DonorPackage".to_owned(), Value::Null),
                ("DonorPackageStepId".to_owned(), Value::Null),
            ])
        });
        Ok(())
    }

    async fn accompany(&mut self, app: &App, stored: Option<&Self>) -> Result<Vec<Change>, Error> {
        if stored.is_some() {
            return Ok(Vec::new());
        }
        let variables = VariableSet::of(&self.id, &self.space_id, &self.variable_set_id);
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
        let open = TaskFilter {
            project_ids: Some(vec![self.id.clone()]),
            ..TaskFilter::open()
        };
        super::task::refuse_open(app, &open, &format!("The project `{}`", self.name)).await?;
        let store = app.store();
        let mut removal = Removal::default();
        owned::<Channel>(store, &self.id, &mut removal).await?;
        owned::<VariableSet>(store, &self.id, &mut removal).await?;
        owned::<DeploymentProcess>(store, &self.id, &mut removal).await?;
        owned::<Release>(store, &self.id, &mut removal).await?;
        owned::<Deployment>(store, &self.id, &mut removal).await?;
        owned::<Runbook>(store, &self.id, &mut removal).await?;
        owned::<RunbookProcess>(store, &self.id, &mut removal).await?;
        owned::<RunbookSnapshot>(store, &self.id, &mut removal).await?;
        owned::<RunbookRun>(store, &self.id, &mut removal).await?;
        let tasks = TaskOwner::Project(self.id.clone());
        removal.changes.push(TaskChange::Delete(tasks).into());
        Ok(removal)
    }
}

/// Everything of one kind that belongs to a project goes with it.
async fn owned<R: Resource>(
    store: &Store,
    project_id: &str,
    removal: &mut Removal,
) -> Result<(), Error> {
    let of_project = Filter {
        owner_ids: Some(vec![project_id.to_owned()]),
        ..Filter::default()
    };
    let (_, documents) = store.documents::<R>(&of_project, Page::ALL).await?;
    documents.iter().for_each(|document| removal.also(document));
    Ok(())
}
