//! The directory of one native run: its script, which the account can read, and a workspace that it owns.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, chown,
};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::Account;

/// One run's directory. Gone when dropped, whatever the script left in it.
pub(in crate::worker) struct RunDirectory {
    directory: TempDir,
    account: Account,
}

/// Where runs have their directories: ours alone to write, so that nobody plants one.
///
/// # Errors
/// If it can't be made, or belongs to somebody else.
pub(super) fn prepare(base: &Path) -> io::Result<()> {
    // Others may pass through, to what is theirs.
    DirBuilder::new().recursive(true).mode(0o711).create(base)?;
    let found = fs::symlink_metadata(base)?;
    let is_ours = found.is_dir()
        && found.uid() == rustix::process::geteuid().as_raw()
        && found.mode() & 0o022 == 0;
    if is_ours {
        return Ok(());
    }
    Err(io::Error::other(
        "it belongs to somebody else, or others can write to it",
    ))
}

impl RunDirectory {
    pub(super) fn new(base: &Path, account: &Account) -> io::Result<Self> {
        let directory = tempfile::Builder::new().prefix("run-").tempdir_in(base)?;
        let this = Self {
            directory,
            account: account.clone(),
        };
        this.give(this.directory.path())?;
        for name in ["work", "script"] {
            this.own(name)?;
        }
        Ok(this)
    }

    /// Makes a directory that is the account's.
    pub(super) fn own(&self, name: &str) -> io::Result<PathBuf> {
        let path = self.directory.path().join(name);
        DirBuilder::new().mode(0o700).create(&path)?;
        self.give(&path)?;
        Ok(path)
    }

    /// Makes a directory that stays ours, and that the account can look into.
    pub(super) fn directory(&self, name: &str) -> io::Result<PathBuf> {
        let path = self.directory.path().join(name);
        DirBuilder::new().create(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        Ok(path)
    }

    /// Where its scripts are.
    pub(super) fn scripts(&self) -> PathBuf {
        self.directory.path().join("script")
    }

    pub(in crate::worker) fn work(&self) -> PathBuf {
        self.directory.path().join("work")
    }

    /// Writes a file that the account can read, and gives its path.
    pub(super) fn script(&self, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
        let path = self.directory.path().join("script").join(name);
        let mut options = File::options();
        let options = options.write(true).create_new(true).mode(0o400);
        options.open(&path)?.write_all(bytes)?;
        self.give(&path)?;
        Ok(path)
    }

    fn give(&self, path: &Path) -> io::Result<()> {
        if self.account.uid == rustix::process::geteuid().as_raw() {
            return Ok(());
        }
        chown(path, Some(self.account.uid), Some(self.account.gid))
    }
}
