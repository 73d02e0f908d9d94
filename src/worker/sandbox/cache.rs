//! Compiled guests on disk, by digest, in a directory that only this account can write.
//!
//! Precompiled code is native code: whoever can write this directory can run anything as the
//! server. So the directory must belong to us and be closed to others, and so must each file; what
//! isn't is refused, not repaired. Each entry carries a checksum against *damage* (a full disk, a
//! killed process, a bad block), which is recomputed whenever the file is not the one that was last
//! checked; a damaged entry is compiled anew. Nothing a user supplies is ever put here as it is:
//! the entries are what our own compiler made.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use wasmtime::component::Component;
use xxhash_rust::xxh3::Xxh3;

use super::Error;
use super::engine::Engine;

/// A directory of compiled guests for one engine version and set of settings.
pub struct Cache {
    directory: PathBuf,
    /// Changes with wasmtime's version, its settings and the CPU's features.
    compatibility: String,
}

impl Cache {
    /// Opens the cache in `directory`, creating it (mode 0700) if it isn't there.
    ///
    /// # Errors
    /// [`Error::CacheNotPrivate`] if it belongs to another account or others may write it;
    /// [`Error::Cache`] if it can't be created or read.
    pub fn open(directory: &Path, engine: &wasmtime::Engine) -> Result<Self, Error> {
        let failed = |source| Error::Cache {
            path: directory.to_owned(),
            source,
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(failed)?;
        let metadata = fs::symlink_metadata(directory).map_err(failed)?;
        if !metadata.is_dir() || !is_private(&metadata) {
            return Err(Error::CacheNotPrivate {
                path: directory.to_owned(),
            });
        }
        Ok(Self {
            directory: directory.to_owned(),
            compatibility: compatibility(engine),
        })
    }

    /// Where the compiled form of the component with `digest` is, or will be.
    pub fn path(&self, digest: &str) -> PathBuf {
        self.directory
            .join(format!("{digest}-{}.cwasm", self.compatibility))
    }

    /// Loads a compiled component, if an undamaged one is there.
    ///
    /// `None` for a damaged or incompatible entry as well. It stays, to be replaced: by now it may
    /// be the sound one that another process has just stored.
    ///
    /// # Errors
    /// [`Error::CacheNotPrivate`] if the entry could have been written by another account.
    pub fn load(&self, engine: &Engine, digest: &str) -> Result<Option<Component>, Error> {
        let path = self.path(digest);
        match verify(&path)? {
            Found::Sound => {}
            Found::Missing => return Ok(None),
            Found::Damaged => {
                tracing::warn!(path = %path.display(), "compiled guest is damaged; compiling it again");
                return Ok(None);
            }
        }
        match deserialize(engine, &path) {
            Ok(component) => Ok(Some(component)),
            Err(error) => {
                tracing::warn!(path = %path.display(), "compiled guest can't be loaded, compiling it again: {error:#}");
                Ok(None)
            }
        }
    }

    /// Loads what was stored a moment ago, or says why that can't be.
    ///
    /// # Errors
    /// [`Error::Module`] if the engine refuses it: more tables or memories than the pool has, say.
    pub fn load_stored(&self, engine: &Engine, digest: &str) -> Result<Component, Error> {
        let path = self.path(digest);
        match verify(&path)? {
            Found::Sound => deserialize(engine, &path).map_err(|error| Error::Module {
                why: format!("{error:#}"),
            }),
            Found::Missing | Found::Damaged => Err(Error::Module {
                why: "its compiled form was damaged as soon as it was stored".into(),
            }),
        }
    }

    /// Whether an entry is there, without checking it.
    pub fn contains(&self, digest: &str) -> bool {
        self.path(digest).exists()
    }

    /// Stores what our compiler made for `digest`, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Cache`] if it can't be written.
    pub fn store(&self, digest: &str, compiled: &[u8]) -> Result<(), Error> {
        let path = self.path(digest);
        let failed = |source| Error::Cache {
            path: path.clone(),
            source,
        };
        let mut temporary = tempfile::NamedTempFile::new_in(&self.directory).map_err(failed)?;
        temporary.write_all(compiled).map_err(failed)?;
        let checksum = checksum(compiled).map_err(failed)?;
        // The stamp first: a process that comes between the two must not take the entry for
        // damaged. The file's identity isn't known yet; the first to load it adds that.
        write_stamp(&path, &format!("{checksum:016x}\n")).map_err(failed)?;
        temporary
            .persist(&path)
            .map_err(|error| failed(error.error))?;
        Ok(())
    }
}

enum Found {
    Sound,
    Missing,
    Damaged,
}

/// Compares an entry with its stamp: the checksum, and the file's identity when it was computed.
///
/// While identity and times are the stamped ones, the file has not been written through the file
/// system since its checksum was verified, and 50 MB need not be read again at each start.
fn verify(path: &Path) -> Result<Found, Error> {
    let failed = |source| Error::Cache {
        path: path.to_owned(),
        source,
    };
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Missing),
        Err(error) => return Err(failed(error)),
    };
    if !metadata.is_file() || !is_private(&metadata) {
        return Err(Error::CacheNotPrivate {
            path: path.to_owned(),
        });
    }
    let Ok(stamped) = fs::read_to_string(stamp_path(path)) else {
        return Ok(Found::Damaged);
    };
    let Some(expected) = stamped
        .split_whitespace()
        .next()
        .and_then(|text| u64::from_str_radix(text, 16).ok())
    else {
        return Ok(Found::Damaged);
    };
    if stamped == stamp(&metadata, expected) {
        return Ok(Found::Sound);
    }
    let file = File::open(path).map_err(failed)?;
    if checksum(file).map_err(failed)? != expected {
        return Ok(Found::Damaged);
    }
    write_stamp(path, &stamp(&metadata, expected)).map_err(failed)?;
    Ok(Found::Sound)
}

