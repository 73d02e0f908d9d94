//! What a worker remembers: who it is, which server it serves, and what attempts have said.
//!
//! ```text
//!  worker.json       where the server is, and the certificates that it shows
//!  worker.pem        this worker's key and certificate; worker.next.pem: the ones that will take their place
//!  spool.key         seals what must not be read on this disk
//!  spool/            what attempts said and the server hasn't kept yet
//!  packages/         the cache
//!  scratch/ runs/    what is gone when it is over
//!  lock              held while it runs
//! ```

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::link::identity::{Identity, IdentityError, Thumbprint, write_whole};

/// Why a worker's directory can't be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    #[error("`{0}` can't be read or written")]
    File(PathBuf, #[source] io::Error),
    #[error("`{0}` is not this program's: {1}")]
    Broken(PathBuf, serde_json::Error),
    #[error("this worker isn't enrolled: run `seawall worker enrol --server … --token …` first")]
    NotEnrolled,
    #[error("a worker runs in `{0}` already")]
    Running(PathBuf),
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

/// What `seawall worker enrol` wrote down.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Enrolment {
    /// `host:port` of the server.
    pub server: String,
    pub trusted: Vec<Thumbprint>,
    pub worker_id: String,
    pub name: String,
    /// Whether the server dials.
    pub is_listening: bool,
    pub labels: Vec<String>,
}

/// A worker's directory.
#[derive(Debug, Clone)]
pub struct Home {
    directory: PathBuf,
}

/// Held while a worker runs in the directory.
pub struct Lock(#[expect(dead_code, reason = "it is held, not read")] File);

impl Home {
    /// Makes the directory if it isn't there; only its owner may look into it.
    ///
    /// # Errors
    /// [`HomeError::File`].
    pub fn open(directory: &Path) -> Result<Self, HomeError> {
        let mut builder = DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(directory);
        made.map_err(|source| HomeError::File(directory.to_owned(), source))?;
        Ok(Self {
            directory: directory.to_owned(),
        })
    }

    /// A file or a directory in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Keeps a second worker out, for as long as the lock is held.
    ///
    /// # Errors
    /// [`HomeError::Running`] and [`HomeError::File`].
    pub fn lock(&self) -> Result<Lock, HomeError> {
        let path = self.path("lock");
        let failed = |source| HomeError::File(path.clone(), source);
        let mut options = File::options();
        let file = options.write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => Err(HomeError::Running(self.directory.clone())),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// What was written down, if the worker is enrolled.
    ///
    /// # Errors
    /// [`HomeError`].
    pub fn enrolment(&self) -> Result<Enrolment, HomeError> {
        let path = self.path("worker.json");
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(HomeError::NotEnrolled);
            }
            Err(source) => return Err(HomeError::File(path, source)),
        };
        serde_json::from_slice(&text).map_err(|source| HomeError::Broken(path, source))
    }

    /// Writes it down.
    ///
    /// # Errors
    /// [`HomeError::File`].
    pub fn keep(&self, enrolment: &Enrolment) -> Result<(), HomeError> {
        let path = self.path("worker.json");
        let text = serde_json::to_vec_pretty(enrolment).expect("an enrolment is plain data");
        write_whole(&path, &text).map_err(|source| HomeError::File(path, source))
    }

    fn identity_path(&self) -> PathBuf {
        self.path("worker.pem")
    }

    fn next_path(&self) -> PathBuf {
        self.path("worker.next.pem")
    }

    /// Who this worker is.
    ///
    /// # Errors
    /// [`HomeError::Identity`].
    pub fn identity(&self) -> Result<Identity, HomeError> {
        Ok(Identity::open(&self.identity_path())?)
    }

    /// Who this worker will be, once the server has heard of it.
    ///
    /// # Errors
    /// [`HomeError::Identity`].
    pub fn next_identity(&self) -> Result<Option<Identity>, HomeError> {
        let path = self.next_path();
        if !path.exists() {
            return Ok(None);
        }
        Ok(Some(Identity::open(&path)?))
    }

    /// Somebody new: in the place of whoever it was.
    ///
    /// # Errors
    /// [`HomeError::Identity`].
    pub fn keep_identity(&self, identity: &Identity) -> Result<(), HomeError> {
        Ok(identity.save(&self.identity_path())?)
    }

    /// Who it will be.
    ///
    /// # Errors
    /// [`HomeError::Identity`].
    pub fn keep_next(&self, identity: &Identity) -> Result<(), HomeError> {
        Ok(identity.save(&self.next_path())?)
    }

    /// The server knows the new one: the old one goes.
    ///
    /// # Errors
    /// [`HomeError::File`].
    pub fn become_next(&self) -> Result<(), HomeError> {
        let path = self.next_path();
        fs::rename(&path, self.identity_path()).map_err(|source| HomeError::File(path, source))
    }
}
