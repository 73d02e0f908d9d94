//! The attempts that a worker knows: each is run once, whatever becomes of the connection, and forgotten when the
//! server says that it has kept the end.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;
use tokio::sync::{Notify, Semaphore, watch};

use super::forward::forward;
use super::packages::Packages;
use super::spool::Spool;
use crate::app::vault::Vault;
use crate::link::protocol::{self, Artifact, AttemptId, Body, End};
use crate::plan::Isolation;
use crate::policy::{Grants, Policy};
use crate::worker::{
    self, Attempt, Ending, Finished, Sensitive, Sources, Stdin, Variables, Worker, channel,
};

/// More requests than this are never on their way at once.
const MAX_FORGOTTEN: usize = 10_000;

/// Everything that attempts need. Cheap to clone.
#[derive(Clone)]
pub(super) struct Attempts {
    inner: Arc<Inner>,
}

struct Inner {
    worker: Worker,
    vault: Arc<Vault>,
    packages: Packages,
    ceiling: Option<Policy>,
    /// Where what they say is kept.
    spools: PathBuf,
    /// Where packages are unpacked and artifacts wait.
    scratch: PathBuf,
    /// Of this start of the process.
    instance: String,
    slots: Semaphore,
    known: Mutex<Known>,
    running: AtomicU32,
    changed: Notify,
}

#[derive(Default)]
struct Known {
    entries: HashMap<AttemptId, Arc<Entry>>,
    /// Those that this start of the worker ran or refused, and that the server has done with; the latest of them.
    forgotten: Forgotten,
    is_ending: bool,
}

/// Names of attempts that are over. A request for one can only be one that was on its way when the server had done with
/// it, so that old ones need not be remembered.
#[derive(Default)]
struct Forgotten {
    names: HashSet<AttemptId>,
    in_order: VecDeque<AttemptId>,
}

impl Forgotten {
    fn insert(&mut self, id: &AttemptId) {
        if !self.names.insert(id.clone()) {
            return;
        }
        self.in_order.push_back(id.clone());
        if self.in_order.len() > MAX_FORGOTTEN
            && let Some(oldest) = self.in_order.pop_front()
        {
            self.names.remove(&oldest);
        }
    }

    fn contains(&self, id: &AttemptId) -> bool {
        self.names.contains(id)
    }
}

/// One attempt.
pub(super) struct Entry {
    pub(super) spool: Arc<Spool>,
    cancel: watch::Sender<bool>,
    /// Files that scripts asked to keep, by number.
    artifacts: Mutex<Vec<PathBuf>>,
    /// Gone with the entry.
    artifact_directory: Option<TempDir>,
}

/// Why an attempt isn't taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotTaken {
    #[error("this worker was started again since, and doesn't know what became of it")]
    OtherInstance,
    #[error("it is over and was forgotten, as the server asked")]
    Forgotten,
    #[error("this worker is stopping")]
    Ending,
    #[error("this worker's disk can't take it")]
    Disk,
}

/// What attempts are run with.
pub(super) struct Means {
    pub(super) worker: Worker,
    pub(super) vault: Arc<Vault>,
    pub(super) packages: Packages,
    /// What this worker's operator allows at most, whatever the server says.
    pub(super) ceiling: Option<Policy>,
    pub(super) spools: PathBuf,
    pub(super) scratch: PathBuf,
    pub(super) instance: String,
    /// Attempts at once.
    pub(super) capacity: usize,
}