fn stamp_path(path: &Path) -> PathBuf {
    path.with_extension("stamp")
}

fn stamp(metadata: &fs::Metadata, checksum: u64) -> String {
    format!(
        "{checksum:016x} {} {} {} {}.{}\n",
        metadata.dev(),
        metadata.ino(),
        metadata.len(),
        metadata.ctime(),
        metadata.ctime_nsec(),
    )
}

/// Writes the stamp of the entry at `path`, whole or not at all: others may be reading it.
fn write_stamp(path: &Path, text: &str) -> io::Result<()> {
    let directory = path.parent().expect("an entry is in the cache's directory");
    let mut temporary = tempfile::NamedTempFile::new_in(directory)?;
    temporary.write_all(text.as_bytes())?;
    temporary.persist(stamp_path(path))?;
    Ok(())
}

fn checksum(mut bytes: impl Read) -> io::Result<u64> {
    let mut hasher = Xxh3::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let n_read = bytes.read(&mut buffer)?;
        if n_read == 0 {
            return Ok(hasher.digest());
        }
        hasher.update(&buffer[..n_read]);
    }
}

fn is_private(metadata: &fs::Metadata) -> bool {
    metadata.uid() == rustix::process::geteuid().as_raw() && metadata.mode() & 0o022 == 0
}

/// Short hex that differs whenever compiled code can't be shared between two engines.
fn compatibility(engine: &wasmtime::Engine) -> String {
    struct Fold(Sha256);
    impl std::hash::Hasher for Fold {
        fn finish(&self) -> u64 {
            let digest = self.0.clone().finalize();
            u64::from_le_bytes(digest[..8].try_into().expect("a digest has 32 bytes"))
        }
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
    }
    let mut hasher = Fold(Sha256::new());
    std::hash::Hash::hash(&engine.precompile_compatibility_hash(), &mut hasher);
    format!("{:016x}", std::hash::Hasher::finish(&hasher))
}

#[expect(
    unsafe_code,
    reason = "loading native code: the file was written by our compiler into a directory that only \
              this account can write, and verified above; wasmtime checks version and settings"
)]
fn deserialize(engine: &Engine, path: &Path) -> wasmtime::Result<Component> {
    // SAFETY: see the reason above; `verify` ran on this path, and nobody else may replace it.
    unsafe { Component::deserialize_file(engine.wasmtime(), path) }
}
