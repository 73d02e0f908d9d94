//! Makes a plan, or says everything that stands in its way.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::{
    Confined, Entry, Isolation, Location, PackageScripts, PackageUse, Plan, PolicyRecord, Retries,
    Syntax, VariableReference, Work,
};
use super::place::{Place, Pool, place, worker};
use super::policies::{DEFAULT, PolicySet};
use super::scope::{Context, resolve, tags_match};
use crate::model::step::{Action, ActionCondition, Step};
use crate::model::variable::Variable;
use crate::policy::{FileSource, grants};
use crate::template::Template;

/// The property of a step, an action or a project that names its policy.
const POLICY: &str = "Seawall.Policy";

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
    /// Whether the built-in worker may be used at all.
    pub is_built_in_enabled: bool,
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
        for action in &step.actions {
            match entry(&inputs, number, step, action) {
                Ok(entry) => {
                    if let Some(confined) = entry.work.confined() {
                        used.insert(confined.policy.clone());
                    }
                    entries.push(entry);
                }
                Err(found) => problems.extend(
                    found
                        .into_iter()
                        .map(|one| format!("Step `{}` {one}.", action.name)),
                ),
            }
        }
    }
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
    })
}

fn entry(
    inputs: &Inputs<'_>,
    step_number: u32,
    step: &Step,
    action: &Action,
) -> Result<Entry, Vec<String>> {
    let skip = skip(inputs, action)?;
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
    let (location, work) = match skip {
        Some(_) => (Location::Server, Work::Nothing),
        None => work(inputs, step, action).unwrap_or_else(|found| {
            problems.extend(found);
            (Location::Server, Work::Nothing)
        }),
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
    let context = Context {
        environment_id: inputs.environment_id,
        channel_id: inputs.channel_id,
        action_id: &action.id,
        process_owner_id: inputs.process_owner_id,
        tenant_tags: inputs.tenant_tags,
    };
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
        packages: packages_of(inputs, action),
        variables: resolve(inputs.variables, &context)
            .into_iter()
            .map(reference)
            .collect(),
        is_repeatable: retries.maximum > 0 || action.properties.is_true(REPEATABLE),
        retries,
        timeout_minutes,
        skip,
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

fn work(
    inputs: &Inputs<'_>,
    step: &Step,
    action: &Action,
) -> Result<(Location, Work), Vec<String>> {
    let one = |problem: String| vec![problem];
    let is = |kind: &str| action.action_type.eq_ignore_ascii_case(kind);
    match place(step, action) {
        Place::Server if is("Octopus.Manual") => Ok((Location::Server, manual(action).map_err(one)?)),
        Place::Worker if is("Octopus.Script") => {
            let location = worker(action, inputs.pools, inputs.is_built_in_enabled).map_err(one)?;
            Ok((location, script(inputs, step, action)?))
        }
        Place::Worker if is("Octopus.TentaclePackage") => {
            let location = worker(action, inputs.pools, inputs.is_built_in_enabled).map_err(one)?;
            Ok((location, deploy_package(inputs, step, action)?))
        }
        Place::Server | Place::Worker => Err(one(format!(
            "has the type `{}`, which this server can't carry out",
            action.action_type
        ))),
        Place::WorkerForTargets | Place::Targets => Err(one(
            "runs for deployment targets, and this server has none; set Octopus.Action.RunOnServer to True and leave Octopus.Action.TargetRoles empty to run it once".to_owned(),
        )),
    }
}

fn manual(action: &Action) -> Result<Work, String> {
    let instructions = action
        .properties
        .text("Octopus.Action.Manual.Instructions")
        .unwrap_or_default();
    Template::parse(instructions)
        .map_err(|error| format!("has instructions that can't be read: {error}"))?;
    Ok(Work::Manual {
        instructions: instructions.to_owned(),
        responsible_team_ids: action
            .properties
            .list("Octopus.Action.Manual.ResponsibleTeamIds"),
    })
}

/// The packages of an action, its primary one first.
fn packages_of(inputs: &Inputs<'_>, action: &Action) -> Vec<PackageUse> {
    let own = inputs.packages.iter();
    let mut packages: Vec<PackageUse> = own
        .filter(|package| package.action_name.eq_ignore_ascii_case(&action.name))
        .cloned()
        .collect();
    packages.sort_by_key(|package| !package.reference.is_empty());
    packages
}

fn deploy_package(inputs: &Inputs<'_>, step: &Step, action: &Action) -> Result<Work, Vec<String>> {
    let mut problems = Vec::new();
    let property = |name: &str| action.properties.text(name);
    if let Some(directory) = property("Octopus.Action.Package.CustomInstallationDirectory") {
        problems.push(format!(
            "installs into `{directory}`, which this server doesn't do: grant a directory in the policy, and copy to it in the package's Deploy script"
        ));
    }
    let features = action.properties.list("Octopus.Action.EnabledFeatures");
    for feature in features.iter().filter(|feature| !feature.is_empty()) {
        problems.push(format!(
            "uses the feature `{feature}`, which this server doesn't have"
        ));
    }
    if property("Octopus.Action.Package.RunScripts")
        .is_some_and(|text| text.eq_ignore_ascii_case("false"))
    {
        problems
            .push("doesn't run the package's scripts, so that nothing would be done".to_owned());
    }
    let confined = confined(inputs, step, action, &mut problems);
    primary(inputs, action, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Work::Package {
        scripts: PackageScripts::Conventions,
        confined,
    })
}

/// Adds a problem if the action has no primary package whose bytes are here.
fn primary(inputs: &Inputs<'_>, action: &Action, problems: &mut Vec<String>) {
    let packages = packages_of(inputs, action);
    match packages.iter().find(|package| package.reference.is_empty()) {
        None => problems.push("has no package".to_owned()),
        Some(package) if package.sha256.is_none() => problems.push(format!(
            "uses {} {} of the feed `{}`, and this server can only read its built-in feed",
            package.package_id, package.version, package.feed_id
        )),
        Some(_) => {}
    }
}

/// The policy that a step runs under, and what it mounts.
fn confined(
    inputs: &Inputs<'_>,
    step: &Step,
    action: &Action,
    problems: &mut Vec<String>,
) -> Confined {
    let name = action
        .properties
        .text(POLICY)
        .or_else(|| step.properties.text(POLICY))
        .or(inputs.project_policy)
        .unwrap_or(DEFAULT);
    match inputs.policies.named(name) {
        None => {
            let known: Vec<&str> = inputs.policies.names().collect();
            problems.push(format!(
                "names the policy `{name}`, which is not one of {}",
                known.join(", ")
            ));
        }
        Some((policy, _)) => {
            let packages = packages_of(inputs, action);
            for rule in &policy.files {
                if !matches!(rule.source, FileSource::Package(_)) {
                    continue;
                }
                let is_it = |package: &&PackageUse| rule.source.is_package(&package.package_id);
                match packages.iter().find(is_it) {
                    None => problems.push(format!(
                        "runs under the policy `{name}`, which mounts {}, and the step doesn't use such a package",
                        rule.source
                    )),
                    Some(package) if package.sha256.is_none() => problems.push(format!(
                        "mounts {} {}, which is in a feed that this server can't read",
                        package.package_id, package.version
                    )),
                    Some(_) => {}
                }
            }
        }
    }
    Confined {
        isolation: Isolation::Sandbox,
        policy: name.to_owned(),
    }
}

fn script(inputs: &Inputs<'_>, step: &Step, action: &Action) -> Result<Work, Vec<String>> {
    let mut problems = Vec::new();
    let property = |name: &str| {
        action
            .properties
            .text(&format!("Octopus.Action.Script.{name}"))
    };
    let source = property("ScriptSource").unwrap_or("Inline");
    let is = |kind: &str| source.eq_ignore_ascii_case(kind);
    if !is("Inline") && !is("Package") {
        problems.push(format!(
            "takes its script from `{source}`; only inline scripts and those of packages can be run"
        ));
    }
    if property("ScriptParameters").is_some() {
        problems.push("has script parameters, which are not supported: use variables".to_owned());
    }
    if is("Package") {
        let confined = confined(inputs, step, action, &mut problems);
        primary(inputs, action, &mut problems);
        let file = property("ScriptFileName").unwrap_or_default();
        if file.is_empty() {
            problems.push("doesn't say which script of the package to run".to_owned());
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let scripts = PackageScripts::File(file.to_owned());
        return Ok(Work::Package { scripts, confined });
    }
    let syntax = match property("Syntax")
        .unwrap_or("PowerShell")
        .to_ascii_lowercase()
        .as_str()
    {
        "bash" => Some(Syntax::Bash),
        "python" => Some(Syntax::Python),
        "javascript" => Some(Syntax::JavaScript),
        other => {
            problems.push(format!(
                "is written in `{}`, which this server has no interpreter for: it runs Bash, Python and JavaScript",
                if other == "powershell" { "PowerShell" } else { other }
            ));
            None
        }
    };
    let body = property("ScriptBody").unwrap_or_default();
    if let Err(error) = Template::parse(body) {
        problems.push(format!("has a script that can't be read: {error}"));
    }
    let confined = confined(inputs, step, action, &mut problems);
    match syntax {
        Some(syntax) if problems.is_empty() => Ok(Work::Script {
            syntax,
            body: body.to_owned(),
            confined,
        }),
        _ => Err(problems),
    }
}