impl Attempts {
    /// With what an earlier start of the worker left, to be asked for.
    pub(super) fn open(means: Means) -> std::io::Result<Self> {
        let Means {
            worker,
            vault,
            packages,
            ceiling,
            spools,
            scratch,
            instance,
            capacity,
        } = means;
        fs::create_dir_all(&spools)?;
        // Whatever is in there, nobody knows of it any more.
        if scratch.exists() {
            fs::remove_dir_all(&scratch)?;
        }
        fs::create_dir_all(&scratch)?;
        let mut known = Known::default();
        for entry in fs::read_dir(&spools)? {
            let entry = entry?;
            let id = entry.file_name().into_string().ok();
            let Some(id) = id.and_then(|name| AttemptId::try_from(name).ok()) else {
                continue;
            };
            match Spool::reopen(entry.path(), Arc::clone(&vault)) {
                Ok(spool) => {
                    known.entries.insert(id, Arc::new(Entry::new(spool, None)));
                }
                Err(error) => {
                    tracing::error!("what {id} said can't be read, and is put aside: {error}");
                    fs::rename(entry.path(), entry.path().with_extension("broken"))?;
                }
            }
        }
        Ok(Self {
            inner: Arc::new(Inner {
                worker,
                vault,
                packages,
                ceiling,
                spools,
                scratch,
                instance,
                slots: Semaphore::new(capacity),
                known: Mutex::new(known),
                running: AtomicU32::new(0),
                changed: Notify::new(),
            }),
        })
    }

    /// The attempt with this id: the one that is known, or else a new one.
    pub(super) fn take(
        &self,
        id: &AttemptId,
        attempt: protocol::Attempt,
    ) -> Result<Arc<Entry>, NotTaken> {
        let mut known = self.inner.known();
        if let Some(entry) = known.entries.get(id) {
            return Ok(Arc::clone(entry));
        }
        if attempt.instance != self.inner.instance {
            return Err(NotTaken::OtherInstance);
        }
        if known.forgotten.contains(id) {
            return Err(NotTaken::Forgotten);
        }
        if known.is_ending {
            return Err(NotTaken::Ending);
        }
        let path = self.inner.spools.join(id.to_string());
        let spool = Spool::new(path, Arc::clone(&self.inner.vault));
        let directory = TempDir::new_in(&self.inner.scratch);
        let (Ok(spool), Ok(directory)) = (spool, directory) else {
            tracing::error!("{id} can't be kept on this worker's disk");
            return Err(NotTaken::Disk);
        };
        let entry = Arc::new(Entry::new(spool, Some(directory)));
        known.entries.insert(id.clone(), Arc::clone(&entry));
        drop(known);
        self.inner.running.fetch_add(1, Ordering::AcqRel);
        let (inner, id, running) = (Arc::clone(&self.inner), id.clone(), Arc::clone(&entry));
        tokio::spawn(async move {
            tracing::info!("{id} is taken");
            let end = run(&inner, &running, attempt).await;
            tracing::info!("{id} is over");
            if let Err(error) = running.spool.push(Body::End(end)).await {
                tracing::error!("the end of {id} can't be kept: {error}");
            }
            inner.running.fetch_sub(1, Ordering::AcqRel);
            inner.changed.notify_waiters();
        });
        Ok(entry)
    }

    /// The attempt with this id, if it is known.
    pub(super) fn get(&self, id: &AttemptId) -> Option<Arc<Entry>> {
        self.inner.known().entries.get(id).cloned()
    }

    /// All that are known.
    pub(super) fn ids(&self) -> Vec<AttemptId> {
        self.inner.known().entries.keys().cloned().collect()
    }

    /// How many aren't over.
    pub(super) fn n_running(&self) -> u32 {
        self.inner.running.load(Ordering::Acquire)
    }

    /// The server has done with it. What still runs is stopped.
    pub(super) fn forget(&self, id: &AttemptId) {
        let entry = {
            let mut known = self.inner.known();
            known.forgotten.insert(id);
            known.entries.remove(id)
        };
        if let Some(entry) = entry {
            entry.cancel.send_replace(true);
            entry.spool.remove();
            self.inner.changed.notify_waiters();
        }
    }

    /// Takes no more, and waits until the server has everything.
    pub(super) async fn drained(&self) {
        self.inner.known().is_ending = true;
        loop {
            let changed = self.inner.changed.notified();
            if self.inner.known().entries.is_empty() {
                return;
            }
            changed.await;
        }
    }

