//! Files by digest: packages and artifacts, each kept once, written whole or not at all.
//!
//! ```text
//!  BLOBS/incoming/…       on its way: removed at the next start if the server is killed
//!  BLOBS/ab/abcdef…       named by the SHA-256 of its bytes
//! ```
//!
//! Refuses more bytes than it was told to expect. Says nothing about who may read what: that is for whoever holds
//! a digest.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tempfile::{NamedTempFile, TempDir};

/// A file that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// SHA-256, in lower-case hex.
    pub sha256: String,
    pub size_bytes: u64,
}

/// Why a file was not kept.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("it is larger than {max_bytes} bytes")]
    TooLarge { max_bytes: u64 },
    #[error("it can't be stored")]
    Io(#[from] io::Error),
}

/// The directory.
#[derive(Debug, Clone)]
pub struct Blobs {
    directory: PathBuf,
}

/// A file on its way. Gone when it is dropped before [`Incoming::keep`].
#[derive(Debug)]
pub struct Incoming {
    file: NamedTempFile,
    hasher: Sha256,
    size_bytes: u64,
    max_bytes: u64,
    directory: PathBuf,
}

impl Blobs {
    /// What is free for this process on the disk of the directory, in bytes.
    ///
    /// # Errors
    /// If the disk can't be asked.
    pub fn free_bytes(&self) -> io::Result<u64> {
        let disk = rustix::fs::statvfs(&self.directory)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    /// Opens the directory, makes it if it isn't there, and removes what a killed server left half-written.
    ///
    /// # Errors
    /// If it can't be read or written.
    pub fn open(directory: &Path) -> io::Result<Self> {
        let incoming = directory.join("incoming");
        fs::create_dir_all(&incoming)?;
        for entry in fs::read_dir(&incoming)? {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => fs::remove_dir_all(entry.path())?,
                false => fs::remove_file(entry.path())?,
            }
        }
        Ok(Self {
            directory: directory.to_owned(),
        })
    }

    /// A new file of at most `max_bytes`.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn incoming(&self, max_bytes: u64) -> io::Result<Incoming> {
        Ok(Incoming {
            file: NamedTempFile::new_in(self.directory.join("incoming"))?,
            hasher: Sha256::new(),
            size_bytes: 0,
            max_bytes,
            directory: self.directory.clone(),
        })
    }

    /// A directory for work on files, gone when it is dropped or, at the latest, at the next start.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn scratch(&self) -> io::Result<TempDir> {
        TempDir::new_in(self.directory.join("incoming"))
    }

    /// Where the bytes with this digest are. `None` for text that is no digest.
    pub fn path(&self, sha256: &str) -> Option<PathBuf> {
        let is_digest = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_digest.then(|| self.directory.join(&sha256[..2]).join(sha256))
    }

    /// Opens the bytes with this digest.
    ///
    /// # Errors
    /// If they aren't there.
    pub fn file(&self, sha256: &str) -> io::Result<File> {
        let path = self.path(sha256);
        File::open(path.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?)
    }

    /// Removes the bytes with this digest, if they are there.
    ///
    /// # Errors
    /// If they can't be removed.
    pub fn remove(&self, sha256: &str) -> io::Result<()> {
        let Some(path) = self.path(sha256) else {
            return Ok(());
        };
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// The digests of everything that is kept.
    ///
    /// # Errors
    /// If the directory can't be read.
    pub fn digests(&self) -> io::Result<Vec<String>> {
        let mut digests = Vec::new();
        for directory in fs::read_dir(&self.directory)? {
            let directory = directory?;
            if directory.file_name() == "incoming" || !directory.file_type()?.is_dir() {
                continue;
            }
            for entry in fs::read_dir(directory.path())? {
                digests.extend(entry?.file_name().into_string());
            }
        }
        Ok(digests)
    }
}

impl Incoming {
    /// Adds bytes.
    ///
    /// # Errors
    /// [`BlobError::TooLarge`] once there are more than announced.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        self.size_bytes += bytes.len() as u64;
        if self.size_bytes > self.max_bytes {
            return Err(BlobError::TooLarge {
                max_bytes: self.max_bytes,
            });
        }
        self.hasher.update(bytes);
        self.file.write_all(bytes)?;
        Ok(())
    }

    /// The file as it is so far.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Keeps the file: on disk, with its name, when this returns.
    ///
    /// # Errors
    /// [`BlobError::Io`].
    pub fn keep(self) -> Result<Blob, BlobError> {
        let digest = self.hasher.finalize();
        let sha256 = hex::encode(digest);
        let parent = self.directory.join(&sha256[..2]);
        fs::create_dir_all(&parent)?;
        self.file.as_file().sync_all()?;
        self.file
            .persist(parent.join(&sha256))
            .map_err(|error| error.error)?;
        // A new name is on disk when its directories are.
        File::open(&parent)?.sync_all()?;
        File::open(&self.directory)?.sync_all()?;
        Ok(Blob {
            sha256,
            size_bytes: self.size_bytes,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn what_is_kept_is_found_by_its_digest_and_nothing_else_is_left() {
        let place = tempfile::TempDir::new().expect("a directory");
        let blobs = Blobs::open(place.path()).expect("it opens");
        let mut incoming = blobs.incoming(5).expect("it is made");
        incoming.write(b"he").expect("there is room");
        incoming.write(b"llo").expect("there is room");
        let blob = incoming.keep().expect("it is kept");
        assert_eq!(
            blob.sha256,
            "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
        );
        let mut text = String::new();
        let mut file = blobs.file(&blob.sha256).expect("it is there");
        file.read_to_string(&mut text).expect("it is text");
        assert_eq!(text, "hello");
        let mut large = blobs.incoming(5).expect("it is made");
        assert!(matches!(
            large.write(b"123456"),
            Err(BlobError::TooLarge { max_bytes: 5 })
        ));
        drop(large);
        let killed = blobs.incoming(5).expect("it is made");
        std::mem::forget(killed);
        let blobs = Blobs::open(place.path()).expect("it opens again");
        let left = fs::read_dir(place.path().join("incoming")).expect("it is there");
        assert_eq!(left.count(), 0);
        assert_eq!(blobs.digests().expect("a list"), [blob.sha256.as_str()]);
        blobs.remove(&blob.sha256).expect("it goes");
        assert!(blobs.file(&blob.sha256).is_err());
        assert!(blobs.file("../../etc/passwd").is_err());
    }
}
