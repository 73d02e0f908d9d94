//! Where an action runs: one table, followed by the choice of a worker.
//!
//! ```text
//! e-mail, manual intervention, health check, certificate import   inside the server, no user code
//! AWS, Azure and Terraform steps                                  a worker
//! script or package, `Octopus.Action.RunOnServer` = True          a worker
//! script or package otherwise                                     deployment targets
//! ```
//!
//! The script that a machine policy has for a health check is in `check.rs`.
//!
//! The built-in worker serves the default pool as long as that has no workers of its own, however they are.

use super::entry::{Location, PoolUse};
use crate::model::step::{Action, Step};

/// The property of a step that stays on the worker of the sticky steps before it.
const STICKY: &str = "Seawall.Worker.Sticky";

/// The property of a step beside which its worker runs nothing of another task.
const EXCLUSIVE: &str = "Seawall.Worker.Exclusive";

/// The property that says for how many minutes a step waits when no worker is fit.
const WAIT: &str = "Seawall.Worker.WaitMinutes";

/// The property with the labels that a worker must have.
const LABELS: &str = "Seawall.Worker.Labels";

/// The variable that says after how many steps with one package the next worker gets one (octopus-semantics 3.4).
const LEASE_CAP: &str = "Octopus.Deployment.WorkerLeaseCap";

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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pool {
    pub id: String,
    pub name: String,
    pub is_default: bool,
    pub n_workers: usize,
    /// The projects that may use it; empty for all.
    pub project_ids: Vec<String>,
    /// The environments that it may be used for; empty for all.
    pub environment_ids: Vec<String>,
    /// The teams whose members may have work done there; empty for all.
    pub team_ids: Vec<String>,
}

impl Pool {
    /// Why it can't be used for this, if it can't. `team_ids` are the teams of whoever asks.
    pub fn refusal(
        &self,
        project_id: Option<&str>,
        environment_id: &str,
        team_ids: &[String],
    ) -> Option<String> {
        let is_for = |allowed: &[String], id: &str| {
            allowed.is_empty() || allowed.iter().any(|own| own.eq_ignore_ascii_case(id))
        };
        let name = &self.name;
        if !is_for(&self.project_ids, project_id.unwrap_or_default()) {
            let who = match project_id {
                Some(_) => "this project is not one of them",
                None => "this belongs to none",
            };
            return Some(format!(
                "needs a worker of the pool `{name}`, which is for some projects only, and {who}: add it to the pool's ProjectIds, or name another pool"
            ));
        }
        if !is_for(&self.environment_ids, environment_id) {
            return Some(format!(
                "needs a worker of the pool `{name}`, which is for some environments only, and this is not one of them: add it to the pool's EnvironmentIds, or name another pool"
            ));
        }
        let is_in_one =
            self.team_ids.is_empty() || team_ids.iter().any(|id| is_for(&self.team_ids, id));
        (!is_in_one).then(|| {
            format!(
                "needs a worker of the pool `{name}`, which is for some teams only, and whoever asks for this is in none of them: add a team of theirs to the pool's TeamIds, or name another pool"
            )
        })
    }
}

/// What the choice of a worker depends on.
pub(super) struct Choice<'a> {
    pub step: &'a Step,
    pub action: &'a Action,
    pub pools: &'a [Pool],
    pub is_built_in_enabled: bool,
    pub project_id: Option<&'a str>,
    pub environment_id: &'a str,
    /// The teams of whoever asks.
    pub team_ids: &'a [String],
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

