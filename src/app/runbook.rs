//! Runbooks: their processes, the snapshots that are published, and runs of them.

use std::collections::BTreeMap;

use super::execution::{self, AskedPackages, Execution, Place, Subject, answered, unknown_answers};
use super::release::TemplatePackage;
use super::resource::{Managed, Removal};
use super::{App, Caller, Error, random, snapshot};
use crate::model::access::{Permission, Target};
use crate::model::lifecycle::Lifecycle;
use crate::model::project::Project;
use crate::model::resource::{Kind, Resource as _};
use crate::model::runbook::{
    EnvironmentScope, Runbook, RunbookProcess, RunbookRun, RunbookSnapshot,
};
use crate::model::variable::VariableSet;
use crate::store::{Change, Filter, Page};

/// A runbook, and where it is to run.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// Name, slug or id.
    pub runbook: String,
    /// Name or id; what is published if it is `None`.
    pub snapshot: Option<String>,
    pub execution: Execution,
}

/// A snapshot to be made.
#[derive(Debug, Clone, Default)]
pub struct NewSnapshot {
    /// Name, slug or id.
    pub runbook: String,
    /// Given by the server if it is empty.
    pub name: String,
    pub notes: Option<String>,
    /// Whether it is what runs from now on.
    pub is_published: bool,
}

/// What a new snapshot of a runbook would be made of.
#[derive(Debug, Clone)]
pub struct SnapshotTemplate {
    pub runbook_id: String,
    pub process_id: String,
    pub next_name: String,
    pub packages: Vec<TemplatePackage>,
}

impl Managed for RunbookProcess {
    async fn complete(&mut self, _app: &App, stored: Option<&Self>) -> Result<(), Error> {
        snapshot::refuse_copy(&self.id)?;
        let current = stored.map_or(0, |stored| stored.version);
        super::project::raise_version("The runbook process", &mut self.version, current)?;
        super::project::name_steps(&mut self.steps)
    }
}

impl Managed for RunbookSnapshot {}
impl Managed for RunbookRun {
    async fn removal(&self, app: &App) -> Result<Removal, Error> {
        super::task::removal_with(app, &self.task_id, &format!("The run {}", self.id)).await
    }
}

impl Managed for Runbook {
    async fn complete(&mut self, _app: &App, stored: Option<&Self>) -> Result<(), Error> {
        if stored.is_none() {
            self.runbook_process_id = format!("RunbookProcess-{}", self.id);
            self.published_runbook_snapshot_id = None;
        }
        Ok(())
    }

    async fn accompany(&mut self, _app: &App, stored: Option<&Self>) -> Result<Vec<Change>, Error> {
        if stored.is_some() {
            return Ok(Vec::new());
        }
        let process = RunbookProcess {
            id: self.runbook_process_id.clone(),
            space_id: self.space_id.clone(),
            project_id: self.project_id.clone(),
            runbook_id: self.id.clone(),
            ..RunbookProcess::default()
        };
        Ok(vec![Change::insert(&process)])
    }

    async fn removal(&self, app: &App) -> Result<Removal, Error> {
        let store = app.store();
        let mut removal = Removal::default();
        let of_runbook = Filter {
            space_id: Some(self.space_id.clone()),
            owner_ids: Some(vec![self.project_id.clone()]),
            properties: vec![("RunbookId", vec![self.id.clone()])],
            ..Filter::default()
        };
        let (_, processes) = store
            .documents::<RunbookProcess>(&of_runbook, Page::ALL)
            .await?;
        processes.iter().for_each(|found| removal.also(found));
        let (_, snapshots) = store
            .documents::<RunbookSnapshot>(&of_runbook, Page::ALL)
            .await?;
        snapshots.iter().for_each(|found| removal.also(found));
        let (_, runs) = store
            .documents::<RunbookRun>(&of_runbook, Page::ALL)
            .await?;
        runs.iter().for_each(|found| removal.also(found));
        Ok(removal)
    }
}

