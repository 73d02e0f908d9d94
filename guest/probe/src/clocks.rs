//! Clocks: what they can measure, and what they give away.

use wasip2::clocks::{monotonic_clock, wall_clock};

use crate::probe::{Args, Probe, Stop, Verdict};

pub const PROBES: &[Probe] = &[
    Probe {
        name: "clock-resolution",
        usage: "NANOSECONDS",
        threat: "Spectre: a clock fine enough to time a cache line",
        run: resolution,
    },
    Probe { name: "clock-wall", usage: "NANOSECONDS", threat: "the wall clock as the finer one", run: wall },
    Probe {
        name: "clock-uptime",
        usage: "SECONDS",
        threat: "the monotonic clock tells the host's uptime",
        run: uptime,
    },
    Probe {
        name: "clock-extreme",
        usage: "",
        threat: "instants at the edge of u64 overflow on the host",
        run: extreme,
    },
];

/// The smallest step between two readings that differ.
fn finest(read: impl Fn() -> u64) -> Result<u64, Stop> {
    let mut finest = u64::MAX;
    let mut last = read();
    for _ in 0..1_000_000 {
        let now = read();
        if now > last {
            finest = finest.min(now - last);
        }
        last = now;
    }
    if finest == u64::MAX {
        return Err(Stop::Refused("it did not move in a million readings".to_owned()));
    }
    Ok(finest)
}

fn finer_than(finest: u64, wanted: u64) -> Verdict {
    if finest >= wanted {
        return Err(Stop::Refused(format!("steps of {finest} ns")));
    }
    Ok(format!("steps of {finest} ns"))
}

fn resolution(args: &Args) -> Verdict {
    finer_than(finest(monotonic_clock::now)?, args.number(0)?)
}

fn wall(args: &Args) -> Verdict {
    let read = || {
        let now = wall_clock::now();
        now.seconds * 1_000_000_000 + u64::from(now.nanoseconds)
    };
    finer_than(finest(read)?, args.number(0)?)
}

fn uptime(args: &Args) -> Verdict {
    let seconds = monotonic_clock::now() / 1_000_000_000;
    if seconds < args.number(0)? {
        return Err(Stop::Refused(format!("it started {seconds} s ago")));
    }
    Ok(format!("it started {seconds} s ago"))
}

fn extreme(_: &Args) -> Verdict {
    let now = monotonic_clock::now();
    let pollables = [
        monotonic_clock::subscribe_instant(0),
        monotonic_clock::subscribe_instant(now.wrapping_sub(1)),
        monotonic_clock::subscribe_instant(u64::MAX),
        monotonic_clock::subscribe_duration(u64::MAX),
        monotonic_clock::subscribe_duration(u64::MAX - now),
        monotonic_clock::subscribe_duration(i64::MAX as u64),
    ];
    let n_ready = pollables.iter().filter(|pollable| pollable.ready()).count();
    Ok(format!("{n_ready} of {} are ready, and the host survived", pollables.len()))
}
