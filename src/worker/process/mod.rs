//! Native processes: scripts that can't be WebAssembly, as an OS process under another account.
//!
//! ```text
//!  worker ─ spawns ─► seawall launch-process ─ own session, limits, other account, no new privileges ─ exec ─► bash
//!      ▲ standard output and error ────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! This is not the wall. The operating system keeps the account apart; files and network are what that account may
//! reach, whatever the policy's `[[files]]` and `[[network]]` say, and a plan says so. What holds: the policy must allow
//! processes, the operator must have named an account, and the account is not the server's unless that was said in
//! words. The process gets no descriptor, variable or group of the server's, ends with its whole process group, and
//! its workspace is removed.
//!
//! Not here: Landlock, which would hold the process to the policy's files; a background child that makes a session of
//! its own outlives the group.

mod account;
mod launch;
mod octopus;
mod run;
mod workspace;

pub use account::{Account, AccountError, SameAccount};
pub use launch::{LAUNCH_SUBCOMMAND, Launch, launch};
pub use run::Native;
pub(super) use run::{Script, workspace_mount};

use crate::policy::{Grants, NativeProcesses};

/// Whether the policy lets a script be a process at all.
pub fn is_granted(grants: &Grants) -> bool {
    grants.process.native == NativeProcesses::Allowed
}
