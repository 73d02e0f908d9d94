//! The last thing that is ours before a script: gives up everything, then becomes the program.
//!
//! A process of its own, because nothing can be given up for a program once it runs, and no code of ours may run
//! between the fork of a large program and its exec.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use clap::Args;
use rustix::fs::Mode;
use rustix::process::{Gid, Resource, Rlimit, Uid, getegid, geteuid, setrlimit, setsid, umask};
use rustix::thread::{set_no_new_privs, set_thread_groups, set_thread_res_gid, set_thread_res_uid};

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
    /// Bytes of address space, for each process.
    #[arg(long)]
    pub memory_bytes: u64,
    /// Bytes, for each file.
    #[arg(long)]
    pub file_bytes: u64,
    /// Open files, for each process.
    #[arg(long)]
    pub handles: u64,
    /// The program, and its arguments.
    #[arg(last = true, required = true)]
    pub program: Vec<String>,
}

impl Launch {
    /// As arguments of [`LAUNCH_SUBCOMMAND`]. Nothing secret is in them: others can read a process's arguments.
    pub fn arguments(&self) -> Vec<String> {
        let Self {
            uid,
            gid,
            cpu_seconds,
            memory_bytes,
            file_bytes,
            handles,
            program,
        } = self;
        let mut arguments = vec![LAUNCH_SUBCOMMAND.to_owned()];
        for (name, value) in [
            ("--uid", u64::from(*uid)),
            ("--gid", u64::from(*gid)),
            ("--cpu-seconds", *cpu_seconds),
            ("--memory-bytes", *memory_bytes),
            ("--file-bytes", *file_bytes),
            ("--handles", *handles),
        ] {
            arguments.extend([name.to_owned(), value.to_string()]);
        }
        arguments.push("--".to_owned());
        arguments.extend(program.iter().cloned());
        arguments
    }
}

/// Gives everything up and becomes the program. Comes back only when that failed, with the reason.
pub fn launch(launch: &Launch) -> String {
    match give_up(launch) {
        Err(reason) => reason,
        Ok(()) => {
            let [program, arguments @ ..] = launch.program.as_slice() else {
                return "there is no program to run".to_owned();
            };
            let error = Command::new(program).args(arguments).exec();
            format!("`{program}` can't be run: {error}")
        }
    }
}

fn give_up(launch: &Launch) -> Result<(), String> {
    let Launch {
        uid,
        gid,
        cpu_seconds,
        memory_bytes,
        file_bytes,
        handles,
        program: _,
    } = launch;
    let failed = |what: &'static str| move |error| format!("{what}: {error}");
    // What whoever started the server left open, and what the server itself did.
    close_fds::set_fds_cloexec(3, &[]);
    nothing_is_inherited()?;
    setsid().map_err(failed("no session of its own"))?;
    umask(Mode::from_raw_mode(0o077));
    // The last second is for a program that doesn't end when it is told that its time is up.
    let cpu = Rlimit {
        current: Some(*cpu_seconds),
        maximum: Some(cpu_seconds.saturating_add(1)),
    };
    setrlimit(Resource::Cpu, cpu).map_err(failed("a limit can't be set"))?;
    for (resource, most) in [
        (Resource::As, *memory_bytes),
        (Resource::Fsize, *file_bytes),
        (Resource::Nofile, *handles),
        (Resource::Nproc, MAX_PROCESSES),
        (Resource::Core, 0),
    ] {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
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
    set_no_new_privs(true).map_err(failed("privileges can't be given up"))
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
