//! bashkit's file system over `std::fs`, which on WASI means: the directories that the policy granted.
//!
//! WASI has no mode bits, so `chmod` is remembered for the run and answered by `stat`; a file that nobody
//! changed counts as executable when it begins with `#!`. Symbolic links with an absolute target are refused by
//! WASI hosts; they are made relative, and `readlink` shows what the script wrote. Errors carry the text that
//! bash would print. Containment is not this module's business: the host opens every path.

use std::collections::HashMap;
use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use bashkit::time::{SystemTime, UNIX_EPOCH};
use bashkit::{DirEntry, FileSystem, FileSystemExt, FileType, Metadata, Result, async_trait};

mod device;
mod text;

pub use text::plain;

/// What only this run knows about the files.
#[derive(Default)]
pub struct Disk {
    modes: Mutex<HashMap<PathBuf, u32>>,
    links: Mutex<HashMap<PathBuf, PathBuf>>,
}

impl Disk {
    fn forget(&self, path: &Path) {
        self.modes.lock().expect("single-threaded").remove(path);
        self.links.lock().expect("single-threaded").remove(path);
    }

    fn metadata(&self, path: &Path, seen: &fs::Metadata) -> Metadata {
        let kind = seen.file_type();
        let file_type = if kind.is_dir() {
            FileType::Directory
        } else if kind.is_symlink() {
            FileType::Symlink
        } else {
            FileType::File
        };
        let mode = self
            .modes
            .lock()
            .expect("single-threaded")
            .get(path)
            .copied();
        let modified = seen.modified().unwrap_or(UNIX_EPOCH);
        Metadata {
            file_type,
            size: seen.len(),
            mode: mode.unwrap_or_else(|| native_mode(seen, file_type)),
            modified,
            created: modified,
        }
    }
}

#[cfg(not(target_os = "wasi"))]
fn native_mode(seen: &fs::Metadata, _: FileType) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    seen.permissions().mode() & 0o7777
}

#[cfg(target_os = "wasi")]
fn native_mode(_: &fs::Metadata, file_type: FileType) -> u32 {
    match file_type {
        FileType::Directory => 0o755,
        FileType::Symlink => 0o777,
        FileType::File | FileType::Fifo => 0o644,
    }
}

/// Copies a file, or a folder with what is in it, to another mount.
fn carry(from: &Path, to: &Path) -> io::Result<()> {
    let mut pending = vec![(from.to_path_buf(), to.to_path_buf())];
    while let Some((from, to)) = pending.pop() {
        if !fs::symlink_metadata(&from)?.is_dir() {
            fs::copy(&from, &to)?;
            continue;
        }
        fs::create_dir(&to)?;
        for entry in fs::read_dir(&from)? {
            let entry = entry?;
            pending.push((entry.path(), to.join(entry.file_name())));
        }
    }
    Ok(())
}

/// Whether the file says itself that it is a script.
fn begins_with_hash_bang(path: &Path) -> bool {
    let mut start = [0; 2];
    fs::File::open(path)
        .and_then(|mut file| file.read_exact(&mut start))
        .is_ok()
        && &start == b"#!"
}

#[async_trait]
impl FileSystemExt for Disk {
    fn backend_kind(&self) -> &'static str {
        "wasi"
    }
}

#[async_trait]
impl FileSystem for Disk {
    async fn read_file(&self, path: &Path) -> Result<Vec<u8>> {
        match device::content(path) {
            Some(content) => Ok(content),
            None => Ok(fs::read(path).map_err(|e| text::reading(path, e))?),
        }
    }

    async fn write_file(&self, path: &Path, content: &[u8]) -> Result<()> {
        if device::is_one(path) {
            return Ok(());
        }
        Ok(fs::write(path, content).map_err(plain)?)
    }

    async fn append_file(&self, path: &Path, content: &[u8]) -> Result<()> {
        if device::is_one(path) {
            return Ok(());
        }
        let mut file = fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .map_err(plain)?;
        Ok(file.write_all(content).map_err(plain)?)
    }

    async fn mkdir(&self, path: &Path, recursive: bool) -> Result<()> {
        let made = if recursive {
            fs::create_dir_all(path)
        } else {
            fs::create_dir(path)
        };
        Ok(made.map_err(plain)?)
    }

