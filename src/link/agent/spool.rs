//! What an attempt has said and the server has not kept yet: on disk as it is said, in memory as long as that is short.
//!
//! One file per attempt, a line per frame. The values of sensitive output variables are sealed in it; everything else
//! was masked before it came here. Whoever adds waits while more than [`MAX_WAITING_BYTES`] aren't acknowledged: a
//! server that is away for long stops the script, not the worker.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};

use crate::app::vault::Vault;
use crate::link::protocol::{Body, End, Frame};

/// What may wait for the server before the script has to.
const MAX_WAITING_BYTES: usize = 16 << 20;

/// What of it is kept in memory, too.
const MAX_MEMORY_BYTES: usize = 256 << 10;

/// What one answer is made of at a time.
const MAX_BATCH_BYTES: usize = 256 << 10;

/// How a line begins that is as it was said, and one whose value is sealed.
const PLAIN: u8 = b'P';
const SEALED: u8 = b'S';

/// The frames of one attempt.
pub(super) struct Spool {
    path: PathBuf,
    vault: Arc<Vault>,
    state: Mutex<State>,
    /// The number of the last frame.
    last: watch::Sender<u64>,
    acknowledged: Notify,
}

struct State {
    file: File,
    /// Where the next line goes.
    end: u64,
    /// Frames that the server hasn't kept, in order and without gaps.
    waiting: VecDeque<Waiting>,
    waiting_bytes: usize,
    memory_bytes: usize,
    last: u64,
    is_over: bool,
}

struct Waiting {
    sequence: u64,
    offset: u64,
    length: usize,
    /// As it is sent, if there was room for it.
    line: Option<Arc<str>>,
}

/// A run of frames, as they are sent.
pub(super) struct Batch {
    pub(super) lines: String,
    /// The number of the last one.
    pub(super) last: u64,
}

/// The server asks for what it said it has.
#[derive(Debug)]
pub(super) struct Gone;

impl Spool {
    /// An empty one.
    pub(super) fn new(path: PathBuf, vault: Arc<Vault>) -> io::Result<Self> {
        let mut options = File::options();
        let options = options.read(true).append(true).create_new(true).mode(0o600);
        let file = options.open(&path)?;
        Ok(Self::with(path, vault, State::empty(file)))
    }

    fn with(path: PathBuf, vault: Arc<Vault>, state: State) -> Self {
        Self {
            path,
            vault,
            last: watch::Sender::new(state.last),
            state: Mutex::new(state),
            acknowledged: Notify::new(),
        }
    }

    /// What an earlier start of the worker left. If that didn't come to its end, nobody knows how far it came.
    pub(super) fn reopen(path: PathBuf, vault: Arc<Vault>) -> io::Result<Self> {
        let text = fs::read(&path)?;
        let whole = text
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let file = File::options().read(true).append(true).open(&path)?;
        file.set_len(whole as u64)?;
        let mut state = State::empty(file);
        for line in text[..whole].split_inclusive(|byte| *byte == b'\n') {
            let opened = open(&vault, line)?;
            state.is_over |= matches!(opened.body, Body::End(_));
            state.waiting.push_back(Waiting {
                sequence: opened.sequence,
                offset: state.end,
                length: line.len(),
                line: None,
            });
            state.end += line.len() as u64;
            state.waiting_bytes += line.len();
            state.last = opened.sequence;
        }
        let spool = Self::with(path, vault, state);
        let mut state = spool.state();
        if !state.is_over {
            let message = "the worker ended while it ran".to_owned();
            spool.add(&mut state, Body::End(End::Lost { message }))?;
        }
        drop(state);
        Ok(spool)
    }

    /// Adds a frame, as soon as there is room for it.
    pub(super) async fn push(&self, body: Body) -> io::Result<()> {
        loop {
            let acknowledged = self.acknowledged.notified();
            {
                let mut state = self.state();
                if state.waiting_bytes < MAX_WAITING_BYTES {
                    return self.add(&mut state, body);
                }
            }
            acknowledged.await;
        }
    }

