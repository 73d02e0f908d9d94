//! Stays beside a native process, under the worker's account: ends it with everything it started, whatever became of
//! the worker, and says what it took.
//!
//! ```text
//!  worker ◄─ socket ─► supervisor (subreaper) ─ launcher ─ exec ─► script ─► children, orphans, new sessions
//! ```
//!
//! Over the socket come the orders, then a `T` for TERM; its end means that everything is to be killed, so that a
//! worker that dies leaves nothing behind. Back goes one [`Report`]. The script can't signal its supervisor, and is no
//! part of its process group.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::Shutdown;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{
    Pid, Signal, WaitOptions, WaitStatus, getpid, kill_process, kill_process_group,
    set_child_subreaper, setsid, wait,
};
use serde::{Deserialize, Serialize};

use super::family;
use super::launch::{LAUNCH_SUBCOMMAND, Launch};
use crate::plan::Landlock;

/// The hidden sub-command that does it.
pub const SUPERVISE_SUBCOMMAND: &str = "supervise-process";

/// What the worker sends to have the process group told to end.
pub(super) const TERMINATE: u8 = b'T';

/// How it ended, and what it took.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Report {
    /// `None` if a signal ended it.
    pub code: Option<i32>,
    pub signal: Option<i32>,
    /// Of the process and of everything it started.
    pub cpu_time: Duration,
    /// `None` if it was never launched.
    pub landlock: Option<Landlock>,
}

/// Runs the launcher to the end of everything that comes of it.
///
/// # Errors
/// If it can't be started or watched, in words.
pub fn supervise(launch: &Launch) -> Result<(), String> {
    supervised(launch).map_err(|error| format!("the process can't be supervised: {error}"))
}

fn supervised(launch: &Launch) -> io::Result<()> {
    set_child_subreaper(Some(getpid()))?;
    // A terminal's interrupt is for the worker, which then says what is to be done.
    setsid()?;
    let worker = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut said = BufReader::new(worker.try_clone()?);
    let mut orders = String::new();
    said.read_line(&mut orders)?;
    let (mut launched, theirs) = UnixStream::pair()?;
    let child = Command::new("/proc/self/exe")
        .args(launch.arguments(LAUNCH_SUBCOMMAND))
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .spawn()?;
    let child = Pid::from_child(&child);
    thread::spawn(move || obey(said, child));
    launched.write_all(orders.as_bytes())?;
    launched.shutdown(Shutdown::Write)?;
    let status = end_of(child)?;
    bury_all()?;
    // Closed when the script began; what it held then is still there.
    let mut landlock = String::new();
    launched.read_to_string(&mut landlock)?;
    let ticks = family::ticks_of_the_dead() as f64;
    let report = Report {
        code: status.exit_status(),
        signal: status.terminating_signal(),
        cpu_time: Duration::from_secs_f64(ticks / rustix::param::clock_ticks_per_second() as f64),
        landlock: serde_json::from_str(&landlock).ok(),
    };
    // A worker that is gone needs no report.
    serde_json::to_writer(&worker, &report).ok();
    Ok(())
}

/// Does what the worker says, until it says no more.
fn obey(mut said: BufReader<UnixStream>, child: Pid) {
    let mut byte = [0];
    while let Ok(1) = said.read(&mut byte) {
        if byte[0] == TERMINATE {
            // Before it has a group of its own, there is only the one process.
            kill_process_group(child, Signal::TERM)
                .or_else(|_| kill_process(child, Signal::TERM))
                .ok();
        }
    }
    family::kill_all();
}

/// How `child` ended. Orphans that end meanwhile are buried.
fn end_of(child: Pid) -> io::Result<WaitStatus> {
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == child => return Ok(status),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Ends whatever is left, until nothing is.
fn bury_all() -> io::Result<()> {
    loop {
        family::kill_all();
        let mut options = WaitOptions::empty();
        loop {
            match wait(options) {
                // What is dead by now doesn't have to be looked for again.
                Ok(Some(_)) => options = WaitOptions::NOHANG,
                Ok(None) => break,
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::CHILD) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }
}
