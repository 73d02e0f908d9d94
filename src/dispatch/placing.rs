//! Who gets an attempt: a worker is chosen, held, and written down before anything is handed over.
//!
//! A plain step for which a worker is free when it starts gets it with the commit that says that it starts; the others
//! cost one of their own.
//!
//! Whoever waits says why in the step's log. A machine that is reached over SSH is logged in to before it counts as
//! chosen: one that lets nobody in is as good as away, and another one is chosen.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::attempt::{Given, Run, asked_to_stop};
use super::decide::AttemptEnd;
use super::delegated::{Delegated, To};
use super::said::Kept;
use super::ssh::{self, Machine};
use super::{Error, LOOK_AGAIN};
use crate::link::hub::Held;
use crate::link::protocol::AttemptId;
use crate::model::step::StepCondition;
use crate::model::worker::{Assignment, Endpoint, Worker};
use crate::plan::choice::{Choice, Used, Whom, Wish};
use crate::plan::{Entry, Isolation, Location, PoolUse};
use crate::store::{Change, Filter, WorkerChange};

/// An attempt that has a worker.
pub(super) struct Placed {
    pub(super) held: Held,
    pub(super) assignment: Assignment,
    pub(super) carrier: Carrier,
}

/// How it is spoken with.
pub(super) enum Carrier {
    /// It has a program of ours, and is connected or will be.
    Agent,
    Ssh(Box<Machine>),
}

/// The workers of a pool, or the one target.
async fn candidates(run: &Run, to: &To<'_>) -> Result<Vec<Worker>, Error> {
    let pool = match to {
        To::Target(target) | To::Checked(target) => {
            let found = run.inner.app.machine_by_id(&target.id).await?;
            return Ok(found.into_iter().collect());
        }
        To::Pool(pool) => pool,
    };
    let of_space = Filter::in_space(&run.task.space_id);
    let all = run.inner.app.every::<Worker>(of_space).await;
    let all = all.map_err(|source| Error::App {
        task_id: run.task.id.clone(),
        source,
    })?;
    let is_in =
        |worker: &Worker| !worker.is_in_process && worker.worker_pool_ids.contains(&pool.id);
    Ok(all.into_iter().filter(is_in).collect())
}

/// Where earlier steps of the task ran.
async fn used(run: &Run) -> Result<Vec<Used>, Error> {
    let found = run.inner.app.store().task_assignments(&run.task.id).await?;
    let used = found.into_iter().filter_map(|assignment| {
        let entry = run
            .plan
            .entries
            .get(usize::try_from(assignment.index).ok()?)?;
        let packages = entry.packages.iter();
        Some(Used {
            worker_id: assignment.worker_id,
            is_sticky: matches!(&entry.location, Location::Pool(pool) if pool.is_sticky),
            packages: packages.map(|package| package.package_id.clone()).collect(),
        })
    });
    Ok(used.collect())
}

fn id(run: &Run) -> AttemptId {
    AttemptId {
        task_id: run.task.id.clone(),
        index: run.job.index,
        attempt: run.job.attempts,
    }
}

fn assignment(held: &Held, instance: String) -> Assignment {
    Assignment {
        task_id: held.id.task_id.clone(),
        index: held.id.index,
        attempt: held.id.attempt,
        worker_id: held.worker_id.clone(),
        instance,
        sequence: 0,
    }
}

/// The pool of a step for which a worker may be chosen while it starts: nothing but the pool decides which, and whatever
/// its variables say, it is handed over.
pub(super) fn is_placed_at_once(entry: &Entry) -> Option<(&PoolUse, Isolation)> {
    let Location::Pool(pool) = &entry.location else {
        return None;
    };
    let is_conditional =
        entry.condition == StepCondition::Variable || entry.action_expression.is_some();
    if pool.is_sticky || is_conditional || !entry.packages.is_empty() || entry.judges.is_some() {
        return None;
    }
    Some((pool, entry.work.confined()?.isolation))
}

/// A worker for a step that starts, if one of its pool is free at this moment: who has it is kept together with the
/// start then, and costs no commit of its own. With what is to be kept. Everything else is placed by [`place`].
pub(super) async fn at_once(run: &Run) -> Result<Option<(Given, [Change; 2])>, Error> {
    let Some((pool, isolation)) = is_placed_at_once(run.entry()) else {
        return Ok(None);
    };
    let workers = candidates(run, &To::Pool(pool)).await?;
    // A machine without a program of ours is logged in to before it counts as chosen.
    let is_ssh = |worker: &Worker| matches!(worker.reached(), Ok(Endpoint::Ssh(_)));
    if workers.iter().any(is_ssh) {
        return Ok(None);
    }
    let wish = Wish {
        pool,
        task_id: &run.task.id,
        isolation,
        interpreters: &[],
        used: &[],
        packages: &[],
        whom: Whom::Pool,
    };
    let hub = &run.inner.hub;
    let (Choice::Worker { name, why, .. }, Some(held)) = hub.choose(&workers, &wish, &id(run))
    else {
        return Ok(None);
    };
    let Some(session) = hub.session(&held.worker_id) else {
        return Ok(None);
    };
    let assignment = assignment(&held, session.greeting().instance.clone());
    let changes = [
        run.line("Info", format!("Runs on the worker {name}: {why}.\n")),
        WorkerChange::Assign(assignment.clone()).into(),
    ];
    Ok(Some((Given::AtOnce(held, assignment), changes)))
}

