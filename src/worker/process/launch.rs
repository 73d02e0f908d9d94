//! The last thing that is ours before a script: gives up everything, then becomes the program.
//!
//! A process of its own, because nothing can be given up for a program once it runs, and no code of ours may run
//! between the fork of a large program and its exec. What the program's environment is comes over standard input, and
//! never was this process's own: a variable such as `LD_PRELOAD` would be obeyed here, before anything is given up.

use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::Args;
use rustix::fs::Mode;
use rustix::process::{Gid, Resource, Rlimit, Uid, getegid, geteuid, setrlimit, setsid, umask};
use rustix::thread::{set_no_new_privs, set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use serde::{Deserialize, Serialize};

use super::confine;
use crate::plan::Landlock;

/// The hidden sub-command that does it.
pub const LAUNCH_SUBCOMMAND: &str = "launch-process";

/// Processes and threads that the account may have, all its runs together.
const MAX_PROCESSES: u64 = 1024;

/// What to give up, and what to become.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Launch {
    #[arg(long)]
    pub uid: u32,
    #[arg(long)]
    pub gid: u32,
    /// Seconds of CPU time.
    #[arg(long)]
    pub cpu_seconds: u64,
    /// Bytes of memory that is written to, for each process.
    #[arg(long)]
    pub memory_bytes: u64,
    /// Bytes of address space, for each process; without it any number, for programs that reserve much and use little.
    #[arg(long)]
    pub address_bytes: Option<u64>,
    /// Bytes, for each file.
    #[arg(long)]
    pub file_bytes: u64,
    /// Open files, for each process.
    #[arg(long)]
    pub handles: u64,
    /// What it may read and run, beside what interpreters need of the system.
    #[arg(long)]
    pub read: Vec<PathBuf>,
    /// Where it may do anything.
    #[arg(long)]
    pub write: Vec<PathBuf>,
    /// TCP ports that it may connect to.
    #[arg(long)]
    pub connect: Vec<u16>,
    /// The program, and its arguments.
    #[arg(last = true, required = true)]
    pub program: Vec<String>,
}

/// What comes over standard input: not on the command line, which others can read.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Orders {
    pub environment: Vec<(String, String)>,
}

impl Launch {
    /// As arguments of a sub-command. Nothing secret is in them: others can read a process's arguments.
    pub(super) fn arguments(&self, subcommand: &str) -> Vec<String> {
        let Self {
            uid,
            gid,
            cpu_seconds,
            memory_bytes,
            address_bytes,
            file_bytes,
            handles,
            read,
            write,
            connect,
            program,
        } = self;
        let mut arguments = vec![subcommand.to_owned()];
        let numbers = [
            ("--uid", Some(u64::from(*uid))),
            ("--gid", Some(u64::from(*gid))),
            ("--cpu-seconds", Some(*cpu_seconds)),
            ("--memory-bytes", Some(*memory_bytes)),
            ("--address-bytes", *address_bytes),
            ("--file-bytes", Some(*file_bytes)),
            ("--handles", Some(*handles)),
        ];
        for (name, value) in numbers {
            if let Some(value) = value {
                arguments.extend([name.to_owned(), value.to_string()]);
            }
        }
        for (name, paths) in [("--read", read), ("--write", write)] {
            for path in paths {
                arguments.extend([name.to_owned(), path.to_string_lossy().into_owned()]);
            }
        }
        for port in connect {
            arguments.extend(["--connect".to_owned(), port.to_string()]);
        }
        arguments.push("--".to_owned());
        arguments.extend(program.iter().cloned());
        arguments
    }
}

/// Gives everything up and becomes the program. Comes back only when that failed, with the reason.
pub fn launch(launch: &Launch) -> String {
    let become_it = || -> Result<String, String> {
        let orders = orders()?;
        let landlock = give_up(launch)?;
        report(landlock).map_err(|error| format!("the supervisor can't be told: {error}"))?;
        let [program, arguments @ ..] = launch.program.as_slice() else {
            return Err("there is no program to run".to_owned());
        };
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(orders.environment);
        // The supervisor's socket is gone with it.
        command.stdin(Stdio::null());
        let error = command.exec();
        Ok(format!("`{program}` can't be run: {error}"))
    };
    become_it().unwrap_or_else(|reason| reason)
}

