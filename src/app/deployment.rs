//! Deployments: a release goes to environments, if the lifecycle lets it.

use std::collections::BTreeMap;

use super::execution::{self, Execution, Place, Subject, answered, unknown_answers};
use super::resource::{Managed, Removal};
use super::{App, Caller, Error, snapshot};
use crate::model::access::{Permission, Target};
use crate::model::channel::Channel;
use crate::model::deployment::Deployment;
use crate::model::environment::Environment;
use crate::model::lifecycle::Lifecycle;
use crate::model::process::DeploymentProcess;
use crate::model::project::Project;
use crate::model::release::Release;
use crate::model::resource::{Kind, Resource};
use crate::model::variable::{Variable, VariableSet};
use crate::plan::{self, PackageUse, Plan, lifecycle};
use crate::store::{Change, Filter, Page, Reached};

/// A release, and where it is to go.
#[derive(Debug, Clone, Default)]
pub struct Deploy {
    /// Version or id.
    pub release: String,
    /// Whether the release takes the project's variables as they are now.
    pub update_variable_snapshot: bool,
    pub execution: Execution,
}

/// What would be done in one place.
#[derive(Debug, Clone)]
pub struct Preview {
    pub place: Place,
    pub plan: Plan,
    /// What whoever deploys is asked.
    pub prompts: Vec<Asked>,
    /// Whether a failed step asks a person.
    pub is_guided: bool,
}

/// A variable that whoever deploys is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    pub id: String,
    pub name: String,
    pub label: String,
    pub description: String,
    pub is_required: bool,
    pub is_sensitive: bool,
    /// What it has if nobody says otherwise; `None` for secrets.
    pub value: Option<String>,
    pub display_settings: serde_json::Value,
}

impl Managed for Deployment {
    async fn removal(&self, app: &App) -> Result<Removal, Error> {
        let what = format!("The deployment {}", self.id);
        super::task::removal_with(app, &self.task_id, &what).await
    }
}

/// Everything that a deployment is made from.
struct Source {
    project: Project,
    release: Release,
    channel: Channel,
    lifecycle: Lifecycle,
    process: DeploymentProcess,
    variables: VariableSet,
    packages: Vec<PackageUse>,
    /// In the order of lists.
    environments: Vec<Environment>,
}

/// The prompted variables, each once.
fn asked(variables: &[Variable]) -> Vec<Asked> {
    let mut all: Vec<Asked> = Vec::new();
    for variable in variables {
        let Some(prompt) = &variable.prompt else {
            continue;
        };
        if all
            .iter()
            .any(|one| one.name.eq_ignore_ascii_case(&variable.name))
        {
            continue;
        }
        let display = prompt.extra.get("DisplaySettings");
        all.push(Asked {
            id: variable.id.clone(),
            name: variable.name.clone(),
            label: prompt.label.clone(),
            description: prompt.description.clone(),
            is_required: prompt.required,
            is_sensitive: variable.is_sensitive,
            value: variable.value.clone(),
            display_settings: display.cloned().unwrap_or_default(),
        });
    }
    all
}

/// One deployment before it is stored.
struct Draft {
    deployment: Deployment,
    place: Place,
    plan: Plan,
    /// Its own variables, if they differ from the release's.
    own_variables: Option<VariableSet>,
    unknown: Vec<String>,
}

impl App {
    /// Deploys a release: one deployment and one task for each environment and tenant, all or none.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`] for a name; [`Error::Invalid`] when the lifecycle forbids it or there is
    /// no plan, with every reason.
    pub async fn deployments_create(
        &self,
        caller: &Caller,
        space: Option<&str>,
        deploy: Deploy,
    ) -> Result<Vec<Deployment>, Error> {
        let (deployments, changes) = self.deployments(caller, space, &deploy).await?;
        self.store().commit(changes).await?;
        self.bus().wake();
        Ok(deployments)
    }

