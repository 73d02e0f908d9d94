//! Where the output of one run goes: limits, the output pipeline, and the channel of events.
//!
//! One lock orders standard output, standard error and the messages file against each other. A
//! reader who is slow makes the script wait instead of making us remember: [`Sink::room`].

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc};

use super::event::{Event, Level, Numbered, Stream};
use super::outcome::LimitName;
use super::output::{Emitted, OutputPipeline, SecretText, Value};
use super::receipt::Witness;
use super::sandbox::{LimitReached, Meter};

/// Bytes of events that may wait for their reader before the script has to.
const BACKLOG_BYTES: usize = 256 * 1024;

/// Artifacts that one run may register.
const ARTIFACTS: usize = 1_000;

/// What an event costs in the backlog beyond its text.
const EVENT_BYTES: usize = 64;

/// Takes what a run writes and turns it into events.
pub struct Sink {
    state: Mutex<State>,
    limit_bytes: u64,
    output_bytes: AtomicU64,
    rate: Rate,
    sender: mpsc::UnboundedSender<Numbered>,
    backlog: Arc<Backlog>,
    witness: Arc<Witness>,
    meter: Arc<Meter>,
}

struct State {
    pipeline: OutputPipeline,
    told: Told,
}

/// What has been said so far.
#[derive(Default)]
struct Told {
    sequence: u64,
    /// Files that the script asked to keep: path and name.
    artifacts: Vec<(String, String)>,
}

/// Bytes of events that were sent and not yet read.
#[derive(Default)]
struct Backlog {
    bytes: AtomicUsize,
    read: Notify,
}

/// The reading end of a run's events.
pub struct Events {
    receiver: mpsc::UnboundedReceiver<Numbered>,
    backlog: Arc<Backlog>,
}

/// The writing end, before a run has taken it.
pub struct EventSender {
    sender: mpsc::UnboundedSender<Numbered>,
    backlog: Arc<Backlog>,
}

/// A channel for the events of one attempt.
pub fn channel() -> (EventSender, Events) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let backlog = Arc::<Backlog>::default();
    (
        EventSender {
            sender,
            backlog: Arc::clone(&backlog),
        },
        Events { receiver, backlog },
    )
}

impl Events {
    /// The next event, or `None` once the run is over and all were read.
    pub async fn next(&mut self) -> Option<Numbered> {
        let event = self.receiver.recv().await?;
        self.was_read(&event.event);
        Some(event)
    }

    /// The next event, if it is there already.
    pub fn try_next(&mut self) -> Option<Numbered> {
        let event = self.receiver.try_recv().ok()?;
        self.was_read(&event.event);
        Some(event)
    }

    fn was_read(&self, event: &Event) {
        self.backlog.bytes.fetch_sub(cost(event), Ordering::AcqRel);
        self.backlog.read.notify_waiters();
    }
}

impl Sink {
    /// A sink for one run. `limit_bytes` and `bytes_per_second` are the policy's limits on output.
    pub fn new(
        pipeline: OutputPipeline,
        limit_bytes: u64,
        bytes_per_second: u64,
        events: EventSender,
        witness: Arc<Witness>,
        meter: Arc<Meter>,
    ) -> Self {
        let EventSender { sender, backlog } = events;
        Self {
            state: Mutex::new(State {
                pipeline,
                told: Told::default(),
            }),
            limit_bytes,
            output_bytes: AtomicU64::new(0),
            rate: Rate::new(bytes_per_second),
            sender,
            backlog,
            witness,
            meter,
        }
    }

    /// Sends an event of the host's own.
    pub fn event(&self, event: Event) {
        let mut state = self.lock();
        self.send(&mut state.told, event);
    }

    /// Bytes that the script wrote to standard output or error.
    ///
    /// # Errors
    /// [`LimitReached`] once there were more than the policy's `output`.
    pub fn output_bytes(&self, stream: Stream, bytes: &[u8]) -> Result<(), LimitReached> {
        self.charge(bytes.len())?;
        let mut state = self.lock();
        let State { pipeline, told } = &mut *state;
        let mut emitted = Vec::new();
        pipeline.push(stream, bytes, &mut |next| emitted.push(next));
        self.emit_all(pipeline, told, emitted);
        Ok(())
    }

