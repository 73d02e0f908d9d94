//! Everything that a process started, sessions of their own and orphans included: found by who is whose child, and ended.
//!
//! Needs a subreaper: what loses its parent becomes the subreaper's child, so that nothing gets out of the family.

use std::fs;

use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, Signal, getpid, kill_process, pidfd_open, pidfd_send_signal,
};

/// A process below this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Relative {
    pid: Pid,
    parent: i32,
    session: i32,
    /// In clock ticks since the machine started: with the number, nobody else's.
    started: u64,
}

/// Kills every process below this one. Its own dead children still are to be waited for.
pub(super) fn kill_all() {
    kill(|all| below(getpid().as_raw_nonzero().get(), all));
}

/// Kills every process of a session, wherever it is in the family by now: for who finds that one was left behind.
pub fn kill_session(leader: u32) {
    let is_in = |relative: &&Relative| u32::try_from(relative.session) == Ok(leader);
    kill(|all| all.iter().filter(is_in).copied().collect());
}

/// Kills what `choose` finds among all processes.
///
/// Everything is stopped first: what is stopped starts no other, and a fork bomb can't outrun us.
fn kill(choose: impl Fn(&[Relative]) -> Vec<Relative>) {
    let mut stopped: Vec<Relative> = Vec::new();
    loop {
        let fresh: Vec<Relative> = choose(&everybody())
            .into_iter()
            .filter(|relative| !stopped.contains(relative))
            .collect();
        if fresh.is_empty() {
            break;
        }
        for relative in fresh {
            send(relative, Signal::STOP);
            stopped.push(relative);
        }
    }
    for relative in stopped {
        send(relative, Signal::KILL);
    }
}

/// The CPU time of all children that were waited for, and of theirs, in clock ticks.
pub(super) fn ticks_of_the_dead() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let times = fields(&stat).skip(13).take(2);
    times.filter_map(|field| field.parse::<u64>().ok()).sum()
}

fn send(relative: Relative, signal: Signal) {
    // A handle is opened, and then looked at: the number may be another process's by now.
    match pidfd_open(relative.pid, PidfdFlags::empty()) {
        Ok(handle) => {
            if read(relative.pid).is_some_and(|now| now.started == relative.started) {
                // Dead already is what we want.
                pidfd_send_signal(handle, signal).ok();
            }
        }
        Err(Errno::SRCH) => {}
        // A kernel without such handles.
        Err(_) => {
            kill_process(relative.pid, signal).ok();
        }
    }
}

fn everybody() -> Vec<Relative> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.filter_map(Pid::from_raw).filter_map(read).collect()
}

/// Those of `all` that are below `root`.
fn below(root: i32, all: &[Relative]) -> Vec<Relative> {
    let mut found: Vec<Relative> = Vec::new();
    let mut parents = vec![root];
    while let Some(parent) = parents.pop() {
        for relative in all.iter().filter(|relative| relative.parent == parent) {
            parents.push(relative.pid.as_raw_nonzero().get());
            found.push(*relative);
        }
    }
    found
}

fn read(pid: Pid) -> Option<Relative> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    let mut fields = fields(&stat);
    let parent = fields.nth(1)?.parse().ok()?;
    let session = fields.nth(1)?.parse().ok()?;
    let started = fields.nth(15)?.parse().ok()?;
    Some(Relative {
        pid,
        parent,
        session,
        started,
    })
}

/// Of `proc_pid_stat(5)`, from the state on. The name before it may hold anything.
fn fields(stat: &str) -> impl Iterator<Item = &str> {
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    after.split_ascii_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_everything_below_and_nothing_beside() {
        let relative = |pid: i32, parent| Relative {
            pid: Pid::from_raw(pid).expect("not 0"),
            parent,
            session: 0,
            started: 0,
        };
        let all = [
            relative(2, 1),
            relative(3, 1),
            relative(4, 2),
            relative(5, 4),
            relative(6, 3),
        ];
        let mut numbers: Vec<i32> = below(2, &all)
            .iter()
            .map(|relative| relative.pid.as_raw_nonzero().get())
            .collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [4, 5]);
        assert_eq!(below(1, &all).len(), 5);
    }

    #[test]
    fn a_session_ends_whole_and_no_other_does() {
        use std::os::unix::process::ExitStatusExt as _;
        use std::process::{Command, Stdio};
        let start = || {
            let mut command = Command::new("setsid");
            command.args(["sh", "-c", "sleep 1000 & echo $!; wait"]);
            let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
            let mut line = String::new();
            let mut said = std::io::BufReader::new(child.stdout.take().expect("it is piped"));
            std::io::BufRead::read_line(&mut said, &mut line).expect("it says");
            let grandchild = Pid::from_raw(line.trim().parse().expect("a number")).expect("not 0");
            (child, grandchild)
        };
        let ((mut one, of_one), (mut other, of_other)) = (start(), start());
        let ends = |child: &mut std::process::Child| child.wait().expect("it ends").signal();
        kill_session(one.id());
        assert_eq!(ends(&mut one), Some(9));
        assert!(other.try_wait().expect("it can be asked").is_none());
        assert!(read(of_other).is_some());
        kill_session(other.id());
        assert_eq!(ends(&mut other), Some(9));
        // Whoever buries orphans here may come to it later.
        let lives = |pid: Pid| {
            let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
            stat.is_ok_and(|stat| fields(&stat).next() != Some("Z"))
        };
        let begun = std::time::Instant::now();
        while lives(of_one) || lives(of_other) {
            assert!(begun.elapsed().as_secs() < 10, "they are still there");
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_process_whose_name_is_odd_is_read() {
        let stat = "7 (a) R (b) S 3 7 7 0 -1 4194560 1 2 3 4 5 6 70 80 20 0 1 0 4711 1 2";
        let mut fields = fields(stat);
        assert_eq!(fields.nth(1), Some("3"));
        assert_eq!(fields.nth(1), Some("7"));
        assert_eq!(fields.nth(15), Some("4711"));
        let times: Vec<&str> = super::fields(stat).skip(13).take(2).collect();
        assert_eq!(times, ["70", "80"]);
    }
}
