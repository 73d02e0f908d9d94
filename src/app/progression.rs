//! How far a release has come in its lifecycle, and where it may go next.

use super::{App, Caller, Error};
use crate::model::channel::Channel;
use crate::model::deployment::Deployment;
use crate::model::environment::Environment;
use crate::model::lifecycle::Lifecycle;
use crate::model::project::Project;
use crate::model::release::Release;
use crate::model::task::Task;
use crate::plan::lifecycle::{self, Named, Stage};
use crate::store::{Filter, Page, Reached};

/// A phase, how far the release is in it, and its deployments, the newest first.
#[derive(Debug, Clone)]
pub struct PhaseProgress {
    pub stage: Stage,
    pub deployments: Vec<(Deployment, Task)>,
}

/// A release on its way.
#[derive(Debug, Clone)]
pub struct Progression {
    pub release: Release,
    pub phases: Vec<PhaseProgress>,
    /// Where it may be deployed to now, in the order of lists.
    pub open: Vec<Environment>,
    /// Those of `open` where it wasn't deployed yet.
    pub next: Vec<Environment>,
}

impl App {
    /// How far a release has come, without a tenant.
    ///
    /// # Errors
    /// [`Error::Forbidden`] and [`Error::NotFound`].
    pub async fn release_progression(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<Progression, Error> {
        let release: Release = self.get(caller, space, id).await?;
        let project: Project = self.existing(&release.project_id).await?;
        let channel: Channel = self.existing(&release.channel_id).await?;
        let lifecycle: Lifecycle = self.lifecycle_of(&project, &channel).await?;
        let of_space = Filter::in_space(&release.space_id);
        let all: Vec<Environment> = self.every(of_space).await?;
        let store = self.store();
        let named: Vec<Named<'_>> = all.iter().map(super::deployment::named).collect();
        let ids: Vec<String> = all.iter().map(|one| one.id.clone()).collect();
        let deployed = store
            .release_environments(&release.id, None, &ids, Reached::Successfully)
            .await?;
        let deployments = self.deployments_of(&release).await?;
        let stages = lifecycle::stages(&lifecycle, &named, &deployed);
        let phase = |stage: Stage| PhaseProgress {
            deployments: deployments
                .iter()
                .filter(|(one, _)| stage.environments.contains(&one.environment_id))
                .cloned()
                .collect(),
            stage,
        };
        let phases = stages.into_iter().map(phase).collect();
        let may = |one: &&Environment| {
            let named_one = super::deployment::named(one);
            lifecycle::check(&lifecycle, named_one, &named, &deployed).is_ok()
        };
        let open: Vec<Environment> = all.iter().filter(may).cloned().collect();
        let is_new = |one: &&Environment| !deployed.contains(&one.id);
        let next = open.iter().filter(is_new).cloned().collect();
        Ok(Progression {
            release,
            phases,
            open,
            next,
        })
    }

    async fn deployments_of(&self, release: &Release) -> Result<Vec<(Deployment, Task)>, Error> {
        let of_release = Filter {
            space_id: Some(release.space_id.clone()),
            owner_ids: Some(vec![release.project_id.clone()]),
            properties: vec![("ReleaseId", vec![release.id.clone()])],
            ..Filter::default()
        };
        let store = self.store();
        let (_, found) = store
            .documents::<Deployment>(&of_release, Page::ALL)
            .await?;
        let mut deployments = Vec::new();
        for deployment in found.into_iter().map(|found| found.record) {
            if let Some(task) = store.task_by_id(&deployment.task_id).await? {
                deployments.push((deployment, task));
            }
        }
        Ok(deployments)
    }
}
