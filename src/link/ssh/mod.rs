//! Machines with sshd and nothing else: the server logs in, sends a script, and reads what it says.
//!
//! ```text
//!  dispatch ─► connection ─ the host's key is the one that is pinned, then the account's key or password
//!                  │
//!              workspace ─ mkdir ─► tar ─► run: /bin/sh ─ setsid ─► bash | python3 | … ─► output ─► worker::elsewhere
//!                  └────── cat (artifacts) ─► kill the group, rm
//! ```
//!
//! Assumes `/bin/sh`, `tar`, `cat`, `mkdir` and `rm` there, and of course the script's interpreter; uses `setsid`
//! where it is. Everything that the server sends as a command is in `shell.rs`.
//!
//! Invariants:
//! - Nothing is said to a host whose key is not the pinned one: no name, no password.
//! - Variables and environment go over standard input: never in a file, never in a process's arguments.
//! - Whatever happens, everything that the script started is ended and its directory removed: the shell there does it
//!   when its login is gone, and after a lost connection the server tries once more over a new one. A script whose
//!   connection was lost is `Lost`, and is not run again.
//! - What comes back is bounded: output by the policy, files by size, everything else by a small constant.
//!
//! Refuses: host keys on first use, agents, forwarding, compression. Has no wall: the policy must allow processes.

pub mod check;
mod connection;
mod key;
mod run;
mod shell;
mod workspace;

pub use connection::{Connection, Login, Secret, SshError, host_key};
pub use key::{KeyError, private_key};
pub use run::{Finished, NotKept, RunError, run};
pub use workspace::{Workspace, clean_up, directory_name};
