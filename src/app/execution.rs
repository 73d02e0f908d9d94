//! What deployments and runbook runs have in common: who is served, which answers prompts got, the plan, the task.
//!
//! ```text
//!  steps, snapshot ─┐
//!  environment ─────┼─► answered ─► planned ─► task and jobs, stored with the deployment in one commit
//!  policies, pools ─┘
//! ```

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{App, Caller, Error, seal};
use crate::model::channel::ChannelRule;
use crate::model::environment::Environment;
use crate::model::package::Package;
use crate::model::project::{GuidedFailureMode, Project};
use crate::model::release::SelectedPackage;
use crate::model::step::Step;
use crate::model::task::{Task, TaskState, new_jobs};
use crate::model::tenant::Tenant;
use crate::model::variable::VariableSet;
use crate::model::{Invalid, Kind};
use crate::plan::packages::{self, Wishes};
use crate::plan::{self, PackageUse, Plan};
use crate::store::{Change, TaskChange};

/// What is asked of a deployment or a run.
#[derive(Debug, Clone, Default)]
pub struct Execution {
    /// Name, slug or id.
    pub project: String,
    /// Names, slugs or ids. One task for each.
    pub environments: Vec<String>,
    /// Names, slugs or ids. One task for each, in each environment; empty means untenanted.
    pub tenants: Vec<String>,
    /// `Set/Tag`: every tenant of the project with them.
    pub tenant_tags: Vec<String>,
    /// Names or ids of steps that are left out.
    pub skip_steps: Vec<String>,
    pub specific_machines: Vec<String>,
    pub excluded_machines: Vec<String>,
    /// `None` for what project and environment say.
    pub use_guided_failure: Option<bool>,
    /// Not before this.
    pub run_at: Option<Timestamp>,
    /// Not after this, if it hasn't started.
    pub no_run_after: Option<Timestamp>,
    /// Answers to prompts, by the name of the variable.
    pub variables: BTreeMap<String, String>,
    pub force_package_download: bool,
    pub force_package_redeployment: bool,
    pub comments: Option<String>,
    /// Whether it is only asked what would be done: prompts need no answers then.
    pub is_preview: bool,
}

impl Execution {
    /// Everything that is wrong with what is asked, by itself.
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.environments.is_empty() {
            problems.push("Please name at least one environment.".to_owned());
        }
        if let (Some(from), Some(to)) = (self.run_at, self.no_run_after)
            && to <= from
        {
            problems.push("NoRunAfter is not after RunAt.".to_owned());
        }
        problems
    }

    /// # Errors
    /// [`Error::Invalid`] with all problems.
    pub(super) fn check(&self) -> Result<(), Error> {
        let problems = self.problems();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Invalid(problems).into())
        }
    }
}

/// Whom one task serves.
#[derive(Debug, Clone)]
pub struct Place {
    pub environment: Environment,
    pub tenant: Option<Tenant>,
}

impl Place {
    /// For people: `Production`, `Production for Acme`.
    pub fn name(&self) -> String {
        match &self.tenant {
            None => self.environment.name.clone(),
            Some(tenant) => format!("{} for {}", self.environment.name, tenant.name),
        }
    }

    pub(super) fn tenant_id(&self) -> Option<String> {
        self.tenant.as_ref().map(|tenant| tenant.id.clone())
    }
}

/// What a task carries out, apart from the place.
pub(super) struct Subject<'a> {
    pub project: &'a Project,
    pub steps: &'a [Step],
    /// `Deploy`, `RunbookRun`.
    pub name: &'static str,
    pub description: String,
    pub subject_id: &'a str,
    pub release_id: &'a str,
    pub channel_id: &'a str,
    /// The project of a deployment, or the runbook.
    pub process_owner_id: &'a str,
    pub guided: GuidedFailureMode,
    pub packages: &'a [PackageUse],
    /// What scripts learn about it, in addition to what every task says.
    pub facts: BTreeMap<String, String>,
}

/// What is asked about versions of packages.
#[derive(Debug, Default)]
pub(super) struct AskedPackages<'a> {
    pub packages: &'a [String],
    pub chosen: &'a [SelectedPackage],
    pub default: Option<&'a str>,
    pub rules: &'a [ChannelRule],
}

/// Variables with the answers to prompts in them.
pub(super) struct Answered {
    pub set: VariableSet,
    /// Whether it differs from the snapshot, and has to be stored.
    pub is_new: bool,
    /// What is shown: answers to sensitive prompts are not.
    pub form_values: BTreeMap<String, Value>,
    /// Answers that nobody asked for.
    pub unknown: Vec<String>,
}