impl App {
    /// A runbook of a project.
    ///
    /// # Errors
    /// [`Error::NotFound`] and [`Error::Forbidden`].
    pub async fn runbook_get(
        &self,
        caller: &Caller,
        space: Option<&str>,
        project: &Project,
        name: &str,
    ) -> Result<Runbook, Error> {
        let found = self
            .store()
            .document_by_name::<Runbook>(Some(&project.space_id), Some(&project.id), name)
            .await?;
        let id = found.map_or_else(|| name.to_owned(), |found| found.record.id);
        let runbook: Runbook = self.get(caller, space, &id).await?;
        if runbook.project_id.eq_ignore_ascii_case(&project.id) {
            return Ok(runbook);
        }
        Err(Error::NotFound {
            noun: "runbook",
            id: name.to_owned(),
        })
    }

    /// What a client needs to know before it makes a snapshot of a runbook.
    ///
    /// # Errors
    /// [`Error::Forbidden`] and [`Error::NotFound`].
    pub async fn runbook_snapshot_template(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<SnapshotTemplate, Error> {
        let runbook: Runbook = self.get(caller, space, id).await?;
        let process: RunbookProcess = self.existing(&runbook.runbook_process_id).await?;
        let last = match &runbook.published_runbook_snapshot_id {
            Some(id) => self.store().document_by_id::<RunbookSnapshot>(id).await?,
            None => None,
        };
        let chosen = last
            .as_ref()
            .map(|last| last.record.selected_packages.as_slice());
        Ok(SnapshotTemplate {
            packages: self
                .template_packages(&process.steps, chosen.unwrap_or_default())
                .await?,
            next_name: snapshot_name()?,
            process_id: process.id,
            runbook_id: runbook.id,
        })
    }

    /// Freezes a runbook, and publishes the snapshot if that is asked for.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], and [`Error::Invalid`] for a name that is taken.
    pub async fn runbook_snapshot(
        &self,
        caller: &Caller,
        space: Option<&str>,
        new: NewSnapshot,
    ) -> Result<RunbookSnapshot, Error> {
        let runbook = self.load::<Runbook>(caller, space, &new.runbook).await?;
        let generation = runbook.generation;
        let mut runbook = runbook.record;
        let project: Project = self.existing(&runbook.project_id).await?;
        let target = Target {
            space_id: Some(&project.space_id),
            project_id: Some(&project.id),
            environment_id: None,
        };
        caller.require(Permission::RunbookEdit, target)?;
        let id = self.store().next_id(Kind::RunbookSnapshot.facts().prefix);
        let process: RunbookProcess = self.existing(&runbook.runbook_process_id).await?;
        let process = RunbookProcess {
            id: snapshot::copy_id(&process.id, &id),
            ..process
        };
        let variables = snapshot::variables(self, &project, &id).await?;
        let selected_packages = self
            .selected_packages(&project.space_id, &process.steps, &AskedPackages::default())
            .await?;
        let record = RunbookSnapshot {
            name: match new.name.trim() {
                "" => snapshot_name()?,
                name => name.to_owned(),
            },
            id,
            space_id: project.space_id.clone(),
            notes: new.notes,
            project_id: project.id.clone(),
            runbook_id: runbook.id.clone(),
            assembled: self.now().to_string(),
            frozen_runbook_process_id: process.id.clone(),
            frozen_project_variable_set_id: variables.id.clone(),
            selected_packages,
            ..RunbookSnapshot::default()
        };
        let problems = record.problems();
        if !problems.is_empty() {
            return Err(crate::model::Invalid(problems).into());
        }
        let mut changes = vec![
            Change::insert(&process),
            Change::insert(&variables),
            Change::insert(&record),
        ];
        if new.is_published {
            runbook.published_runbook_snapshot_id = Some(record.id.clone());
            changes.push(Change::update(&runbook, generation));
        }
        let verb = if new.is_published {
            "published"
        } else {
            "made"
        };
        let message = format!(
            "{} of the runbook `{}` was {verb}",
            record.name, runbook.name
        );
        let related = vec![record.id.clone(), runbook.id.clone(), project.id.clone()];
        let space_id = Some(project.space_id.clone());
        let event = caller.event(self.now(), "Created", space_id, message, related);
        changes.push(Change::Event(event));
        self.store().commit(changes).await?;
        Ok(record)
    }

    /// Runs a runbook: one run and one task for each environment and tenant, all or none.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`] for a name; [`Error::Invalid`] when nothing is published, when the
    /// runbook isn't for an environment, or when there is no plan.
    pub async fn runbook_run(
        &self,
        caller: &Caller,
        space: Option<&str>,
        run: Run,
    ) -> Result<Vec<RunbookRun>, Error> {
        let execution = &run.execution;
        execution.check()?;
        let project: Project = self.get(caller, space, &execution.project).await?;
        let runbook = self
            .runbook_get(caller, space, &project, &run.runbook)
            .await?;
        let snapshot_ = self.snapshot_of(&runbook, run.snapshot.as_deref()).await?;
        let process: RunbookProcess = self.existing(&snapshot_.frozen_runbook_process_id).await?;
        let variables: VariableSet = self
            .existing(&snapshot_.frozen_project_variable_set_id)
            .await?;
        let packages = self
            .package_uses(
                &project.space_id,
                &process.steps,
                &snapshot_.selected_packages,
            )
            .await?;
        let mut changes = Vec::new();
        let mut runs = Vec::new();
        for place in self.places(caller, space, &project, execution).await? {
            let target = Target {
                space_id: Some(&project.space_id),
                project_id: Some(&project.id),
                environment_id: Some(&place.environment.id),
            };
            caller.require(Permission::RunbookRunCreate, target)?;
            self.require_room()?;
            self.check_scope(&project, &runbook, &place).await?;
            let id = execution::next_id(self, Kind::RunbookRun);
            let set_id = snapshot::copy_id(&project.variable_set_id, &id);
            let answered = answered(self, variables.clone(), execution, set_id)?;
            let mut record = RunbookRun {
                id,
                space_id: project.space_id.clone(),
                name: format!("Run on {}", place.name()),
                comments: execution.comments.clone(),
                created: self.now().to_string(),
                project_id: project.id.clone(),
                runbook_id: runbook.id.clone(),
                runbook_snapshot_id: snapshot_.id.clone(),
                frozen_runbook_process_id: process.id.clone(),
                environment_id: place.environment.id.clone(),
                tenant_id: place.tenant_id(),
                deployed_by: caller.user.username.clone(),
                manifest_variable_set_id: answered.set.id.clone(),
                skip_actions: execution.skip_steps.clone(),
                force_package_download: execution.force_package_download,
                use_guided_failure: execution.use_guided_failure.unwrap_or_default(),
                form_values: answered.form_values,
                queue_time: execution.run_at.map(|time| time.to_string()),
                queue_time_expiry: execution.no_run_after.map(|time| time.to_string()),
                ..RunbookRun::default()
            };
            let (task, queued, description) = {
                let subject = Subject {
                    packages: &packages,
                    ..subject(&project, &runbook, &snapshot_, &process, &record, &place)
                };
                let plan = self
                    .planned(caller, &subject, &place, execution, &answered.set)
                    .await?;
                let set_id = &record.manifest_variable_set_id;
                let (task, queued) = self.queued(&subject, &place, execution, set_id, plan);
                (task, queued, subject.description)
            };
            record.task_id = task.id.clone();
            if answered.is_new {
                changes.push(Change::insert(&answered.set));
            }
            changes.push(Change::insert(&record));
            changes.push(queued);
            changes.extend(unknown_answers(&task, &answered.unknown));
            let message = format!("{description} was queued");
            let related = vec![
                record.id.clone(),
                task.id,
                project.id.clone(),
                runbook.id.clone(),
                place.environment.id.clone(),
            ];
            let space_id = Some(record.space_id.clone());
            let event = caller.event(self.now(), "RunbookRunQueued", space_id, message, related);
            changes.push(Change::Event(event));
            runs.push(record);
        }
        self.store().commit(changes).await?;
        self.bus().wake();
        Ok(runs)
    }

    async fn snapshot_of(
        &self,
        runbook: &Runbook,
        asked: Option<&str>,
    ) -> Result<RunbookSnapshot, Error> {
        let asked = asked.map(str::trim).filter(|name| !name.is_empty());
        let Some(asked) = asked else {
            let published = runbook.published_runbook_snapshot_id.as_deref();
            let id = published.ok_or_else(|| {
                Error::invalid(format!(
                    "The runbook `{}` has no published snapshot: publish one first, or name a snapshot.",
                    runbook.name
                ))
            })?;
            return self.existing(id).await;
        };
        let name = format!("{}/{asked}", runbook.id);
        let store = self.store();
        let by_name = store
            .document_by_name::<RunbookSnapshot>(
                Some(&runbook.space_id),
                Some(&runbook.project_id),
                &name,
            )
            .await?;
        let found = match by_name {
            Some(found) => Some(found),
            None => store.document_by_id::<RunbookSnapshot>(asked).await?,
        };
        found
            .map(|found| found.record)
            .filter(|found| found.runbook_id == runbook.id)
            .ok_or_else(|| Error::NotFound {
                noun: "runbook snapshot",
                id: asked.to_owned(),
            })
    }

    async fn check_scope(
        &self,
        project: &Project,
        runbook: &Runbook,
        place: &Place,
    ) -> Result<(), Error> {
        let id = &place.environment.id;
        let is_included = match runbook.environment_scope {
            EnvironmentScope::All => true,
            EnvironmentScope::Specified => runbook.environments.contains(id),
            EnvironmentScope::FromProjectLifecycles => {
                let lifecycle: Lifecycle = self.existing(&project.lifecycle_id).await?;
                let mut phases = lifecycle.phases.iter();
                lifecycle.phases.is_empty()
                    || phases.any(|phase| phase.environments().any(|own| own == id))
            }
        };
        if is_included {
            return Ok(());
        }
        Err(Error::invalid(format!(
            "The runbook `{}` is not for the environment `{}`.",
            runbook.name, place.environment.name
        )))
    }
}

/// For a snapshot that nobody named.
fn snapshot_name() -> Result<String, Error> {
    Ok(format!("Snapshot {}", &random::uuid()?[..8]))
}

fn subject<'a>(
    project: &'a Project,
    runbook: &'a Runbook,
    snapshot: &'a RunbookSnapshot,
    process: &'a RunbookProcess,
    run: &'a RunbookRun,
    place: &Place,
) -> Subject<'a> {
    let mut facts = BTreeMap::new();
    for (name, value) in [
        ("Octopus.Runbook.Id", &runbook.id),
        ("Octopus.Runbook.Name", &runbook.name),
        ("Octopus.RunbookSnapshot.Id", &snapshot.id),
        ("Octopus.RunbookSnapshot.Name", &snapshot.name),
        ("Octopus.RunbookRun.Id", &run.id),
        ("Octopus.RunbookRun.Name", &run.name),
        ("Octopus.RunbookRun.Created", &run.created),
    ] {
        facts.insert(name.to_owned(), value.to_owned());
    }
    Subject {
        project,
        steps: &process.steps,
        name: "RunbookRun",
        description: format!(
            "Run {} of {} on {}",
            runbook.name,
            project.name,
            place.name()
        ),
        subject_id: &run.id,
        release_id: "",
        channel_id: "",
        process_owner_id: &runbook.id,
        guided: runbook.default_guided_failure_mode,
        packages: &[],
        facts,
    }
}