    /// Stops whatever runs, and waits until it has stopped.
    pub(super) async fn stop(&self) {
        for entry in self.inner.known().entries.values() {
            entry.cancel.send_replace(true);
        }
        loop {
            let changed = self.inner.changed.notified();
            if self.n_running() == 0 {
                return;
            }
            changed.await;
        }
    }
}

impl Inner {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn new(spool: Spool, artifact_directory: Option<TempDir>) -> Self {
        Self {
            spool: Arc::new(spool),
            cancel: watch::Sender::new(false),
            artifacts: Mutex::default(),
            artifact_directory,
        }
    }

    pub(super) fn cancel(&self) {
        self.cancel.send_replace(true);
    }

    /// Where the artifact with this number is.
    pub(super) fn artifact(&self, number: u32) -> Option<PathBuf> {
        let artifacts = self
            .artifacts
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        artifacts.get(usize::try_from(number).ok()?).cloned()
    }

    fn keep(
        &self,
        finished: Vec<Result<worker::Artifact, impl std::fmt::Display>>,
    ) -> Vec<Artifact> {
        let mut artifacts = self
            .artifacts
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut keep = |found: Result<worker::Artifact, _>| match found {
            Ok(artifact) => {
                let number = u32::try_from(artifacts.len()).unwrap_or(u32::MAX);
                artifacts.push(artifact.kept_as.clone().unwrap_or_default());
                Artifact::Kept {
                    number,
                    name: artifact.name,
                    size_bytes: artifact.size_bytes,
                    sha256: artifact.sha256,
                }
            }
            Err(error) => Artifact::NotKept {
                why: format!("{error}"),
            },
        };
        finished.into_iter().map(&mut keep).collect()
    }
}

async fn run(inner: &Inner, entry: &Entry, attempt: protocol::Attempt) -> End {
    let protocol::Attempt {
        instance: _,
        programs,
        arguments,
        grants,
        isolation,
        variables,
        packages,
        is_check,
    } = attempt;
    let refused = |message: String| End::Refused { message };
    let mut cancelled = entry.cancel.subscribe();
    let room = async {
        match is_check {
            true => None,
            false => Some(inner.slots.acquire().await),
        }
    };
    let slot = tokio::select! {
        slot = room => slot,
        _ = cancelled.wait_for(|is_so| *is_so) => return refused("it was stopped before it ran".to_owned()),
    };
    let grants = match held(grants, inner.ceiling.as_ref()) {
        Ok(grants) => Arc::new(grants),
        Err(message) => return refused(message),
    };
    let unpacked = match unpack(inner, packages).await {
        Ok(unpacked) => unpacked,
        Err(message) => return refused(message),
    };
    let mut values = Variables::default();
    for variable in variables {
        let sensitive = match variable.is_sensitive {
            true => Sensitive::Yes,
            false => Sensitive::No,
        };
        values.set(&variable.name, variable.value, sensitive);
    }
    let shared = match inner.worker.share(programs.len(), isolation) {
        Ok(shared) => shared,
        Err(error) => return refused(chain(&error)),
    };
    let mut sources = unpacked.sources.clone();
    sources.workspace = shared.as_ref().map(|shared| shared.path().to_owned());
    let mut end = refused("there was nothing to run".to_owned());
    for (number, program) in (0..).zip(programs) {
        let one = Attempt {
            program: program.into(),
            arguments: arguments.clone(),
            stdin: Stdin::Empty,
            grants: Arc::clone(&grants),
            isolation,
            sources: sources.clone(),
            variables: values.clone(),
        };
        match part(inner, entry, number, one).await {
            Ok((ending, failure)) => {
                let is_fine = ending == Ending::Exited { code: 0 };
                end = End::Done { ending, failure };
                if !is_fine {
                    break;
                }
            }
            Err(end) => return end,
        }
    }
    drop((slot, shared));
    end
}

