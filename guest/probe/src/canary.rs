//! Leaks between runs: one run fills its memory with a pattern and ends in some way, the next looks for it.
//!
//! Each word holds its own address mixed with a key, so that the scanner never has the pattern in its own memory:
//! it computes the key back from word and address.

use std::arch::wasm32::{memory_grow, memory_size};

use crate::probe::{Args, Probe, Stop, Verdict};

pub const PROBES: &[Probe] = &[
    Probe {
        name: "canary-write",
        usage: "return|exit|trap|spin|memory|stack",
        threat: "GHSA-6wgr-89rj-399p, GHSA-wh6w-3828-g9qf: data leaks between slots of the pool",
        run: write,
    },
    Probe {
        name: "canary-scan",
        usage: "",
        threat: "GHSA-6wgr-89rj-399p, GHSA-wh6w-3828-g9qf: what the run before left",
        run: scan,
    },
    Probe { name: "canary-both", usage: "", threat: "shows that the scanner finds what is there", run: both },
];

const KEY: u32 = 0x5ea3_a11d;
const PAGE: usize = 65_536;
const MIB: usize = 1 << 20;
/// Enough to go past what a pool keeps resident, small enough for every limit in the table.
const FILLED_MIB: usize = 24;
const SPREAD: u32 = 0x9e37_79b1;

fn word_at(address: usize) -> u32 {
    (address as u32).wrapping_mul(SPREAD) ^ KEY
}

/// Grows memory by `mib` and gives the new range; nothing else ever uses it.
fn fresh(mib: usize) -> Result<std::ops::Range<usize>, Stop> {
    let first = memory_grow::<0>(mib * MIB / PAGE);
    if first == usize::MAX {
        return Err(Stop::Inconclusive("memory.grow gave -1".to_owned()));
    }
    Ok(first * PAGE..memory_size::<0>() * PAGE)
}

fn fill(range: std::ops::Range<usize>) {
    for address in range.step_by(4) {
        let word = std::ptr::with_exposed_provenance_mut::<u32>(address);
        // SAFETY: aligned, and inside pages that memory.grow has just made.
        unsafe { word.write_volatile(word_at(address)) };
    }
}

fn write(args: &Args) -> Verdict {
    let how = args.text_or(0, "return");
    fill(fresh(FILLED_MIB)?);
    match how {
        "return" => Ok(format!("{FILLED_MIB} MiB filled")),
        "exit" => {
            wasip2::cli::exit::exit_with_code(3);
            unreachable!("exit-with-code does not return")
        }
        "trap" => core::arch::wasm32::unreachable(),
        "spin" => loop {
            std::hint::black_box(how);
        },
        "memory" => loop {
            fill(fresh(1)?);
        },
        "stack" => crate::end::overflow(),
        other => Err(Stop::Inconclusive(format!("`{other}` is not a way to end"))),
    }
}

/// Looks at all of linear memory from the first page on, grown to where the writer was.
fn scan(_: &Args) -> Verdict {
    let end = fresh(FILLED_MIB)?.end;
    let mut n_found = 0;
    let mut run = 0;
    for address in (4096..end).step_by(4) {
        let word = std::ptr::with_exposed_provenance::<u32>(address);
        // SAFETY: aligned and below the memory's end; every bit pattern is a u32.
        let word = unsafe { word.read_volatile() };
        let matches = word ^ (address as u32).wrapping_mul(SPREAD) == KEY;
        run = if matches { run + 1 } else { 0 };
        n_found += u32::from(run == 4);
    }
    if n_found == 0 {
        return Err(Stop::Refused(format!("{} MiB, none of it from another run", end / MIB)));
    }
    Ok(format!("{n_found} places with another run's pattern"))
}

fn both(args: &Args) -> Verdict {
    fill(fresh(1)?);
    scan(args)
}
