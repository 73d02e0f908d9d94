//! One attempt: fills in variables, hands it to the worker, and keeps what comes back (`said.rs`).
//!
//! What is kept is masked by the worker, or sealed. Output is kept while the script runs; what came in the last
//! moments is left for the commit that says how the attempt ended, so that a short script costs one.

use std::error::Error as _;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::decide::AttemptEnd;
use super::delegated::{Delegated, To};
use super::driver::Ended;
use super::package::{is_before_features, prepare};
use super::remote;
use super::said::{Kept, category, read};
use super::variables::{evaluate, is_wanted, variables, without_secrets};
use super::{Error, Inner, artifacts, check, drop, features, own};
use crate::link::hub::Held;
use crate::model::target::TargetKind;
use crate::model::task::{Job, LogChunk, OutputVariable, Task};
use crate::model::variable::VariableSet;
use crate::model::worker::Assignment;
use crate::plan::{Entry, Isolation, Location, Plan, Work};
use crate::policy::Grants;
use crate::store::{Change, TaskChange};
use crate::worker::event::Level;
use crate::worker::{Attempt, Ending, Program, Sources, Stdin, Variables, Worker, channel};

/// A job, and everything that an attempt at it needs.
pub(super) struct Run {
    pub(super) inner: Arc<Inner>,
    pub(super) task: Task,
    pub(super) plan: Arc<Plan>,
    pub(super) variables: Arc<VariableSet>,
    pub(super) job: Job,
    /// What steps made that isn't on disk yet.
    pub(super) fresh: Vec<OutputVariable>,
    /// Which worker has it, if that is known; taken by whoever hands it over.
    pub(super) given: Mutex<Option<Given>>,
    /// Whether it goes on without this server.
    pub(super) goes_on: Arc<AtomicBool>,
}

/// Which worker has an attempt.
pub(super) enum Given {
    /// It was handed over before this server started, or about to be.
    Before(Assignment),
    /// It was chosen, and that was kept, with the start.
    AtOnce(Held, Assignment),
}

impl Run {
    pub(super) fn entry(&self) -> &Entry {
        &self.plan.entries[self.index()]
    }

    pub(super) fn index(&self) -> usize {
        usize::try_from(self.job.index).unwrap_or_default()
    }

    /// What is left of the time for the whole task, where that has a bound; nothing once it is over.
    pub(super) fn time_left(&self) -> Option<Duration> {
        let whole = Duration::from_secs(u64::from(self.entry().check_time.whole?));
        let passed = self.inner.app.now().duration_since(self.task.start_time?);
        Some(whole.saturating_sub(passed.unsigned_abs()))
    }

    pub(super) fn take_given(&self) -> Option<Given> {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        given.take()
    }

    pub(super) fn is_given(&self) -> bool {
        let given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        given.is_some()
    }

    pub(super) fn ended(&self, end: AttemptEnd) -> Ended {
        Ended {
            index: self.index(),
            end,
            changes: Vec::new(),
            has_warnings: false,
            settle: None,
        }
    }

    pub(super) fn chunk(&self, category: &str, text: String) -> LogChunk {
        LogChunk {
            index: Some(self.job.index),
            attempt: self.job.attempts,
            occurred: self.inner.app.now(),
            category: category.to_owned(),
            text,
        }
    }

    pub(super) fn log(&self, chunk: LogChunk) -> Change {
        let task_id = self.task.id.clone();
        TaskChange::Log { task_id, chunk }.into()
    }

    pub(super) fn line(&self, category: &str, text: String) -> Change {
        self.log(self.chunk(category, text))
    }
}

/// Runs one attempt to its end. It ends early when `stopped` becomes true.
pub(super) async fn run(run: &Run, stopped: watch::Receiver<bool>) -> Result<Ended, Error> {
    match run.entry().judges {
        Some(on_problems) => check::run(run, on_problems, stopped).await,
        None => {
            let ended = once(run, stopped).await?;
            minding_errors(run, ended).await
        }
    }
}

/// A script that said something on its error output has failed, where its step says so. Asked of the log, which also has
/// what was said before the server was started again.
async fn minding_errors(run: &Run, mut ended: Ended) -> Result<Ended, Error> {
    if !run.entry().fails_on_error_output || ended.end != AttemptEnd::Succeeded {
        return Ok(ended);
    }
    let said = category(Level::Error);
    let is_said_here = |change: &Change| {
        matches!(change, Change::Task(change)
            if matches!(&**change, TaskChange::Log { chunk, .. } if chunk.category == said))
    };
    let place = (run.job.index, run.job.attempts);
    let has_errors = ended.changes.iter().any(is_said_here)
        || run
            .inner
            .app
            .store()
            .task_has_said(&run.task.id, place, said)
            .await?;
    if has_errors {
        ended.end = AttemptEnd::Failed {
            message: "it wrote to its error output, and its step fails for that".to_owned(),
        };
    }
    Ok(ended)
}

