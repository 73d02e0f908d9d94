//! The workspace that the scripts of one attempt share: what PreDeploy writes, Deploy and PostDeploy find.
//!
//! As in Octopus, where the scripts of a package have one directory, and however they are confined. Packages stay for
//! reading, and an attempt's workspace is no other's: a step that is tried again finds it empty.

use std::path::{Path, PathBuf};

use super::process;
use super::run::{Error, Worker};
use super::workdir::RunDirectory;
use crate::plan::Isolation;

/// Such a workspace. Gone when dropped, whatever is in it.
pub struct Shared {
    path: PathBuf,
    _kept: Kept,
}

/// Whose the directory is.
enum Kept {
    Ours { _directory: RunDirectory },
    Accounts { _directory: process::RunDirectory },
}

impl Shared {
    /// Where it is on this host.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Worker {
    /// A workspace for `n_scripts` of one attempt; `None` for a single one, which has its own.
    ///
    /// # Errors
    /// [`Error::Workspace`] and [`Error::Native`] if it can't be made; [`Error::NativeDenied`] where no processes run.
    pub fn share(&self, n_scripts: usize, isolation: Isolation) -> Result<Option<Shared>, Error> {
        if n_scripts < 2 {
            return Ok(None);
        }
        let shared = match isolation {
            Isolation::Sandbox => {
                let mut directory = self.runs().fresh().map_err(Error::Workspace)?;
                Shared {
                    path: directory.create("work").map_err(Error::Workspace)?,
                    _kept: Kept::Ours {
                        _directory: directory,
                    },
                }
            }
            Isolation::Process => {
                let native = self.native().ok_or(Error::NO_ACCOUNT)?;
                let directory = native.directory().map_err(Error::Native)?;
                Shared {
                    path: directory.work(),
                    _kept: Kept::Accounts {
                        _directory: directory,
                    },
                }
            }
        };
        Ok(Some(shared))
    }
}
