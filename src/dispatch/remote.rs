//! One attempt on an external worker: a worker is chosen, the attempt is handed over, and what it says is kept, once.
//!
//! ```text
//!  placing: choose, or wait and say why ─► commit: who has it ─► hand over ─► frames ─► commit: what was said, and up to
//!                                                    ▲                                which number ─► acknowledge
//!                                                    └── the connection is gone: wait for the next, and ask again
//! ```
//!
//! A worker that is away for longer than its lease has lost the attempt; when it comes back it is told to forget it.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::attempt::{Run, asked_to_stop, end, receipt, stop_in_time, with_timer};
use super::decide::AttemptEnd;
use super::delegated::{Delegated, message};
use super::driver::Ended;
use super::placing::{Carrier, Placed, place};
use super::said::{KEEP_EVERY, Kept, MAX_CHANGES, category, take};
use super::{Error, LOOK_AGAIN, artifacts, ssh};
use crate::app::artifact::MAX_ARTIFACT_BYTES;
use crate::link::hub::{Held, Hub};
use crate::link::protocol::{self, AttemptId, Body, End, Frame, MAX_FRAME_BYTES};
use crate::link::session::{AskError, Frames, Session};
use crate::model::worker::Assignment;
use crate::store::{Change, WorkerChange};
use crate::worker::event::Event;
use crate::worker::output::SecretText;
use crate::worker::{Artifact, Receipt};

/// What a worker gets beyond the limits of the policy: for unpacking, and for a machine that is slow.
const PATIENCE: Duration = Duration::from_secs(600);

/// After it was told to stop, a worker that doesn't is as good as lost.
const STOP_PATIENCE: Duration = Duration::from_secs(60);

/// Between two tries over one connection.
const PAUSE: Duration = Duration::from_millis(50);

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

/// Runs one attempt to its end.
pub(super) async fn run(
    run: &Run,
    delegated: Delegated<'_>,
    mut kept: Kept,
    stopped: watch::Receiver<bool>,
) -> Result<Ended, Error> {
    let (stop, mut stop_worker) = watch::channel(false);
    let timer = stop_in_time(run, stopped, stop);
    let work = async {
        let placed = match place(run, &delegated, &mut stop_worker, &mut kept).await? {
            Ok(placed) => placed,
            Err(end) => return Ok((end, None)),
        };
        let Placed {
            held,
            mut assignment,
            carrier,
        } = placed;
        if let Carrier::Ssh(machine) = carrier {
            let end = ssh::carry(run, &delegated, &machine, stop_worker, &mut kept).await?;
            return Ok((end, None));
        }
        let message = message(&delegated, assignment.instance.clone());
        let end = carry(
            run,
            &delegated,
            &message,
            &held,
            &mut assignment,
            stop_worker,
            &mut kept,
        )
        .await?;
        let settle = Settle {
            hub: run.inner.hub.clone(),
            held,
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

/// Hands it over and reads what it says, over as many connections as it takes.
async fn carry(
    run: &Run,
    delegated: &Delegated<'_>,
    message: &protocol::Attempt,
    held: &Held,
    assignment: &mut Assignment,
    mut stop: watch::Receiver<bool>,
    kept: &mut Kept,
) -> Result<AttemptEnd, Error> {
    let hub = &run.inner.hub;
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
                let app = &run.inner.app;
                let worker = app.machine_by_id(&held.worker_id).await?;
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
            let mut body = serde_json::json!({ "ending": ending });
            // In the shape that this server knows, or not at all.
            if serde_json::from_value::<Receipt>(said.clone()).is_ok() {
                body["receipt"] = said;
            }
            if artifacts.is_empty() {
                // Kept with what follows: often the end.
                kept.close(run);
                kept.changes.push(receipt(run, number, body));
                return Ok(Ok(None));
            }
            // What was said before is kept first: files may take long.
            keep_through(run, kept, assignment, heard).await?;
            match fetch(run, session, id, artifacts).await? {
                Ok(found) => {
                    kept.close(run);
                    kept.changes.push(receipt(run, number, body));
                    kept.changes.push(received(assignment, frame.sequence));
                    artifacts::keep(run, found.0, kept).await?;
                    // Kept already, unless there was nothing to keep.
                    if kept.changes.is_empty() {
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
        if size_bytes > MAX_ARTIFACT_BYTES {
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