    /// The deployments that were asked for, and the changes that make them.
    pub(super) async fn deployments(
        &self,
        caller: &Caller,
        space: Option<&str>,
        deploy: &Deploy,
    ) -> Result<(Vec<Deployment>, Vec<Change>), Error> {
        let (source, mut changes) = self.source(caller, space, deploy).await?;
        let drafts = self.drafts(caller, space, &source, deploy).await?;
        let mut deployments = Vec::new();
        for draft in drafts {
            let Draft {
                mut deployment,
                place,
                plan,
                own_variables,
                unknown,
            } = draft;
            let (task, queued, description) = {
                let subject = subject(&source, &place, &deployment);
                let set_id = &deployment.manifest_variable_set_id;
                let (task, queued) = self.queued(&subject, &place, &deploy.execution, set_id, plan);
                (task, queued, subject.description)
            };
            deployment.task_id = task.id.clone();
            changes.extend(own_variables.map(|set| Change::insert(&set)));
            changes.push(Change::insert(&deployment));
            changes.push(queued);
            changes.extend(unknown_answers(&task, &unknown));
            let message = format!("{description} was queued");
            let related = vec![
                deployment.id.clone(),
                task.id,
                source.project.id.clone(),
                source.release.id.clone(),
                place.environment.id.clone(),
            ];
            let space_id = Some(deployment.space_id.clone());
            let event = caller.event(self.now(), "DeploymentQueued", space_id, message, related);
            changes.push(Change::Event(event));
            deployments.push(deployment);
        }
        Ok((deployments, changes))
    }

    /// What [`Self::deployments_create`] would do. Stores nothing.
    ///
    /// # Errors
    /// Those of [`Self::deployments_create`].
    pub async fn deployments_preview(
        &self,
        caller: &Caller,
        space: Option<&str>,
        deploy: Deploy,
    ) -> Result<Vec<Preview>, Error> {
        let (source, _) = self.source(caller, space, &deploy).await?;
        let drafts = self.drafts(caller, space, &source, &deploy).await?;
        let prompts = asked(&source.variables.variables);
        let guided = source.project.default_guided_failure_mode;
        let preview = |draft: Draft| Preview {
            prompts: prompts.clone(),
            is_guided: guided.applies(&draft.place.environment),
            place: draft.place,
            plan: draft.plan,
        };
        Ok(drafts.into_iter().map(preview).collect())
    }

    /// Reads everything, and takes a new copy of the variables if that is asked for: as changes to commit.
    async fn source(
        &self,
        caller: &Caller,
        space: Option<&str>,
        deploy: &Deploy,
    ) -> Result<(Source, Vec<Change>), Error> {
        deploy.execution.check()?;
        let project: Project = self.get(caller, space, &deploy.execution.project).await?;
        if project.is_disabled {
            return Err(Error::invalid(format!(
                "The project `{}` is disabled: enable it first.",
                project.name
            )));
        }
        let mut release = self.release_of(&project, &deploy.release).await?;
        let channel: Channel = self.existing(&release.channel_id).await?;
        let lifecycle = self.lifecycle_of(&project, &channel).await?;
        let process: DeploymentProcess = self
            .existing(&release.project_deployment_process_snapshot_id)
            .await?;
        let packages = self
            .package_uses(
                &project.space_id,
                &process.steps,
                &release.selected_packages,
            )
            .await?;
        let mut changes = Vec::new();
        let variables = if deploy.update_variable_snapshot {
            let stored = self.store().document_by_id::<Release>(&release.id).await?;
            let for_id = format!("{}-{}", release.id, self.store().next_number("snapshot"));
            let variables = snapshot::variables(self, &project, &for_id).await?;
            release.project_variable_set_snapshot_id = variables.id.clone();
            changes.push(Change::insert(&variables));
            changes.extend(stored.map(|stored| Change::update(&release, stored.generation)));
            variables
        } else {
            self.existing(&release.project_variable_set_snapshot_id)
                .await?
        };
        let of_space = Filter::in_space(&project.space_id);
        let store = self.store();
        let (_, environments) = store.documents::<Environment>(&of_space, Page::ALL).await?;
        let source = Source {
            environments: environments.into_iter().map(|found| found.record).collect(),
            project,
            release,
            channel,
            lifecycle,
            process,
            variables,
            packages,
        };
        Ok((source, changes))
    }

    /// A record that another one names.
    pub(super) async fn existing<R: Resource>(&self, id: &str) -> Result<R, Error> {
        let found = self.store().document_by_id::<R>(id).await?;
        found
            .map(|found| found.record)
            .ok_or_else(|| Error::NotFound {
                noun: R::KIND.facts().noun,
                id: id.to_owned(),
            })
    }

