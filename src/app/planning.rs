//! What a plan is made from: everything that the database knows and a plan may depend on.

use serde_json::Value;

use super::execution::{Execution, Place, Subject};
use super::{App, Caller, Error};
use crate::model::Invalid;
use crate::model::certificate::Certificate;
use crate::model::machine::{MachinePolicy, WorkerPool};
use crate::model::space::Space;
use crate::model::target::DeploymentTarget;
use crate::model::variable::VariableSet;
use crate::model::worker::Worker;
use crate::plan::health::Scripts;
use crate::plan::own::{KnownCertificate, certificate_ids};
use crate::plan::targets::{Roles, Wanted, in_place};
use crate::plan::{self, Inputs, Plan, Pool};
use crate::store::{Filter, Page};

impl App {
    /// The plan for one place.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every reason why there is none.
    pub(super) async fn planned(
        &self,
        caller: &Caller,
        subject: &Subject<'_>,
        place: &Place,
        execution: &Execution,
        variables: &VariableSet,
    ) -> Result<Plan, Error> {
        let project = subject.project;
        let space = self
            .store()
            .document_by_id::<Space>(&project.space_id)
            .await?;
        let space_name = space.map(|space| space.record.name).unwrap_or_default();
        let mut facts = subject.facts.clone();
        let mut fact = |name: &str, value: &str| facts.insert(name.to_owned(), value.to_owned());
        fact("Octopus.Space.Id", &project.space_id);
        fact("Octopus.Space.Name", &space_name);
        fact("Octopus.Project.Id", &project.id);
        fact("Octopus.Project.Name", &project.name);
        fact("Octopus.ProjectGroup.Id", &project.project_group_id);
        fact("Octopus.Environment.Id", &place.environment.id);
        fact("Octopus.Environment.Name", &place.environment.name);
        fact("Octopus.Deployment.CreatedBy.Id", &caller.user.id);
        fact(
            "Octopus.Deployment.CreatedBy.Username",
            &caller.user.username,
        );
        fact(
            "Octopus.Deployment.CreatedBy.DisplayName",
            &caller.user.display_name,
        );
        let no_tags = Vec::new();
        let tenant_tags = place
            .tenant
            .as_ref()
            .map_or(&no_tags, |tenant| &tenant.tenant_tags);
        if let Some(tenant) = &place.tenant {
            fact("Octopus.Deployment.Tenant.Id", &tenant.id);
            fact("Octopus.Deployment.Tenant.Name", &tenant.name);
            fact(
                "Octopus.Deployment.Tenant.Tags",
                &tenant.tenant_tags.join(","),
            );
        }
        let pools = self.pools(&project.space_id).await?;
        let policies = self.policies();
        let project_policy = project.extra.get("SeawallPolicy").and_then(Value::as_str);
        let tenant = place
            .tenant
            .as_ref()
            .map(|tenant| (tenant.id.as_str(), tenant.tenant_tags.as_slice()));
        let wanted = Wanted {
            environment_id: &place.environment.id,
            tenant,
            specific: &execution.specific_machines,
            excluded: &execution.excluded_machines,
            connectivity: &project.project_connectivity_policy,
        };
        let roles = Roles::of(subject.steps);
        let candidates = self.candidates(&project.space_id, &roles, &wanted).await?;
        let targets = in_place(&candidates, &wanted).map_err(Invalid)?;
        let certificate_ids = certificate_ids(subject.steps, &variables.variables);
        let certificates = self
            .known_certificates(&project.space_id, certificate_ids)
            .await?;
        let may_have_no_targets = project
            .project_connectivity_policy
            .allow_deployments_to_no_targets;
        let inputs = Inputs {
            steps: subject.steps,
            variables: &variables.variables,
            environment_id: &place.environment.id,
            channel_id: subject.channel_id,
            process_owner_id: subject.process_owner_id,
            tenant_tags,
            skipped: &execution.skip_steps,
            policies: &policies,
            project_policy: project_policy.filter(|name| !name.is_empty()),
            pools: &pools,
            team_ids: &self.team_ids_for(caller, &pools).await?,
            is_built_in_enabled: self.features().await?.is_built_in_worker_enabled,
            is_smtp_configured: self.smtp().await?.is_configured(),
            native_account: self.native_account(),
            landlock: self.landlock(),
            unheld: self.unheld(),
            drop_directories: &self.drop_directories(),
            targets: &targets,
            health_scripts: &self.health_scripts(&project.space_id).await?,
            may_have_no_targets,
            certificates: &certificates,
            packages: subject.packages,
            facts,
        };
        plan::build(inputs).map_err(|refused| Invalid(refused.0).into())
    }