fn orders() -> Result<Orders, String> {
    let mut text = String::new();
    let read = io::stdin().read_to_string(&mut text);
    read.map_err(|error| format!("the environment can't be read: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("the environment can't be read: {error}"))
}

/// Says to the supervisor how much of Landlock holds this process.
fn report(landlock: Landlock) -> io::Result<()> {
    let supervisor = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    serde_json::to_writer(&supervisor, &landlock)?;
    (&supervisor).flush()
}

fn give_up(launch: &Launch) -> Result<Landlock, String> {
    let Launch {
        uid,
        gid,
        cpu_seconds,
        memory_bytes,
        address_bytes,
        file_bytes,
        handles,
        read,
        write,
        connect,
        program: _,
    } = launch;
    let failed = |what: &'static str| move |error| format!("{what}: {error}");
    // What whoever started the server left open, and what the server itself did.
    close_fds::set_fds_cloexec(3, &[]);
    nothing_is_inherited()?;
    setsid().map_err(failed("no session of its own"))?;
    umask(Mode::from_raw_mode(0o077));
    // While everything can still be opened.
    let rules = confine::prepare(read, write, connect)
        .map_err(|error| format!("Landlock can't be prepared: {error}"))?;
    // The last second is for a program that doesn't end when it is told that its time is up.
    let cpu = Rlimit {
        current: Some(*cpu_seconds),
        maximum: Some(cpu_seconds.saturating_add(1)),
    };
    setrlimit(Resource::Cpu, cpu).map_err(failed("a limit can't be set"))?;
    for (resource, most) in [
        (Resource::Data, Some(*memory_bytes)),
        (Resource::As, *address_bytes),
        (Resource::Fsize, Some(*file_bytes)),
        (Resource::Nofile, Some(*handles)),
        (Resource::Nproc, Some(MAX_PROCESSES)),
        (Resource::Core, Some(0)),
    ] {
        let limit = Rlimit {
            current: most,
            maximum: most,
        };
        setrlimit(resource, limit).map_err(failed("a limit can't be set"))?;
    }
    let (uid, gid) = (Uid::from_raw(*uid), Gid::from_raw(*gid));
    if geteuid() != uid {
        // In this order: without the account, groups can't be changed any more.
        set_thread_groups(&[]).map_err(failed("groups can't be given up"))?;
        set_thread_res_gid(gid, gid, gid).map_err(failed("the group can't be changed"))?;
        set_thread_res_uid(uid, uid, uid).map_err(failed("the account can't be changed"))?;
    }
    if geteuid() != uid || rustix::process::getuid() != uid || getegid() != gid {
        return Err("the account was not changed".to_owned());
    }
    set_no_new_privs(true).map_err(failed("privileges can't be given up"))?;
    rules
        .put_on()
        .map_err(|error| format!("Landlock can't be put on: {error}"))
}

/// Refuses to go on with an open file that the program would get, beyond standard input, output and error.
fn nothing_is_inherited() -> Result<(), String> {
    const O_CLOEXEC: u32 = 0o2_000_000;
    let entries = std::fs::read_dir("/proc/self/fdinfo")
        .map_err(|error| format!("open files can't be listed: {error}"))?;
    for entry in entries.flatten() {
        let number = entry.file_name().to_string_lossy().parse::<u32>();
        // The directory that is being read closes by itself; its number is gone by now, or closes on exec.
        let Ok(text) = std::fs::read_to_string(entry.path()) else {
            continue;
        };
        let flags = text
            .lines()
            .find_map(|line| line.strip_prefix("flags:"))
            .and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok());
        let closes = flags.is_some_and(|flags| flags & O_CLOEXEC != 0);
        if number.is_ok_and(|number| number > 2) && !closes {
            return Err("a file of the server is open and would stay open".to_owned());
        }
    }
    Ok(())
}