/// The same, whatever the end means: the step's script, or those of its package one after the other.
pub(super) async fn once(run: &Run, stopped: watch::Receiver<bool>) -> Result<Ended, Error> {
    let entry = run.entry();
    let variables = variables(run).await?;
    if !is_wanted(entry, &variables) {
        return Ok(run.ended(AttemptEnd::NotWanted));
    }
    let Some(confined) = entry.work.confined() else {
        return own::run(run, variables, stopped).await;
    };
    let policy = run.plan.policies.get(&confined.policy);
    let grants = policy.map(|record| Arc::new(record.grants.clone()));
    let grants = grants.ok_or_else(|| Error::Missing {
        task_id: run.task.id.clone(),
        what: "a policy",
    })?;
    let mut kept = Kept::default();
    let mut prepared = match prepare(run, &grants, &variables).await {
        Ok(prepared) => prepared,
        Err(message) => return Ok(run.ended(AttemptEnd::Failed { message })),
    };
    for warning in std::mem::take(&mut prepared.warnings) {
        kept.has_warnings = true;
        kept.changes
            .push(run.line("Warning", format!("{warning}\n")));
    }
    let to = match (&entry.location, &entry.target) {
        (Location::Pool(pool), _) => Some(To::Pool(pool)),
        (Location::Target, Some(target)) if entry.judges.is_some() => Some(To::Checked(target)),
        (Location::Target, Some(target)) => Some(To::Target(target)),
        (Location::Target, None) | (Location::Server, _) => None,
    };
    if let Some(to) = to {
        let delegated = Delegated {
            to,
            isolation: confined.isolation,
            grants,
            prepared,
            variables,
        };
        return match delegated.to {
            To::Target(target) if target.kind == TargetKind::OfflineDrop => {
                drop::write(run, target, delegated, kept).await
            }
            To::Target(_) | To::Checked(_) | To::Pool(_) => {
                remote::run(run, delegated, kept, stopped).await
            }
        };
    }
    let Some(worker) = &run.inner.worker else {
        let message = "it is planned for the built-in worker, and this server was started with --no-builtin-worker".to_owned();
        return Ok(run.ended(AttemptEnd::Failed { message }));
    };
    // Waiting for a slot is waiting like any other: a task that is cancelled meanwhile doesn't start.
    let mut waiting = stopped.clone();
    let slot = tokio::select! {
        slot = run.inner.slots.acquire() => slot,
        () = asked_to_stop(&mut waiting) => return Ok(run.ended(AttemptEnd::Canceled)),
    };
    let (stop, stop_worker) = watch::channel(false);
    let timer = stop_in_time(run, stopped, stop);
    let scripts = prepared.scripts;
    let shared = match worker.share(scripts.len(), confined.isolation) {
        Ok(shared) => shared,
        Err(error) => {
            let message = chain(&error);
            return Ok(run.ended(AttemptEnd::Failed { message }));
        }
    };
    let mut sources = prepared.sources;
    sources.workspace = shared.as_ref().map(|shared| shared.path().to_owned());
    let mut package = prepared.package.filter(|_| features::are_asked(entry));
    let work = async {
        let mut end = AttemptEnd::Succeeded;
        for (part, script) in (0..).zip(scripts) {
            if !is_before_features(&script)
                && let Some(folder) = package.take()
            {
                end = features::apply(run, folder, &variables, &grants, &mut kept).await;
                if end != AttemptEnd::Succeeded {
                    break;
                }
            }
            let part = Part {
                number: part,
                program: script,
                arguments: prepared.arguments.clone(),
                grants: Arc::clone(&grants),
                isolation: confined.isolation,
                sources: sources.clone(),
                variables: variables.clone(),
            };
            (end, kept) = one(run, worker, part, stop_worker.clone(), kept).await?;
            if end != AttemptEnd::Succeeded {
                break;
            }
        }
        if let (AttemptEnd::Succeeded, Some(folder)) = (&end, package.take()) {
            end = features::apply(run, folder, &variables, &grants, &mut kept).await;
        }
        Ok::<_, Error>((end, kept))
    };
    let (worked, is_late) = with_timer(work, timer).await;
    std::mem::drop((slot, prepared.scratch, shared));
    let (end, kept) = worked?;
    Ok(Ended {
        index: run.index(),
        end: match end {
            AttemptEnd::Canceled if is_late => AttemptEnd::TimedOut,
            end => end,
        },
        changes: kept.changes,
        has_warnings: kept.has_warnings,
        settle: None,
    })
}

/// One script of an attempt.
struct Part {
    number: u32,
    program: Program,
    arguments: Vec<String>,
    grants: Arc<Grants>,
    isolation: Isolation,
    sources: Sources,
    variables: Variables,
}

