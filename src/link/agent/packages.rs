//! The packages that a worker was sent: by digest, whole or in part, and no more of them than there is room for.
//!
//! What was cut goes on from where it was. A file gets its name only once its digest was computed here; what has
//! another one is removed.

use std::fs::{self, File};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use sha2::{Digest as _, Sha256};

use crate::link::protocol::{Package, PackageState};
use crate::package::{Bounds, PackageName, extract};

/// Larger packages are refused.
const MAX_PACKAGE_BYTES: u64 = 8 << 30;

/// Why a package isn't kept.
#[derive(Debug, thiserror::Error)]
pub(super) enum PackageError {
    #[error("this is no SHA-256 digest")]
    NoDigest,
    #[error("it has {size_bytes} bytes, and there is room for {max_bytes}")]
    TooLarge { size_bytes: u64, max_bytes: u64 },
    #[error("the bytes don't begin where the last transfer ended: {0} are here")]
    NotThere(u64),
    #[error("there are more bytes than announced")]
    TooMany,
    #[error("the bytes that came have another digest, and were removed")]
    Digest,
    #[error("it can't be written or read")]
    Io(#[from] io::Error),
}

/// The cache. Cheap to clone.
#[derive(Clone)]
pub(super) struct Packages {
    directory: Arc<Path>,
    max_bytes: u64,
}

/// A package that is coming.
pub(super) struct Incoming {
    packages: Packages,
    sha256: String,
    file: File,
    hasher: Sha256,
    size_bytes: u64,
    whole_bytes: u64,
}

impl Packages {
    pub(super) fn open(directory: &Path, max_bytes: u64) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        Ok(Self {
            directory: directory.into(),
            max_bytes,
        })
    }

    fn path(&self, sha256: &str) -> Result<PathBuf, PackageError> {
        let is_digest = sha256.len() == 64
            && sha256
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_digest
            .then(|| self.directory.join(sha256))
            .ok_or(PackageError::NoDigest)
    }

    fn part(&self, sha256: &str) -> Result<PathBuf, PackageError> {
        Ok(self.path(sha256)?.with_extension("part"))
    }

    /// How much of it is here. Asking counts as use.
    pub(super) fn state(&self, sha256: &str) -> Result<PackageState, PackageError> {
        if let Ok(file) = File::open(self.path(sha256)?) {
            file.set_times(fs::FileTimes::new().set_modified(SystemTime::now()))?;
            return Ok(PackageState {
                is_whole: true,
                size_bytes: file.metadata()?.len(),
            });
        }
        let size_bytes = fs::metadata(self.part(sha256)?).map_or(0, |found| found.len());
        Ok(PackageState {
            is_whole: false,
            size_bytes,
        })
    }

    /// Takes bytes from `from` on, of a package with `whole_bytes` in all. Makes room for it first.
    pub(super) fn incoming(
        &self,
        sha256: &str,
        from: u64,
        whole_bytes: u64,
    ) -> Result<Incoming, PackageError> {
        let path = self.part(sha256)?;
        let max_bytes = self.max_bytes.min(MAX_PACKAGE_BYTES);
        if whole_bytes > max_bytes {
            return Err(PackageError::TooLarge {
                size_bytes: whole_bytes,
                max_bytes,
            });
        }
        self.make_room(whole_bytes, &path)?;
        let mut options = File::options();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)?;
        let here = file.metadata()?.len();
        if from > here {
            return Err(PackageError::NotThere(here));
        }
        file.set_len(from)?;
        let mut hasher = Sha256::new();
        io::copy(&mut file, &mut hasher)?;
        file.seek(SeekFrom::Start(from))?;
        Ok(Incoming {
            packages: self.clone(),
            sha256: sha256.to_owned(),
            file,
            hasher,
            size_bytes: from,
            whole_bytes,
        })
    }

    /// Removes what wasn't used for longest, until `bytes` more fit.
    fn make_room(&self, bytes: u64, except: &Path) -> io::Result<()> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_file() && entry.path() != except {
                found.push((metadata.modified()?, metadata.len(), entry.path()));
            }
        }
        found.sort();
        let mut used: u64 = found.iter().map(|(_, size, _)| size).sum();
        for (_, size, path) in found {
            if used + bytes <= self.max_bytes {
                break;
            }
            fs::remove_file(&path)?;
            used -= size;
        }
        Ok(())
    }

    /// Unpacks one that is here into an empty directory.
    ///
    /// # Errors
    /// Why not, for people.
    pub(super) fn unpack(&self, package: &Package, into: &Path) -> Result<(), String> {
        let failed = |error: &dyn std::fmt::Display| {
            format!(
                "the package {} can't be unpacked: {error}",
                package.file_name
            )
        };
        let name = PackageName::parse(&package.file_name).map_err(|error| failed(&error))?;
        let path = self.path(&package.sha256).map_err(|error| failed(&error))?;
        let file = File::open(path).map_err(|error| failed(&error))?;
        let into = Dir::open_ambient_dir(into, ambient_authority());
        let into = into.map_err(|error| failed(&error))?;
        extract(file, name.format, &into, Bounds::default()).map_err(|error| failed(&error))
    }
}