/// The grants, held to the ceiling of this worker's operator.
fn held(grants: Grants, ceiling: Option<&Policy>) -> Result<Grants, String> {
    match ceiling {
        None => Ok(grants),
        Some(ceiling) => grants.within(ceiling).map_err(|outside| {
            format!("the policy is not within the ceiling of this worker: {outside}")
        }),
    }
}

/// Runs one program, and says how it ended.
async fn part(
    inner: &Inner,
    entry: &Entry,
    number: u32,
    one: Attempt,
) -> Result<(Ending, Option<String>), End> {
    let (sender, events) = channel();
    let quiet = |_| {};
    let keep_in = entry.artifact_directory.as_ref().map(TempDir::path);
    let keep_in = keep_in.map(|directory| directory.join(number.to_string()));
    let cancelled = entry.cancel.subscribe();
    let working = inner
        .worker
        .run(one, sender, cancelled, keep_in.as_deref(), &quiet);
    let (finished, said) = tokio::join!(working, forward(events, &entry.spool));
    let disk = |error: std::io::Error| End::Lost {
        message: format!("the worker's disk failed while it ran: {error}"),
    };
    let failure = said.map_err(disk)?;
    let Finished { outcome, artifacts } = finished.map_err(|error| End::Refused {
        message: chain(&error),
    })?;
    let body = Body::Part {
        number,
        ending: outcome.ending.clone(),
        receipt: serde_json::to_value(&outcome.receipt).unwrap_or_default(),
        artifacts: entry.keep(artifacts),
    };
    entry.spool.push(body).await.map_err(disk)?;
    Ok((outcome.ending, failure))
}

/// Packages as scripts find them. Gone when dropped.
struct Unpacked {
    sources: Sources,
    _directory: Option<TempDir>,
}

async fn unpack(inner: &Inner, wanted: Vec<protocol::Package>) -> Result<Unpacked, String> {
    if wanted.is_empty() {
        return Ok(Unpacked {
            sources: Sources::default(),
            _directory: None,
        });
    }
    let (packages, scratch) = (inner.packages.clone(), inner.scratch.clone());
    let unpacking = tokio::task::spawn_blocking(move || {
        let disk = |error: std::io::Error| format!("the packages can't be unpacked: {error}");
        let directory = TempDir::new_in(scratch).map_err(disk)?;
        let mut sources = Sources::default();
        for (index, package) in wanted.iter().enumerate() {
            let folder = directory.path().join(index.to_string());
            fs::create_dir(&folder).map_err(disk)?;
            packages.unpack(package, &folder)?;
            for mount in &package.mounts {
                sources.mounts.insert(mount.clone(), folder.clone());
            }
        }
        Ok(Unpacked {
            sources,
            _directory: Some(directory),
        })
    });
    unpacking
        .await
        .map_err(|error| format!("the packages can't be unpacked: {error}"))?
}

/// An error with everything that led to it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// What this worker can do.
pub(super) fn isolations(worker: &Worker) -> Vec<Isolation> {
    match worker.native_account() {
        Some(_) => vec![Isolation::Sandbox, Isolation::Process],
        None => vec![Isolation::Sandbox],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_names_are_let_go_of() {
        let id = |index: usize| AttemptId {
            task_id: "ServerTasks-1".to_owned(),
            index: u32::try_from(index).expect("a small number"),
            attempt: 1,
        };
        let mut forgotten = Forgotten::default();
        for index in 0..=MAX_FORGOTTEN {
            forgotten.insert(&id(index));
            forgotten.insert(&id(index));
        }
        assert!(!forgotten.contains(&id(0)));
        assert!(forgotten.contains(&id(1)) && forgotten.contains(&id(MAX_FORGOTTEN)));
        assert_eq!(forgotten.in_order.len(), MAX_FORGOTTEN);
    }
}
