//! One attempt at the script that a machine policy has for a machine: it runs like any other, and how it ends is what
//! is found of the machine.
//!
//! A machine that isn't there is left alone, and so is what was found of it before. What stops the server itself from
//! running a script says nothing about a machine, either.

use tokio::sync::watch;

use super::attempt::{self, Run};
use super::decide::AttemptEnd;
use super::driver::Ended;
use super::{Error, own};
use crate::model::health::{Finding, HealthStatus};
use crate::model::worker::Worker;
use crate::plan::health::judged;
use crate::plan::own::OnProblems;

/// Runs it to its end. `on_problems` says what a bad finding means for the step.
///
/// # Errors
/// Those of an attempt.
pub(super) async fn run(
    run: &Run,
    on_problems: OnProblems,
    stopped: watch::Receiver<bool>,
) -> Result<Ended, Error> {
    let missing = || Error::Missing {
        task_id: run.task.id.clone(),
        what: "a machine",
    };
    let target = run.entry().target.as_ref().ok_or_else(missing)?;
    let machine = run.inner.app.machine_by_id(&target.id).await?;
    let machine = machine.ok_or_else(missing)?;
    // One that an external worker has already is asked for its end.
    if machine.health_status == HealthStatus::Unavailable && !run.is_given() {
        let text = format!("Not run: {}\n", machine.status_summary);
        let mut ended = run.ended(AttemptEnd::Succeeded);
        ended.changes.push(run.line("Info", text));
        return Ok(ended);
    }
    let ended = attempt::once(run, stopped).await?;
    let is_task_over = run.time_left().is_some_and(|left| left.is_zero());
    let failure = match &ended.end {
        // It got no time to show how the machine is.
        AttemptEnd::TimedOut if is_task_over => return Ok(ended),
        AttemptEnd::Succeeded => None,
        AttemptEnd::Failed { message } | AttemptEnd::Lost { message } => Some(message.clone()),
        AttemptEnd::TimedOut => Some("it took longer than it may".to_owned()),
        AttemptEnd::Canceled | AttemptEnd::NotWanted => return Ok(ended),
    };
    let finding = judged(failure.as_deref(), ended.has_warnings, &run.task.id);
    keep(run, &machine, &target.machine_policy_id, &finding).await;
    Ok(with_finding(run, ended, failure, &finding, on_problems))
}

/// The end of the step, with what was found in its log.
fn with_finding(
    run: &Run,
    ended: Ended,
    failure: Option<String>,
    finding: &Finding,
    on_problems: OnProblems,
) -> Ended {
    let Ended {
        mut changes,
        has_warnings,
        ..
    } = ended;
    let category = match (finding.status, on_problems) {
        (HealthStatus::Healthy, _) => "Info",
        (HealthStatus::Unhealthy, OnProblems::Fail) => "Error",
        _ => "Warning",
    };
    changes.push(run.line(category, format!("{}\n", finding.summary)));
    let end = match (failure, on_problems) {
        (Some(message), OnProblems::Fail) => AttemptEnd::Failed { message },
        (Some(_), OnProblems::Warn) | (None, _) => AttemptEnd::Succeeded,
    };
    Ended {
        end,
        changes,
        has_warnings: has_warnings || category != "Info",
        ..ended
    }
}

/// Keeps what the script of a policy found in the machine's record, unless that has another policy by now, and a change
/// for the better or the worse in the audit trail.
async fn keep(run: &Run, machine: &Worker, policy_id: &str, finding: &Finding) {
    let app = &run.inner.app;
    let noted = app.worker_note(&machine.id, |seen| {
        seen.machine_policy_id == policy_id && seen.script_found(Some(finding.clone()))
    });
    if let Err(error) = noted.await {
        own::health::not_kept(&machine.id, &error);
        return;
    }
    let mut after = machine.clone();
    after.script_found(Some(finding.clone()));
    if after.health_status != machine.health_status {
        let message = format!(
            "The machine `{}` is {:?} now: {}",
            machine.name, after.health_status, finding.summary
        );
        app.worker_event("MachineHealthChanged", Some(machine), message, "")
            .await;
    }
}
