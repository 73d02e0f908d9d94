//! The disk quota of one sandbox: bytes and files over everything it may write.
//!
//! Sizes are logical: a sparse file costs its whole length, because what a guest can make cheaply
//! here it can make expensive later. Bytes come back when a file shrinks or its last name goes and
//! nobody in the sandbox holds it open; a file that was unlinked while open stays charged, since
//! the disk still holds it. What earlier scripts of the same attempt left in the workspace is charged
//! from the start, so that an attempt has one quota however many scripts it has.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::meter::{LimitReached, Meter};
use crate::worker::outcome::LimitName;

/// Shared by the file views and the streams of one sandbox.
pub struct Quota {
    limit_bytes: u64,
    limit_files: u64,
    meter: Arc<Meter>,
    state: Mutex<State>,
}

/// What is in a workspace before a script runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Left {
    pub bytes: u64,
    pub files: u64,
}

impl Left {
    /// Of everything below `directory`; links are entries, and aren't followed.
    ///
    /// # Errors
    /// If something below it can't be looked at.
    pub fn in_directory(directory: &Path) -> io::Result<Self> {
        let mut left = Self::default();
        let mut directories = vec![directory.to_owned()];
        while let Some(directory) = directories.pop() {
            for entry in fs::read_dir(directory)? {
                let entry = entry?;
                let metadata = entry.metadata()?;
                left.files += 1;
                if metadata.is_dir() {
                    directories.push(entry.path());
                } else {
                    left.bytes = left.bytes.saturating_add(metadata.len());
                }
            }
        }
        Ok(left)
    }
}

#[derive(Default)]
struct State {
    used_bytes: u64,
    used_files: u64,
    peak_bytes: u64,
    peak_files: u64,
    /// How many handles and streams are open on each inode.
    open: HashMap<Inode, usize>,
}

/// A file's identity on the host: device and inode number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Inode(u64, u64);

impl Inode {
    /// The identity of an open file.
    pub fn of(metadata: &std::fs::Metadata) -> Self {
        Self(metadata.dev(), metadata.ino())
    }
}

impl Quota {
    /// A quota that nothing has been charged to.
    pub fn new(limit_bytes: u64, limit_files: u64, meter: Arc<Meter>) -> Self {
        Self {
            limit_bytes,
            limit_files,
            meter,
            state: Mutex::default(),
        }
    }

    /// The same quota, with what is there already charged to it.
    pub fn with(self, left: Left) -> Self {
        let Left { bytes, files } = left;
        let state = Mutex::new(State {
            used_bytes: bytes,
            used_files: files,
            peak_bytes: bytes,
            peak_files: files,
            open: HashMap::new(),
        });
        Self { state, ..self }
    }

    /// Charges the growth of one file from `before` to `after` bytes, ahead of the write.
    ///
    /// # Errors
    /// [`LimitReached`] for `disk`; nothing is charged then.
    pub fn grow(&self, before: u64, after: u64) -> Result<(), LimitReached> {
        let growth = after.saturating_sub(before);
        if growth == 0 {
            return Ok(());
        }
        let mut state = self.lock();
        let wanted = state.used_bytes.saturating_add(growth);
        if wanted > self.limit_bytes {
            return Err(self.meter.exceed(LimitName::Disk));
        }
        state.used_bytes = wanted;
        state.peak_bytes = state.peak_bytes.max(wanted);
        Ok(())
    }

    /// Gives back `bytes`, after a file shrank or a charged write came out shorter.
    pub fn release_bytes(&self, bytes: u64) {
        let mut state = self.lock();
        state.used_bytes = state.used_bytes.saturating_sub(bytes);
    }

    /// Charges one directory entry, ahead of its creation.
    ///
    /// # Errors
    /// [`LimitReached`] for `files`; nothing is charged then.
    pub fn add_file(&self) -> Result<(), LimitReached> {
        let mut state = self.lock();
        if state.used_files >= self.limit_files {
            return Err(self.meter.exceed(LimitName::Files));
        }
        state.used_files += 1;
        state.peak_files = state.peak_files.max(state.used_files);
        Ok(())
    }

    /// Gives back one directory entry.
    pub fn remove_file(&self) {
        let mut state = self.lock();
        state.used_files = state.used_files.saturating_sub(1);
    }

    /// Gives back the bytes of a file whose last name was removed, unless it is still open here.
    pub fn release_unlinked(&self, inode: Inode, bytes: u64) {
        let mut state = self.lock();
        if !state.open.contains_key(&inode) {
            state.used_bytes = state.used_bytes.saturating_sub(bytes);
        }
    }

    /// Marks `inode` as open until the returned guard is dropped.
    pub fn hold(self: &Arc<Self>, inode: Inode) -> Held {
        *self.lock().open.entry(inode).or_insert(0) += 1;
        Held {
            quota: Arc::clone(self),
            inode,
        }
    }

    /// The most bytes and files that were in use at once.
    pub fn peak(&self) -> (u64, u64) {
        let state = self.lock();
        (state.peak_bytes, state.peak_files)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing panics while the lock is held; counts stay usable even if that were wrong.
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// An open handle or stream on one inode.
pub struct Held {
    quota: Arc<Quota>,
    inode: Inode,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut state = self.quota.lock();
        if let Some(count) = state.open.get_mut(&self.inode) {
            *count -= 1;
            if *count == 0 {
                state.open.remove(&self.inode);
            }
        }
    }
}
