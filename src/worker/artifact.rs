//! Artifacts: files that a script asked to keep, read before its workspace is removed.
//!
//! The script names a path in its sandbox. It is opened beneath the mount that covers it, by
//! capability, so a link can't make the host read a file of its own. Only regular files are kept. Two with one
//! name are two artifacts.

use std::collections::HashSet;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::policy::{FileGrants, MountPath};

/// A file that was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Artifact {
    /// The name that the script gave it.
    pub name: String,
    /// As the script named it, inside the sandbox.
    pub path: String,
    pub size_bytes: u64,
    /// SHA-256, in lower-case hex.
    pub sha256: String,
    /// Where it was kept on this host, if the caller asked for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_as: Option<PathBuf>,
}

/// Why an artifact could not be kept. Said to the script's author; never fails the run.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    #[error("`{path}` is not in a directory that the policy grants")]
    NotGranted { path: String },
    #[error("`{path}` is not a regular file")]
    NotAFile { path: String },
    #[error("`{path}` can't be read")]
    Read { path: String, source: io::Error },
    #[error("it can't be kept in `{directory}`")]
    Keep {
        directory: PathBuf,
        source: io::Error,
    },
}

/// Where the artifacts of one run are kept: each as a file of its own, whatever their names are.
///
/// What an earlier run left there is replaced.
#[derive(Debug)]
pub struct Destination<'a> {
    directory: &'a Path,
    taken: HashSet<String>,
}

impl<'a> Destination<'a> {
    /// In this directory, which is made when the first artifact comes.
    pub fn new(directory: &'a Path) -> Self {
        Self {
            directory,
            taken: HashSet::new(),
        }
    }

    /// The directory.
    pub fn directory(&self) -> &'a Path {
        self.directory
    }

    /// A file name that no other artifact of this run has: `report.txt`, then `report-2.txt`.
    fn file_name(&mut self, name: &str) -> String {
        let wanted = file_name(name);
        let (stem, extension) = match wanted.rsplit_once('.') {
            Some((stem, extension)) => (stem, format!(".{extension}")),
            None => (wanted.as_str(), String::new()),
        };
        let mut own = wanted.clone();
        // Each number is free or taken, so that this ends after as many tries as there are artifacts.
        for number in 2_u64.. {
            if self.taken.insert(own.clone()) {
                break;
            }
            own = format!("{stem}-{number}{extension}");
        }
        own
    }
}

/// Reads the artifact at `path` of a sandbox, and copies it into `keep_in` if that is given.
///
/// `host_path_of` says where a mount is on this host.
///
/// # Errors
/// [`ArtifactError`].
pub fn collect(
    path: &str,
    name: &str,
    files: &FileGrants,
    host_path_of: impl Fn(&MountPath) -> Option<PathBuf>,
    keep_in: Option<&mut Destination>,
) -> Result<Artifact, ArtifactError> {
    let not_granted = || ArtifactError::NotGranted {
        path: path.to_owned(),
    };
    let absolute = super::sandbox::join(super::sandbox::WORK, path);
    let guest_path = MountPath::parse(&absolute).map_err(|_| not_granted())?;
    let grant = files.covering(&guest_path).ok_or_else(not_granted)?;
    let host_path = host_path_of(&grant.mount).ok_or_else(not_granted)?;
    let below = absolute
        .strip_prefix(grant.mount.as_str())
        .unwrap_or(&absolute)
        .trim_start_matches('/');
    let read = |source| ArtifactError::Read {
        path: path.to_owned(),
        source,
    };
    let directory = Dir::open_ambient_dir(host_path, ambient_authority()).map_err(read)?;
    // Looked at before it is opened: opening a FIFO would block.
    if !directory.metadata(below).map_err(read)?.is_file() {
        return Err(ArtifactError::NotAFile {
            path: path.to_owned(),
        });
    }
    let file = directory.open(below).map_err(read)?;
    let (size_bytes, sha256, kept_as) = copy(file, name, keep_in, read)?;
    Ok(Artifact {
        name: name.to_owned(),
        path: absolute,
        size_bytes,
        sha256,
        kept_as,
    })
}

