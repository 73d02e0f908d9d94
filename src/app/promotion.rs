//! Automatic deployments: a release goes to the environments that its lifecycle names as automatic, as soon as it may.
//!
//! The server itself asks for them, with every right; what stands in the way becomes an event, not a retry.

use super::deployment::Deploy;
use super::execution::Execution;
use super::{App, Caller, Error};
use crate::model::channel::Channel;
use crate::model::environment::Environment;
use crate::model::lifecycle::Lifecycle;
use crate::model::project::{Project, TenantedMode};
use crate::model::release::Release;
use crate::model::tenant::Tenant;
use crate::plan::lifecycle::{self, Named};
use crate::store::{Change, Filter, Promotion, PromotionChange, Reached};

/// One deployment that is due.
struct Due {
    environment: Environment,
    tenant: Option<Tenant>,
}

impl App {
    /// The lifecycle that a release of `project` in `channel` goes through.
    pub(super) async fn lifecycle_of(
        &self,
        project: &Project,
        channel: &Channel,
    ) -> Result<Lifecycle, Error> {
        let id = match channel.lifecycle_id.as_str() {
            "" => &project.lifecycle_id,
            own => own,
        };
        self.existing(id).await
    }

    /// Deploys a release to everything that is due, and removes the note that it may be.
    ///
    /// # Errors
    /// [`Error::Store`]: it is tried again.
    pub async fn promote(&self, promotion: &Promotion) -> Result<(), Error> {
        let due = match self.due(promotion).await {
            Ok(due) => due,
            // The release, its channel or its project is gone.
            Err(Error::NotFound { .. }) => None,
            Err(error) => return Err(error),
        };
        let mut changes = vec![PromotionChange::Done(promotion.clone()).into()];
        if let Some((project, release, due)) = due {
            for one in due {
                changes.extend(self.automatic(&project, &release, &one).await?);
            }
        }
        self.store().commit(changes).await?;
        self.bus().wake();
        Ok(())
    }

    /// The changes that make one automatic deployment, or the event that says why there is none.
    async fn automatic(
        &self,
        project: &Project,
        release: &Release,
        due: &Due,
    ) -> Result<Vec<Change>, Error> {
        let caller = Caller::server();
        let deploy = Deploy {
            release: release.id.clone(),
            update_variable_snapshot: false,
            execution: Execution {
                project: project.id.clone(),
                environments: vec![due.environment.id.clone()],
                tenants: due.tenant.iter().map(|tenant| tenant.id.clone()).collect(),
                comments: Some("Deployed by the lifecycle.".to_owned()),
                ..Execution::default()
            },
        };
        let space_id = release.space_id.clone();
        match self.deployments(&caller, Some(&space_id), &deploy).await {
            Ok((_, changes)) => Ok(changes),
            Err(Error::Store(error)) => Err(error.into()),
            Err(error) => {
                let message = format!(
                    "Release {} of the project `{}` was not deployed to `{}` by its lifecycle: {error}",
                    release.version, project.name, due.environment.name
                );
                tracing::warn!("{message}");
                let related = vec![
                    release.id.clone(),
                    project.id.clone(),
                    due.environment.id.clone(),
                ];
                let category = "AutomaticDeploymentRefused";
                let event = caller.event(self.now(), category, Some(space_id), message, related);
                Ok(vec![Change::Event(event)])
            }
        }
    }

    async fn due(
        &self,
        promotion: &Promotion,
    ) -> Result<Option<(Project, Release, Vec<Due>)>, Error> {
        let release: Release = self.existing(&promotion.release_id).await?;
        let project: Project = self.existing(&release.project_id).await?;
        let channel: Channel = self.existing(&release.channel_id).await?;
        let lifecycle = self.lifecycle_of(&project, &channel).await?;
        if project.is_disabled || !lifecycle.is_automatic() {
            return Ok(None);
        }
        let of_space = Filter::in_space(&project.space_id);
        let environments: Vec<Environment> = self.every(of_space).await?;
        let mut due = Vec::new();
        for tenant in self.served(&project, promotion).await? {
            let tenant_id = tenant.as_ref().map(|tenant| tenant.id.as_str());
            let ids: Vec<String> = environments.iter().map(|one| one.id.clone()).collect();
            let reached = async |reached| {
                self.store()
                    .release_environments(&release.id, tenant_id, &ids, reached)
                    .await
            };
            let all = environments.iter().map(|one| Named {
                id: &one.id,
                name: &one.name,
            });
            let ids = lifecycle::due(
                &lifecycle,
                &all.collect::<Vec<_>>(),
                &reached(Reached::Successfully).await?,
                &reached(Reached::AtAll).await?,
            );
            let here = environments.iter().filter(|one| ids.contains(&one.id));
            due.extend(
                here.filter(|one| is_connected(tenant.as_ref(), &project, one))
                    .map(|one| Due {
                        environment: one.clone(),
                        tenant: tenant.clone(),
                    }),
            );
        }
        Ok(Some((project, release, due)))
    }

    /// Whom a release may go on for: the tenant that it has just been deployed for, or at its start everybody.
    async fn served(
        &self,
        project: &Project,
        promotion: &Promotion,
    ) -> Result<Vec<Option<Tenant>>, Error> {
        if let Some(id) = &promotion.tenant_id {
            return Ok(vec![Some(self.existing(id).await?)]);
        }
        let mode = project.tenanted_deployment_mode;
        let mut served = match mode {
            TenantedMode::Tenanted => Vec::new(),
            TenantedMode::Untenanted | TenantedMode::TenantedOrUntenanted => vec![None],
        };
        if mode != TenantedMode::Untenanted {
            let of_space = Filter::in_space(&project.space_id);
            served.extend(self.every(of_space).await?.into_iter().map(Some));
        }
        Ok(served)
    }
}

/// Whether the tenant has the project in the environment; without a tenant there is nothing to connect.
fn is_connected(tenant: Option<&Tenant>, project: &Project, environment: &Environment) -> bool {
    tenant.is_none_or(|tenant| {
        let ids = tenant.project_environments.get(&project.id);
        ids.is_some_and(|ids| ids.contains(&environment.id))
    })
}
