//! Where an action runs: one table, followed by the choice of a worker.
//!
//! ```text
//! e-mail, manual intervention, health check, certificate import   inside the server, no user code
//! AWS, Azure and Terraform steps                                  a worker
//! script or package, `Octopus.Action.RunOnServer` = True          a worker
//! script or package otherwise                                     deployment targets
//! ```
//!
//! The built-in worker serves the default pool as long as that has no workers of its own.

use super::entry::Location;
use crate::model::step::{Action, Step};

/// Who carries an action out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The server itself.
    Server,
    /// A worker, once.
    Worker,
    /// A worker, once for each target with one of the step's roles.
    WorkerForTargets,
    /// Each target with one of the step's roles.
    Targets,
}

/// The table.
pub(super) fn place(step: &Step, action: &Action) -> Place {
    let kind = action.action_type.as_str();
    let is_one_of = |kinds: &[&str]| kinds.iter().any(|one| kind.eq_ignore_ascii_case(one));
    let starts = |prefix: &str| {
        let start = kind.get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    if is_one_of(&[
        "Octopus.Manual",
        "Octopus.Email",
        "Octopus.HealthCheck",
        "Octopus.Certificate.Import",
    ]) {
        return Place::Server;
    }
    let has_roles = !step
        .properties
        .list("Octopus.Action.TargetRoles")
        .is_empty();
    let is_worker_only = ["Octopus.Aws", "Octopus.Azure", "Octopus.Terraform"]
        .iter()
        .any(|prefix| starts(prefix));
    let is_on_server = action.properties.is_true("Octopus.Action.RunOnServer");
    match (is_worker_only || is_on_server, has_roles) {
        (true, false) => Place::Worker,
        (true, true) => Place::WorkerForTargets,
        (false, _) => Place::Targets,
    }
}

/// A worker pool, as far as the choice of a worker needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    pub id: String,
    pub name: String,
    pub is_default: bool,
    pub n_workers: usize,
}

/// What the choice of a worker depends on.
pub(super) struct Choice<'a> {
    pub action: &'a Action,
    pub pools: &'a [Pool],
    pub is_built_in_enabled: bool,
    /// The value of a variable.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The pool of the target that it is for: it counts where the step's own is the default pool.
    pub of_target: Option<&'a str>,
}

/// The pool that an action asks for, by id, by a variable or by naming none; `None` in a space without pools.
///
/// # Errors
/// What it names instead of a pool.
fn pool<'a>(choice: &Choice<'a>) -> Result<Option<&'a Pool>, String> {
    let text = |text: &'a Option<String>| text.as_deref().filter(|text| !text.is_empty());
    let find = |asked: &str| {
        let same = |own: &str| own.eq_ignore_ascii_case(asked);
        let mut pools = choice.pools.iter();
        pools.find(|pool| same(&pool.id) || same(&pool.name))
    };
    let asked = match text(&choice.action.worker_pool_variable) {
        Some(name) => Some((choice.variable)(name).ok_or_else(|| {
            format!("takes its worker pool from the variable `{name}`, which has no value here")
        })?),
        None => text(&choice.action.worker_pool_id).map(str::to_owned),
    };
    let own = match asked {
        Some(id) => Some(
            find(&id)
                .ok_or_else(|| format!("names the worker pool `{id}`, which doesn't exist"))?,
        ),
        None => choice.pools.iter().find(|pool| pool.is_default),
    };
    match (own, choice.of_target) {
        (Some(pool), Some(of_target)) if pool.is_default => {
            find(of_target).map(Some).ok_or_else(|| {
                format!("is for a target whose worker pool `{of_target}` doesn't exist")
            })
        }
        (own, _) => Ok(own),
    }
}

