//! One attempt on an external worker: a worker is chosen, the attempt is handed over, and what it says is kept, once.
//!
//! ```text
//!  place: choose, or wait and say why ─► commit: who has it ─► hand over ─► frames ─► commit: what was said, and up to
//!                                                    ▲                                which number ─► acknowledge
//!                                                    └── the connection is gone: wait for the next, and ask again
//! ```
//!
//! A worker that is away for longer than its lease has lost the attempt; when it comes back it is told to forget it.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::attempt::{
    KEEP_EVERY, Kept, MAX_CHANGES, Run, asked_to_stop, category, end, receipt, stop_in_time, take,
    with_timer,
};
use super::decide::AttemptEnd;
use super::driver::Ended;
use super::package::Prepared;
use super::{Error, LOOK_AGAIN, artifacts};
use crate::link::hub::{Held, Hub};
use crate::link::protocol::{self, AttemptId, Body, End, Frame, MAX_FRAME_BYTES};
use crate::link::session::{AskError, Frames, Session};
use crate::model::worker::{Assignment, Worker};
use crate::plan::choice::{Choice, Used, Wish};
use crate::plan::{Isolation, Location, PoolUse};
use crate::policy::Grants;
use crate::store::{Change, Filter, WorkerChange};
use crate::worker::event::Event;
use crate::worker::output::SecretText;
use crate::worker::{Artifact, Program, Receipt, Sensitive, Variables};

/// What a worker gets beyond the limits of the policy: for unpacking, and for a machine that is slow.
const PATIENCE: Duration = Duration::from_secs(600);

/// After it was told to stop, a worker that doesn't is as good as lost.
const STOP_PATIENCE: Duration = Duration::from_secs(60);

/// Between two tries over one connection.
const PAUSE: Duration = Duration::from_millis(50);

/// What is handed over.
pub(super) struct Delegated<'a> {
    pub(super) pool: &'a PoolUse,
    pub(super) isolation: Isolation,
    pub(super) grants: std::sync::Arc<Grants>,
    pub(super) prepared: Prepared,
    pub(super) variables: Variables,
}

/// The worker's part in an attempt whose end is about to be kept.
pub(super) struct Settle {
    hub: Hub,
    held: Held,
}

impl Settle {
    /// The end is kept: the worker may forget it, and is free.
    pub(super) fn done(self) {
        let Some(session) = self.hub.session(&self.held.worker_id) else {
            // It hears of it when it comes back.
            return;
        };
        tokio::spawn(async move {
            if let Err(error) = session.forget(&self.held.id).await {
                tracing::debug!("{} is not forgotten: {error}", self.held.id);
            }
        });
    }
}

/// An attempt that has a worker.
struct Placed {
    held: Held,
    assignment: Assignment,
}

/// Runs one attempt to its end.
pub(super) async fn run(
    run: &Run,
    delegated: Delegated<'_>,
    mut kept: Kept,
    stopped: watch::Receiver<bool>,
) -> Result<Ended, Error> {
    let (stop, mut stop_worker) = watch::channel(false);
    let timer = stop_in_time(run.entry(), stopped, stop);
    let work = async {
        let mut placed = match place(run, &delegated, &mut stop_worker, &mut kept).await? {
            Ok(placed) => placed,
            Err(end) => return Ok((end, None)),
        };
        let message = message(&delegated, placed.assignment.instance.clone());
        let end = carry(
            run,
            &delegated,
            &message,
            &mut placed,
            stop_worker,
            &mut kept,
        )
        .await?;
        let settle = Settle {
            hub: run.inner.hub.clone(),
            held: placed.held,
        };
        Ok::<_, Error>((end, Some(settle)))
    };
    let (worked, is_late) = with_timer(work, timer).await;
    let (end, settle) = worked?;
    kept.close(run);
    Ok(Ended {
        index: run.index(),
        end: match end {
            AttemptEnd::Canceled if is_late => AttemptEnd::TimedOut,
            end => end,
        },
        changes: kept.changes,
        has_warnings: kept.has_warnings,
        settle,
    })
}

