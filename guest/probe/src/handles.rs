//! Handles: each one is a row in a table of the host, and often a file descriptor or a timer too.

use wasip2::clocks::monotonic_clock;
use wasip2::filesystem::preopens::get_directories;
use wasip2::http::types::{Fields, OutgoingRequest, RequestOptions};

use crate::place::{READ, open, open_directory};
use crate::probe::{Args, Probe, Step, Stop, Verdict};

pub const PROBES: &[Probe] = &[
    Probe { name: "pollables", usage: "N", threat: "GHSA-852m-cvvp-9p4w: unlimited resources", run: pollables },
    Probe { name: "handles-fields", usage: "N", threat: "GHSA-852m-cvvp-9p4w: unlimited resources", run: fields },
    Probe { name: "handles-requests", usage: "N", threat: "GHSA-852m-cvvp-9p4w: unlimited resources", run: requests },
    Probe { name: "handles-options", usage: "N", threat: "GHSA-852m-cvvp-9p4w: unlimited resources", run: options },
    Probe {
        name: "handles-directories",
        usage: "DIR N",
        threat: "running the server out of file descriptors",
        run: directories,
    },
    Probe {
        name: "handles-listings",
        usage: "DIR N",
        threat: "running the server out of file descriptors",
        run: listings,
    },
    Probe {
        name: "handles-streams",
        usage: "FILE N",
        threat: "each stream has a buffer and a task on the host",
        run: streams,
    },
    Probe {
        name: "handles-preopens",
        usage: "N",
        threat: "each call of get-directories gives new handles",
        run: preopens,
    },
    Probe { name: "handles-stdio", usage: "N", threat: "each call of get-stdout gives a new handle", run: stdio },
    Probe { name: "handles-in-turn", usage: "N", threat: "handles that are dropped must not add up", run: in_turn },
];

/// Keeps N of what `make` gives.
fn keep<T>(n: u64, mut make: impl FnMut() -> Result<T, Stop>) -> Verdict {
    let mut held = vec![];
    for i in 0..n {
        held.push(make().map_err(|stop| stop.at(format!("after {i}")))?);
    }
    Ok(format!("{} held at once", held.len()))
}

fn pollables(args: &Args) -> Verdict {
    keep(args.number(0)?, || Ok(monotonic_clock::subscribe_duration(3_600_000_000_000)))
}

fn fields(args: &Args) -> Verdict {
    keep(args.number(0)?, || Ok(Fields::new()))
}

fn requests(args: &Args) -> Verdict {
    keep(args.number(0)?, || Ok(OutgoingRequest::new(Fields::new())))
}

fn options(args: &Args) -> Verdict {
    keep(args.number(0)?, || Ok(RequestOptions::new()))
}

fn directories(args: &Args) -> Verdict {
    let path = args.text(0)?;
    keep(args.number(1)?, || open_directory(path))
}

fn listings(args: &Args) -> Verdict {
    let directory = open_directory(args.text(0)?).prepared("a directory")?;
    keep(args.number(1)?, || Ok(directory.read_directory()?))
}

fn streams(args: &Args) -> Verdict {
    let file = open(args.text(0)?, wasip2::filesystem::types::OpenFlags::empty(), READ).prepared("a file")?;
    keep(args.number(1)?, || Ok(file.read_via_stream(0)?))
}

fn preopens(args: &Args) -> Verdict {
    keep(args.number(0)?, || Ok(get_directories()))
}

fn stdio(args: &Args) -> Verdict {
    keep(args.number(0)?, || Ok(wasip2::cli::stdout::get_stdout()))
}

fn in_turn(args: &Args) -> Verdict {
    let n = args.number(0)?;
    for _ in 0..n {
        drop((Fields::new(), monotonic_clock::subscribe_duration(1), get_directories()));
    }
    Ok(format!("{n} in turn"))
}
