//! What a step that checks machines is made of: whether they are there, and the scripts of their machine policies.
//!
//! ```text
//! machines without a script     one entry: the server connects to them all
//! each machine with one         two: the server connects to it, then the script runs
//!   agent, external worker        on it, in a sandbox
//!   SSH                           on it, as a process, in Bash; the policy must allow one
//!   region, drop, service         on a worker of its pool or the default one, in a sandbox
//! ```
//!
//! Such a script is one like any other, under the policy `default`: whose step asks for a check doesn't change what is
//! found. One that can't be run is a finding, too, and no reason to check nobody. IncludeCheckedMachines is refused.

use std::time::Duration;

use serde_json::Value;

use super::build::{Inputs, ROLES};
use super::entry::{Location, Syntax, Work};
use super::own::{CheckScripts, HEALTH_CHECK, HealthCheck, on_problems};
use super::policies::{DEFAULT, PolicySet};
use super::targets::{TargetUse, with_roles};
use super::work::{self, POLICY, Planned};
use crate::model::step::{Action, Properties, Step};
use crate::model::target::TargetKind;
use crate::policy::grants;

/// The time for a whole check, and that for one machine. Tasks have it, which are asked for with Octopus's `Timeout` and
/// `MachineTimeout`.
pub const WHOLE_SECONDS: &str = "Seawall.HealthCheck.TimeoutSeconds";
pub const MACHINE_SECONDS: &str = "Seawall.HealthCheck.MachineTimeoutSeconds";

/// How long a script may wait for a worker, beside the wall time that it may take.
const WAIT_MINUTES: u64 = 5;

/// The helpers of checks, in front of a script and in its first line, so that the numbers of lines stay as they are
/// (octopus-semantics 3.5). An error that was said counts when the script ends, however it ends: one that goes on to
/// `exit 0` has said it all the same. Only a script that has a trap of its own for its end says with that how it ends.
const BASH: &str = "echo_warning() { write_warning \"$1\"; }; \
echo_error() { printf '%s\\n' \"$1\" >&2; __seawall_errors=1; }; \
fail_healthcheck() { fail_step \"$1\"; }; \
trap '__seawall_code=$?; trap - EXIT; [ -z \"${__seawall_errors-}\" ] || fail_step \"it says that there are errors\"; exit $__seawall_code' EXIT; ";

/// `Write-Warning` and `Write-Error` are PowerShell's own; the latter ends a script of Octopus's. With a function in front
/// of it, a script can't begin with `param`: it is given nothing anyway.
const POWERSHELL: &str = "function Fail-HealthCheck([string]$Message) { Fail-Step $Message }; ";

/// Whether an action looks at machines in every way that their machine policies know, and not only at connections.
pub(super) fn is_full(action: &Action) -> bool {
    let kind = action.properties.text("Octopus.Action.HealthCheck.Type");
    is_one(action) && kind.is_some_and(|kind| kind.eq_ignore_ascii_case("FullHealthCheck"))
}

/// Whether an action looks at machines.
pub(super) fn is_one(action: &Action) -> bool {
    action.action_type.eq_ignore_ascii_case(HEALTH_CHECK)
}

/// The machines that a step looks at.
pub(super) fn machines<'a>(inputs: &Inputs<'a>, step: &Step) -> Vec<&'a TargetUse> {
    match step.properties.list(ROLES).is_empty() {
        true => inputs.targets.iter().collect(),
        false => with_roles(inputs.targets, step),
    }
}

/// Whether the machines of a step are there of which no entry of their own says how they are.
///
/// # Errors
/// Everything that stands in its way.
pub(super) fn of_the_others(planned: &Planned<'_>) -> Result<Work, Vec<String>> {
    let mut others = machines(planned.inputs, planned.step);
    let scripts = match is_full(planned.action) {
        true => {
            others.retain(|target| planned.inputs.health_scripts.of(target).is_none());
            CheckScripts::None
        }
        false => CheckScripts::NotAsked,
    };
    Ok(Work::HealthCheck(HealthCheck {
        targets: others.into_iter().cloned().collect(),
        on_problems: on_problems(planned.action)?,
        scripts,
    }))
}

/// Whether a machine is there that has a script.
///
/// # Errors
/// Everything that stands in its way.
pub(super) fn of_one(planned: &Planned<'_>, target: &TargetUse) -> Result<Work, Vec<String>> {
    Ok(Work::HealthCheck(HealthCheck {
        targets: vec![target.clone()],
        on_problems: on_problems(planned.action)?,
        scripts: match script(planned, target) {
            Ok(_) => CheckScripts::Follows,
            Err(why) => CheckScripts::Refused(why),
        },
    }))
}

/// The script of a machine, and where it runs.
///
/// # Errors
/// Why it can't be run, for people.
pub(super) fn script(
    planned: &Planned<'_>,
    target: &TargetUse,
) -> Result<(Location, Work), String> {
    let Some((syntax, body)) = planned.inputs.health_scripts.of(target) else {
        return Err("There is no script for it in its machine policy".to_owned());
    };
    let action = as_action(planned.action, syntax, body);
    let one = Planned {
        inputs: planned.inputs,
        step: &Step::default(),
        action: &action,
        target: Some(target),
        variable: &|name| (planned.variable)(name),
    };
    let found = location(&one, target).and_then(|location| {
        let work = work::script(&one, &location)?;
        Ok((location, work))
    });
    found.map_err(|problems| {
        let problems = problems.join("; it ");
        format!("The script of its machine policy can't be run: it {problems}")
    })
}

/// A script step that is the script, with what it takes from the one that checks: the pool.
fn as_action(check: &Action, syntax: Syntax, body: &str) -> Action {
    let (name, body) = match syntax {
        Syntax::PowerShell => ("PowerShell", format!("{POWERSHELL}{body}")),
        _ => ("Bash", format!("{BASH}{body}")),
    };
    let properties = [
        ("Octopus.Action.Script.Syntax", name.to_owned()),
        ("Octopus.Action.Script.ScriptBody", body),
        (POLICY, DEFAULT.to_owned()),
    ];
    let properties = properties.map(|(name, value)| (name.to_owned(), Value::from(value)));
    Action {
        name: check.name.clone(),
        action_type: "Octopus.Script".to_owned(),
        worker_pool_id: check.worker_pool_id.clone(),
        worker_pool_variable: check.worker_pool_variable.clone(),
        properties: Properties(properties.into_iter().collect()),
        ..Action::default()
    }
}

fn location(planned: &Planned<'_>, target: &TargetUse) -> Result<Location, Vec<String>> {
    match target.kind {
        TargetKind::ListeningAgent | TargetKind::PollingAgent | TargetKind::Ssh => {
            work::on_target(target, &[]).map_err(|problem| vec![problem])
        }
        TargetKind::CloudRegion | TargetKind::OfflineDrop | TargetKind::Service => {
            work::worker_for(planned)
        }
    }
}

/// How long such a script may take in all, if its step doesn't say: a machine that is busy keeps no check waiting.
pub(super) fn timeout_minutes(policies: &PolicySet) -> Option<u32> {
    let (policy, _) = policies.named(DEFAULT)?;
    let grants = grants(policy, policies.ceiling()).ok()?;
    let wall_time: Duration = grants.limits.wall_time.value;
    u32::try_from(wall_time.as_secs().div_ceil(60) + WAIT_MINUTES).ok()
}