/// What a step wants of the workers of its pool.
///
/// # Errors
/// Everything that it says and that makes no sense.
fn wishes(choice: &Choice<'_>, pool: &Pool) -> Result<PoolUse, Vec<String>> {
    let mut problems = Vec::new();
    let (own, shared) = (&choice.action.properties, &choice.step.properties);
    let text = |name: &str| own.text(name).or_else(|| shared.text(name));
    let is_true = |name: &str| text(name).is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let mut number = |name: &str, text: Option<&str>| match text.map(str::parse) {
        None => 0,
        Some(Ok(number)) => number,
        Some(Err(_)) => {
            problems.push(format!(
                "has `{}` as {name}, which is not a whole number",
                text.unwrap_or_default()
            ));
            0
        }
    };
    let cap = (choice.variable)(LEASE_CAP);
    let wanted = PoolUse {
        id: pool.id.clone(),
        name: pool.name.clone(),
        is_sticky: is_true(STICKY),
        is_exclusive: is_true(EXCLUSIVE),
        wait_minutes: number(WAIT, text(WAIT)),
        labels: match own.list(LABELS) {
            labels if labels.is_empty() => shared.list(LABELS),
            labels => labels,
        },
        lease_cap: number(LEASE_CAP, cap.as_deref()),
    };
    match problems.is_empty() {
        true => Ok(wanted),
        false => Err(problems),
    }
}

/// The worker for an action, or the pool that it is chosen from.
///
/// # Errors
/// Why there is none.
pub(super) fn worker(choice: &Choice<'_>) -> Result<Location, Vec<String>> {
    let one = |problem: String| vec![problem];
    let Some(pool) = pool(choice).map_err(one)? else {
        return built_in(choice).map_err(one);
    };
    if let Some(why) = pool.refusal(choice.project_id, choice.environment_id, choice.team_ids) {
        return Err(one(why));
    }
    if pool.is_default && pool.n_workers == 0 && choice.is_built_in_enabled {
        return Ok(Location::Server);
    }
    let wanted = wishes(choice, pool)?;
    if pool.n_workers > 0 || wanted.wait_minutes > 0 {
        return Ok(Location::Pool(wanted));
    }
    if pool.is_default {
        return built_in(choice).map_err(one);
    }
    Err(one(format!(
        "needs a worker of the pool `{}`, which has none: enrol one with `seawall worker enrol`; the built-in worker serves the default pool only",
        pool.name
    )))
}

