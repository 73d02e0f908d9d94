//! Makes a plan, or says everything that stands in its way.

use std::collections::{BTreeMap, BTreeSet};

use super::check;
use super::entry::{
    CheckTime, Entry, Location, PackageUse, Plan, PolicyRecord, Retries, VariableReference, Work,
};
use super::health::Scripts;
use super::native::{Landlock, Unheld};
use super::own::{KnownCertificate, on_problems};
use super::place::{Place, Pool, place};
use super::policies::PolicySet;
use super::scope::{Context, resolve, tags_match};
use super::targets::{TargetUse, window, with_roles};
use super::work::{Planned, packages_of, work};
use crate::model::step::{Action, ActionCondition, Step};
use crate::model::variable::Variable;
use crate::policy::grants;
use crate::template::Template;

/// The property of a step that says which deployment targets it is for.
pub(super) const ROLES: &str = "Octopus.Action.TargetRoles";

/// How the reason begins why a step has nobody to run for.
const NOBODY: &str = "no deployment target here has one of the roles";

/// The property, or variable, that makes error output a failure.
const FAIL_ON_ERROR_OUTPUT: &str = "Octopus.Action.FailScriptOnErrorOutput";

/// The property that says that a step may be run again when nobody knows how far it came.
const REPEATABLE: &str = "Seawall.Repeatable";

/// What a plan is made from.
#[derive(Debug)]
pub struct Inputs<'a> {
    pub steps: &'a [Step],
    /// The snapshot that the deployment uses.
    pub variables: &'a [Variable],
    pub environment_id: &'a str,
    /// Empty for runbooks.
    pub channel_id: &'a str,
    /// The project of a deployment, or the runbook.
    pub process_owner_id: &'a str,
    /// `Set/Tag`, of the tenant that it is for.
    pub tenant_tags: &'a [String],
    /// The names or ids of actions that somebody wants skipped.
    pub skipped: &'a [String],
    pub policies: &'a PolicySet,
    /// The policy that the project names.
    pub project_policy: Option<&'a str>,
    pub pools: &'a [Pool],
    /// The teams of whoever asks; the server itself is in none.
    pub team_ids: &'a [String],
    /// Whether the built-in worker may be used at all.
    pub is_built_in_enabled: bool,
    /// Whether e-mail can be sent.
    pub is_smtp_configured: bool,
    /// The account that native processes run under; `None` if there are none.
    pub native_account: Option<&'a str>,
    /// What this server's kernel adds to it.
    pub landlock: Landlock,
    /// Whether processes may run here that it doesn't hold.
    pub unheld: Unheld,
    /// The names of directories that bundles for offline drops may be put into.
    pub drop_directories: &'a [String],
    /// Those that this deployment is for.
    pub targets: &'a [TargetUse],
    /// What machine policies have for machines.
    pub health_scripts: &'a Scripts,
    /// Whether there may be none for any step.
    pub may_have_no_targets: bool,
    pub certificates: &'a [KnownCertificate],
    /// Every package of every step, with the version that the release has.
    pub packages: &'a [PackageUse],
    pub facts: BTreeMap<String, String>,
}

/// Every reason why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct Refused(pub Vec<String>);

/// The plan for one environment.
///
/// # Errors
/// [`Refused`].
pub fn build(inputs: Inputs<'_>) -> Result<Plan, Refused> {
    let mut problems = Vec::new();
    let mut entries = Vec::new();
    let mut used = BTreeSet::new();
    for (index, step) in inputs.steps.iter().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        for (action, lane) in lanes(&inputs, step) {
            match entry(&inputs, number, step, action, lane) {
                Ok(entry) => {
                    used.extend(entry.work.policy().map(str::to_owned));
                    entries.push(entry);
                }
                Err(found) => {
                    for one in found {
                        let problem = format!("Step `{}` {one}.", action.name);
                        // Said once, not for each target.
                        if !problems.contains(&problem) {
                            problems.push(problem);
                        }
                    }
                }
            }
        }
    }
    problems.extend(without_targets(&inputs, &entries));
    for name in inputs.skipped {
        let is_one = |action: &Action| {
            action.name.eq_ignore_ascii_case(name) || action.id.eq_ignore_ascii_case(name)
        };
        if !inputs
            .steps
            .iter()
            .flat_map(|step| &step.actions)
            .any(is_one)
        {
            problems.push(format!("There is no step `{name}` to skip."));
        }
    }
    let mut policies = BTreeMap::new();
    for name in used {
        let Some((policy, text)) = inputs.policies.named(&name) else {
            continue;
        };
        match grants(policy, inputs.policies.ceiling()) {
            Ok(grants) => {
                let text = text.to_owned();
                policies.insert(name, PolicyRecord { text, grants });
            }
            Err(outside) => problems.push(format!(
                "The policy `{name}` is not within the ceiling: {outside}"
            )),
        }
    }
    if !problems.is_empty() {
        return Err(Refused(problems));
    }
    Ok(Plan {
        entries,
        policies,
        facts: inputs.facts,
        promotes: false,
    })
}

