//! Directories on the host that runs work in: an empty one per run, and nothing left after it.
//!
//! ```text
//! runs/            0700, ours
//!   root/          empty; what a guest sees as `/`
//!   messages/      holds one empty file; see sandbox/files.rs
//!   4711-1/        one run at a time: process id and a counter
//!     work/        the workspace, where a policy grants it
//!     artifacts/   likewise
//!     seawall/     script and variables
//! ```
//!
//! A directory whose run left it empty is used for a later run, its times reset; creating and
//! removing one costs a journalled file system more than a whole trivial run (0.5 ms on ext4). A
//! directory that is not empty afterwards is removed, never emptied and reused.
//!
//! A killed process leaves its directories behind; the next one to open `runs/` removes those
//! whose process is gone.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use rustix::process::{Pid, test_kill_process};

use super::sandbox::MESSAGES_FILE;

/// Clean directories that are kept for later runs; more would only be clutter.
const SPARE_DIRECTORIES: usize = 64;

/// The directory that all runs of this process work in.
#[derive(Clone)]
pub struct Runs {
    shared: Arc<Shared>,
}

struct Shared {
    directory: PathBuf,
    spare: Mutex<Vec<PathBuf>>,
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
            .mode(0o600)
            .open(directory.join("messages").join(MESSAGES_FILE))?;
        Ok(Self {
            shared: Arc::new(Shared {
                directory: directory.to_owned(),
                spare: Mutex::default(),
            }),
        })
    }

    /// The empty directory that guests see as `/`.
    pub fn root(&self) -> PathBuf {
        self.shared.directory.join("root")
    }

    /// The directory of the messages file.
    pub fn messages(&self) -> PathBuf {
        self.shared.directory.join("messages")
    }

    /// An empty directory for one run.
    ///
    /// # Errors
    /// If it can't be created.
    pub fn fresh(&self) -> io::Result<RunDirectory> {
        let spare = self.shared.spare().pop();
        let path = match spare {
            Some(path) => path,
            None => {
                let n = COUNTER.fetch_add(1, Ordering::Relaxed);
                let name = format!("{}-{n}", std::process::id());
                let path = self.shared.directory.join(name);
                fs::DirBuilder::new().mode(0o700).create(&path)?;
                path
            }
        };
        Ok(RunDirectory {
            path,
            created: Vec::new(),
            written: Vec::new(),
            shared: Arc::clone(&self.shared),
        })
    }
}

impl Shared {
    fn spare(&self) -> std::sync::MutexGuard<'_, Vec<PathBuf>> {
        self.spare
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        for path in self.spare().drain(..) {
            remove(&path);
        }
    }
}

/// One run's directory. Clean again, or gone, when dropped.
pub struct RunDirectory {
    path: PathBuf,
    /// Sub-directories in use by this run.
    created: Vec<PathBuf>,
    /// Files of our own in them.
    written: Vec<PathBuf>,
    shared: Arc<Shared>,
}

impl RunDirectory {
    /// The empty sub-directory `name`.
    ///
    /// # Errors
    /// If it can't be created.
    pub fn create(&mut self, name: &str) -> io::Result<PathBuf> {
        let path = self.path.join(name);
        match fs::DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => {}
            // Left empty by an earlier run: that is what `fresh` hands out.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        self.created.push(path.clone());
        Ok(path)
    }

    /// Writes a file of ours into a sub-directory; it is removed when the run is over.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn write(&mut self, path: PathBuf, bytes: &[u8]) -> io::Result<()> {
        // Before the write, so that half a file is removed as well.
        self.written.push(path.clone());
        fs::write(path, bytes)
    }

    /// Removes our own files, and says whether nothing else is left.
    fn is_clean(&self) -> io::Result<bool> {
        for path in &self.written {
            fs::remove_file(path)?;
        }
        for path in &self.created {
            if fs::read_dir(path)?.next().is_some() {
                return Ok(false);
            }
            // The next guest must not learn when the last one ran.
            let directory = fs::File::open(path)?;
            let epoch = SystemTime::UNIX_EPOCH;
            directory.set_times(fs::FileTimes::new().set_accessed(epoch).set_modified(epoch))?;
        }
        Ok(true)
    }
}

impl Drop for RunDirectory {
    fn drop(&mut self) {
        let path = std::mem::take(&mut self.path);
        if self.is_clean().unwrap_or(false) {
            let mut spare = self.shared.spare();
            if spare.len() < SPARE_DIRECTORIES {
                spare.push(path);
                return;
            }
        }
        remove(&path);
    }
}

/// Removes a directory with everything in it. `remove_dir_all` follows no links.
fn remove(path: &Path) {
    if let Err(error) = fs::remove_dir_all(path) {
        tracing::error!(path = %path.display(), "a run's directory can't be removed: {error}");
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
            // Another process that starts now may be removing the same one.
            match fs::remove_dir_all(entry.path()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}
