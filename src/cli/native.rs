//! The flags of native processes: the same for a server and for a worker.

use std::path::PathBuf;

use anyhow::Context as _;

use super::{Exit, Failure};
use crate::plan::Unheld;
use crate::worker::process::{Account, Native, SameAccount};

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Native processes")]
pub struct NativeArguments {
    /// Let steps be OS processes of this account, where their policies allow it. Off without it.
    #[arg(long, value_name = "NAME")]
    native_account: Option<String>,
    /// Where they have their workspaces; the account must be able to pass through to it
    /// [default: `seawall-native` in the system's directory for temporary files].
    #[arg(long, value_name = "DIR", requires = "native_account")]
    native_directory: Option<PathBuf>,
    /// Accept root, or Seawall's own account: whoever writes a script then is Seawall.
    #[arg(
        long,
        alias = "native-scripts-are-the-server",
        requires = "native_account"
    )]
    native_scripts_are_seawall: bool,
    /// Refuse them where the kernel can't hold them to their policies' files and ports (Landlock, Linux 6.7).
    #[arg(long, requires = "native_account")]
    native_require_landlock: bool,
}

impl NativeArguments {
    /// What native processes need, if there are to be any.
    ///
    /// # Errors
    /// [`Exit::Usage`] for an account that doesn't exist or is ours; [`Exit::Host`] for the directory.
    pub fn open(&self) -> Result<Option<Native>, Failure> {
        let Some(name) = &self.native_account else {
            return Ok(None);
        };
        let same = match self.native_scripts_are_seawall {
            true => SameAccount::Accepted,
            false => SameAccount::Refused,
        };
        let account = Account::find(name, same);
        let account = account.map_err(|error| Failure::new(Exit::Usage, error))?;
        let own = || std::env::temp_dir().join("seawall-native");
        let directory = self.native_directory.clone().unwrap_or_else(own);
        let unheld = match self.native_require_landlock {
            true => Unheld::Refused,
            false => Unheld::Accepted,
        };
        let native = Native::open(account, directory.clone(), unheld);
        let native = native.with_context(|| {
            format!("cannot use `{}` for native processes", directory.display())
        })?;
        Ok(Some(native))
    }
}