    fn add(&self, state: &mut State, body: Body) -> io::Result<()> {
        let is_end = matches!(body, Body::End(_));
        let frame = Frame {
            sequence: state.last + 1,
            body,
        };
        let line = format!("{}\n", serde_json::to_string(&frame)?);
        let kept = self.kept(&frame, &line)?;
        state.file.write_all(&kept)?;
        let is_small = state.memory_bytes + line.len() <= MAX_MEMORY_BYTES;
        if is_small {
            state.memory_bytes += line.len();
        }
        state.waiting.push_back(Waiting {
            sequence: frame.sequence,
            offset: state.end,
            length: kept.len(),
            line: is_small.then(|| line.into()),
        });
        state.end += kept.len() as u64;
        state.waiting_bytes += kept.len();
        state.last = frame.sequence;
        state.is_over |= is_end;
        self.last.send_replace(frame.sequence);
        Ok(())
    }

    /// A frame as it is on disk.
    fn kept(&self, frame: &Frame, line: &str) -> io::Result<Vec<u8>> {
        let Body::OutputVariable {
            name,
            value,
            is_sensitive: true,
        } = &frame.body
        else {
            return Ok([&[PLAIN], line.as_bytes()].concat());
        };
        let sealed = Frame {
            sequence: frame.sequence,
            body: Body::OutputVariable {
                name: name.clone(),
                value: self.vault.seal(value).map_err(io::Error::other)?,
                is_sensitive: true,
            },
        };
        let line = format!("{}\n", serde_json::to_string(&sealed)?);
        Ok([&[SEALED], line.as_bytes()].concat())
    }

    /// Frames after the one with the number `after`; empty if there are none yet, `None` if there will be none.
    pub(super) async fn after(self: &Arc<Self>, after: u64) -> Result<Option<Batch>, Gone> {
        let mut batch = Batch {
            lines: String::new(),
            last: after,
        };
        let mut on_disk = Vec::new();
        {
            let state = self.state();
            let first = state
                .waiting
                .front()
                .map_or(state.last + 1, |one| one.sequence);
            if after + 1 < first || after > state.last {
                return Err(Gone);
            }
            if after == state.last {
                return Ok((!state.is_over).then_some(batch));
            }
            let skip = usize::try_from(after + 1 - first).map_err(|_| Gone)?;
            let mut bytes = 0;
            for one in state.waiting.iter().skip(skip) {
                if bytes > 0 && bytes + one.length > MAX_BATCH_BYTES {
                    break;
                }
                bytes += one.length;
                batch.last = one.sequence;
                match &one.line {
                    Some(line) if on_disk.is_empty() => batch.lines.push_str(line),
                    _ => on_disk.push((one.offset, one.length)),
                }
            }
        }
        if on_disk.is_empty() {
            return Ok(Some(batch));
        }
        let spool = Arc::clone(self);
        let read = tokio::task::spawn_blocking(move || spool.read(&on_disk)).await;
        match read {
            Ok(Ok(lines)) => {
                batch.lines.push_str(&lines);
                Ok(Some(batch))
            }
            Ok(Err(error)) => {
                tracing::error!("`{}` can't be read: {error}", self.path.display());
                Err(Gone)
            }
            Err(_) => Err(Gone),
        }
    }

    fn read(&self, places: &[(u64, usize)]) -> io::Result<String> {
        let file = self.state().file.try_clone()?;
        let mut lines = String::new();
        for (offset, length) in places {
            let mut line = vec![0; *length];
            file.read_exact_at(&mut line, *offset)?;
            let frame = open(&self.vault, &line)?;
            lines.push_str(&serde_json::to_string(&frame)?);
            lines.push('\n');
        }
        Ok(lines)
    }

    /// The server has kept everything up to this number.
    pub(super) fn acknowledge(&self, through: u64) {
        let mut state = self.state();
        while let Some(first) = state.waiting.front() {
            if first.sequence > through {
                break;
            }
            let (length, in_memory) = (first.length, first.line.as_ref().map_or(0, |l| l.len()));
            state.waiting_bytes -= length;
            state.memory_bytes -= in_memory;
            state.waiting.pop_front();
        }
        drop(state);
        self.acknowledged.notify_waiters();
    }

    /// Says whenever there is another frame.
    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }

    /// The file goes.
    pub(super) fn remove(&self) {
        remove(&self.path);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn empty(file: File) -> Self {
        Self {
            file,
            end: 0,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            memory_bytes: 0,
            last: 0,
            is_over: false,
        }
    }
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::warn!("`{}` can't be removed: {error}", path.display());
    }
}