/// Puts answers into the place of the prompted variables of `snapshot`.
///
/// `set_id` is the id of the changed set.
///
/// # Errors
/// [`Error::Invalid`] for required prompts without an answer.
pub(super) fn answered(
    app: &App,
    snapshot: VariableSet,
    execution: &Execution,
    set_id: String,
) -> Result<Answered, Error> {
    let answers = &execution.variables;
    let answer = |name: &str| {
        let found = answers
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    };
    let is_prompted = |name: &str| {
        let mut prompted = snapshot.variables.iter().filter(|one| one.prompt.is_some());
        prompted.any(|one| one.name.eq_ignore_ascii_case(name))
    };
    let unknown = answers.keys().filter(|name| !is_prompted(name)).cloned();
    let mut result = Answered {
        unknown: unknown.collect(),
        set: snapshot.clone(),
        is_new: false,
        form_values: BTreeMap::new(),
    };
    let mut problems = Vec::new();
    for variable in &mut result.set.variables {
        let Some(prompt) = &variable.prompt else {
            continue;
        };
        let Some(value) = answer(&variable.name) else {
            let has_value = variable.sealed.is_some()
                || variable
                    .value
                    .as_deref()
                    .is_some_and(|value| !value.is_empty());
            if prompt.required && !has_value && !execution.is_preview {
                problems.push(format!(
                    "The prompted variable `{}` needs a value.",
                    variable.name
                ));
            }
            continue;
        };
        result.is_new = true;
        let shown = if variable.is_sensitive {
            variable.sealed = Some(seal::seal(app.vault(), value)?);
            serde_json::json!({ "HasValue": true })
        } else {
            variable.value = Some(value.clone());
            Value::from(value.clone())
        };
        result.form_values.insert(variable.name.clone(), shown);
    }
    if !problems.is_empty() {
        problems.dedup();
        return Err(Invalid(problems).into());
    }
    if result.is_new {
        result.set.id = set_id;
    }
    Ok(result)
}

impl App {
    /// The places that an execution is for.
    ///
    /// # Errors
    /// [`Error::NotFound`], and [`Error::Invalid`] for tenants that the project isn't deployed for.
    pub(super) async fn places(
        &self,
        caller: &Caller,
        space: Option<&str>,
        project: &Project,
        execution: &Execution,
    ) -> Result<Vec<Place>, Error> {
        let mut places = Vec::new();
        let mut problems = Vec::new();
        let is_tenanted = !execution.tenants.is_empty() || !execution.tenant_tags.is_empty();
        let mut tenants = Vec::new();
        for name in &execution.tenants {
            tenants.push(self.get::<Tenant>(caller, space, name).await?);
        }
        if !execution.tenant_tags.is_empty() {
            let all = self
                .list::<Tenant>(caller, space, super::ListQuery::default())
                .await?;
            let is_new = |tenant: &Tenant| !tenants.iter().any(|own| own.id == tenant.id);
            let tagged: Vec<Tenant> = all
                .items
                .into_iter()
                .filter(|tenant| plan::tags_match(&execution.tenant_tags, &tenant.tenant_tags))
                .filter(is_new)
                .filter(|tenant| tenant.project_environments.contains_key(&project.id))
                .collect();
            tenants.extend(tagged);
            if tenants.is_empty() {
                problems.push(format!(
                    "No tenant of the project has the tags {}.",
                    execution.tenant_tags.join(", ")
                ));
            }
        }
        for name in &execution.environments {
            let environment: Environment = self.get(caller, space, name).await?;
            if !is_tenanted {
                places.push(Place {
                    environment,
                    tenant: None,
                });
                continue;
            }
            for tenant in &tenants {
                let of_project = tenant.project_environments.get(&project.id);
                if of_project.is_some_and(|ids| ids.contains(&environment.id)) {
                    places.push(Place {
                        environment: environment.clone(),
                        tenant: Some(tenant.clone()),
                    });
                } else {
                    problems.push(format!(
                        "The tenant `{}` is not connected to the project `{}` in `{}`.",
                        tenant.name, project.name, environment.name
                    ));
                }
            }
        }
        if problems.is_empty() {
            Ok(places)
        } else {
            Err(Invalid(problems).into())
        }
    }

    /// The version of every package that `steps` use.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong with the wishes.
    pub(super) async fn selected_packages(
        &self,
        space_id: &str,
        steps: &[Step],
        asked: &AskedPackages<'_>,
    ) -> Result<Vec<SelectedPackage>, Error> {
        let references = || {
            steps
                .iter()
                .flat_map(|step| &step.actions)
                .flat_map(|action| &action.packages)
        };
        if references().next().is_none() && asked.packages.is_empty() {
            return Ok(Vec::new());
        }
        let mut external_feed_ids = Vec::new();
        for package in references() {
            if !self.is_built_in(&package.feed_id).await? {
                external_feed_ids.push(package.feed_id.clone());
            }
        }
        let ids = references().map(|package| package.package_id.as_str());
        let versions = self.versions_of(space_id, ids).await?;
        packages::select(Wishes {
            steps,
            asked: asked.packages,
            chosen: asked.chosen,
            default: asked.default,
            versions: &versions,
            external_feed_ids: &external_feed_ids,
            rules: asked.rules,
        })
        .map_err(|problems| Invalid(problems).into())
    }