    /// Bytes that a helper wrote to the messages file. They count as output: they are kept, too.
    ///
    /// # Errors
    /// As [`Sink::output_bytes`].
    pub fn message_bytes(&self, bytes: &[u8]) -> Result<(), LimitReached> {
        self.charge(bytes.len())?;
        let mut state = self.lock();
        let State { pipeline, told } = &mut *state;
        let mut emitted = Vec::new();
        pipeline.messages_file_push(bytes, &mut |next| emitted.push(next));
        self.emit_all(pipeline, told, emitted);
        Ok(())
    }

    /// The run is over: whatever was held back comes out.
    pub fn finish(&self) {
        let mut state = self.lock();
        let State { pipeline, told } = &mut *state;
        let mut emitted = Vec::new();
        pipeline.finish(&mut |next| emitted.push(next));
        self.emit_all(pipeline, told, emitted);
    }

    /// The files that the script asked to keep, as path and name.
    pub fn artifacts(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.lock().told.artifacts)
    }

    /// Masks the secrets known so far in a text of the host's own.
    pub fn mask(&self, text: &str) -> String {
        self.lock().pipeline.redact_all(text)
    }

    /// Whether a write would be taken now.
    pub fn has_room(&self) -> bool {
        self.backlog.bytes.load(Ordering::Acquire) < BACKLOG_BYTES && self.rate.wait().is_none()
    }

    /// Resolves when a write will be taken.
    pub async fn room(&self) {
        loop {
            let read = self.backlog.read.notified();
            if self.backlog.bytes.load(Ordering::Acquire) >= BACKLOG_BYTES {
                read.await;
            } else if let Some(wait) = self.rate.wait() {
                tokio::time::sleep(wait).await;
            } else {
                return;
            }
        }
    }

    /// Bytes of output so far.
    pub fn used_bytes(&self) -> u64 {
        self.output_bytes.load(Ordering::Relaxed)
    }

    fn charge(&self, bytes: usize) -> Result<(), LimitReached> {
        let bytes = bytes as u64;
        let total = self.output_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if total > self.limit_bytes {
            return Err(self.meter.exceed(LimitName::Output));
        }
        self.rate.spend(bytes);
        Ok(())
    }

    fn emit_all(&self, pipeline: &OutputPipeline, told: &mut Told, emitted: Vec<Emitted>) {
        for emitted in emitted {
            self.emit(pipeline, told, emitted);
        }
    }

    fn emit(&self, pipeline: &OutputPipeline, told: &mut Told, emitted: Emitted) {
        let event = match emitted {
            Emitted::Output {
                stream,
                level,
                bytes,
            } => Event::Output {
                stream,
                level,
                bytes,
            },
            // What was written to the messages file and is no message is shown, not lost.
            Emitted::Unparsed { bytes } => Event::Output {
                stream: Stream::Stdout,
                level: Level::Info,
                bytes,
            },
            Emitted::VariableRead { name } => return self.variable_read(&name),
            Emitted::OutputVariable { name, value } => {
                let (value, secret) = shown(pipeline, value);
                Event::OutputVariable {
                    name,
                    sensitive: secret.is_some(),
                    value,
                    secret,
                }
            }
            Emitted::EnvironmentState {
                key,
                value,
                kind: _,
            } => {
                let (value, secret) = shown(pipeline, value);
                Event::EnvironmentState {
                    key,
                    sensitive: secret.is_some(),
                    value,
                }
            }
            Emitted::Artifact {
                path,
                name,
                length_bytes: _,
            } => {
                let name = name.unwrap_or_else(|| file_name(&path));
                if told.artifacts.len() < ARTIFACTS {
                    told.artifacts.push((path.clone(), name.clone()));
                }
                Event::Artifact { path, name }
            }
            Emitted::Progress {
                percentage,
                message,
            } => Event::Progress {
                percentage,
                message,
            },
            Emitted::Failure { message } => Event::Failure { message },
            Emitted::TargetDeleted { machine } => Event::TargetDeleted { machine },
            Emitted::TargetCreated(target) => Event::TargetCreated { name: target.name },
            Emitted::KubernetesManifest {
                manifest: _,
                namespace,
            } => Event::KubernetesManifest { namespace },
            Emitted::Unknown { name } => Event::UnknownMessage { name },
            Emitted::Incomplete { message, attribute } => Event::Notice {
                text: format!("the service message {message} lacks {attribute}, and was ignored"),
            },
            Emitted::TooShortToMask => Event::Notice {
                text: "a sensitive value is shorter than four characters and can't be masked"
                    .into(),
            },
            Emitted::Withheld { reason } => Event::Notice {
                text: format!("the rest of the output is withheld: {reason}"),
            },
        };
        self.send(told, event);
    }

    fn variable_read(&self, name: &str) {
        match self.witness.grants().variables.decide(name) {
            Ok(_) => self.witness.variable_read(name),
            Err(denial) => self.witness.denied(denial),
        }
    }

    fn send(&self, told: &mut Told, event: Event) {
        told.sequence += 1;
        let cost = cost(&event);
        let numbered = Numbered {
            sequence: told.sequence,
            event,
        };
        // Nobody reads any more: the run goes on, its output counted and dropped.
        if self.sender.send(numbered).is_ok() {
            self.backlog.bytes.fetch_add(cost, Ordering::AcqRel);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A value to show, or a secret to pass on. What holds a secret is one.
fn shown(pipeline: &OutputPipeline, value: Value) -> (Option<String>, Option<SecretText>) {
    match value {
        Value::Plain(text) if pipeline.redact_all(&text) != text => {
            (None, Some(SecretText::new(text)))
        }
        Value::Plain(text) => (Some(text), None),
        Value::Sensitive(secret) => (None, Some(secret)),
    }
}

fn file_name(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

/// What an event counts for in the backlog; only output can be large in sum.
fn cost(event: &Event) -> usize {
    let text = match event {
        Event::Output { bytes, .. } => bytes.len(),
        Event::OutputVariable { name, value, .. } => {
            name.len() + value.as_ref().map_or(0, String::len)
        }
        _ => 0,
    };
    EVENT_BYTES + text
}

/// How fast output may come: a bucket that holds one second's worth.
struct Rate {
    bytes_per_second: u64,
    state: Mutex<Bucket>,
}

struct Bucket {
    /// Bytes ahead of the rate; drains as time passes.
    ahead: u64,
    since: Instant,
}

impl Rate {
    fn new(bytes_per_second: u64) -> Self {
        Self {
            bytes_per_second: bytes_per_second.max(1),
            state: Mutex::new(Bucket {
                ahead: 0,
                since: Instant::now(),
            }),
        }
    }

    fn spend(&self, bytes: u64) {
        let mut bucket = self.drained();
        bucket.ahead = bucket.ahead.saturating_add(bytes);
    }

    /// How long a writer has to wait, if it is more than one second ahead.
    fn wait(&self) -> Option<Duration> {
        let bucket = self.drained();
        let excess = bucket.ahead.checked_sub(self.bytes_per_second)?;
        #[expect(
            clippy::cast_precision_loss,
            reason = "a wait needs no more than 52 bits"
        )]
        let seconds = (excess + 1) as f64 / self.bytes_per_second as f64;
        // Looked at again at least every second, and never at once, which would be a busy loop.
        Some(Duration::from_secs_f64(seconds.clamp(0.001, 1.0)))
    }

    fn drained(&self) -> std::sync::MutexGuard<'_, Bucket> {
        let mut bucket = self
            .state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let elapsed = bucket.since.elapsed();
        let drained = u128::from(self.bytes_per_second) * elapsed.as_nanos() / 1_000_000_000;
        if drained > 0 {
            let drained = u64::try_from(drained).unwrap_or(u64::MAX);
            bucket.ahead = bucket.ahead.saturating_sub(drained);
            bucket.since = Instant::now();
        }
        bucket
    }
}
