//! From the events of a run to the frames that tell a server of them.
//!
//! Output is put together to whole lines, and to frames of at most [`MAX_OUTPUT_BYTES`]; a line that isn't finished
//! waits for its end, within reason. Nothing is held back while there is something to wait for.

use std::io;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::spool::Spool;
use crate::link::protocol::{Body, MAX_OUTPUT_BYTES};
use crate::worker::Events;
use crate::worker::event::{Event, Level, Numbered};

/// A line without an end is sent after this time.
const LINE_PATIENCE: Duration = Duration::from_millis(100);

/// Output that isn't a frame yet.
#[derive(Default)]
struct Open {
    level: Option<Level>,
    text: String,
}

impl Open {
    fn all(&mut self) -> Option<Body> {
        let level = self.level?;
        let text = std::mem::take(&mut self.text);
        (!text.is_empty()).then_some(Body::Output { level, text })
    }

    fn whole_lines(&mut self) -> Option<Body> {
        let end = self.text.rfind('\n')? + 1;
        let rest = self.text.split_off(end);
        let lines = self.all();
        self.text = rest;
        lines
    }
}

/// Forwards until the run is over, and gives back what the script said of its failure.
///
/// # Errors
/// If the disk can't take what was said.
pub(super) async fn forward(mut events: Events, spool: &Spool) -> io::Result<Option<String>> {
    let mut failure = None;
    let mut open = Open::default();
    let mut next = events.next().await;
    while let Some(Numbered { event, .. }) = next {
        if let Event::Output { level, bytes, .. } = event {
            let is_full = open.text.len() + bytes.len() > MAX_OUTPUT_BYTES;
            if open.level != Some(level) || is_full {
                push(spool, open.all()).await?;
            }
            open.level = Some(level);
            open.text.push_str(&String::from_utf8_lossy(&bytes));
        } else {
            push(spool, open.all()).await?;
            push(spool, body(event, &mut failure)).await?;
        }
        next = match events.try_next() {
            Some(event) => Some(event),
            None => {
                push(spool, open.whole_lines()).await?;
                let until = Instant::now() + LINE_PATIENCE;
                if open.text.is_empty() {
                    events.next().await
                } else if let Ok(event) = timeout_at(until, events.next()).await {
                    event
                } else {
                    push(spool, open.all()).await?;
                    events.next().await
                }
            }
        };
    }
    push(spool, open.all()).await?;
    Ok(failure)
}

async fn push(spool: &Spool, body: Option<Body>) -> io::Result<()> {
    match body {
        // A single write may be longer than a frame.
        Some(Body::Output { level, text }) if text.len() > MAX_OUTPUT_BYTES => {
            let mut rest = text.as_str();
            while !rest.is_empty() {
                let most = rest.floor_char_boundary(MAX_OUTPUT_BYTES);
                let (text, after) = rest.split_at(most);
                let text = text.to_owned();
                spool.push(Body::Output { level, text }).await?;
                rest = after;
            }
            Ok(())
        }
        Some(body) => spool.push(body).await,
        None => Ok(()),
    }
}

/// What a server is told of an event, if anything.
fn body(event: Event, failure: &mut Option<String>) -> Option<Body> {
    match event {
        Event::OutputVariable {
            name,
            value,
            sensitive,
            secret,
        } => Some(Body::OutputVariable {
            name,
            value: match secret {
                Some(secret) => secret.expose().to_owned(),
                None => value.unwrap_or_default(),
            },
            is_sensitive: sensitive,
        }),
        Event::Progress {
            percentage,
            message,
        } => Some(Body::Progress {
            percentage,
            message,
        }),
        Event::Notice { text } => Some(Body::Notice { text }),
        Event::Failure { message } => {
            *failure = Some(message);
            None
        }
        // Artifacts come with the part; of the others the server keeps nothing.
        Event::Output { .. }
        | Event::Artifact { .. }
        | Event::Started { .. }
        | Event::EnvironmentState { .. }
        | Event::TargetDeleted { .. }
        | Event::TargetCreated { .. }
        | Event::KubernetesManifest { .. }
        | Event::UnknownMessage { .. } => None,
    }
}
