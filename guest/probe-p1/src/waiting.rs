//! Waiting through preview 1: subscriptions are an array of the guest's choosing.

use crate::probe::{Probe, Stop, Verdict, number};

pub const PROBES: &[Probe] = &[
    Probe {
        name: "poll-huge",
        usage: "N",
        threat: "48.0.x fix 10: poll_oneoff's subscription array is not metered",
        run: poll_huge,
    },
    Probe {
        name: "poll-out-of-bounds",
        usage: "",
        threat: "a subscription array that lies outside the guest's memory",
        run: poll_out_of_bounds,
    },
    Probe { name: "poll-odd", usage: "", threat: "clocks, flags and descriptors that don't exist", run: poll_odd },
    Probe { name: "yield-storm", usage: "N", threat: "a storm of sched_yield", run: yield_storm },
    Probe { name: "clock-cpu", usage: "", threat: "the CPU clocks of the server's process and thread", run: clock_cpu },
];

fn subscription(id: wasi::Clockid, timeout: u64, flags: u16) -> wasi::Subscription {
    let clock = wasi::SubscriptionClock { id, timeout, precision: 0, flags };
    wasi::Subscription { userdata: 1, u: wasi::SubscriptionU { tag: 0, u: wasi::SubscriptionUU { clock } } }
}

fn empty_event() -> wasi::Event {
    // SAFETY: an event is made of numbers; zero is a value of each.
    unsafe { std::mem::zeroed() }
}

fn poll_huge(args: &[String]) -> Verdict {
    let n = number(args, 0)? as usize;
    let subscriptions: Vec<_> = (0..n).map(|_| subscription(wasi::CLOCKID_MONOTONIC, 0, 0)).collect();
    let mut events: Vec<_> = (0..n).map(|_| empty_event()).collect();
    let ready = unsafe { wasi::poll_oneoff(subscriptions.as_ptr(), events.as_mut_ptr(), n) }?;
    Ok(format!("{n} in, {ready} out"))
}

fn poll_out_of_bounds(_: &[String]) -> Verdict {
    let subscriptions = subscription(wasi::CLOCKID_MONOTONIC, 0, 0);
    let mut event = empty_event();
    let ready = unsafe { wasi::poll_oneoff(&subscriptions, &mut event, 1 << 26) }?;
    Ok(format!("{ready} events from a list of which one is real"))
}

fn poll_odd(_: &[String]) -> Verdict {
    let odd = [
        subscription(wasi::CLOCKID_PROCESS_CPUTIME_ID, u64::MAX, 1),
        subscription(wasi::CLOCKID_REALTIME, 0, 1),
        subscription(wasi::CLOCKID_MONOTONIC, 0, u16::MAX),
    ];
    let n_ready = odd.iter().filter(|one| unsafe { wasi::poll_oneoff(*one, &mut empty_event(), 1) }.is_ok()).count();
    let nothing = unsafe { wasi::poll_oneoff(odd.as_ptr(), &mut empty_event(), 0) };
    Ok(format!("{n_ready} of 3 answered, an empty list gave {nothing:?}, and the host survived"))
}

fn yield_storm(args: &[String]) -> Verdict {
    let n = number(args, 0)?;
    for _ in 0..n {
        unsafe { wasi::sched_yield() }?;
    }
    Ok(format!("{n} yields"))
}

fn clock_cpu(_: &[String]) -> Verdict {
    let read = |id| unsafe { wasi::clock_time_get(id, 0) };
    let answers = [read(wasi::CLOCKID_PROCESS_CPUTIME_ID), read(wasi::CLOCKID_THREAD_CPUTIME_ID)];
    match answers {
        [Err(first), Err(_)] => Err(Stop::from(first)),
        _ => Ok(format!("{answers:?}")),
    }
}
