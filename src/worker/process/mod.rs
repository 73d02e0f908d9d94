//! Native processes: scripts that can't be WebAssembly, as an OS process under another account.
//!
//! ```text
//!  worker ─ spawns ─► seawall supervise-process ─ spawns ─► seawall launch-process ─ exec ─► bash
//!    ▲                  │ ends everything, says what it took    own session, limits, other account,
//!    ├── socket ────────┘                                       no new privileges, Landlock
//!    └── standard output and error ◄────────────────────────────────────────────────────────┘
//! ```
//!
//! This is not the wall. The operating system keeps the account apart; Landlock, as far as the kernel has it, holds the
//! process to the policy's files and TCP ports; limits hold each process of it. What of a policy isn't enforced, the plan
//! says before it runs, and the receipt says what was. What holds on every kernel: the policy must allow processes, the
//! operator must have named an account, and the account is not the server's unless that was said in words. The process
//! gets no descriptor, variable or group of the server's, ends with everything it started, and its workspace is removed.

mod account;
mod confine;
mod family;
mod launch;
pub(super) mod octopus;
pub(super) mod places;
pub(super) mod program;
mod run;
mod script;
mod supervise;
mod workspace;

pub use account::{Account, AccountError, SameAccount};
pub use confine::landlock_of_this_kernel;
pub use family::kill_session;
pub use launch::{LAUNCH_SUBCOMMAND, Launch, launch};
pub use run::Native;
pub(super) use script::{Begun, Permitted};
pub use supervise::{SUPERVISE_SUBCOMMAND, supervise};
pub(super) use workspace::RunDirectory;

use crate::policy::{Grants, NativeProcesses};

/// Whether the policy lets a script be a process at all.
pub fn is_granted(grants: &Grants) -> bool {
    grants.process.native == NativeProcesses::Allowed
}