/// The workers of a pool.
async fn workers_of(run: &Run, pool: &PoolUse) -> Result<Vec<Worker>, Error> {
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

/// Finds a worker, or the one that has it already. Whoever waits says why.
async fn place(
    run: &Run,
    delegated: &Delegated<'_>,
    stop: &mut watch::Receiver<bool>,
    kept: &mut Kept,
) -> Result<Result<Placed, AttemptEnd>, Error> {
    let hub = &run.inner.hub;
    let pool = delegated.pool;
    let id = AttemptId {
        task_id: run.task.id.clone(),
        index: run.job.index,
        attempt: run.job.attempts,
    };
    if let Some(assignment) = &run.assignment {
        // It was said before.
        kept.changes.clear();
        return Ok(Ok(Placed {
            held: hub.hold(&assignment.worker_id, &id, pool.is_exclusive),
            assignment: assignment.clone(),
        }));
    }
    let used = used(run).await?;
    let packages = run.entry().packages.iter();
    let packages: Vec<String> = packages.map(|package| package.package_id.clone()).collect();
    let give_up = Instant::now() + Duration::from_secs(60 * u64::from(pool.wait_minutes));
    let mut changes = hub.changes();
    let mut said = String::new();
    loop {
        changes.borrow_and_update();
        let wish = Wish {
            pool,
            task_id: &run.task.id,
            isolation: delegated.isolation,
            used: &used,
            packages: &packages,
        };
        let (choice, held) = hub.choose(&workers_of(run, pool).await?, &wish, &id);
        let why = match (choice, held) {
            (Choice::Worker { name, why, .. }, Some(held)) => {
                match hub.session(&held.worker_id) {
                    Some(session) => {
                        let line = format!("Runs on the worker {name}: {why}.\n");
                        kept.changes.push(run.line("Info", line));
                        let assignment = Assignment {
                            task_id: id.task_id.clone(),
                            index: id.index,
                            attempt: id.attempt,
                            worker_id: held.worker_id.clone(),
                            instance: session.greeting().instance.clone(),
                            sequence: 0,
                        };
                        kept.changes
                            .push(WorkerChange::Assign(assignment.clone()).into());
                        run.inner
                            .app
                            .store()
                            .commit(std::mem::take(&mut kept.changes))
                            .await?;
                        run.inner.app.logs().wake(&run.task.id);
                        return Ok(Ok(Placed { held, assignment }));
                    }
                    // It left at this very moment.
                    None => continue,
                }
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
            run.inner
                .app
                .store()
                .commit(std::mem::take(&mut kept.changes))
                .await?;
            run.inner.app.logs().wake(&run.task.id);
            said = why;
        }
        tokio::select! {
            _ = changes.changed() => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
            () = asked_to_stop(stop) => return Ok(Err(AttemptEnd::Canceled)),
        }
    }
}

/// The attempt as it is sent.
fn message(delegated: &Delegated<'_>, instance: String) -> protocol::Attempt {
    let Delegated {
        pool: _,
        isolation,
        grants,
        prepared,
        variables,
    } = delegated;
    let program = |program: &Program| match program {
        Program::Script {
            language,
            name,
            text,
        } => Some(protocol::Program::Script {
            language: *language,
            name: name.clone(),
            text: protocol::Bytes(text.clone()),
        }),
        Program::Module { name, bytes } => Some(protocol::Program::Module {
            name: name.clone(),
            bytes: protocol::Bytes(bytes.clone()),
        }),
        Program::Builtin { .. } => None,
    };
    protocol::Attempt {
        instance,
        programs: prepared.scripts.iter().filter_map(program).collect(),
        arguments: prepared.arguments.clone(),
        grants: (**grants).clone(),
        isolation: *isolation,
        variables: sent(variables, grants),
        packages: prepared.shipped.clone(),
    }
}

/// The variables that a worker needs: those that aren't secret, and of the secrets those that the script may read or
/// that the grants name, themselves or by way of another variable.
fn sent(variables: &Variables, grants: &Grants) -> Vec<protocol::Variable> {
    let templates =
        serde_json::to_string(&(&grants.env, grants.network.rules())).unwrap_or_default();
    let mut texts = vec![templates.to_lowercase()];
    let mut left: Vec<(&str, &str, Sensitive)> = Vec::new();
    let mut chosen = Vec::new();
    for (name, value, sensitive) in variables.all() {
        if sensitive == Sensitive::No || grants.variables.decide(name).is_ok() {
            texts.push(value.to_lowercase());
            chosen.push((name, value, sensitive));
        } else {
            left.push((name, value, sensitive));
        }
    }
    // A name may be put together from values: then nobody can tell which it will be.
    let is_put_together = texts.iter().any(|text| text.contains("[#{"));
    loop {
        let is_named = |name: &str| {
            let name = name.to_lowercase();
            is_put_together || texts.iter().any(|text| text.contains(&name))
        };
        let (named, others): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|(name, ..)| is_named(name));
        left = others;
        if named.is_empty() {
            break;
        }
        texts.extend(named.iter().map(|(_, value, _)| value.to_lowercase()));
        chosen.extend(named);
    }
    let variable = |(name, value, sensitive): (&str, &str, Sensitive)| protocol::Variable {
        name: name.to_owned(),
        value: value.to_owned(),
        is_sensitive: sensitive == Sensitive::Yes,
    };
    chosen.into_iter().map(variable).collect()
}

/// Hands it over and reads what it says, over as many connections as it takes.
async fn carry(
    run: &Run,
    delegated: &Delegated<'_>,
    message: &protocol::Attempt,
    placed: &mut Placed,
    mut stop: watch::Receiver<bool>,
    kept: &mut Kept,
) -> Result<AttemptEnd, Error> {
    let hub = &run.inner.hub;
    let Placed { held, assignment } = placed;
    let limits = &delegated.grants.limits;
    let n_parts = u32::try_from(message.programs.len())
        .unwrap_or(u32::MAX)
        .max(1);
    let longest = limits.wall_time.value.saturating_mul(n_parts) + PATIENCE;
    let mut reading = Reading {
        deadline: Instant::now() + longest,
        // Bytes that are no text become three each.
        bytes_left: (3 * limits.output.value.0 + (MAX_FRAME_BYTES as u64)) * u64::from(n_parts)
            + (1 << 20),
        is_stop_sent: false,
    };
    let lost = |message: String| Ok(AttemptEnd::Lost { message });
    let mut until = Instant::now() + hub.lease();
    let mut is_shipped = false;
    loop {
        let Some(session) = hub.session_until(&held.worker_id, until).await else {
            return lost(format!(
                "The worker is away for more than {} seconds, and has lost this step.",
                hub.lease().as_secs()
            ));
        };
        let asked = async {
            if !is_shipped {
                ship(run, delegated, &session).await?;
                is_shipped = true;
            }
            session
                .attempt(&held.id, assignment.sequence, message)
                .await
        };
        let error = match asked.await {
            Ok(frames) => {
                match follow(
                    run,
                    &session,
                    frames,
                    assignment,
                    &mut stop,
                    &mut reading,
                    kept,
                )
                .await?
                {
                    Ok(end) => return Ok(end),
                    Err(error) => error,
                }
            }
            Err(error) => error,
        };
        match error {
            AskError::Gone => {
                tracing::debug!("the connection for {} is gone", held.id);
                until = Instant::now() + hub.lease();
                if hub.session(&held.worker_id).is_some() {
                    tokio::time::sleep(PAUSE).await;
                }
            }
            AskError::Refused { status, message } if status == http::StatusCode::GONE => {
                return lost(format!("The worker lost this step: {message}."));
            }
            AskError::Refused { message, .. } | AskError::Own(message) => {
                return Ok(AttemptEnd::Failed { message });
            }
            AskError::Broken(why) => {
                let message = format!("the worker breaks the protocol: {why}");
                let worker = run
                    .inner
                    .app
                    .store()
                    .document_by_id::<Worker>(&held.worker_id)
                    .await?;
                let worker = worker.map(|found| found.record);
                let app = &run.inner.app;
                let text = format!("{}: {message}", held.id);
                app.worker_event("WorkerRefused", worker.as_ref(), text, "")
                    .await;
                return Ok(AttemptEnd::Failed { message });
            }
        }
    }
}

/// Sends the packages that the worker doesn't have.
async fn ship(run: &Run, delegated: &Delegated<'_>, session: &Session) -> Result<(), AskError> {
    let blobs = run.inner.app.blobs();
    for package in &delegated.prepared.shipped {
        session
            .package(&package.sha256, || blobs.file(&package.sha256))
            .await?;
    }
    Ok(())
}

/// What one attempt may still take, whatever its worker says.
struct Reading {
    deadline: Instant,
    bytes_left: u64,
    is_stop_sent: bool,
}

/// Reads frames and keeps what they say, until nothing follows or the connection is gone.
async fn follow(
    run: &Run,
    session: &Session,
    mut frames: Frames,
    assignment: &mut Assignment,
    stop: &mut watch::Receiver<bool>,
    reading: &mut Reading,
    kept: &mut Kept,
) -> Result<Result<AttemptEnd, AskError>, Error> {
    let id = AttemptId {
        task_id: assignment.task_id.clone(),
        index: assignment.index,
        attempt: assignment.attempt,
    };
    let mut heard = assignment.sequence;
    let mut n_bytes = 0;
    let mut keep_at: Option<Instant> = None;
    loop {
        let timer = async {
            match keep_at {
                Some(at) if heard > assignment.sequence => tokio::time::sleep_until(at).await,
                _ => std::future::pending().await,
            }
        };
        let next = tokio::select! {
            next = frames.next() => next,
            () = timer => {
                keep_through(run, kept, assignment, heard).await?;
                keep_at = None;
                acknowledge(session, &id, heard);
                continue;
            }
            () = asked_to_stop(stop), if !reading.is_stop_sent => {
                reading.is_stop_sent = true;
                reading.deadline = Instant::now() + STOP_PATIENCE;
                if let Err(error) = session.cancel(&id).await {
                    reading.is_stop_sent = !matches!(error, AskError::Gone);
                    tracing::debug!("{id} could not be told to stop: {error}");
                }
                continue;
            }
            () = tokio::time::sleep_until(reading.deadline) => {
                let message = "The worker says nothing more, longer than the step may take.".to_owned();
                return Ok(Ok(AttemptEnd::Lost { message }));
            }
        };
        let frame = match next {
            Ok(Some(frame)) => frame,
            Ok(None) => {
                return Ok(Err(AskError::Broken(
                    "the frames end without an end".to_owned(),
                )));
            }
            Err(error) => {
                keep_through(run, kept, assignment, heard).await?;
                return Ok(Err(error));
            }
        };
        let new = frames.n_bytes() - n_bytes;
        n_bytes += new;
        let Some(left) = reading.bytes_left.checked_sub(new) else {
            return Ok(Err(AskError::Broken(
                "it says more than the policy allows".to_owned(),
            )));
        };
        reading.bytes_left = left;
        let sequence = frame.sequence;
        match apply(run, session, &id, frame, assignment, heard, kept).await? {
            Ok(None) => {}
            Ok(Some(end)) => return Ok(Ok(end)),
            Err(error) => {
                keep_through(run, kept, assignment, heard).await?;
                return Ok(Err(error));
            }
        }
        heard = sequence;
        keep_at = keep_at.or_else(|| Some(Instant::now() + KEEP_EVERY));
        if kept.changes.len() >= MAX_CHANGES {
            keep_through(run, kept, assignment, heard).await?;
            keep_at = None;
            acknowledge(session, &id, heard);
        }
    }
}

/// Nobody waits for it: what isn't acknowledged comes again, and its numbers are known.
fn acknowledge(session: &Session, id: &AttemptId, through: u64) {
    let (session, id) = (session.clone(), id.clone());
    tokio::spawn(async move {
        if let Err(error) = session.acknowledge(&id, through).await {
            tracing::debug!("{id} is not acknowledged: {error}");
        }
    });
}

/// Takes one frame. The end, if it is the last.
async fn apply(
    run: &Run,
    session: &Session,
    id: &AttemptId,
    frame: Frame,
    assignment: &mut Assignment,
    heard: u64,
    kept: &mut Kept,
) -> Result<Result<Option<AttemptEnd>, AskError>, Error> {
    let event = match frame.body {
        Body::Output { level, text } => {
            use crate::worker::event::Level;
            kept.has_warnings |= matches!(level, Level::Warning | Level::Error);
            kept.output(run, run.chunk(category(level), text));
            return Ok(Ok(None));
        }
        Body::OutputVariable {
            name,
            value,
            is_sensitive,
        } => Event::OutputVariable {
            name,
            sensitive: is_sensitive,
            secret: is_sensitive.then(|| SecretText::new(value.clone())),
            value: (!is_sensitive).then_some(value),
        },
        Body::Progress {
            percentage,
            message,
        } => Event::Progress {
            percentage: percentage.min(100),
            message,
        },
        Body::Notice { text } => Event::Notice { text },
        Body::Part {
            number,
            ending,
            receipt: said,
            artifacts,
        } => {
            // What was said before is kept first: files may take long.
            if !artifacts.is_empty() {
                keep_through(run, kept, assignment, heard).await?;
            }
            let mut body = serde_json::json!({ "ending": ending });
            // In the shape that this server knows, or not at all.
            if serde_json::from_value::<Receipt>(said.clone()).is_ok() {
                body["receipt"] = said;
            }
            match fetch(run, session, id, artifacts).await? {
                Ok(found) => {
                    kept.close(run);
                    kept.changes.push(receipt(run, number, body));
                    kept.changes.push(received(assignment, frame.sequence));
                    let n_found = found.0.len();
                    artifacts::keep(run, found.0, kept).await?;
                    // Kept already, if there was anything to keep.
                    if kept.changes.is_empty() && n_found > 0 {
                        assignment.sequence = frame.sequence;
                    } else {
                        keep_all(run, kept, assignment, frame.sequence).await?;
                    }
                    return Ok(Ok(None));
                }
                Err(error) => return Ok(Err(error)),
            }
        }
        Body::End(end_said) => {
            return Ok(Ok(Some(match end_said {
                End::Done { ending, failure } => end(ending, failure),
                End::Refused { message } => AttemptEnd::Failed { message },
                End::Lost { message } => AttemptEnd::Lost {
                    message: format!("The worker lost this step: {message}."),
                },
            })));
        }
    };
    take(run, event, kept)?;
    Ok(Ok(None))
}

/// Files that came, and where they are until they are kept.
struct Fetched(
    Vec<Result<Artifact, NotKept>>,
    #[expect(dead_code, reason = "gone when dropped")] Option<tempfile::TempDir>,
);

/// What a worker says of a file that it doesn't have.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NotKept(String);

async fn fetch(
    run: &Run,
    session: &Session,
    id: &AttemptId,
    offered: Vec<protocol::Artifact>,
) -> Result<Result<Fetched, AskError>, Error> {
    if offered.is_empty() {
        return Ok(Ok(Fetched(Vec::new(), None)));
    }
    let scratch = run
        .inner
        .app
        .blobs()
        .scratch()
        .map_err(|source| Error::Disk {
            task_id: run.task.id.clone(),
            source,
        })?;
    let mut found = Vec::new();
    for (index, one) in offered.into_iter().enumerate() {
        let (number, name, size_bytes, sha256) = match one {
            protocol::Artifact::Kept {
                number,
                name,
                size_bytes,
                sha256,
            } => (number, name, size_bytes, sha256),
            protocol::Artifact::NotKept { why } => {
                found.push(Err(NotKept(why)));
                continue;
            }
        };
        if size_bytes > artifacts::MAX_BYTES {
            found.push(Err(NotKept(format!("{name} is too large"))));
            continue;
        }
        let path = scratch.path().join(index.to_string());
        match session.artifact(id, number, size_bytes, &path).await {
            Ok(()) => found.push(Ok(Artifact {
                name,
                path: String::new(),
                size_bytes,
                sha256,
                kept_as: Some(path),
            })),
            Err(AskError::Refused { message, .. }) => found.push(Err(NotKept(message))),
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(Fetched(found, Some(scratch))))
}

fn received(assignment: &Assignment, sequence: u64) -> Change {
    let assignment = assignment.clone();
    WorkerChange::Received {
        assignment,
        sequence,
    }
    .into()
}

/// Keeps what was said up to a number, together with the number.
async fn keep_through(
    run: &Run,
    kept: &mut Kept,
    assignment: &mut Assignment,
    through: u64,
) -> Result<(), Error> {
    if through <= assignment.sequence {
        return Ok(());
    }
    kept.close(run);
    kept.changes.push(received(assignment, through));
    keep_all(run, kept, assignment, through).await
}

/// What can't be kept now is kept later: nothing is lost, and nothing is acknowledged before.
async fn keep_all(
    run: &Run,
    kept: &mut Kept,
    assignment: &mut Assignment,
    through: u64,
) -> Result<(), Error> {
    let app = &run.inner.app;
    loop {
        match app.store().commit(kept.changes.clone()).await {
            Ok(()) => {
                kept.changes.clear();
                assignment.sequence = through;
                app.logs().wake(&run.task.id);
                return Ok(());
            }
            Err(error @ crate::store::Error::Stale { .. }) => return Err(error.into()),
            Err(error) => {
                tracing::error!(error = ?error, task.id = %run.task.id, "output can't be kept; it is tried again");
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
    }
}