/// The worker for an action.
///
/// # Errors
/// Why there is none.
pub(super) fn worker(choice: &Choice<'_>) -> Result<Location, String> {
    let Choice {
        is_built_in_enabled,
        ..
    } = *choice;
    let pool = pool(choice)?;
    let built_in = match is_built_in_enabled {
        true => Ok(Location::Server),
        false => Err("would run on the built-in worker, which is switched off, and the default pool has no workers: add one, or set IsBuiltInWorkerEnabled in the features configuration".to_owned()),
    };
    match pool {
        None => built_in,
        Some(pool) if pool.is_default && pool.n_workers == 0 => built_in,
        Some(pool) if pool.n_workers == 0 => Err(format!(
            "needs a worker of the pool `{}`, which has none; the built-in worker serves the default pool only",
            pool.name
        )),
        Some(pool) => Err(format!(
            "needs one of the {} workers of the pool `{}`, and this server can't use external workers",
            pool.n_workers, pool.name
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(kind: &str, on_server: &str) -> Action {
        let mut action = Action {
            action_type: kind.into(),
            ..Action::default()
        };
        action
            .properties
            .0
            .insert("Octopus.Action.RunOnServer".into(), on_server.into());
        action
    }

    #[test]
    fn every_row_of_the_table() {
        let cases = [
            ("Octopus.Script", "True", "", Place::Worker),
            ("Octopus.Script", "true", "web", Place::WorkerForTargets),
            ("Octopus.Script", "False", "web", Place::Targets),
            ("Octopus.Script", "", "", Place::Targets),
            ("Octopus.TentaclePackage", "True", "", Place::Worker),
            ("Octopus.TentaclePackage", "False", "web", Place::Targets),
            ("Octopus.AwsRunScript", "False", "", Place::Worker),
            (
                "Octopus.AzurePowerShell",
                "",
                "web",
                Place::WorkerForTargets,
            ),
            ("Octopus.TerraformApply", "", "", Place::Worker),
            ("Octopus.Manual", "", "", Place::Server),
            ("Octopus.Email", "False", "web", Place::Server),
            ("Octopus.HealthCheck", "", "web", Place::Server),
            ("octopus.certificate.import", "", "web", Place::Server),
        ];
        for (kind, on_server, roles, expected) in cases {
            let mut step = Step::default();
            step.properties
                .0
                .insert("Octopus.Action.TargetRoles".into(), roles.into());
            assert_eq!(
                place(&step, &action(kind, on_server)),
                expected,
                "{kind} {on_server:?} {roles:?}"
            );
        }
    }

    #[test]
    fn the_built_in_worker_serves_the_default_pool_while_that_is_empty() {
        let pool = |id: &str, is_default, n_workers| Pool {
            id: id.into(),
            name: id.into(),
            is_default,
            n_workers,
        };
        let pools = |n_default| {
            [
                pool("WorkerPools-1", true, n_default),
                pool("WorkerPools-2", false, 0),
            ]
        };
        for (asked, n_default, expected) in [
            (None, 0, true),
            (Some(""), 0, true),
            (Some("WorkerPools-1"), 0, true),
            (None, 1, false),
            (Some("WorkerPools-2"), 0, false),
            (Some("WorkerPools-9"), 0, false),
        ] {
            let action = Action {
                worker_pool_id: asked.map(str::to_owned),
                ..Action::default()
            };
            let pools = pools(n_default);
            let choice = |is_built_in_enabled| Choice {
                action: &action,
                pools: &pools,
                is_built_in_enabled,
                variable: &|_| None,
                of_target: None,
            };
            assert_eq!(
                worker(&choice(true)).is_ok(),
                expected,
                "{asked:?} {n_default}"
            );
            assert!(
                worker(&choice(false)).is_err(),
                "{asked:?} {n_default}: it is switched off"
            );
        }
    }

    #[test]
    fn a_variable_or_a_target_may_name_the_pool() {
        let pool = |id: &str, is_default| Pool {
            id: id.into(),
            name: format!("Pool of {id}"),
            is_default,
            n_workers: 0,
        };
        let pools = [pool("P1", true), pool("P2", false)];
        for (variable, value, of_target, expected) in [
            ("", None, None, Ok("P1")),
            ("Pool", Some("P2"), None, Ok("P2")),
            ("Pool", Some("pool of p2"), None, Ok("P2")),
            ("Pool", None, None, Err(())),
            ("Pool", Some("P3"), None, Err(())),
            ("", None, Some("P2"), Ok("P2")),
            ("Pool", Some("P2"), Some("P1"), Ok("P2")),
            ("", None, Some("P3"), Err(())),
        ] {
            let action = Action {
                worker_pool_variable: Some(variable.into()),
                ..Action::default()
            };
            let value_of = |_: &str| value.map(str::to_owned);
            let found = super::pool(&Choice {
                action: &action,
                pools: &pools,
                is_built_in_enabled: true,
                variable: &value_of,
                of_target,
            });
            let found = found.map(|pool| pool.map_or("", |pool| pool.id.as_str()));
            assert_eq!(
                found.map_err(|_| ()),
                expected,
                "{variable} {value:?} {of_target:?}"
            );
        }
    }
}