    async fn remove(&self, path: &Path, recursive: bool) -> Result<()> {
        let seen = fs::symlink_metadata(path).map_err(plain)?;
        let removed = match (seen.is_dir(), recursive) {
            (true, true) => fs::remove_dir_all(path),
            (true, false) => fs::remove_dir(path),
            (false, _) => fs::remove_file(path),
        };
        self.forget(path);
        Ok(removed.map_err(plain)?)
    }

    async fn stat(&self, path: &Path) -> Result<Metadata> {
        if device::is_one(path) {
            return Ok(device::metadata());
        }
        if device::is_folder(path) {
            return Ok(device::folder());
        }
        let seen = match fs::symlink_metadata(path) {
            Err(_) if device::is_above_mount(path) => return Ok(device::folder()),
            seen => seen.map_err(plain)?,
        };
        let mut metadata = self.metadata(path, &seen);
        let is_unmarked =
            cfg!(target_os = "wasi") && metadata.file_type.is_file() && metadata.mode == 0o644;
        if is_unmarked
            && !self
                .modes
                .lock()
                .expect("single-threaded")
                .contains_key(path)
            && begins_with_hash_bang(path)
        {
            metadata.mode = 0o755;
        }
        Ok(metadata)
    }

    async fn read_dir(&self, path: &Path) -> Result<Vec<DirEntry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(path).map_err(plain)? {
            let entry = entry.map_err(plain)?;
            let seen = fs::symlink_metadata(entry.path()).map_err(plain)?;
            entries.push(DirEntry {
                name: entry.file_name().to_string_lossy().into_owned(),
                metadata: self.metadata(&entry.path(), &seen),
            });
        }
        Ok(entries)
    }

    async fn exists(&self, path: &Path) -> Result<bool> {
        Ok(device::is_one(path)
            || device::is_folder(path)
            || fs::symlink_metadata(path).is_ok()
            || device::is_above_mount(path))
    }

    async fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        match fs::rename(from, to) {
            // Two mounts are two devices: what `mv` does then.
            Err(error) if error.kind() == ErrorKind::CrossesDevices => {
                carry(from, to).map_err(plain)?;
                self.remove(from, true).await?;
            }
            other => other.map_err(plain)?,
        }
        let mut modes = self.modes.lock().expect("single-threaded");
        match modes.remove(from) {
            Some(mode) => modes.insert(to.to_path_buf(), mode),
            None => modes.remove(to),
        };
        Ok(())
    }

    async fn copy(&self, from: &Path, to: &Path) -> Result<()> {
        if let Some(content) = device::content(from) {
            return self.write_file(to, &content).await;
        }
        fs::copy(from, to).map_err(plain)?;
        let mut modes = self.modes.lock().expect("single-threaded");
        if let Some(mode) = modes.get(from).copied() {
            modes.insert(to.to_path_buf(), mode);
        }
        Ok(())
    }

    async fn symlink(&self, target: &Path, link: &Path) -> Result<()> {
        symlink::create(target, link).map_err(plain)?;
        self.links
            .lock()
            .expect("single-threaded")
            .insert(link.to_path_buf(), target.to_path_buf());
        Ok(())
    }

    async fn read_link(&self, path: &Path) -> Result<PathBuf> {
        let target = fs::read_link(path).map_err(plain)?;
        let written = self
            .links
            .lock()
            .expect("single-threaded")
            .get(path)
            .cloned();
        Ok(written.unwrap_or(target))
    }

    async fn chmod(&self, path: &Path, mode: u32) -> Result<()> {
        fs::symlink_metadata(path).map_err(plain)?;
        self.modes
            .lock()
            .expect("single-threaded")
            .insert(path.to_path_buf(), mode & 0o7777);
        Ok(())
    }

    async fn set_modified_time(&self, path: &Path, time: SystemTime) -> Result<()> {
        Ok(text::retime(path, time).map_err(plain)?)
    }
}

/// An error that already has bash's words.
fn worded(kind: ErrorKind, text: &'static str) -> io::Error {
    io::Error::new(kind, text)
}