    /// What the machine policies of a space have for machines.
    pub(super) async fn health_scripts(&self, space_id: &str) -> Result<Scripts, Error> {
        let policies: Vec<MachinePolicy> = self.every(Filter::in_space(space_id)).await?;
        Ok(Scripts::of_policies(&policies))
    }

    pub(super) async fn pools(&self, space_id: &str) -> Result<Vec<Pool>, Error> {
        let of_space = Filter::in_space(space_id);
        let store = self.store();
        let (_, pools) = store.documents::<WorkerPool>(&of_space, Page::ALL).await?;
        let (_, workers) = store.documents::<Worker>(&of_space, Page::ALL).await?;
        let n_workers = |id: &String| {
            let others = workers.iter().map(|worker| &worker.record);
            others
                .filter(|worker| !worker.is_in_process && worker.worker_pool_ids.contains(id))
                .count()
        };
        let pool = |pool: WorkerPool| Pool {
            n_workers: n_workers(&pool.id),
            id: pool.id,
            name: pool.name,
            is_default: pool.is_default,
            project_ids: pool.project_ids,
            environment_ids: pool.environment_ids,
            team_ids: pool.team_ids,
        };
        Ok(pools.into_iter().map(|found| pool(found.record)).collect())
    }

    /// The teams of whoever asks, if a pool is for some teams only.
    pub(super) async fn team_ids_for(
        &self,
        caller: &Caller,
        pools: &[Pool],
    ) -> Result<Vec<String>, Error> {
        match pools.iter().any(|pool| !pool.team_ids.is_empty()) {
            true => self.team_ids_of(&caller.user).await,
            false => Ok(Vec::new()),
        }
    }

    /// The targets that the steps are for, and those that are named.
    async fn candidates(
        &self,
        space_id: &str,
        roles: &Roles,
        wanted: &Wanted<'_>,
    ) -> Result<Vec<DeploymentTarget>, Error> {
        let store = self.store();
        let mut candidates = store.targets_in(wanted.environment_id, roles).await?;
        let beyond: Vec<String> = wanted.names_beyond(&candidates).cloned().collect();
        for name in beyond {
            let by_id = store.document_by_id::<DeploymentTarget>(&name).await?;
            let in_space = by_id.filter(|one| one.record.space_id.eq_ignore_ascii_case(space_id));
            let found = match in_space {
                Some(found) => Some(found),
                None => {
                    store
                        .document_by_name::<DeploymentTarget>(Some(space_id), None, &name)
                        .await?
                }
            };
            candidates.extend(found.map(|found| found.record));
        }
        Ok(candidates)
    }

    async fn known_certificates(
        &self,
        space_id: &str,
        ids: Vec<String>,
    ) -> Result<Vec<KnownCertificate>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let these = Filter {
            ids: Some(ids),
            ..Filter::in_space(space_id)
        };
        let found: Vec<Certificate> = self.every(these).await?;
        let known = |certificate: Certificate| KnownCertificate {
            id: certificate.id,
            name: certificate.name,
            environment_ids: certificate.environment_ids,
        };
        Ok(found.into_iter().map(known).collect())
    }
}
