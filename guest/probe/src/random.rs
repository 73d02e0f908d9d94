//! Randomness: how much the host makes at once, and whether two runs get the same.

use wasip2::random::insecure::get_insecure_random_bytes;
use wasip2::random::insecure_seed::insecure_seed;
use wasip2::random::random::{get_random_bytes, get_random_u64};

use crate::place::{CREATE, READ, WRITE, open};
use crate::probe::{Args, Probe, Step, Stop, Verdict};

pub const PROBES: &[Probe] = &[
    Probe {
        name: "random",
        usage: "BYTES",
        threat: "GHSA-852m-cvvp-9p4w: one huge draw sizes a host allocation",
        run: random,
    },
    Probe {
        name: "random-insecure",
        usage: "BYTES",
        threat: "GHSA-852m-cvvp-9p4w: one huge draw of the cheap kind",
        run: random_insecure,
    },
    Probe { name: "random-sum", usage: "BYTES", threat: "small draws without end", run: random_sum },
    Probe { name: "random-repeat", usage: "", threat: "the same numbers twice in one run", run: random_repeat },
    Probe {
        name: "random-remember",
        usage: "PATH",
        threat: "a snapshot that starts every run with the same numbers",
        run: random_remember,
    },
];

fn random(args: &Args) -> Verdict {
    Ok(format!("{} bytes at once", get_random_bytes(args.number(0)?).len()))
}

fn random_insecure(args: &Args) -> Verdict {
    Ok(format!("{} bytes at once", get_insecure_random_bytes(args.number(0)?).len()))
}

fn random_sum(args: &Args) -> Verdict {
    let (bytes, mut total) = (args.number(0)?, 0);
    while total < bytes {
        total += get_random_bytes(65_536).len() as u64;
    }
    Ok(format!("{total} bytes in all"))
}

fn draws() -> Vec<String> {
    let text = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let seed = insecure_seed();
    let hashed = std::hash::BuildHasher::hash_one(&std::collections::hash_map::RandomState::new(), 1);
    vec![
        format!("secure {}", text(get_random_bytes(16))),
        format!("number {:016x}", get_random_u64()),
        format!("insecure {}", text(get_insecure_random_bytes(16))),
        format!("seed {:016x}{:016x}", seed.0, seed.1),
        format!("hash {hashed:016x}"),
    ]
}

fn random_repeat(_: &Args) -> Verdict {
    let (first, second) = (draws(), draws());
    // The seed is meant to be the same within one run.
    let same: Vec<_> = first.iter().filter(|draw| !draw.starts_with("seed") && second.contains(draw)).collect();
    if same.is_empty() {
        return Err(Stop::Refused("no draw came twice".to_owned()));
    }
    Ok(format!("{same:?} came twice"))
}

/// Writes its draws to PATH; a run that finds one of its own there already has the numbers of an earlier run.
fn random_remember(args: &Args) -> Verdict {
    let file = open(args.text(0)?, CREATE, READ | WRITE).prepared("a file to remember in")?;
    let (before, _) = file.read(1 << 20, 0).prepared("what was remembered")?;
    let (known, draws) = (String::from_utf8_lossy(&before), draws());
    let again: Vec<_> = draws.iter().filter(|draw| known.contains(draw.as_str())).collect();
    file.write(format!("{}\n", draws.join("\n")).as_bytes(), before.len() as u64).prepared("remembering")?;
    if again.is_empty() {
        return Err(Stop::Refused(format!("nothing from {} earlier runs", known.lines().count() / draws.len())));
    }
    Ok(format!("{again:?} again"))
}