async fn one(
    run: &Run,
    worker: &Worker,
    part: Part,
    stop: watch::Receiver<bool>,
    kept: Kept,
) -> Result<(AttemptEnd, Kept), Error> {
    let blobs = run.inner.app.blobs();
    let scratch = blobs.scratch().map_err(|source| Error::Disk {
        task_id: run.task.id.clone(),
        source,
    })?;
    let attempt = Attempt {
        program: part.program,
        arguments: part.arguments,
        stdin: Stdin::Empty,
        grants: part.grants,
        isolation: part.isolation,
        sources: part.sources,
        variables: part.variables,
    };
    let (sender, events) = channel();
    let quiet = |_| {};
    let working = worker.run(attempt, sender, stop, Some(scratch.path()), &quiet);
    let (finished, kept) = tokio::join!(working, read(run, events, kept));
    let mut kept = kept?;
    let end = match finished {
        Ok(finished) => {
            artifacts::keep(run, finished.artifacts, &mut kept).await?;
            let body = serde_json::to_value(&finished.outcome).unwrap_or_default();
            kept.changes.push(receipt(run, part.number, body));
            end(finished.outcome.ending, kept.said.take())
        }
        Err(error) => AttemptEnd::Failed {
            message: chain(&error),
        },
    };
    Ok((end, kept))
}

pub(super) fn receipt(run: &Run, part: u32, body: serde_json::Value) -> Change {
    TaskChange::Receipt {
        task_id: run.task.id.clone(),
        index: run.job.index,
        attempt: run.job.attempts,
        part,
        body,
    }
    .into()
}

/// What an ending means for the job. `said` is what the script said of its failure.
pub(super) fn end(ending: Ending, said: Option<String>) -> AttemptEnd {
    let failed = |message: String| AttemptEnd::Failed { message };
    match ending {
        Ending::Exited { code: 0 } => AttemptEnd::Succeeded,
        Ending::Exited { code } => {
            failed(said.unwrap_or_else(|| format!("the script ended with exit code {code}")))
        }
        Ending::LimitReached { limit } => failed(format!(
            "the script reached the limit `{}` of its policy",
            limit.as_str()
        )),
        Ending::Trapped { message } => failed(format!("the script trapped: {message}")),
        Ending::Cancelled => AttemptEnd::Canceled,
    }
}

/// Runs `work` beside `timer`, which never ends it but may tell it to stop. Whether the time was up comes back.
pub(super) async fn with_timer<T>(
    work: impl Future<Output = T>,
    timer: impl Future<Output = bool>,
) -> (T, bool) {
    let (mut work, mut timer) = (std::pin::pin!(work), std::pin::pin!(timer));
    tokio::select! {
        result = &mut work => (result, false),
        is_late = &mut timer => (work.await, is_late),
    }
}

/// Tells the worker to stop when somebody asks for it, or when the time is up. `true` for the latter.
pub(super) async fn stop_in_time(
    run: &Run,
    mut stopped: watch::Receiver<bool>,
    stop: watch::Sender<bool>,
) -> bool {
    let entry = run.entry();
    let minutes = entry.timeout_minutes.map(u64::from);
    // Where the server looks at several machines, each has its own time there.
    let machine = entry.judges.and(entry.check_time.machine).map(u64::from);
    let bounds = [
        minutes.map(|minutes| Duration::from_secs(60 * minutes)),
        machine.map(Duration::from_secs),
        run.time_left(),
    ];
    let timeout = bounds.into_iter().flatten().min();
    let asked = asked_to_stop(&mut stopped);
    let is_late = match timeout {
        Some(timeout) => tokio::time::timeout(timeout, asked).await.is_err(),
        None => {
            asked.await;
            false
        }
    };
    stop.send_replace(true);
    is_late
}

/// Waits until somebody asks for the end. For ever, once nobody can.
pub(super) async fn asked_to_stop(stopped: &mut watch::Receiver<bool>) {
    if stopped.wait_for(|is_stopped| *is_stopped).await.is_err() {
        std::future::pending().await
    }
}

/// The instructions of a manual intervention and who answers for it; `None` if its condition is false.
///
/// # Errors
/// Those of the variables.
pub(super) async fn instructions(run: &Run) -> Result<Option<(String, Vec<String>)>, Error> {
    let entry = run.entry();
    let Work::Manual {
        instructions,
        responsible_team_ids,
    } = &entry.work
    else {
        return Ok(None);
    };
    let variables = variables(run).await?;
    if !is_wanted(entry, &variables) {
        return Ok(None);
    }
    // A person reads it, and so does everybody who may see the task.
    let variables = without_secrets(variables);
    let text = evaluate(instructions, &variables).map_or_else(|problem| problem, |(text, _)| text);
    Ok(Some((text, responsible_team_ids.clone())))
}

/// An error with everything that led to it, in one line.
fn chain(error: &crate::worker::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