impl Incoming {
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), PackageError> {
        self.size_bytes += bytes.len() as u64;
        if self.size_bytes > self.whole_bytes {
            return Err(PackageError::TooMany);
        }
        self.hasher.update(bytes);
        Ok(self.file.write_all(bytes)?)
    }

    /// Nothing more comes: it is whole, or what came is kept for the next time.
    pub(super) fn finish(self) -> Result<PackageState, PackageError> {
        let state = |is_whole| PackageState {
            is_whole,
            size_bytes: self.size_bytes,
        };
        if self.size_bytes < self.whole_bytes {
            return Ok(state(false));
        }
        let part = self.packages.part(&self.sha256)?;
        if hex::encode(self.hasher.clone().finalize()) != self.sha256 {
            fs::remove_file(part)?;
            return Err(PackageError::Digest);
        }
        self.file.sync_all()?;
        fs::rename(part, self.packages.path(&self.sha256)?)?;
        Ok(state(true))
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn digest(bytes: &[u8]) -> String {
        hex::encode(Sha256::digest(bytes))
    }

    fn packages(max_bytes: u64) -> (TempDir, Packages) {
        let directory = TempDir::new().expect("a directory");
        let packages = Packages::open(directory.path(), max_bytes).expect("a cache");
        (directory, packages)
    }

    #[test]
    fn a_transfer_that_was_cut_goes_on_from_there() {
        let (_directory, packages) = packages(1_000);
        let sha256 = digest(b"hello world");
        let mut first = packages.incoming(&sha256, 0, 11).expect("room");
        first.write(b"hello").expect("room");
        let state = first.finish().expect("it is kept");
        assert_eq!((state.is_whole, state.size_bytes), (false, 5));
        assert!(matches!(
            packages.incoming(&sha256, 7, 11),
            Err(PackageError::NotThere(5))
        ));
        let mut second = packages.incoming(&sha256, 5, 11).expect("room");
        second.write(b" world").expect("room");
        assert!(second.finish().expect("it is kept").is_whole);
        assert!(packages.state(&sha256).expect("a state").is_whole);
    }

    #[test]
    fn bytes_with_another_digest_are_not_kept() {
        let (directory, packages) = packages(1_000);
        let sha256 = digest(b"hello");
        let mut incoming = packages.incoming(&sha256, 0, 5).expect("room");
        incoming.write(b"hullo").expect("room");
        assert!(matches!(incoming.finish(), Err(PackageError::Digest)));
        let mut incoming = packages.incoming(&sha256, 0, 5).expect("room");
        assert!(matches!(
            incoming.write(b"hello!"),
            Err(PackageError::TooMany)
        ));
        drop(incoming);
        for name in ["../x", "", "ABC"] {
            assert!(
                matches!(packages.state(name), Err(PackageError::NoDigest)),
                "{name}"
            );
        }
        assert!(!directory.path().join(&sha256).exists());
    }

    #[test]
    fn the_one_that_was_not_used_for_longest_makes_room() {
        let (_directory, packages) = packages(10);
        let put = |bytes: &[u8]| {
            let sha256 = digest(bytes);
            let mut incoming = packages
                .incoming(&sha256, 0, bytes.len() as u64)
                .expect("room");
            incoming.write(bytes).expect("room");
            assert!(incoming.finish().expect("it is kept").is_whole);
            sha256
        };
        let (first, second) = (put(b"aaaa"), put(b"bbbb"));
        let old = SystemTime::UNIX_EPOCH;
        let file = File::open(packages.path(&second).expect("a path")).expect("it is there");
        file.set_times(fs::FileTimes::new().set_modified(old))
            .expect("a time");
        put(b"cccc");
        assert!(packages.state(&first).expect("a state").is_whole);
        assert!(!packages.state(&second).expect("a state").is_whole);
        let error = packages
            .incoming(&first, 0, 11)
            .err()
            .expect("it is too large");
        assert!(matches!(error, PackageError::TooLarge { .. }));
    }
}
