//! Time: burning it, waiting it away, and having the host do either.

use std::hint::black_box;
use std::time::{Duration, Instant};

use wasip2::clocks::monotonic_clock;
use wasip2::io::poll;

use crate::place::{FOLLOW, locate, names_in, open_directory};
use crate::probe::{Args, Probe, Stop, Verdict};

pub const PROBES: &[Probe] = &[
    Probe { name: "spin", usage: "[SECONDS]", threat: "an endless loop", run: spin },
    Probe { name: "spin-no-calls", usage: "ROUNDS", threat: "a loop without a single host call", run: spin_no_calls },
    Probe { name: "sleep", usage: "SECONDS", threat: "waiting on the host's time", run: sleep },
    Probe { name: "sleep-forever", usage: "", threat: "the longest duration there is", run: sleep_forever },
    Probe { name: "sleep-many", usage: "N", threat: "a storm of sleeps", run: sleep_many },
    Probe {
        name: "spin-in-hostcall",
        usage: "SECONDS",
        threat: "CPU time spent inside host calls is not counted",
        run: spin_in_hostcall,
    },
    Probe {
        name: "stat-storm",
        usage: "PATH N",
        threat: "arXiv 2509.11242: cheap calls that are dear for the host",
        run: stat_storm,
    },
    Probe {
        name: "readdir-storm",
        usage: "DIR N",
        threat: "arXiv 2509.11242: listing without end",
        run: readdir_storm,
    },
    Probe { name: "poll-storm", usage: "N PER_CALL", threat: "a storm of polls", run: poll_storm },
    Probe { name: "poll-empty", usage: "", threat: "polling nothing blocks for ever or panics", run: poll_empty },
    Probe {
        name: "random-storm",
        usage: "SECONDS",
        threat: "epochs do not tick inside a host call",
        run: random_storm,
    },
    Probe { name: "block-on-stdin", usage: "", threat: "a blocking read holds a thread for ever", run: block_on_stdin },
];

fn spin(args: &Args) -> Verdict {
    let seconds = args.number_or(0, u64::MAX)?;
    let started = Instant::now();
    while started.elapsed().as_secs() < seconds {
        for i in 0..1_000_000u32 {
            black_box(i);
        }
    }
    Ok(format!("{seconds} s of CPU time"))
}

fn spin_no_calls(args: &Args) -> Verdict {
    let mut rounds = args.number(0)?;
    while black_box(rounds) > 0 {
        rounds -= 1;
    }
    Ok("every round".to_owned())
}

fn sleep(args: &Args) -> Verdict {
    let seconds = args.number(0)?;
    let started = Instant::now();
    monotonic_clock::subscribe_duration(seconds * 1_000_000_000).block();
    Ok(format!("slept {} ms", started.elapsed().as_millis()))
}

fn sleep_forever(_: &Args) -> Verdict {
    monotonic_clock::subscribe_duration(u64::MAX).block();
    monotonic_clock::subscribe_instant(u64::MAX).block();
    Err(Stop::Inconclusive("both ended at once".to_owned()))
}

fn sleep_many(args: &Args) -> Verdict {
    let n = args.number(0)?;
    for _ in 0..n {
        monotonic_clock::subscribe_duration(1).block();
    }
    Ok(format!("{n} sleeps"))
}

fn spin_in_hostcall(args: &Args) -> Verdict {
    let seconds = args.number(0)?;
    let started = Instant::now();
    let mut n_calls = 0u64;
    while started.elapsed() < Duration::from_secs(seconds) {
        for _ in 0..10_000 {
            black_box(wasip2::clocks::wall_clock::now());
        }
        n_calls += 10_000;
    }
    Ok(format!("{n_calls} calls in {seconds} s"))
}

fn stat_storm(args: &Args) -> Verdict {
    let (place, n) = (locate(args.text(0)?)?, args.number(1)?);
    let mut answer = Ok(());
    for _ in 0..n {
        answer = place.directory.stat_at(FOLLOW, &place.path).map(drop);
    }
    answer?;
    Ok(format!("{n} calls"))
}

fn readdir_storm(args: &Args) -> Verdict {
    let n = args.number(1)?;
    for _ in 0..n {
        names_in(&open_directory(args.text(0)?)?)?;
    }
    Ok(format!("{n} listings"))
}

fn poll_storm(args: &Args) -> Verdict {
    let (n, per_call) = (args.number(0)?, args.number(1)?);
    let pollables: Vec<_> = (0..per_call).map(|_| monotonic_clock::subscribe_duration(0)).collect();
    let list: Vec<_> = pollables.iter().collect();
    for _ in 0..n {
        poll::poll(&list);
    }
    Ok(format!("{n} polls of {per_call}"))
}

/// The specification makes it a trap.
fn poll_empty(_: &Args) -> Verdict {
    Ok(format!("{:?} are ready", poll::poll(&[])))
}

fn random_storm(args: &Args) -> Verdict {
    let seconds = args.number(0)?;
    let started = Instant::now();
    let mut total = 0u64;
    while started.elapsed().as_secs() < seconds {
        total += wasip2::random::random::get_random_bytes(1 << 20).len() as u64;
    }
    Ok(format!("{total} random bytes in {seconds} s"))
}

fn block_on_stdin(_: &Args) -> Verdict {
    let stdin = wasip2::cli::stdin::get_stdin();
    let bytes = stdin.blocking_read(1)?;
    Ok(format!("{} bytes", bytes.len()))
}
