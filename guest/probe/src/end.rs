//! The ways a run can end other than by returning.

use std::hint::black_box;

use crate::probe::{Args, Probe, Stop, Verdict};

pub const PROBES: &[Probe] = &[
    Probe { name: "exit", usage: "CODE", threat: "an exit code that the host misreads", run: exit },
    Probe { name: "exit-error", usage: "", threat: "the plain error result of exit", run: exit_error },
    Probe { name: "exit-in-output", usage: "", threat: "ending in the middle of a line", run: exit_in_output },
    Probe {
        name: "unreachable",
        usage: "",
        threat: "a trap is the script's outcome, not the server's failure",
        run: unreachable,
    },
    Probe {
        name: "divide-by-zero",
        usage: "",
        threat: "a trap by arithmetic is the script's outcome",
        run: divide_by_zero,
    },
    Probe {
        name: "out-of-bounds",
        usage: "",
        threat: "a trap by an address past the end of memory is the script's outcome",
        run: out_of_bounds,
    },
    Probe { name: "panic", usage: "", threat: "a panic with a message on stderr is the script's outcome", run: panic },
    Probe { name: "oom-trap", usage: "", threat: "the allocator gives up", run: oom_trap },
    Probe {
        name: "stack-overflow",
        usage: "",
        threat: "deep recursion must hit the guest's stack, not the host's",
        run: stack_overflow,
    },
    Probe {
        name: "indirect-call",
        usage: "",
        threat: "a call through a table index that is no function",
        run: indirect_call,
    },
    Probe {
        name: "backtrace-flood",
        usage: "",
        threat: "a trap deep down makes a huge backtrace in the log",
        run: backtrace_flood,
    },
    Probe { name: "drop-twice", usage: "", threat: "a handle used after it was dropped", run: drop_twice },
];

fn exit(args: &Args) -> Verdict {
    wasip2::cli::exit::exit_with_code(args.number(0)? as u8);
    unreachable!("exit-with-code does not return")
}

fn exit_error(_: &Args) -> Verdict {
    wasip2::cli::exit::exit(Err(()));
    unreachable!("exit does not return")
}

fn exit_in_output(_: &Args) -> Verdict {
    let _ = wasip2::cli::stdout::get_stdout().blocking_write_and_flush(b"half a li");
    wasip2::cli::exit::exit_with_code(7);
    unreachable!("exit-with-code does not return")
}

fn unreachable(_: &Args) -> Verdict {
    core::arch::wasm32::unreachable()
}

fn divide_by_zero(_: &Args) -> Verdict {
    // i32::MIN / -1 is the other arithmetic trap; Rust checks both itself, so the trap is its panic's `unreachable`.
    let divisor = black_box(0);
    Ok(format!("{}", black_box(1) / divisor))
}

fn out_of_bounds(_: &Args) -> Verdict {
    let past = std::ptr::with_exposed_provenance::<u8>(black_box(0xffff_fff0));
    // SAFETY: not sound, and meant: the wall must turn this load into a trap.
    Ok(format!("read {}", unsafe { past.read_volatile() }))
}

fn panic(_: &Args) -> Verdict {
    panic!("the probe panics")
}

fn oom_trap(_: &Args) -> Verdict {
    let mut held: Vec<Vec<u8>> = vec![];
    loop {
        held.push(vec![1; 16 << 20]);
    }
}

/// Recurses until the stack is gone.
pub fn overflow() -> ! {
    unreachable!("the stack held {} frames", deep(0))
}

#[inline(never)]
fn deep(depth: u64) -> u64 {
    let frame = black_box([depth; 16]);
    if black_box(depth) == u64::MAX {
        return 0;
    }
    black_box(deep(depth + 1) + frame[3])
}

fn stack_overflow(_: &Args) -> Verdict {
    Ok(format!("{}", deep(0)))
}

fn indirect_call(_: &Args) -> Verdict {
    let index = black_box(0xffff_usize);
    // SAFETY: not sound, and meant: the wall must turn a call through this index into a trap.
    let function: fn() -> u32 = unsafe { std::mem::transmute(index) };
    Ok(format!("called it: {}", function()))
}

#[inline(never)]
fn down(levels: u64) -> u64 {
    if black_box(levels) == 0 {
        core::arch::wasm32::unreachable()
    }
    black_box(down(levels - 1)) + 1
}

fn backtrace_flood(_: &Args) -> Verdict {
    Ok(format!("{}", down(2_000)))
}

fn drop_twice(_: &Args) -> Verdict {
    let pollable = wasip2::clocks::monotonic_clock::subscribe_duration(0);
    let handle = pollable.handle();
    drop(pollable);
    // SAFETY: not sound, and meant: the handle's row is gone, and the wall must trap.
    let stale = unsafe { wasip2::io::poll::Pollable::from_handle(handle) };
    if stale.ready() {
        return Ok("a dropped handle still answers".to_owned());
    }
    Err(Stop::Inconclusive("a dropped handle answers no".to_owned()))
}
