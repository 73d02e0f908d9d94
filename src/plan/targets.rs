//! Which deployment targets a deployment is for, and in which order and how many at once.

use serde::{Deserialize, Serialize};

use super::build::ROLES;
use super::own::HEALTH_CHECK;
use crate::model::health::HealthStatus;
use crate::model::project::{ConnectivityPolicy, SkipMachines};
use crate::model::step::{Action, Step};
use crate::model::target::{DeploymentTarget, TargetKind};
use crate::model::worker::Worker;

/// Targets that a step runs for at once, unless it says otherwise (octopus-semantics 3.6).
const WINDOW: u32 = 10;

/// A target, as far as a plan needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetUse {
    pub id: String,
    pub name: String,
    pub roles: Vec<String>,
    pub kind: TargetKind,
    /// The host and port that a connection to it goes to; `None` if there is nothing to connect to.
    pub address: Option<(String, u16)>,
    /// The pool of steps that name none.
    pub default_worker_pool_id: Option<String>,
    /// What the last check found, if the target was not there: no step may be for it then, but a check may.
    #[serde(default)]
    pub unavailable: Option<String>,
    /// The interpreters that it has, if it was looked at; empty if nobody knows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interpreters: Vec<String>,
    /// The directory by whose name the operator lets bundles be put there; `None` if they are artifacts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drop_directory: Option<String>,
    /// Why no code can be run on it, if it is of a kind on which code is run.
    #[serde(default)]
    pub trouble: Option<String>,
    /// What says how it is checked.
    #[serde(default)]
    pub machine_policy_id: String,
}

impl TargetUse {
    /// `target`, if it is of a kind that exists.
    pub fn of(target: &DeploymentTarget) -> Option<Self> {
        let pool = target.endpoint_text("DefaultWorkerPoolId");
        Some(Self {
            id: target.id.clone(),
            name: target.name.clone(),
            roles: target.roles.clone(),
            kind: target.kind()?,
            address: target.address(),
            default_worker_pool_id: pool.map(str::to_owned),
            unavailable: (target.health_status == HealthStatus::Unavailable)
                .then(|| target.status_summary.clone()),
            interpreters: target.interpreters.clone(),
            drop_directory: target
                .drop_folder()
                .and_then(Result::ok)
                .map(|folder| folder.directory),
            trouble: target.trouble(),
            machine_policy_id: target.machine_policy_id.clone(),
        })
    }

    /// An external worker, for a check of it; `None` for the built-in one, which is the server itself.
    pub fn of_worker(worker: &Worker) -> Option<Self> {
        let style = worker.endpoint.get("CommunicationStyle")?.as_str()?;
        Some(Self {
            id: worker.id.clone(),
            name: worker.name.clone(),
            roles: Vec::new(),
            kind: TargetKind::from_style(style).filter(|_| !worker.is_in_process)?,
            address: None,
            default_worker_pool_id: None,
            unavailable: None,
            interpreters: worker.interpreters.clone(),
            drop_directory: None,
            trouble: worker.reached().err(),
            machine_policy_id: worker.machine_policy_id.clone(),
        })
    }
}

/// The roles of the targets that matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roles {
    Any,
    OneOf(Vec<String>),
}

impl Roles {
    /// Of the targets that the plan of these steps depends on.
    pub fn of(steps: &[Step]) -> Self {
        let checks_all = |step: &Step| {
            let mut actions = step.actions.iter();
            step.properties.list(ROLES).is_empty()
                && actions.any(|action| action.action_type.eq_ignore_ascii_case(HEALTH_CHECK))
        };
        if steps.iter().any(checks_all) {
            return Self::Any;
        }
        let roles = steps.iter().flat_map(|step| step.properties.list(ROLES));
        Self::OneOf(roles.collect())
    }
}

/// What a deployment says about targets.
#[derive(Debug)]
pub struct Wanted<'a> {
    pub environment_id: &'a str,
    /// The id and the tags of the tenant that it is for.
    pub tenant: Option<(&'a str, &'a [String])>,
    /// Ids or names; empty means all.
    pub specific: &'a [String],
    pub excluded: &'a [String],
    pub connectivity: &'a ConnectivityPolicy,
}

impl Wanted<'_> {
    /// The names and ids in it that are of none of these targets.
    pub fn names_beyond<'a>(
        &'a self,
        known: &'a [DeploymentTarget],
    ) -> impl Iterator<Item = &'a String> {
        let names = self.specific.iter().chain(self.excluded);
        names.filter(|name| !known.iter().any(|target| is(target, name)))
    }
}

fn is(target: &DeploymentTarget, name: &str) -> bool {
    target.id.eq_ignore_ascii_case(name) || target.name.eq_ignore_ascii_case(name)
}