    async fn drafts(
        &self,
        caller: &Caller,
        space: Option<&str>,
        source: &Source,
        deploy: &Deploy,
    ) -> Result<Vec<Draft>, Error> {
        let execution = &deploy.execution;
        let project = &source.project;
        let mut drafts = Vec::new();
        for place in self.places(caller, space, project, execution).await? {
            let target = Target {
                space_id: Some(&project.space_id),
                project_id: Some(&project.id),
                environment_id: Some(&place.environment.id),
            };
            caller.require(Permission::DeploymentCreate, target)?;
            self.require_room()?;
            self.check_lifecycle(source, &place).await?;
            let id = execution::next_id(self, Kind::Deployment);
            let set_id = snapshot::copy_id(&project.variable_set_id, &id);
            let answered = answered(self, source.variables.clone(), execution, set_id)?;
            let deployment = Deployment {
                id,
                space_id: project.space_id.clone(),
                name: format!("Deploy to {}", place.name()),
                comments: execution.comments.clone(),
                created: self.now().to_string(),
                release_id: source.release.id.clone(),
                project_id: project.id.clone(),
                channel_id: source.channel.id.clone(),
                environment_id: place.environment.id.clone(),
                tenant_id: place.tenant_id(),
                deployed_by: caller.user.username.clone(),
                deployment_process_id: source.process.id.clone(),
                manifest_variable_set_id: answered.set.id.clone(),
                skip_actions: execution.skip_steps.clone(),
                force_package_download: execution.force_package_download,
                force_package_redeployment: execution.force_package_redeployment,
                use_guided_failure: execution.use_guided_failure.unwrap_or_default(),
                form_values: answered.form_values,
                queue_time: execution.run_at.map(|time| time.to_string()),
                queue_time_expiry: execution.no_run_after.map(|time| time.to_string()),
                ..Deployment::default()
            };
            let mut plan = {
                let subject = subject(source, &place, &deployment);
                self.planned(caller, &subject, &place, execution, &answered.set)
                    .await?
            };
            plan.promotes = source.lifecycle.is_automatic();
            drafts.push(Draft {
                deployment,
                place,
                plan,
                own_variables: answered.is_new.then_some(answered.set),
                unknown: answered.unknown,
            });
        }
        Ok(drafts)
    }

    async fn check_lifecycle(&self, source: &Source, place: &Place) -> Result<(), Error> {
        let store = self.store();
        let tenant_id = place.tenant_id();
        let environments = source.environments.iter();
        let all: Vec<lifecycle::Named<'_>> = environments.map(named).collect();
        let ids: Vec<String> = all.iter().map(|one| one.id.to_owned()).collect();
        let deployed = store
            .release_environments(
                &source.release.id,
                tenant_id.as_deref(),
                &ids,
                Reached::Successfully,
            )
            .await?;
        lifecycle::check(
            &source.lifecycle,
            named(&place.environment),
            &all,
            &deployed,
        )
        .map_err(|broken| {
            Error::invalid(format!(
                "Release {} can't be deployed to {}: {broken}.",
                source.release.version,
                place.name()
            ))
        })
    }
}

pub(super) fn named(environment: &Environment) -> lifecycle::Named<'_> {
    lifecycle::Named {
        id: &environment.id,
        name: &environment.name,
    }
}

fn subject<'a>(source: &'a Source, place: &Place, deployment: &'a Deployment) -> Subject<'a> {
    let Source {
        project,
        release,
        channel,
        process,
        packages,
        ..
    } = source;
    let mut facts = BTreeMap::new();
    for (name, value) in [
        ("Octopus.Release.Id", release.id.as_str()),
        ("Octopus.Release.Number", &release.version),
        (
            "Octopus.Release.Notes",
            release.release_notes.as_deref().unwrap_or_default(),
        ),
        ("Octopus.Release.Created", &release.assembled),
        ("Octopus.Release.Channel.Id", &channel.id),
        ("Octopus.Release.Channel.Name", &channel.name),
        ("Octopus.Deployment.Id", &deployment.id),
        ("Octopus.Deployment.Name", &deployment.name),
        ("Octopus.Deployment.Created", &deployment.created),
        (
            "Octopus.Deployment.Comments",
            deployment.comments.as_deref().unwrap_or_default(),
        ),
    ] {
        facts.insert(name.to_owned(), value.to_owned());
    }
    Subject {
        project,
        steps: &process.steps,
        name: "Deploy",
        description: format!(
            "Deploy {} release {} to {}",
            project.name,
            release.version,
            place.name()
        ),
        subject_id: &deployment.id,
        release_id: &release.id,
        channel_id: &channel.id,
        process_owner_id: &project.id,
        guided: project.default_guided_failure_mode,
        packages,
        facts,
    }
}

/// For people: where, and then the plan.
impl std::fmt::Display for Preview {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { place, plan, .. } = self;
        let _: &plan::Plan = plan;
        writeln!(f, "{}", place.name())?;
        write!(f, "{plan}")
    }
}
