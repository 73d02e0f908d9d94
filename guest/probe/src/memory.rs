//! Memory: the guest's own, and what a call makes the host allocate.

use std::arch::wasm32::{memory_grow, memory_size};
use std::hint::black_box;

use wasip2::filesystem::types::PathFlags;

use crate::place::locate;
use crate::probe::{Args, Probe, Stop, Verdict};

pub const PROBES: &[Probe] = &[
    Probe { name: "memory-grow", usage: "MIB", threat: "memory.grow without end", run: memory_grow_once },
    Probe {
        name: "memory-grow-steps",
        usage: "MIB",
        threat: "a limit that looks at one step, not at the sum",
        run: memory_grow_steps,
    },
    Probe { name: "alloc-touch", usage: "MIB", threat: "memory that is really used", run: alloc_touch },
    Probe { name: "alloc-storm", usage: "N", threat: "allocating and freeing without end", run: alloc_storm },
    Probe {
        name: "host-strings",
        usage: "BYTES PATH N",
        threat: "strings that the host copies before it looks",
        run: host_strings,
    },
    Probe { name: "host-lists", usage: "N", threat: "a list whose length sizes a host allocation", run: host_lists },
    Probe {
        name: "bulk-memory",
        usage: "SECONDS",
        threat: "GHSA-2hw9-mc66-jc2q: killed in the middle of a bulk operation",
        run: bulk_memory,
    },
];

const PAGES_PER_MIB: usize = 16;

fn memory_grow_once(args: &Args) -> Verdict {
    let mib = args.number(0)? as usize;
    if memory_grow::<0>(mib * PAGES_PER_MIB) == usize::MAX {
        return Err(Stop::Refused(format!("memory.grow by {mib} MiB gave -1")));
    }
    Ok(format!("{mib} MiB more"))
}

fn memory_grow_steps(args: &Args) -> Verdict {
    let mib = args.number(0)? as usize;
    for step in 0..mib {
        if memory_grow::<0>(PAGES_PER_MIB) == usize::MAX {
            return Err(Stop::Refused(format!("memory.grow gave -1 after {step} MiB")));
        }
    }
    Ok(format!("{} MiB in all", memory_size::<0>() / PAGES_PER_MIB))
}

fn alloc_touch(args: &Args) -> Verdict {
    let mib = args.number(0)? as usize;
    let start = memory_size::<0>();
    for step in 0..mib {
        if memory_grow::<0>(PAGES_PER_MIB) == usize::MAX {
            return Err(Stop::Refused(format!("memory.grow gave -1 after {step} MiB")));
        }
        let base = (start + step * PAGES_PER_MIB) * 65_536;
        for page in 0..256 {
            let byte = std::ptr::with_exposed_provenance_mut::<u8>(base + page * 4096);
            // SAFETY: memory.grow has just made these pages, and the allocator never learns of them.
            unsafe { byte.write_volatile(1) };
        }
    }
    Ok(format!("{mib} MiB written to"))
}

fn alloc_storm(args: &Args) -> Verdict {
    let n = args.number(0)?;
    for i in 0..n {
        black_box(vec![i as u8; 1 << 20]);
    }
    Ok(format!("{n} MiB in turn"))
}

/// The path is too long for any file system, but is it copied, converted, kept or logged before somebody says so?
fn host_strings(args: &Args) -> Verdict {
    let (bytes, n) = (args.number(0)? as usize, args.number(2)?);
    let place = locate(args.text(1)?)?;
    let path = "x".repeat(bytes);
    let mut last = None;
    for _ in 0..n {
        last = place.directory.stat_at(PathFlags::empty(), &path).err();
        let _ = place.directory.symlink_at(&path, "made-by-probe-long");
        let _ = place.directory.rename_at(&path, &place.directory, &path);
    }
    match last {
        Some(error) => Err(Stop::from(error)),
        None => Ok(format!("{n} paths of {bytes} bytes")),
    }
}

fn host_lists(args: &Args) -> Verdict {
    let n = args.number(0)? as usize;
    let pollable = wasip2::clocks::monotonic_clock::subscribe_duration(0);
    let list: Vec<_> = (0..n).map(|_| &pollable).collect();
    let ready = wasip2::io::poll::poll(&list);
    Ok(format!("{n} in, {} out", ready.len()))
}

fn bulk_memory(args: &Args) -> Verdict {
    let seconds = args.number(0)?;
    let mut block = vec![0u8; 64 << 20];
    let started = std::time::Instant::now();
    let mut rounds = 0u8;
    while started.elapsed().as_secs() < seconds {
        rounds = rounds.wrapping_add(1);
        block.fill(rounds);
        block.copy_within(..32 << 20, 16 << 20);
        black_box(&block);
    }
    Ok(format!("{seconds} s of bulk copies"))
}