/// What an action of a step is for.
#[derive(Debug, Clone, Copy)]
enum Lane<'a> {
    Once,
    Target(&'a TargetUse),
    /// Whether a machine is there of which [`Lane::Script`] says how it is.
    Connection(&'a TargetUse),
    /// The script that a machine policy has for a machine.
    Script(&'a TargetUse),
    /// The step is for targets, and there are none.
    Nobody,
}

impl<'a> Lane<'a> {
    fn target(self) -> Option<&'a TargetUse> {
        match self {
            Self::Target(target) | Self::Connection(target) | Self::Script(target) => Some(target),
            Self::Once | Self::Nobody => None,
        }
    }
}

/// The actions of a step in the order of the plan: target after target if the step is for targets, or checks some of
/// which the machine policy has a script.
fn lanes<'a>(inputs: &Inputs<'a>, step: &'a Step) -> Vec<(&'a Action, Lane<'a>)> {
    let is_for_targets = |action: &Action| {
        matches!(
            place(step, action),
            Place::WorkerForTargets | Place::Targets
        )
    };
    let has_roles = !step.properties.list(ROLES).is_empty();
    let lanes = if has_roles && step.actions.iter().any(is_for_targets) {
        let targets = with_roles(inputs.targets, step);
        match targets.is_empty() {
            true => vec![Lane::Nobody],
            false => targets.into_iter().map(Lane::Target).collect(),
        }
    } else {
        vec![Lane::Once]
    };
    let with_lane = |lane| step.actions.iter().map(move |action| (action, lane));
    let mut all: Vec<_> = lanes.into_iter().flat_map(with_lane).collect();
    for action in step.actions.iter().filter(|action| check::is_full(action)) {
        let machines = check::machines(inputs, step);
        let has_script = |target: &&TargetUse| inputs.health_scripts.of(target).is_some();
        let with_script: Vec<&TargetUse> = machines.iter().copied().filter(has_script).collect();
        if !with_script.is_empty() && with_script.len() == machines.len() {
            all.retain(|(other, _)| !std::ptr::eq(*other, action));
        }
        for target in with_script {
            all.push((action, Lane::Connection(target)));
            all.push((action, Lane::Script(target)));
        }
    }
    all
}

/// A deployment that is for targets and finds none at all is a mistake, unless the project says otherwise.
fn without_targets(inputs: &Inputs<'_>, entries: &[Entry]) -> Option<String> {
    let has_target = entries.iter().any(|entry| {
        let is_of_check = matches!(entry.work, Work::HealthCheck(_)) || entry.judges.is_some();
        entry.target.is_some() && !is_of_check
    });
    let is_for_nobody = |entry: &Entry| {
        entry
            .skip
            .as_deref()
            .is_some_and(|why| why.starts_with(NOBODY))
    };
    if has_target || inputs.may_have_no_targets || !entries.iter().any(is_for_nobody) {
        return None;
    }
    let mut roles: Vec<String> = inputs
        .steps
        .iter()
        .flat_map(|step| step.properties.list(ROLES))
        .collect();
    roles.sort();
    roles.dedup();
    Some(format!(
        "There is no deployment target here with one of the roles {}: add one, or set AllowDeploymentsToNoTargets in the project's ProjectConnectivityPolicy.",
        roles.join(", ")
    ))
}