fn built_in(choice: &Choice<'_>) -> Result<Location, String> {
    match choice.is_built_in_enabled {
        true => Ok(Location::Server),
        false => Err("would run on the built-in worker, which is switched off, and the default pool has no workers: enrol one with `seawall worker enrol`, or set IsBuiltInWorkerEnabled in the features configuration".to_owned()),
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
            ..Pool::default()
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
            let step = Step::default();
            let choice = |is_built_in_enabled| Choice {
                step: &step,
                action: &action,
                pools: &pools,
                is_built_in_enabled,
                project_id: None,
                environment_id: "",
                team_ids: &[],
                variable: &|_| None,
                of_target: None,
            };
            let is_here = |choice| worker(&choice) == Ok(Location::Server);
            assert_eq!(is_here(choice(true)), expected, "{asked:?} {n_default}");
            assert!(
                !is_here(choice(false)),
                "{asked:?} {n_default}: it is switched off"
            );
        }
    }

    #[test]
    fn a_pool_with_workers_is_asked_and_an_empty_one_only_by_a_step_that_waits() {
        let pool = |n_workers| {
            [Pool {
                id: "WorkerPools-2".into(),
                name: "linux".into(),
                is_default: false,
                n_workers,
                ..Pool::default()
            }]
        };
        let action = Action {
            worker_pool_id: Some("linux".into()),
            ..Action::default()
        };
        let found = |n_workers, properties: &[(&str, &str)]| {
            let mut step = Step::default();
            for (name, value) in properties {
                step.properties.0.insert((*name).into(), (*value).into());
            }
            worker(&Choice {
                step: &step,
                action: &action,
                pools: &pool(n_workers),
                is_built_in_enabled: true,
                project_id: None,
                environment_id: "",
                team_ids: &[],
                variable: &|_| None,
                of_target: None,
            })
        };
        assert!(matches!(found(1, &[]), Ok(Location::Pool(_))));
        assert!(found(0, &[]).is_err());
        let Ok(Location::Pool(wanted)) =
            found(0, &[(WAIT, "5"), (STICKY, "True"), (LABELS, "gpu,big")])
        else {
            panic!("a step that waits gets a pool");
        };
        assert_eq!(
            (wanted.wait_minutes, wanted.is_sticky, wanted.is_exclusive),
            (5, true, false)
        );
        assert_eq!(wanted.labels, ["gpu", "big"]);
        assert!(found(1, &[(WAIT, "soon")]).is_err());
    }

    #[test]
    fn a_variable_or_a_target_may_name_the_pool() {
        let pool = |id: &str, is_default| Pool {
            id: id.into(),
            name: format!("Pool of {id}"),
            is_default,
            n_workers: 0,
            ..Pool::default()
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
            let step = Step::default();
            let found = super::pool(&Choice {
                step: &step,
                action: &action,
                pools: &pools,
                is_built_in_enabled: true,
                project_id: None,
                environment_id: "",
                team_ids: &[],
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

    #[test]
    fn a_pool_that_is_for_some_is_refused_to_others() {
        let pool = |project_ids: &[&str], environment_ids: &[&str]| Pool {
            team_ids: Vec::new(),
            id: "WorkerPools-1".into(),
            name: "linux".into(),
            is_default: true,
            n_workers: 1,
            project_ids: project_ids.iter().map(|id| (*id).to_owned()).collect(),
            environment_ids: environment_ids.iter().map(|id| (*id).to_owned()).collect(),
        };
        let own = Some("Projects-1");
        for (pool, project_id, environment_id, why) in [
            (pool(&[], &[]), own, "Environments-1", None),
            (pool(&[], &[]), None, "", None),
            (pool(&["projects-1"], &[]), own, "Environments-1", None),
            (
                pool(&["Projects-2"], &[]),
                own,
                "Environments-1",
                Some("this project is not"),
            ),
            (
                pool(&["Projects-1"], &[]),
                None,
                "",
                Some("this belongs to none"),
            ),
            (pool(&[], &["Environments-1"]), own, "Environments-1", None),
            (
                pool(&[], &["Environments-2"]),
                own,
                "Environments-1",
                Some("some environments only"),
            ),
            (
                pool(&["Projects-1"], &["Environments-2"]),
                own,
                "Environments-1",
                Some("some environments only"),
            ),
        ] {
            let found = worker(&Choice {
                step: &Step::default(),
                action: &Action::default(),
                pools: &[pool],
                is_built_in_enabled: true,
                project_id,
                environment_id,
                team_ids: &[],
                variable: &|_| None,
                of_target: None,
            });
            match (found, why) {
                (Ok(Location::Pool(_)), None) => {}
                (Err(said), Some(why)) => assert!(said[0].contains(why), "{why}: {said:?}"),
                (found, why) => panic!("{found:?}, and expected {why:?}"),
            }
        }
    }

    #[test]
    fn a_pool_that_is_for_teams_is_for_their_members() {
        let pool = |team_ids: &[&str]| Pool {
            id: "WorkerPools-1".into(),
            name: "linux".into(),
            is_default: true,
            n_workers: 1,
            team_ids: team_ids.iter().map(|id| (*id).to_owned()).collect(),
            ..Pool::default()
        };
        for (of_pool, own, is_allowed) in [
            (&[][..], &[][..], true),
            (&[], &["Teams-1"], true),
            (&["teams-1"], &["Teams-2", "Teams-1"], true),
            (&["Teams-1", "Teams-2"], &["Teams-2"], true),
            (&["Teams-1"], &["Teams-2"], false),
            (&["Teams-1"], &[], false),
        ] {
            let own: Vec<String> = own.iter().map(|id: &&str| (*id).to_owned()).collect();
            let why = pool(of_pool).refusal(None, "", &own);
            assert_eq!(why.is_none(), is_allowed, "{of_pool:?} {own:?}: {why:?}");
            let is_said = why.is_none_or(|why| why.contains("is for some teams only"));
            assert!(is_said);
        }
    }
}
