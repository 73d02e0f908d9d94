//! Exit codes, all of them, chosen here and nowhere else.
//!
//! A script's own exit code is the process's. Seawall's own come from a range that shells, `timeout`
//! and test runners leave alone, so that a pipeline can tell a failing script from a refusing wall.

use std::process::ExitCode;

use crate::worker::Ending;

/// How the program ends, apart from a script's own exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The command did what was asked.
    Success,
    /// `seawall policy explain`: the answer is no. `seawall doctor`: a probe was not contained.
    Negative,
    /// The command line is wrong. What `clap` uses too.
    Usage,
    /// The server refused what was asked, or can't be reached.
    Remote,
    /// Seawall itself failed: a full disk, a missing guest, a cache it doesn't trust.
    Host,
    /// A policy or ceiling file is not valid.
    BadPolicy,
    /// The policy asks for more than its ceiling allows; nothing ran.
    Denied,
    /// A limit of the policy was reached; the script was stopped.
    LimitReached,
    /// The WebAssembly code trapped.
    Trapped,
    /// The script can't be run: not found, no known language, not a module.
    BadScript,
    /// Ctrl-C or SIGTERM. As shells report a process that SIGINT ended.
    Cancelled,
    /// A script's own exit code.
    Script(u8),
}

impl Exit {
    /// The number for the operating system.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Negative => 1,
            Self::Usage => 2,
            Self::Remote => 118,
            Self::Host => 119,
            Self::BadPolicy => 120,
            Self::Denied => 121,
            Self::LimitReached => 122,
            Self::Trapped => 123,
            Self::BadScript => 124,
            Self::Cancelled => 130,
            Self::Script(code) => code,
        }
    }
}

impl From<&Ending> for Exit {
    fn from(ending: &Ending) -> Self {
        match ending {
            Ending::Exited { code } => Self::Script(*code),
            Ending::LimitReached { limit: _ } => Self::LimitReached,
            Ending::Trapped { message: _ } => Self::Trapped,
            Ending::Cancelled => Self::Cancelled,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// For `--help`: what the numbers mean.
pub const HELP: &str = "\
Exit codes:
  0–255  the script's own, for `run`
  0, 1   yes and no, for `policy explain` and `doctor`; how the task ended, for `deploy --watch`
  2      the command line is wrong
  118    the server refused what was asked, or can't be reached
  119    Seawall itself failed
  120    a policy or ceiling file is not valid
  121    the policy asks for more than its ceiling allows; nothing ran
  122    a limit of the policy was reached; the script was stopped
  123    the WebAssembly code trapped
  124    the script can't be run: not found, unknown language, not a module
  130    stopped by Ctrl-C or SIGTERM";
