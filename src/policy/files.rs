//! File grants: what is mounted where.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::denial::{Denial, DenialKind};
use super::fix;
use super::glob::Glob;
use super::mount::{HostPath, MountPath};
use super::origin::{Origin, SourceName};

/// One directory that the guest sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileGrant {
    pub mount: MountPath,
    pub source: FileSource,
    pub access: Access,
    pub origin: Origin,
}

/// What is mounted. Prints as the policy file writes it: `package:acme.web`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum FileSource {
    /// A directory of the attempt's own: fresh, and removed afterwards.
    Workspace,
    /// A package, extracted. In a policy exactly one; in a ceiling a pattern.
    Package(Glob),
    /// A directory whose files are kept as the task's artifacts.
    Artifacts,
    Host(HostPath),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    Read,
    ReadWrite,
}

/// Why text doesn't name something to mount.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SourceError {
    #[error(
        "`{0}` is not a source: write \"workspace\", \"artifacts\", \"package:<id>\" or \"host:<absolute path>\""
    )]
    Unknown(String),
    #[error("the package's id is missing after `package:`")]
    NoPackage,
    #[error("`{0}` can't be in a package's id")]
    PackageCharacter(char),
    #[error("the host path can't be used: {0}")]
    HostPath(#[from] super::mount::MountError),
}

/// All file grants of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileGrants {
    /// The file to name when no rule is about a path.
    pub source: SourceName,
    pub rules: Vec<FileGrant>,
}

impl FileGrants {
    /// Returns the grant that covers `path`: the longest mount that contains it.
    pub fn covering(&self, path: &MountPath) -> Option<&FileGrant> {
        self.rules
            .iter()
            .filter(|grant| grant.mount.contains(path))
            .max_by_key(|grant| grant.mount.as_str().len())
    }

    /// Decides about a path in the guest, by its name alone.
    ///
    /// The sandbox enforces by mounting nothing else and opening beneath the mount; this answers
    /// `explain`, and words the denial once a path has been refused.
    ///
    /// # Errors
    /// The [`Denial`], if no mount covers `path` or the one that does gives less than `access`.
    pub fn decide(&self, path: &MountPath, access: Access) -> Result<&FileGrant, Denial> {
        let nearest = self.covering(path);
        if let Some(grant) = nearest.filter(|grant| grant.access >= access) {
            return Ok(grant);
        }
        let (kind, verb) = match access {
            Access::Read => (DenialKind::FileRead, "read"),
            Access::ReadWrite => (DenialKind::FileWrite, "write"),
        };
        let reason = match nearest {
            Some(grant) => format!("{} mounts {} for reading only", grant.origin, grant.mount),
            None => format!("no [[files]] rule in {} covers this path", self.source),
        };
        Err(Denial {
            kind,
            subject: format!("{verb} {path}"),
            rule: nearest.map(|grant| grant.origin.clone()),
            reason,
            fix: fix::for_file(path, access, nearest),
        })
    }
}

impl FileSource {
    /// Parses what stands after `from =`.
    pub fn parse(text: &str) -> Result<FileSource, SourceError> {
        match text.split_once(':') {
            None if text == "workspace" => Ok(FileSource::Workspace),
            None if text == "artifacts" => Ok(FileSource::Artifacts),
            Some(("package", "")) => Err(SourceError::NoPackage),
            Some(("package", id)) => {
                let is_allowed =
                    |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '*' | '/');
                match id.chars().find(|c| !is_allowed(*c)) {
                    Some(character) => Err(SourceError::PackageCharacter(character)),
                    // Package ids ignore case, as Octopus's feeds do.
                    None => Ok(FileSource::Package(Glob::new(id))),
                }
            }
            Some(("host", path)) => Ok(FileSource::Host(HostPath::parse(path)?)),
            _ => Err(SourceError::Unknown(text.to_owned())),
        }
    }

    /// Returns the package's id, if this is one package.
    pub fn package_id(&self) -> Option<&str> {
        match self {
            FileSource::Package(id) => id.as_exact(),
            FileSource::Workspace | FileSource::Artifacts | FileSource::Host(_) => None,
        }
    }

    /// Tells whether everything `narrower` may mount, this may mount too.
    pub fn covers(&self, narrower: &FileSource) -> bool {
        match (self, narrower) {
            (FileSource::Workspace, FileSource::Workspace) => true,
            (FileSource::Artifacts, FileSource::Artifacts) => true,
            (FileSource::Package(wide), FileSource::Package(narrow)) => wide
                .folded(str::to_lowercase)
                .covers(&narrow.folded(str::to_lowercase)),
            (FileSource::Host(wide), FileSource::Host(narrow)) => wide.contains(narrow),
            (
                FileSource::Workspace
                | FileSource::Artifacts
                | FileSource::Package(_)
                | FileSource::Host(_),
                _,
            ) => false,
        }
    }
}

impl Access {
    pub fn as_str(self) -> &'static str {
        match self {
            Access::Read => "read",
            Access::ReadWrite => "read-write",
        }
    }
}

impl TryFrom<String> for FileSource {
    type Error = SourceError;

    fn try_from(text: String) -> Result<FileSource, SourceError> {
        FileSource::parse(&text)
    }
}

impl From<FileSource> for String {
    fn from(source: FileSource) -> String {
        source.to_string()
    }
}

impl FileSource {
    /// Whether it is the package with this id. Ids are compared without regard to case.
    pub fn is_package(&self, id: &str) -> bool {
        match self {
            FileSource::Package(pattern) => {
                let pattern = pattern.folded(str::to_lowercase);
                pattern.matches(&id.to_lowercase())
            }
            FileSource::Workspace | FileSource::Artifacts | FileSource::Host(_) => false,
        }
    }
}

impl fmt::Display for FileSource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileSource::Workspace => out.write_str("workspace"),
            FileSource::Artifacts => out.write_str("artifacts"),
            FileSource::Package(id) => write!(out, "package:{id}"),
            FileSource::Host(path) => write!(out, "host:{path}"),
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
