//! The guest that attacks the wall: `probe NAME [ARGS…]` really tries one forbidden thing.
//!
//! It ends with one line on stdout: `breached: …` (exit code 0), `refused: …` (10) or `inconclusive: …` (11); or it never
//! ends, because a limit or a trap came first, which only the host sees. Probes take their targets as arguments, so the
//! same probe shows the refusal and, with the target granted, that it is able to succeed. `probe list` prints them all.

mod canary;
mod clocks;
mod cpu;
mod end;
mod env;
mod files;
mod handles;
mod http;
mod http_flood;
mod http_headers;
mod http_paths;
mod http_request;
mod links;
mod memory;
mod metadata;
mod operations;
mod output;
mod paths;
mod place;
mod probe;
mod quota;
mod random;
mod seawall;
mod sockets;
mod special;

use std::io::Write;

use probe::{Args, Probe, Stop, Verdict};

/// Every probe, by area.
const AREAS: &[(&str, &[Probe])] = &[
    ("files", files::PROBES),
    ("metadata", metadata::PROBES),
    ("paths", paths::PROBES),
    ("links", links::PROBES),
    ("special", special::PROBES),
    ("quota", quota::PROBES),
    ("seawall", seawall::PROBES),
    ("http", http::PROBES),
    ("http", http_paths::PROBES),
    ("http", http_headers::PROBES),
    ("http", http_flood::PROBES),
    ("sockets", sockets::PROBES),
    ("memory", memory::PROBES),
    ("cpu", cpu::PROBES),
    ("output", output::PROBES),
    ("handles", handles::PROBES),
    ("random", random::PROBES),
    ("clocks", clocks::PROBES),
    ("env", env::PROBES),
    ("canary", canary::PROBES),
    ("end", end::PROBES),
];

fn main() {
    let words: Vec<String> = std::env::args().collect();
    // Some hosts put the script's path first, some the program's name: the first word that names a probe is it.
    let named = words.iter().take(2).enumerate().find_map(|(n, word)| {
        let probe = AREAS.iter().flat_map(|(_, probes)| *probes).find(|probe| probe.name == word)?;
        Some((n, probe))
    });
    if let Some((n, probe)) = named {
        finish(&(probe.run)(&Args(words[n + 1..].to_vec())));
    } else if words.iter().take(2).any(|word| word == "list") {
        list();
    } else {
        let verdict = Err(Stop::Inconclusive(format!("no probe in {words:?}; see `probe list`")));
        finish(&verdict);
    }
}

fn list() {
    for (area, probes) in AREAS {
        for probe in *probes {
            println!("{area}\t{} {}\t{}", probe.name, probe.usage, probe.threat);
        }
    }
}

fn finish(verdict: &Verdict) -> ! {
    let (code, line) = match verdict {
        Ok(got) => (0, format!("breached: {got}")),
        Err(Stop::Refused(why)) => (10, format!("refused: {why}")),
        Err(Stop::Inconclusive(why)) => (11, format!("inconclusive: {why}")),
    };
    // A probe may have used up its right to print, or closed the stream; the exit code still tells.
    let _ = writeln!(std::io::stdout(), "{}", line.replace(['\n', '\r'], " "));
    let _ = std::io::stdout().flush();
    wasip2::cli::exit::exit_with_code(code);
    unreachable!("exit-with-code does not return")
}