/// Finds a worker, or the one that has it already. Whoever waits says why.
pub(super) async fn place(
    run: &Run,
    delegated: &Delegated<'_>,
    stop: &mut watch::Receiver<bool>,
    kept: &mut Kept,
) -> Result<Result<Placed, AttemptEnd>, Error> {
    let id = id(run);
    match run.take_given() {
        Some(Given::Before(assignment)) => {
            // It was said before.
            kept.changes.clear();
            return again(run, delegated, &id, &assignment).await;
        }
        Some(Given::AtOnce(held, assignment)) => {
            let carrier = Carrier::Agent;
            return Ok(Ok(Placed {
                held,
                assignment,
                carrier,
            }));
        }
        None => {}
    }
    let hub = &run.inner.hub;
    let pool = &delegated.to.wanted();
    let packages = run.entry().packages.iter();
    let packages: Vec<String> = packages.map(|package| package.package_id.clone()).collect();
    // Nothing else asks for it.
    let used = match pool.is_sticky || !packages.is_empty() {
        true => used(run).await?,
        false => Vec::new(),
    };
    let interpreters = delegated.interpreters();
    let give_up = Instant::now() + Duration::from_secs(60 * u64::from(pool.wait_minutes));
    let mut changes = hub.changes();
    let mut said = String::new();
    loop {
        changes.borrow_and_update();
        let wish = Wish {
            pool,
            task_id: &run.task.id,
            isolation: delegated.isolation,
            interpreters: &interpreters,
            used: &used,
            packages: &packages,
            whom: delegated.to.whom(),
        };
        let workers = candidates(run, &delegated.to).await?;
        let why = match hub.choose(&workers, &wish, &id) {
            (Choice::Worker { name, why, .. }, Some(held)) => {
                let chosen = workers.iter().find(|worker| worker.id == held.worker_id);
                let Some((carrier, instance)) = reach(run, chosen, &held, &id).await else {
                    continue;
                };
                let what = match delegated.to {
                    To::Pool(_) => "worker",
                    To::Target(_) => "deployment target",
                    To::Checked(_) => "machine",
                };
                let line = format!("Runs on the {what} {name}: {why}.\n");
                kept.changes.push(run.line("Info", line));
                let assignment = assignment(&held, instance);
                kept.changes
                    .push(WorkerChange::Assign(assignment.clone()).into());
                commit(run, kept).await?;
                return Ok(Ok(Placed {
                    held,
                    assignment,
                    carrier,
                }));
            }
            (Choice::Wait { why }, _) => why,
            (Choice::Nobody { why }, _) if Instant::now() >= give_up => {
                let message = match pool.wait_minutes {
                    0 => why,
                    minutes => format!("{why}, after {minutes} minutes"),
                };
                return Ok(Err(AttemptEnd::Failed { message }));
            }
            (Choice::Nobody { why }, _) => why,
            (Choice::Worker { .. }, None) => continue,
        };
        if why != said {
            kept.changes
                .push(run.line("Wait", format!("Waiting: {why}.\n")));
            commit(run, kept).await?;
            said = why;
        }
        tokio::select! {
            _ = changes.changed() => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
            () = asked_to_stop(stop) => return Ok(Err(AttemptEnd::Canceled)),
        }
    }
}

/// What this server began before it ended. A worker went on with it; a script over SSH is lost.
async fn again(
    run: &Run,
    delegated: &Delegated<'_>,
    id: &AttemptId,
    assignment: &Assignment,
) -> Result<Result<Placed, AttemptEnd>, Error> {
    let worker_id = &assignment.worker_id;
    if ssh::is_directory(&assignment.instance) {
        return Ok(Err(ssh::lost(run, worker_id, &assignment.instance).await?));
    }
    let hub = &run.inner.hub;
    Ok(Ok(Placed {
        held: hub.hold(worker_id, id, &delegated.to.wanted(), delegated.to.whom()),
        assignment: assignment.clone(),
        carrier: Carrier::Agent,
    }))
}

/// How the chosen one is spoken with, and what it calls itself; `None` if it is away at this very moment.
async fn reach(
    run: &Run,
    chosen: Option<&Worker>,
    held: &Held,
    id: &AttemptId,
) -> Option<(Carrier, String)> {
    let hub = &run.inner.hub;
    let Ok(Endpoint::Ssh(endpoint)) = chosen?.reached() else {
        let session = hub.session(&held.worker_id)?;
        return Some((Carrier::Agent, session.greeting().instance.clone()));
    };
    match ssh::log_in(run, endpoint, id).await {
        Ok(machine) => {
            let directory = machine.directory().to_owned();
            Some((Carrier::Ssh(Box::new(machine)), directory))
        }
        Err(why) => {
            hub.unavailable(&held.worker_id, &why).await;
            None
        }
    }
}

async fn commit(run: &Run, kept: &mut Kept) -> Result<(), Error> {
    let app = &run.inner.app;
    app.store()
        .commit(std::mem::take(&mut kept.changes))
        .await?;
    app.logs().wake(&run.task.id);
    Ok(())
}