/// The targets of a deployment, in the order of their names.
///
/// `all` has those of the environment that the steps are for, and those that are named.
///
/// # Errors
/// Every name that is not a target's.
pub fn in_place(
    all: &[DeploymentTarget],
    wanted: &Wanted<'_>,
) -> Result<Vec<TargetUse>, Vec<String>> {
    let unknown = wanted.names_beyond(all);
    let problems: Vec<String> = unknown
        .map(|name| format!("There is no deployment target `{name}`."))
        .collect();
    let mut found = Vec::new();
    for target in all {
        let ids = &target.environment_ids;
        let is_chosen =
            wanted.specific.is_empty() || wanted.specific.iter().any(|name| is(target, name));
        let is_here = ids
            .iter()
            .any(|id| id.eq_ignore_ascii_case(wanted.environment_id))
            && target.serves(wanted.tenant)
            && is_chosen
            && !wanted.excluded.iter().any(|name| is(target, name))
            && !target.is_disabled;
        if !is_here {
            continue;
        }
        let may_be_left_out =
            wanted.connectivity.skip_machine_behavior == SkipMachines::SkipUnavailableMachines;
        match target.health_status {
            HealthStatus::Unavailable if may_be_left_out => continue,
            HealthStatus::Unhealthy if wanted.connectivity.exclude_unhealthy_targets => continue,
            HealthStatus::Unavailable
            | HealthStatus::Unhealthy
            | HealthStatus::Healthy
            | HealthStatus::HasWarnings
            | HealthStatus::Unknown => {}
        }
        found.extend(TargetUse::of(target));
    }
    found.sort_by_key(|target| target.name.to_lowercase());
    if problems.is_empty() {
        Ok(found)
    } else {
        Err(problems)
    }
}

/// Those with one of the roles that a step names.
pub(super) fn with_roles<'a>(targets: &'a [TargetUse], step: &Step) -> Vec<&'a TargetUse> {
    let roles = step.properties.list(ROLES);
    let has = |target: &&TargetUse| {
        let mut own = target.roles.iter();
        own.any(|own| roles.iter().any(|role| role.eq_ignore_ascii_case(own)))
    };
    targets.iter().filter(has).collect()
}

/// How many targets a step runs for at once: what the step says, or its action, or [`WINDOW`].
///
/// # Errors
/// The text, if it is no number.
pub(super) fn window(step: &Step, action: &Action) -> Result<u32, String> {
    let name = "Octopus.Action.MaxParallelism";
    let own = match step.properties.number(name)? {
        Some(number) => Some(number),
        None => action.properties.number(name)?,
    };
    Ok(own.filter(|number| *number > 0).unwrap_or(WINDOW))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn target(name: &str, more: serde_json::Value) -> DeploymentTarget {
        let mut value = json!({ "Id": format!("Machines-{name}"), "Name": name, "EnvironmentIds": ["E1"],
            "Roles": ["web"], "Endpoint": { "CommunicationStyle": "None" }, "HealthStatus": "Healthy" });
        for (key, more) in more.as_object().into_iter().flatten() {
            value[key] = more.clone();
        }
        serde_json::from_value(value).expect("a target")
    }

    fn names(all: &[DeploymentTarget], wanted: &Wanted<'_>) -> String {
        match in_place(all, wanted) {
            Ok(found) => found
                .iter()
                .map(|one| one.name.as_str())
                .collect::<Vec<_>>()
                .join(" "),
            Err(problems) => problems.join(" "),
        }
    }

    #[test]
    fn a_deployment_is_for_the_targets_of_its_place() {
        let all = [
            target("b", json!({})),
            target("a", json!({})),
            target("elsewhere", json!({ "EnvironmentIds": ["E2"] })),
            target("off", json!({ "IsDisabled": true })),
            target(
                "down",
                json!({ "HealthStatus": "Unavailable", "StatusSummary": "No answer." }),
            ),
            target("ill", json!({ "HealthStatus": "Unhealthy" })),
        ];
        let skips = ConnectivityPolicy {
            skip_machine_behavior: SkipMachines::SkipUnavailableMachines,
            ..ConnectivityPolicy::default()
        };
        let strict = ConnectivityPolicy::default();
        let healthy = ConnectivityPolicy {
            exclude_unhealthy_targets: true,
            ..skips.clone()
        };
        let wanted = |connectivity| Wanted {
            environment_id: "E1",
            tenant: None,
            specific: &[],
            excluded: &[],
            connectivity,
        };
        assert_eq!(names(&all, &wanted(&skips)), "a b ill");
        assert_eq!(names(&all, &wanted(&healthy)), "a b");
        let strict = in_place(&all, &wanted(&strict)).expect("targets");
        let down = strict
            .iter()
            .find(|one| one.name == "down")
            .expect("it is here");
        assert_eq!(down.unavailable.as_deref(), Some("No answer."));
        let one = ["B".to_owned()];
        let only = Wanted {
            specific: &one,
            ..wanted(&skips)
        };
        assert_eq!(names(&all, &only), "b");
        let without = Wanted {
            excluded: &one,
            ..wanted(&skips)
        };
        assert_eq!(names(&all, &without), "a ill");
        let nobody = ["nobody".to_owned()];
        let unknown = Wanted {
            specific: &nobody,
            ..wanted(&skips)
        };
        assert_eq!(
            names(&all, &unknown),
            "There is no deployment target `nobody`."
        );
    }
}
