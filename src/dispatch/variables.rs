//! The variables of one attempt, with their values: the snapshot's, facts, and what earlier steps made.
//!
//! Values of secrets exist in here and in the worker, for as long as the attempt runs.

use super::Error;
use super::attempt::Run;
use super::own::certificate;
use crate::model::step::StepCondition;
use crate::model::variable::VariableKind;
use crate::plan::{Entry, Location, condition};
use crate::template::{Bounds, Template};
use crate::worker::{Sensitive, Variables};

/// Every variable of the entry that `run` is an attempt at.
///
/// # Errors
/// [`Error::Missing`] if the snapshot isn't the plan's, [`Error::Secret`], and [`Error::Store`].
pub(super) async fn variables(run: &Run) -> Result<Variables, Error> {
    let Run {
        inner,
        task,
        plan,
        variables: snapshot,
        ..
    } = run;
    let entry = run.entry();
    let vault = inner.app.vault();
    let secret = |source| Error::Secret {
        task_id: task.id.clone(),
        source,
    };
    let mut variables = Variables::default();
    for reference in &entry.variables {
        let index = usize::try_from(reference.index).unwrap_or(usize::MAX);
        let variable = snapshot
            .variables
            .get(index)
            .ok_or_else(|| Error::Missing {
                task_id: task.id.clone(),
                what: "a variable",
            })?;
        match (&variable.sealed, &variable.value) {
            (Some(sealed), _) => {
                let value = vault.open(sealed).map_err(secret)?;
                variables.set(&variable.name, value.to_string(), Sensitive::Yes);
            }
            (None, value) => {
                let value = value.clone().unwrap_or_default();
                if variable.kind == VariableKind::Certificate && !value.is_empty() {
                    certificate::expand(run, &variable.name, &value, &mut variables).await?;
                }
                variables.set(&variable.name, value, Sensitive::No);
            }
        }
    }
    for (name, value) in &plan.facts {
        variables.set(name, value.clone(), Sensitive::No);
    }
    for (name, value) in [
        ("Octopus.Task.Id", task.id.clone()),
        ("Octopus.Task.Name", task.description.clone()),
        ("Octopus.Step.Name", entry.step_name.clone()),
        ("Octopus.Step.Number", entry.step_number.to_string()),
        ("Octopus.Action.Id", entry.action_id.clone()),
        ("Octopus.Action.Name", entry.action_name.clone()),
    ] {
        variables.set(name, value, Sensitive::No);
    }
    for package in &entry.packages {
        for (property, value) in [
            ("PackageId", &package.package_id),
            ("PackageVersion", &package.version),
            ("FeedId", &package.feed_id),
            ("PackageFileName", &package.file_name),
        ] {
            let name = format!("Octopus.Action.Package[{}].{property}", package.reference);
            variables.set(&name, value.clone(), Sensitive::No);
            if package.reference.is_empty() {
                let name = format!("Octopus.Action.Package.{property}");
                variables.set(&name, value.clone(), Sensitive::No);
            }
        }
    }
    if let Location::Pool(pool) = &entry.location {
        variables.set("Octopus.WorkerPool.Id", pool.id.clone(), Sensitive::No);
        variables.set("Octopus.WorkerPool.Name", pool.name.clone(), Sensitive::No);
    }
    if let Some(target) = &entry.target {
        for (name, value) in [
            ("Octopus.Machine.Id", target.id.clone()),
            ("Octopus.Machine.Name", target.name.clone()),
            ("Octopus.Machine.Roles", target.roles.join(",")),
        ] {
            variables.set(name, value, Sensitive::No);
        }
    }
    let mut outputs = Vec::new();
    // The first step of a task has nothing to read.
    if run.job.index > 0 || run.job.attempts > 1 {
        outputs = inner.app.store().task_outputs(&task.id).await?;
    }
    for output in outputs.iter().chain(&run.fresh) {
        if output.is_sensitive {
            let value = vault.open(&output.value).map_err(secret)?;
            variables.set(&output.name, value.to_string(), Sensitive::Yes);
        } else {
            variables.set(&output.name, output.value.clone(), Sensitive::No);
        }
    }
    Ok(variables)
}

/// The variables, with asterisks in the place of secrets: for what others than scripts get to read.
pub(super) fn without_secrets(mut variables: Variables) -> Variables {
    let secrets: Vec<String> = variables.sensitive_values().map(str::to_owned).collect();
    let names: Vec<String> = variables.names().map(str::to_owned).collect();
    for name in names {
        let value = variables.get(&name);
        if value.is_some_and(|value| secrets.iter().any(|secret| secret == value)) {
            variables.set(&name, "********".to_owned(), Sensitive::No);
        }
    }
    variables
}

/// `text` with its variables filled in, and the names of those that don't exist.
///
/// # Errors
/// Why it can't be evaluated, for people.
pub(super) fn evaluate(text: &str, variables: &Variables) -> Result<(String, Vec<String>), String> {
    let template = Template::parse(text).map_err(|error| error.to_string())?;
    let evaluated = template
        .evaluate(variables, Bounds::default())
        .map_err(|error| error.to_string())?;
    Ok((evaluated.text, evaluated.missing))
}

/// Whether the conditions of an entry's step and action hold.
pub(super) fn is_wanted(entry: &Entry, variables: &Variables) -> bool {
    let holds = |expression: &str| {
        let evaluated = evaluate(expression, variables);
        evaluated.is_ok_and(|(text, missing)| condition::is_true(&text, missing.is_empty()))
    };
    let step = entry.condition != StepCondition::Variable || holds(&entry.expression);
    step && entry.action_expression.as_deref().is_none_or(holds)
}
