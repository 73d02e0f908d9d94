//! What a path's metadata gives away, and times that break the host's arithmetic.

use wasip2::clocks::wall_clock::Datetime;
use wasip2::filesystem::types::{Advice, NewTimestamp, OpenFlags, PathFlags};

use crate::place::{FOLLOW, READ, WRITE, locate, open};
use crate::probe::{Args, Probe, Stop, Verdict, any_of};

pub const PROBES: &[Probe] = &[
    Probe { name: "stat", usage: "PATH", threat: "learning what exists outside the mounts", run: stat },
    Probe {
        name: "metadata-hash",
        usage: "PATH",
        threat: "the hash as a way to stat outside the mounts",
        run: metadata_hash,
    },
    Probe { name: "readlink", usage: "PATH", threat: "reading where a link outside points", run: readlink },
    Probe {
        name: "readlink-absolute",
        usage: "PATH",
        threat: "a link's target tells host paths",
        run: readlink_absolute,
    },
    Probe {
        name: "existence-oracle",
        usage: "PRESENT ABSENT",
        threat: "two errors tell what exists behind the wall",
        run: existence_oracle,
    },
    Probe { name: "set-times", usage: "PATH", threat: "touching a file on a read-only mount", run: set_times },
    Probe { name: "set-times-handle", usage: "PATH", threat: "touching through a read handle", run: set_times_handle },
    Probe {
        name: "set-times-extreme",
        usage: "PATH",
        threat: "wasmtime 48.0.x: nanoseconds >= 10^9 and huge seconds panic",
        run: set_times_extreme,
    },
    Probe {
        name: "stat-extreme",
        usage: "PATH",
        threat: "wasmtime #13894: huge mtime on the host panics",
        run: stat_extreme,
    },
    Probe {
        name: "sync-storm",
        usage: "PATH N",
        threat: "arXiv 2509.11242: fsync pushes work to the kernel",
        run: sync_storm,
    },
    Probe {
        name: "advise-extreme",
        usage: "PATH",
        threat: "offsets and lengths at the edge of u64",
        run: advise_extreme,
    },
    Probe {
        name: "offsets-extreme",
        usage: "PATH",
        threat: "offsets at the edge of i64 and u64",
        run: offsets_extreme,
    },
    Probe { name: "read-huge", usage: "PATH BYTES", threat: "a read's length sizes a host allocation", run: read_huge },
];

fn stat(args: &Args) -> Verdict {
    let place = locate(args.text(0)?)?;
    let stat = place.directory.stat_at(FOLLOW, &place.path)?;
    Ok(format!("{:?}, {} bytes, {} links", stat.type_, stat.size, stat.link_count))
}

fn metadata_hash(args: &Args) -> Verdict {
    let place = locate(args.text(0)?)?;
    let hash = place.directory.metadata_hash_at(FOLLOW, &place.path)?;
    Ok(format!("{:x}", hash.lower))
}

fn readlink(args: &Args) -> Verdict {
    let place = locate(args.text(0)?)?;
    Ok(place.directory.readlink_at(&place.path)?)
}

fn readlink_absolute(args: &Args) -> Verdict {
    let target = readlink(args)?;
    if target.starts_with('/') {
        return Ok(target);
    }
    Err(Stop::Refused(format!("relative: {target}")))
}

/// The wall should give one answer for "exists but denied" and "does not exist".
fn existence_oracle(args: &Args) -> Verdict {
    let answer = |path: &str| match locate(path).and_then(|place| Ok(place.directory.stat_at(FOLLOW, &place.path)?)) {
        Ok(stat) => format!("{:?}", stat.type_),
        Err(Stop::Refused(why) | Stop::Inconclusive(why)) => why,
    };
    let (present, absent) = (answer(args.text(0)?), answer(args.text(1)?));
    if present == absent {
        return Err(Stop::Refused(format!("both say {present}")));
    }
    Ok(format!("present says {present}, absent says {absent}"))
}

fn at(seconds: u64, nanoseconds: u32) -> NewTimestamp {
    NewTimestamp::Timestamp(Datetime { seconds, nanoseconds })
}

fn set_times(args: &Args) -> Verdict {
    let place = locate(args.text(0)?)?;
    place.directory.set_times_at(FOLLOW, &place.path, at(1, 0), at(1, 0))?;
    Ok("touched".to_owned())
}

fn set_times_handle(args: &Args) -> Verdict {
    let file = open(args.text(0)?, OpenFlags::empty(), READ)?;
    file.set_times(at(1, 0), at(1, 0))?;
    Ok("touched".to_owned())
}

/// Some of these times are legal, so acceptance is no breach: surviving all of them is the question, and the host sees it.
fn set_times_extreme(args: &Args) -> Verdict {
    let place = locate(args.text(0)?)?;
    let mut n_accepted = 0;
    for seconds in [0, i64::MAX as u64, u64::MAX - 1, u64::MAX, 1 << 40, 1 << 62] {
        for nanoseconds in [0, 999_999_999, 1_000_000_000, u32::MAX] {
            for follow in [FOLLOW, PathFlags::empty()] {
                let time = || at(seconds, nanoseconds);
                let set = place.directory.set_times_at(follow, &place.path, time(), time());
                n_accepted += u32::from(set.is_ok());
                let _ = place.directory.stat_at(follow, &place.path);
            }
        }
    }
    if n_accepted == 0 {
        return Err(Stop::Refused("all 48 times".to_owned()));
    }
    Ok(format!("{n_accepted} of 48 times were taken, and the host survived"))
}

fn stat_extreme(args: &Args) -> Verdict {
    let place = locate(args.text(0)?)?;
    let stat = place.directory.stat_at(FOLLOW, &place.path)?;
    Ok(format!("mtime {:?}", stat.data_modification_timestamp))
}

fn sync_storm(args: &Args) -> Verdict {
    let file = open(args.text(0)?, OpenFlags::empty(), READ | WRITE)?;
    for _ in 0..args.number(1)? {
        file.write(b"!", 0)?;
        file.sync()?;
        file.sync_data()?;
    }
    Ok("all done".to_owned())
}

fn advise_extreme(args: &Args) -> Verdict {
    let file = open(args.text(0)?, OpenFlags::empty(), READ)?;
    let edges = [0, 1, i64::MAX as u64, i64::MAX as u64 + 1, u64::MAX];
    let mut n_accepted = 0;
    for offset in edges {
        for length in edges {
            n_accepted += u32::from(file.advise(offset, length, Advice::WillNeed).is_ok());
        }
    }
    Ok(format!("{n_accepted} of 25 taken, and the host survived"))
}

fn offsets_extreme(args: &Args) -> Verdict {
    let file = open(args.text(0)?, OpenFlags::empty(), READ | WRITE)?;
    any_of([i64::MAX as u64 - 1, i64::MAX as u64, 1 << 63, u64::MAX].map(|offset| {
        let _ = file.read(16, offset);
        let _ = file.read_via_stream(offset).map(|stream| stream.blocking_read(16));
        let _ = file.set_size(offset);
        let written = file.write(b"!", offset).map(|n| format!("wrote {n}")).map_err(Stop::from);
        (offset.to_string(), written)
    }))
}

fn read_huge(args: &Args) -> Verdict {
    let file = open(args.text(0)?, OpenFlags::empty(), READ)?;
    let (bytes, _) = file.read(args.number(1)?, 0)?;
    Ok(format!("asked for {}, got {} bytes", args.number(1)?, bytes.len()))
}