fn entry(
    inputs: &Inputs<'_>,
    step_number: u32,
    step: &Step,
    action: &Action,
    lane: Lane<'_>,
) -> Result<Entry, Vec<String>> {
    let mut skip = skip(inputs, action)?;
    if matches!(lane, Lane::Nobody) && skip.is_none() {
        let roles = step.properties.list(ROLES).join(", ");
        skip = Some(format!("{NOBODY} {roles}"));
    }
    let mut problems = Vec::new();
    let mut number = |name: &str| {
        action.properties.number(name).unwrap_or_else(|text| {
            problems.push(format!(
                "has `{text}` as {name}, which is not a whole number"
            ));
            None
        })
    };
    let retries = Retries {
        maximum: number("Octopus.Action.AutoRetry.MaximumCount").unwrap_or(0),
        backoff_seconds: number("Octopus.Action.AutoRetry.MinimumBackoff").unwrap_or(0),
    };
    let timeout_minutes =
        number("Octopus.Action.ExecutionTimeout.Minutes").filter(|minutes| *minutes > 0);
    let check_time = CheckTime {
        whole: number(check::WHOLE_SECONDS),
        machine: number(check::MACHINE_SECONDS),
    };
    let window = window(step, action).unwrap_or_else(|text| {
        problems.push(format!(
            "has `{text}` as Octopus.Action.MaxParallelism, which is not a whole number"
        ));
        1
    });
    let target = lane.target();
    if let (Lane::Target(target), None) = (lane, &skip)
        && let Some(why) = &target.unavailable
    {
        problems.push(format!(
            "is for a deployment target that is not there: `{}` is unavailable: {why} Check its health again, leave it out, or let the project skip unavailable targets",
            target.name
        ));
    }
    let context = Context {
        environment_id: inputs.environment_id,
        channel_id: inputs.channel_id,
        action_id: &action.id,
        process_owner_id: inputs.process_owner_id,
        tenant_tags: inputs.tenant_tags,
        machine_id: target.map_or("", |target| target.id.as_str()),
        roles: target.map_or(&[], |target| target.roles.as_slice()),
        targeted_roles: &step.properties.list(ROLES),
    };
    let variables = resolve(inputs.variables, &context);
    let value = |name: &str| {
        let named = |index: &&usize| inputs.variables[**index].name.eq_ignore_ascii_case(name);
        let found = variables.iter().find(named);
        found.map(|index| &inputs.variables[*index])
    };
    // A property of the step, or a variable for some or all of them (octopus-semantics 3.10).
    let fails_on_error_output = action.properties.is_true(FAIL_ON_ERROR_OUTPUT)
        || value(FAIL_ON_ERROR_OUTPUT).is_some_and(|variable| {
            let text = variable.value.as_deref().unwrap_or_default();
            text.trim().eq_ignore_ascii_case("true")
        });
    let planned = Planned {
        inputs,
        step,
        action,
        target,
        variable: &value,
    };
    let on_server = |work| (Location::Server, work);
    let found = match (&skip, lane) {
        (Some(_), _) => Ok(on_server(Work::Nothing)),
        (None, Lane::Connection(target)) => check::of_one(&planned, target).map(on_server),
        (None, Lane::Script(target)) => check::script(&planned, target).or_else(|why| {
            // Found together with its connection.
            skip = Some(why);
            Ok(on_server(Work::Nothing))
        }),
        (None, _) if check::is_one(action) => check::of_the_others(&planned).map(on_server),
        (None, _) => work(&planned),
    };
    let (location, work) = found.unwrap_or_else(|found| {
        problems.extend(found);
        (Location::Server, Work::Nothing)
    });
    let judges = match (&work, lane) {
        (Work::Script { .. }, Lane::Script(_)) => on_problems(action).ok(),
        _ => None,
    };
    let timeout_minutes = match judges {
        Some(_) => timeout_minutes.or_else(|| check::timeout_minutes(inputs.policies)),
        None => timeout_minutes,
    };
    let expression = step
        .properties
        .text("Octopus.Step.ConditionVariableExpression")
        .unwrap_or_default();
    if let Err(error) = Template::parse(expression) {
        problems.push(format!("has a condition that can't be read: {error}"));
    }
    let action_expression = match action.condition {
        ActionCondition::Success => None,
        ActionCondition::Variable => Some(
            action
                .properties
                .text("Octopus.Action.ConditionVariableExpression")
                .unwrap_or_default()
                .to_owned(),
        ),
    };
    if let Some(Err(error)) = action_expression.as_deref().map(Template::parse) {
        problems.push(format!("has a condition that can't be read: {error}"));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let reference = |index: usize| VariableReference {
        name: inputs.variables[index].name.clone(),
        index: u32::try_from(index).unwrap_or(u32::MAX),
        is_sensitive: inputs.variables[index].is_sensitive,
    };
    Ok(Entry {
        step_number,
        step_name: step.name.clone(),
        action_id: action.id.clone(),
        action_name: action.name.clone(),
        condition: step.condition,
        expression: expression.to_owned(),
        action_expression,
        start_trigger: step.start_trigger,
        location,
        work,
        target: target.cloned(),
        window,
        packages: packages_of(inputs, action),
        variables: variables.into_iter().map(reference).collect(),
        // Checks are made again and again anyway.
        is_repeatable: retries.maximum > 0
            || action.properties.is_true(REPEATABLE)
            || check::is_one(action),
        retries,
        timeout_minutes,
        skip,
        is_required: action.is_required,
        judges,
        check_time,
        fails_on_error_output,
    })
}

/// Why an action doesn't take part, if it doesn't.
fn skip(inputs: &Inputs<'_>, action: &Action) -> Result<Option<String>, Vec<String>> {
    let has = |ids: &[String], id: &str| ids.iter().any(|own| own.eq_ignore_ascii_case(id));
    if action.is_disabled {
        return Ok(Some("it is disabled".to_owned()));
    }
    let is_in = action.environments.is_empty() || has(&action.environments, inputs.environment_id);
    if !is_in || has(&action.excluded_environments, inputs.environment_id) {
        return Ok(Some("it is not for this environment".to_owned()));
    }
    if !action.channels.is_empty() && !has(&action.channels, inputs.channel_id) {
        return Ok(Some("it is not for this channel".to_owned()));
    }
    if !tags_match(&action.tenant_tags, inputs.tenant_tags) {
        return Ok(Some("it is not for this tenant".to_owned()));
    }
    if has(inputs.skipped, &action.name) || has(inputs.skipped, &action.id) {
        if action.is_required {
            return Err(vec!["is required and can't be skipped".to_owned()]);
        }
        return Ok(Some("somebody asked to skip it".to_owned()));
    }
    Ok(None)
}
