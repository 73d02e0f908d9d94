//! Use cases: authorise, load, decide, commit, wake. The only place that asks who may do what.
//!
//! ```text
//!  api ─► App::create(caller, …) ─ may the caller? ─ what is there? ─ model decides ─► store.commit ─► bus.wake
//! ```
//!
//! Invariants:
//! - Every use case takes a [`Caller`], and asks it for a permission before it reads or changes anything.
//! - Every change commits the event that tells of it in the same transaction.
//! - Secrets are sealed before they reach the store ([`vault`], [`seal`]), and are never part of an answer.
//!
//! Configuration resources share one set of use cases, [`resource`], over [`resource::Managed`], which says what
//! is special about a kind; the file named like a kind has that. Status codes are none of this module's business.

pub mod access;
mod account;
pub mod adhoc;
pub mod api_key;
pub mod artifact;
pub mod caller;
mod certificate;
mod channel;
pub mod deployment;
mod discovery;
pub mod enrolment;
mod environment;
pub mod error;
pub mod event;
pub mod execution;
pub mod features;
mod feed;
pub mod first_start;
mod health;
pub mod interruption;
mod machine;
pub mod package;
mod planning;
pub mod policies;
pub mod progression;
mod project;
mod promotion;
pub mod random;
pub mod release;
pub mod resource;
pub mod retention;
pub mod runbook;
pub mod seal;
pub mod smtp;
mod snapshot;
mod space;
mod target;
pub mod task;
mod tenant;
mod throttle;
mod user;
pub mod variable;
pub mod vault;
mod visible;
pub mod worker;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::blob::Blobs;
use crate::bus::{Bus, Topics};
use crate::plan::{Landlock, PolicySet, Unheld};
use crate::store::Store;

pub use caller::{Caller, Origin};
pub use error::Error;
pub use policies::Policies;
pub use resource::ListQuery;

/// Everything that use cases need. Cheap to clone.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

/// Nothing in it is for a log.
impl std::fmt::Debug for App {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("App")
    }
}

struct Inner {
    store: Store,
    bus: Bus,
    logs: Topics,
    vault: vault::Vault,
    policies: Policies,
    feed: FeedFiles,
    feed_turn: tokio::sync::Mutex<()>,
    machines_turn: tokio::sync::Mutex<()>,
    installed: Installed,
    machines_changed: tokio::sync::Notify,
    workers_changed: tokio::sync::watch::Sender<u64>,
    link: std::sync::OnceLock<Arc<dyn worker::WorkerLink>>,
    keys: access::KnownKeys,
    throttle: throttle::Throttle,
}

/// What is said once, when the server starts.
#[derive(Debug)]
pub struct Installed {
    /// A UUID, made when the database was.
    pub id: String,
    /// The account that native processes run under; `None` if there are none.
    pub native_account: Option<String>,
    /// What the kernel adds to it.
    pub landlock: Landlock,
    /// Whether processes may run that it doesn't hold.
    pub unheld: Unheld,
    /// Whether user code may run in this server at all.
    pub has_built_in_worker: bool,
    /// Wrong keys of one address in a minute that are answered.
    pub max_failed_logins: u32,
    /// Where bundles for offline drops may be put, by the names that targets use.
    pub drop_directories: BTreeMap<String, PathBuf>,
}

/// Where packages and artifacts are, and how large a package may be.
#[derive(Debug)]
pub struct FeedFiles {
    pub blobs: Blobs,
    pub max_package_bytes: u64,
    /// With less than this free on the disk nothing is added any more, so that there is room to delete.
    pub min_free_bytes: u64,
}

impl App {
    /// The use cases over an opened store.
    pub fn new(
        store: Store,
        vault: vault::Vault,
        policies: Policies,
        feed: FeedFiles,
        installed: Installed,
    ) -> Self {
        let throttle = throttle::Throttle::new(installed.max_failed_logins);
        let inner = Inner {
            store,
            bus: Bus::default(),
            logs: Topics::default(),
            vault,
            policies,
            feed,
            feed_turn: tokio::sync::Mutex::new(()),
            machines_turn: tokio::sync::Mutex::new(()),
            installed,
            machines_changed: tokio::sync::Notify::new(),
            workers_changed: tokio::sync::watch::Sender::new(0),
            link: std::sync::OnceLock::new(),
            keys: access::KnownKeys::default(),
            throttle,
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Where changes are announced.
    pub fn bus(&self) -> &Bus {
        &self.inner.bus
    }

    /// Where it is announced, by the task's id, that a task has more to show. Nothing is decided by it.
    pub fn logs(&self) -> &Topics {
        &self.inner.logs
    }

    /// The policies that steps may name, and the ceiling.
    pub fn policies(&self) -> Arc<PolicySet> {
        self.inner.policies.set()
    }

    /// The files that they are read from.
    pub fn policy_files(&self) -> &Policies {
        &self.inner.policies
    }

    /// Files by digest.
    pub fn blobs(&self) -> &Blobs {
        &self.inner.feed.blobs
    }

    /// The most that a package may have.
    pub fn max_package_bytes(&self) -> u64 {
        self.inner.feed.max_package_bytes
    }

    /// Refuses to add anything while the disk is nearly full. What ends or deletes something doesn't ask.
    ///
    /// # Errors
    /// [`crate::store::Error::Full`].
    pub(crate) fn require_room(&self) -> Result<(), Error> {
        let FeedFiles {
            blobs,
            min_free_bytes,
            ..
        } = &self.inner.feed;
        match blobs.free_bytes() {
            Ok(free) if free < *min_free_bytes => Err(crate::store::Error::Full.into()),
            Ok(_) => Ok(()),
            Err(error) => {
                tracing::warn!("the free space of the disk can't be read: {error}");
                Ok(())
            }
        }
    }

    /// Whoever has the turn keeps or removes files; a file is never removed between being kept and being named.
    pub(crate) async fn feed_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.inner.feed_turn.lock().await
    }

    /// What seals secrets.
    pub fn vault(&self) -> &vault::Vault {
        &self.inner.vault
    }

    /// A UUID, made when the database was.
    pub fn installation_id(&self) -> &str {
        &self.inner.installed.id
    }

    /// The account that native processes run under; `None` if there are none.
    pub fn native_account(&self) -> Option<&str> {
        self.inner.installed.native_account.as_deref()
    }

    /// What this server's kernel adds to the account of native processes.
    pub fn landlock(&self) -> Landlock {
        self.inner.installed.landlock
    }

    /// Whether native processes may run here that the kernel doesn't hold.
    pub fn unheld(&self) -> Unheld {
        self.inner.installed.unheld
    }

    /// The names of the directories that bundles may be put into.
    pub fn drop_directories(&self) -> Vec<String> {
        self.inner
            .installed
            .drop_directories
            .keys()
            .cloned()
            .collect()
    }

    /// The directory with such a name.
    pub fn drop_directory(&self, name: &str) -> Option<&Path> {
        let path = self.inner.installed.drop_directories.get(name);
        path.map(PathBuf::as_path)
    }

    /// The time now: the one place where use cases read a clock.
    pub fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