    /// The packages that were selected, with the bytes that they are now.
    ///
    /// # Errors
    /// [`Error::Invalid`] for those that were deleted since.
    pub(super) async fn package_uses(
        &self,
        space_id: &str,
        steps: &[Step],
        selected: &[SelectedPackage],
    ) -> Result<Vec<PackageUse>, Error> {
        let mut uses = Vec::new();
        let mut problems = Vec::new();
        for action in steps.iter().flat_map(|step| &step.actions) {
            for package in &action.packages {
                let same = |left: &str, right: &str| left.eq_ignore_ascii_case(right);
                let chosen = selected.iter().find(|chosen| {
                    same(&chosen.action_name, &action.name)
                        && same(&chosen.package_reference_name, &package.name)
                });
                let Some(chosen) = chosen else { continue };
                let id = Package::id(&package.package_id, &chosen.version);
                let is_here = self.is_built_in(&package.feed_id).await?;
                let found = match is_here {
                    true => self.store().package_by_id(space_id, &id).await?,
                    false => None,
                };
                if is_here && found.is_none() {
                    problems.push(format!(
                        "The package {} {} that the step `{}` uses is not in the feed any more.",
                        package.package_id, chosen.version, action.name
                    ));
                }
                uses.push(PackageUse {
                    action_name: action.name.clone(),
                    reference: package.name.clone(),
                    package_id: package.package_id.clone(),
                    version: chosen.version.clone(),
                    feed_id: package.feed_id.clone(),
                    file_name: found.as_ref().map(Package::file_name).unwrap_or_default(),
                    sha256: found.map(|found| found.sha256),
                });
            }
        }
        if problems.is_empty() {
            Ok(uses)
        } else {
            Err(Invalid(problems).into())
        }
    }

    /// A queued task with its jobs, as one change.
    pub(super) fn queued(
        &self,
        subject: &Subject<'_>,
        place: &Place,
        execution: &Execution,
        variable_set_id: &str,
        plan: Plan,
    ) -> (Task, Change) {
        let project = subject.project;
        let is_guided = execution
            .use_guided_failure
            .unwrap_or_else(|| subject.guided.applies(&place.environment));
        let tenant_id = place.tenant_id();
        let now = self.now();
        let id = self.store().next_id("ServerTasks");
        let jobs = new_jobs(&id, plan.entries.len());
        let task = Task {
            id,
            space_id: project.space_id.clone(),
            name: subject.name.to_owned(),
            description: subject.description.clone(),
            state: TaskState::Queued,
            is_cancel_asked: false,
            project_id: project.id.clone(),
            environment_id: place.environment.id.clone(),
            concurrency_key: format!(
                "{}/{}/{}",
                subject.process_owner_id,
                place.environment.id,
                tenant_id.as_deref().unwrap_or_default()
            ),
            tenant_id,
            subject_id: subject.subject_id.to_owned(),
            release_id: subject.release_id.to_owned(),
            variable_set_id: variable_set_id.to_owned(),
            queue_time: execution.run_at.unwrap_or(now).max(now),
            queue_expiry: execution.no_run_after,
            start_time: None,
            completed_time: None,
            error_message: String::new(),
            has_warnings_or_errors: false,
            is_guided,
            is_asking: false,
            generation: 1,
        };
        let change = TaskChange::Insert {
            task: task.clone(),
            plan,
            jobs,
        };
        (task, change.into())
    }
}

/// A line in a task's log about answers that nobody asked for; they don't stop a deployment, as in Octopus.
pub(super) fn unknown_answers(task: &Task, unknown: &[String]) -> Option<Change> {
    if unknown.is_empty() {
        return None;
    }
    let text = format!(
        "Values were given for variables that nobody is prompted for, and are not used: {}\n",
        unknown.join(", ")
    );
    let chunk = crate::model::task::LogChunk {
        index: None,
        attempt: 0,
        occurred: task.queue_time,
        category: "Warning".to_owned(),
        text,
    };
    let task_id = task.id.clone();
    Some(TaskChange::Log { task_id, chunk }.into())
}

/// The number at the end of a new id of this kind, and the id.
pub(super) fn next_id(app: &App, kind: Kind) -> String {
    app.store().next_id(kind.facts().prefix)
}
