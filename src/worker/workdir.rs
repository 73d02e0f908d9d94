//! Directories on the host that runs work in: one fresh directory per run, removed after it.
//!
//! ```text
//! runs/            0700, ours
//!   root/          empty; what a guest sees as `/`
//!   messages/      holds one empty file; see sandbox/files.rs
//!   4711-1/        one run: process id and a counter
//!     work/        the workspace, where a policy grants it
//!     seawall/     script and variables
//! ```
//!
//! A killed process leaves its directories behind; the next one to open `runs/` removes those
//! whose process is gone.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::process::{Pid, test_kill_process};

use super::sandbox::MESSAGES_FILE;

/// The directory that all runs of this process work in.
#[derive(Clone)]
pub struct Runs {
    directory: Arc<PathBuf>,
}

static COUNTER: AtomicU64 = AtomicU64::new(1);

impl Runs {
    /// Opens `directory`, creates what every run shares, and removes what dead processes left.
    ///
    /// # Errors
    /// If the directory can't be created or read.
    pub fn open(directory: &Path) -> io::Result<Self> {
        create(directory)?;
        remove_abandoned(directory)?;
        create(&directory.join("root"))?;
        create(&directory.join("messages"))?;
        fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(directory.join("messages").join(MESSAGES_FILE))?;
        Ok(Self {
            directory: Arc::new(directory.to_owned()),
        })
    }

    /// The empty directory that guests see as `/`.
    pub fn root(&self) -> PathBuf {
        self.directory.join("root")
    }

    /// The directory of the messages file.
    pub fn messages(&self) -> PathBuf {
        self.directory.join("messages")
    }

    /// A fresh directory for one run.
    ///
    /// # Errors
    /// If it can't be created.
    pub fn fresh(&self) -> io::Result<RunDirectory> {
        let n = COUNTER.fetch_add(1, Ordering::Relaxed);
        let path = self.directory.join(format!("{}-{n}", std::process::id()));
        fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(RunDirectory { path })
    }
}

/// One run's directory. Removed with everything in it when dropped.
pub struct RunDirectory {
    path: PathBuf,
}

impl RunDirectory {
    /// Creates the sub-directory `name`.
    ///
    /// # Errors
    /// If it can't be created.
    pub fn create(&self, name: &str) -> io::Result<PathBuf> {
        let path = self.path.join(name);
        fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(path)
    }
}

impl Drop for RunDirectory {
    fn drop(&mut self) {
        // `remove_dir_all` follows no links. An empty directory, the common case, is one call.
        if fs::remove_dir(&self.path).is_err()
            && let Err(error) = fs::remove_dir_all(&self.path)
        {
            tracing::error!(path = %self.path.display(), "a run's directory can't be removed: {error}");
        }
    }
}

fn create(directory: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
}

fn remove_abandoned(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let pid = name
            .to_str()
            .and_then(|name| name.split_once('-'))
            .and_then(|(pid, _)| pid.parse::<i32>().ok())
            .and_then(Pid::from_raw);
        let Some(pid) = pid else { continue };
        let is_gone = test_kill_process(pid) == Err(rustix::io::Errno::SRCH);
        if is_gone {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