/// Keeps a file that was brought here, which had `path` where it came from.
///
/// # Errors
/// [`ArtifactError`].
pub fn keep(
    fetched: impl Read,
    path: &str,
    name: &str,
    keep_in: &mut Destination,
) -> Result<Artifact, ArtifactError> {
    let read = |source| ArtifactError::Read {
        path: path.to_owned(),
        source,
    };
    let (size_bytes, sha256, kept_as) = copy(fetched, name, Some(keep_in), read)?;
    Ok(Artifact {
        name: name.to_owned(),
        path: path.to_owned(),
        size_bytes,
        sha256,
        kept_as,
    })
}

fn copy(
    mut from: impl Read,
    name: &str,
    keep_in: Option<&mut Destination>,
    read: impl Fn(io::Error) -> ArtifactError,
) -> Result<(u64, String, Option<PathBuf>), ArtifactError> {
    let mut target = keep_in
        .map(|destination| Target::create(destination, name))
        .transpose()?;
    let mut hasher = Sha256::new();
    let mut size_bytes = 0;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let n_read = from.read(&mut buffer).map_err(&read)?;
        if n_read == 0 {
            break;
        }
        hasher.update(&buffer[..n_read]);
        size_bytes += n_read as u64;
        if let Some(target) = &mut target {
            target.write(&buffer[..n_read])?;
        }
    }
    let kept_as = target.map(Target::finish).transpose()?;
    Ok((size_bytes, hex::encode(hasher.finalize()), kept_as))
}

/// A kept artifact on its way to disk: whole or not at all.
struct Target {
    directory: PathBuf,
    name: String,
    file: tempfile::NamedTempFile,
}

impl Target {
    fn create(destination: &mut Destination, name: &str) -> Result<Self, ArtifactError> {
        let directory = destination.directory;
        let file = std::fs::create_dir_all(directory)
            .and_then(|()| tempfile::NamedTempFile::new_in(directory))
            .map_err(|source| Self::failed(directory, source))?;
        Ok(Self {
            directory: directory.to_owned(),
            name: destination.file_name(name),
            file,
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ArtifactError> {
        self.file
            .write_all(bytes)
            .map_err(|source| Self::failed(&self.directory, source))
    }

    fn finish(self) -> Result<PathBuf, ArtifactError> {
        let path = self.directory.join(&self.name);
        self.file
            .persist(&path)
            .map_err(|error| Self::failed(&self.directory, error.error))?;
        Ok(path)
    }

    fn failed(directory: &Path, source: io::Error) -> ArtifactError {
        ArtifactError::Keep {
            directory: directory.to_owned(),
            source,
        }
    }
}

/// The script's name for the artifact as one file name: no separators, not hidden, never empty.
fn file_name(name: &str) -> String {
    let cleaned: String = name
        .chars()
        .map(|c| {
            if c == '/' || c == '\\' || c.is_control() {
                '_'
            } else {
                c
            }
        })
        .collect();
    let cleaned = cleaned.trim_start_matches('.');
    let cleaned: String = cleaned.chars().take(100).collect();
    if cleaned.is_empty() {
        "artifact".into()
    } else {
        cleaned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn artifacts_with_one_name_are_files_of_their_own() {
        let mut destination = Destination::new(Path::new("kept"));
        for (name, expected) in [
            ("report.txt", "report.txt"),
            ("report.txt", "report-2.txt"),
            ("report-3.txt", "report-3.txt"),
            ("report.txt", "report-4.txt"),
            ("log", "log"),
            ("log", "log-2"),
            ("a/b", "a_b"),
            ("a_b", "a_b-2"),
        ] {
            assert_eq!(destination.file_name(name), expected);
        }
    }

    #[test]
    fn a_kept_artifact_never_leaves_its_directory() {
        for (name, expected) in [
            ("report.txt", "report.txt"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("a/b", "a_b"),
            ("..", "artifact"),
            ("", "artifact"),
            ("a\nb", "a_b"),
        ] {
            assert_eq!(file_name(name), expected);
        }
    }
}