/// A line as it was said.
fn open(vault: &Vault, line: &[u8]) -> io::Result<Frame> {
    let broken = || io::Error::other("a line is broken");
    let (kind, text) = line.split_first().ok_or_else(broken)?;
    let mut frame: Frame = serde_json::from_slice(text)?;
    match (*kind, &mut frame.body) {
        (PLAIN, _) => {}
        (SEALED, Body::OutputVariable { value, .. }) => {
            *value = vault.open(value).map_err(io::Error::other)?.to_string();
        }
        _ => return Err(broken()),
    }
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::worker::event::Level;

    fn place() -> (TempDir, PathBuf, Arc<Vault>) {
        let directory = TempDir::new().expect("a directory");
        let vault = Vault::from_file(&directory.path().join("key")).expect("a vault");
        let path = directory.path().join("a.1.1");
        (directory, path, Arc::new(vault))
    }

    fn line(text: &str) -> Body {
        Body::Output {
            level: Level::Info,
            text: text.to_owned(),
        }
    }

    fn secret() -> Body {
        Body::OutputVariable {
            name: "Password".to_owned(),
            value: "hunter2-is-secret".to_owned(),
            is_sensitive: true,
        }
    }

    async fn all(spool: &Arc<Spool>, mut after: u64) -> Vec<Frame> {
        let mut frames = Vec::new();
        while let Some(batch) = spool.after(after).await.expect("it is there") {
            if batch.lines.is_empty() {
                break;
            }
            after = batch.last;
            let lines = batch.lines.lines();
            frames.extend(lines.map(|line| serde_json::from_str::<Frame>(line).expect("a frame")));
        }
        frames
    }

    #[tokio::test]
    async fn frames_come_in_order_from_memory_and_from_disk_and_once_acknowledged_no_more() {
        let (_directory, path, vault) = place();
        let spool = Arc::new(Spool::new(path, vault).expect("a spool"));
        let long = "x".repeat(10_000);
        for _ in 0..100 {
            spool.push(line(&long)).await.expect("room");
        }
        spool.push(secret()).await.expect("room");
        let end = End::Refused {
            message: "no".to_owned(),
        };
        spool.push(Body::End(end)).await.expect("room");
        let frames = all(&spool, 0).await;
        let numbers: Vec<u64> = frames.iter().map(|frame| frame.sequence).collect();
        assert_eq!(numbers, (1..=102).collect::<Vec<_>>());
        assert_eq!(frames[100].body, secret());
        spool.acknowledge(50);
        assert!(spool.after(49).await.is_err());
        assert_eq!(all(&spool, 50).await.len(), 52);
        assert!(spool.after(102).await.expect("the end").is_none());
        assert!(spool.after(103).await.is_err());
    }

    #[tokio::test]
    async fn what_a_killed_worker_left_is_lost_and_what_was_over_is_not() {
        let (_directory, path, vault) = place();
        let spool = Spool::new(path.clone(), Arc::clone(&vault)).expect("a spool");
        spool.push(secret()).await.expect("room");
        drop(spool);
        let text = fs::read(&path).expect("a file");
        assert!(
            !String::from_utf8_lossy(&text).contains("hunter2"),
            "it is sealed"
        );
        // Killed in the middle of a line.
        fs::write(&path, [&text[..], b"P{\"seq"].concat()).expect("it is written");
        let spool = Arc::new(Spool::reopen(path.clone(), Arc::clone(&vault)).expect("a spool"));
        let frames = all(&spool, 0).await;
        assert_eq!(frames[0].body, secret());
        assert!(matches!(frames[1].body, Body::End(End::Lost { .. })));
        assert_eq!(frames.len(), 2);
        drop(spool);
        let again = Arc::new(Spool::reopen(path, vault).expect("a spool"));
        assert_eq!(all(&again, 0).await, frames);
    }

    #[tokio::test]
    async fn a_server_that_is_away_for_long_makes_the_script_wait() {
        let (_directory, path, vault) = place();
        let spool = Arc::new(Spool::new(path, vault).expect("a spool"));
        let long = "x".repeat(1 << 20);
        for _ in 0..16 {
            spool.push(line(&long)).await.expect("room");
        }
        let waiting = tokio::spawn({
            let spool = Arc::clone(&spool);
            async move { spool.push(line("last")).await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        spool.acknowledge(1);
        waiting.await.expect("it ends").expect("room");
    }
}
