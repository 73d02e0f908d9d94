//! Where a process finds what its policy mounts: it has no file system of its own, so that a mount is a directory of
//! the host, and an environment variable says which.
//!
//! Workspace and artifacts are in the run's own directory, packages are copied into it, and a directory of the host is
//! itself. `/pkg/web` is named by `SEAWALL_MOUNT_PKG_WEB`.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use super::workspace::RunDirectory;
use crate::policy::{Access, FileSource, Grants, MountPath};
use crate::worker::attempt::Sources;
use crate::worker::run::{Error, refuse_overlaps};
use crate::worker::sandbox::Directory;

/// Finds or makes the directory of every granted mount.
///
/// # Errors
/// If nothing says where a package is, a host's directory isn't there, one would be writable through another, or two
/// mounts would have the same variable.
pub(super) fn places(
    run: &RunDirectory,
    grants: &Grants,
    sources: &Sources,
) -> Result<Vec<Directory>, Error> {
    let mut places: Vec<Directory> = Vec::new();
    for (index, grant) in grants.files.rules.iter().enumerate() {
        let host_path = match (&grant.source, sources.mounts.get(&grant.mount)) {
            (FileSource::Package(_), Some(package)) => {
                let own = run.directory(&format!("package-{index}"));
                own.and_then(|own| copy(package, &own).map(|()| own))
                    .map_err(Error::Native)?
            }
            (FileSource::Package(_), None) => {
                return Err(Error::SourceMissing {
                    origin: grant.origin.to_string(),
                    source_name: grant.source.to_string(),
                    mount: grant.mount.to_string(),
                });
            }
            (FileSource::Workspace, None) => {
                sources.workspace.clone().unwrap_or_else(|| run.work())
            }
            (FileSource::Artifacts, None) => run.own("artifacts").map_err(Error::Native)?,
            (FileSource::Workspace | FileSource::Artifacts, Some(path)) => path.clone(),
            (FileSource::Host(_), Some(path)) => path.clone(),
            (FileSource::Host(path), None) => PathBuf::from(path.as_str()),
        };
        let unusable = |source| Error::SourceUnusable {
            path: host_path.clone(),
            mount: grant.mount.to_string(),
            source,
        };
        fs::metadata(&host_path).map_err(unusable)?;
        let name = variable(&grant.mount);
        if let Some(other) = places
            .iter()
            .find(|place| variable(&place.grant.mount) == name)
        {
            let text = format!(
                "{} and {} would both be {name}",
                other.grant.mount, grant.mount
            );
            return Err(unusable(io::Error::other(text)));
        }
        places.push(Directory {
            grant: grant.clone(),
            host_path,
        });
    }
    refuse_overlaps(&places)?;
    Ok(places)
}

/// The environment variable that names the directory of a mount.
pub(in crate::worker) fn variable(mount: &MountPath) -> String {
    let letter = |c: char| match c.is_ascii_alphanumeric() {
        true => c.to_ascii_uppercase(),
        false => '_',
    };
    let name: String = mount
        .as_str()
        .trim_matches('/')
        .chars()
        .map(letter)
        .collect();
    format!("SEAWALL_MOUNT_{name}")
}

/// The directories that a process may only read, and those that it may write to.
pub(super) fn by_access(places: &[Directory]) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let with = |access: Access| {
        let some = places
            .iter()
            .filter(move |place| place.grant.access == access);
        some.map(|place| place.host_path.clone()).collect()
    };
    (with(Access::Read), with(Access::ReadWrite))
}

/// Copies a package: it stays ours, readable for whoever may enter the run's directory.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, to) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            fs::create_dir(&to)?;
            copy(&entry.path(), &to)?;
            fs::set_permissions(&to, fs::Permissions::from_mode(0o755))?;
        } else if kind.is_symlink() {
            symlink(fs::read_link(entry.path())?, &to)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), &to)?;
            let runs = entry.metadata()?.permissions().mode() & 0o100;
            let mode = if runs == 0 { 0o644 } else { 0o755 };
            fs::set_permissions(&to, fs::Permissions::from_mode(mode))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mounts_variable_is_its_path_in_capitals() {
        for (mount, expected) in [
            ("/pkg", "SEAWALL_MOUNT_PKG"),
            ("/pkg/acme.web-2", "SEAWALL_MOUNT_PKG_ACME_WEB_2"),
        ] {
            assert_eq!(
                variable(&MountPath::parse(mount).expect("a path")),
                expected
            );
        }
    }
}
