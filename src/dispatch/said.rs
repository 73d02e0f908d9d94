//! What an attempt says, kept as it comes: pieces of output in chunks, output variables, progress.
//!
//! Nothing is lost while the store can't keep it: the script waits then. What isn't an event of the log is left to others: artifacts are kept
//! with their bytes when the script is over.

use std::time::Duration;

use tokio::time::Instant;

use super::Error;
use super::attempt::Run;
use crate::model::task::{LogChunk, OutputVariable};
use crate::store::{Change, TaskChange};
use crate::worker::Events;
use crate::worker::event::{Event, Level, Numbered};

/// Changes that are kept together: fewer flushes under a stream of output.
pub(super) const MAX_CHANGES: usize = 200;

/// More output than this is never one chunk.
const MAX_CHUNK_BYTES: usize = 32 * 1024;

/// Output is kept at least this often: a live log that doesn't wait.
pub(super) const KEEP_EVERY: Duration = Duration::from_millis(100);

/// What events left behind and is not yet on disk.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) changes: Vec<Change>,
    /// Output that may go on: the pieces of a line are kept as one.
    open: Option<LogChunk>,
    /// What the script said of its failure.
    pub(super) said: Option<String>,
    pub(super) has_warnings: bool,
}

impl Kept {
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.open.is_none()
    }

    /// Adds output to that of the same category before it.
    pub(super) fn output(&mut self, run: &Run, chunk: LogChunk) {
        if let Some(open) = &mut self.open
            && open.category == chunk.category
            && open.text.len() < MAX_CHUNK_BYTES
        {
            open.text.push_str(&chunk.text);
            return;
        }
        self.close(run);
        self.open = Some(chunk);
    }

    /// Nothing is added to the output so far.
    pub(super) fn close(&mut self, run: &Run) {
        self.changes
            .extend(self.open.take().map(|chunk| run.log(chunk)));
    }

    /// Lines that are finished become changes; the rest of the last one waits for its end, within reason.
    fn close_lines(&mut self, run: &Run) {
        let Some(open) = &mut self.open else {
            return;
        };
        match open.text.rfind('\n') {
            _ if open.text.len() >= MAX_CHUNK_BYTES => self.close(run),
            Some(end) => {
                let rest = open.text.split_off(end + 1);
                let rest = (!rest.is_empty()).then(|| run.chunk(&open.category, rest));
                self.close(run);
                self.open = rest;
            }
            None => {}
        }
    }
}

/// Keeps events as they come. Those of the last moments come back.
pub(super) async fn read(run: &Run, mut events: Events, mut kept: Kept) -> Result<Kept, Error> {
    let mut keep_at = Instant::now() + KEEP_EVERY;
    loop {
        let next = if kept.is_empty() {
            let next = events.next().await;
            keep_at = Instant::now() + KEEP_EVERY;
            next
        } else if kept.changes.len() >= MAX_CHANGES {
            keep(run, &mut kept).await;
            continue;
        } else {
            match tokio::time::timeout_at(keep_at, events.next()).await {
                Ok(next) => next,
                Err(_) => {
                    kept.close_lines(run);
                    keep(run, &mut kept).await;
                    keep_at = Instant::now() + KEEP_EVERY;
                    continue;
                }
            }
        };
        let Some(Numbered { event, .. }) = next else {
            kept.close(run);
            return Ok(kept);
        };
        take(run, event, &mut kept)?;
    }
}

/// A script whose output can't be kept waits until it can: nothing is lost.
async fn keep(run: &Run, kept: &mut Kept) {
    let app = &run.inner.app;
    if kept.changes.is_empty() {
        return;
    }
    loop {
        match app.store().commit(kept.changes.clone()).await {
            Ok(()) => {
                kept.changes.clear();
                app.logs().wake(&run.task.id);
                return;
            }
            Err(error) => {
                tracing::error!(error = ?error, task.id = %run.task.id, "output can't be kept; it is tried again");
                tokio::time::sleep(super::LOOK_AGAIN).await;
            }
        }
    }
}

pub(super) fn take(run: &Run, event: Event, kept: &mut Kept) -> Result<(), Error> {
    let change = match event {
        Event::Output { level, bytes, .. } => {
            kept.has_warnings |= matches!(level, Level::Warning | Level::Error);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            kept.output(run, run.chunk(category(level), text));
            return Ok(());
        }
        Event::OutputVariable {
            name,
            value,
            sensitive,
            secret,
        } => {
            let value = match secret {
                Some(secret) => {
                    let sealed = run.inner.app.vault().seal(secret.expose());
                    sealed.map_err(|source| Error::Secret {
                        task_id: run.task.id.clone(),
                        source,
                    })?
                }
                None => value.unwrap_or_default(),
            };
            let entry = run.entry();
            let output = format!("Octopus.Action[{}].Output", entry.action_name);
            let save = |name: String| {
                let variable = OutputVariable {
                    name,
                    value: value.clone(),
                    is_sensitive: sensitive,
                };
                let task_id = run.task.id.clone();
                Change::from(TaskChange::Output { task_id, variable })
            };
            // Of several targets the last one has the short name, as in Octopus.
            if let Some(target) = &entry.target {
                kept.close(run);
                kept.changes
                    .push(save(format!("{output}[{}].{name}", target.name)));
            }
            save(format!("{output}.{name}"))
        }
        Event::Progress {
            percentage,
            message,
        } => run.line("Progress", format!("{percentage} {message}\n")),
        Event::Notice { text } => {
            kept.has_warnings = true;
            run.line("Warning", format!("{text}\n"))
        }
        Event::Failure { message } => {
            kept.said = Some(message);
            return Ok(());
        }
        // Kept when the script is over, with its bytes.
        Event::Artifact { .. }
        | Event::Started { .. }
        | Event::EnvironmentState { .. }
        | Event::TargetDeleted { .. }
        | Event::TargetCreated { .. }
        | Event::KubernetesManifest { .. }
        | Event::UnknownMessage { .. } => return Ok(()),
    };
    kept.close(run);
    kept.changes.push(change);
    Ok(())
}

pub(super) fn category(level: Level) -> &'static str {
    match level {
        Level::Verbose => "Verbose",
        Level::Info => "Info",
        Level::Highlight => "Highlight",
        Level::Wait => "Wait",
        Level::Warning => "Warning",
        Level::Error => "Error",
    }
}
