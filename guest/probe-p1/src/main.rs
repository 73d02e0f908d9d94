//! The probes that need preview 1's own calls: descriptors that are numbers, rights, cookies and raw structures.
//!
//! `probe-p1 NAME [ARGS…]`; the last line and the exit code mean what they mean in `probe`. Nearly every probe is an `unsafe`
//! call with arguments that nobody should pass: safety is what the host owes here, not what we promise.

mod descriptors;
mod files;
mod probe;
mod waiting;

use probe::{Probe, Stop, Verdict};

const AREAS: &[(&str, &[Probe])] =
    &[("descriptors", descriptors::PROBES), ("files", files::PROBES), ("waiting", waiting::PROBES)];

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let named = words.iter().take(2).enumerate().find_map(|(n, word)| {
        let probe = AREAS.iter().flat_map(|(_, probes)| *probes).find(|probe| probe.name == word)?;
        Some((n, probe))
    });
    match named {
        Some((n, probe)) => finish(&(probe.run)(&words[n + 1..])),
        None if words.iter().take(2).any(|word| word == "list") => list(),
        None => finish(&Err(Stop::Inconclusive(format!("no probe in {words:?}; see `probe-p1 list`")))),
    }
}

fn list() {
    for (area, probes) in AREAS {
        for probe in *probes {
            println!("{area}\t{} {}\t{}", probe.name, probe.usage, probe.threat);
        }
    }
}

fn finish(verdict: &Verdict) {
    let (code, line) = match verdict {
        Ok(got) => (0, format!("breached: {got}")),
        Err(Stop::Refused(why)) => (10, format!("refused: {why}")),
        Err(Stop::Inconclusive(why)) => (11, format!("inconclusive: {why}")),
    };
    println!("{line}");
    std::process::exit(code);
}
