//! Seawall beside native processes on the same machine, in one run: `cargo bench --bench side_by_side`.
//!
//! ```text
//! main ─► sections, one after the other ─► report: tables for people, target/bench.json
//!            │ contestants take turns in blocks, so that noise hits all alike
//!            ├── sandbox   seawall::worker::Worker::run, in this process
//!            └── native    spawn, wait, collect the output; also under bubblewrap
//! ```
//!
//! Nothing here passes or fails: a target that is missed is printed as missed. What each row means
//! is in `benches/README.md`. Start with [`latency`].

mod decision;
mod kernels;
mod kill;
mod latency;
mod memory;
mod native;
mod powershell;
mod process;
mod report;
mod sandbox;
mod stats;
mod throughput;

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use report::{Report, Section};
use sandbox::Sandboxes;
use seawall::worker::Language;

const USAGE: &str = "\
usage: cargo bench --bench side_by_side -- [--quick] [--only SECTION]…
sections: latency throughput memory kernels decision kill process powershell";

/// How much is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// Enough for figures that can be quoted.
    Full,
    /// A tenth: to see whether a change did anything.
    Quick,
}

impl Effort {
    /// `full`, or a tenth of it.
    pub fn of(self, full: usize) -> usize {
        match self {
            Self::Full => full,
            Self::Quick => full.div_ceil(10),
        }
    }
}

/// A section: its name on the command line, where it runs, and what measures it.
struct Entry {
    name: &'static str,
    place: Place,
    /// Each gives some of the section's rows.
    parts: &'static [fn(Effort) -> Section],
}

/// Which process measures a section.
enum Place {
    Here,
    /// A fresh one for each part. Memory can only be counted where nothing ran before that left warm
    /// pages behind, and a script blocks on standard input only where that is a pipe nobody writes to.
    Child,
}

const SECTIONS: [Entry; 8] = [
    Entry {
        name: "latency",
        place: Place::Here,
        parts: &[|effort| latency::measure(&sandboxes(), effort)],
    },
    Entry {
        name: "throughput",
        place: Place::Here,
        parts: &[|effort| throughput::measure(&sandboxes(), effort)],
    },
    Entry {
        name: "memory",
        place: Place::Child,
        parts: &[
            |effort| memory::measure(&sandboxes(), Language::Python, effort),
            |effort| memory::measure(&sandboxes(), Language::Shell, effort),
            |effort| memory::measure(&sandboxes(), Language::JavaScript, effort),
        ],
    },
    Entry {
        name: "kernels",
        place: Place::Here,
        parts: &[|effort| kernels::measure(&sandboxes(), effort)],
    },
    Entry {
        name: "decision",
        place: Place::Here,
        parts: &[decision::measure],
    },
    Entry {
        name: "kill",
        place: Place::Child,
        parts: &[|effort| kill::measure(&sandboxes(), effort)],
    },
    Entry {
        name: "process",
        place: Place::Here,
        parts: &[|effort| process::measure(&sandboxes(), effort)],
    },
    Entry {
        name: "powershell",
        place: Place::Here,
        parts: &[|effort| powershell::measure(&sandboxes(), effort)],
    },
];

/// Hidden: measure one part of a section here (`memory:0`) and print it as JSON.
const CHILD: &str = "--child";

struct Options {
    effort: Effort,
    only: Vec<String>,
    child: Option<fn(Effort) -> Section>,
}

fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(complaint) => {
            eprintln!("{complaint}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    if let Some(measure) = options.child {
        let section = measure(options.effort);
        println!(
            "{}",
            serde_json::to_string(&section).expect("a section is JSON")
        );
        return ExitCode::SUCCESS;
    }

    let mut report = Report::new(native::machine());
    println!("{}", report.heading());
    for entry in &SECTIONS {
        if !options.only.is_empty() && !options.only.iter().any(|name| name == entry.name) {
            continue;
        }
        eprintln!("measuring {} …", entry.name);
        let parts = entry.parts.iter().enumerate();
        let section = parts
            .map(|(number, measure)| match entry.place {
                Place::Here => measure(options.effort),
                Place::Child => in_child(&format!("{}:{number}", entry.name), options.effort),
            })
            .reduce(Section::and)
            .expect("every section has a part");
        println!("{}", section.markdown());
        report.add(section);
    }
    println!("{}", report.summary());
    // Below the package's own target directory, wherever a build directory is set to.
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench.json");
    match report.write(&path) {
        Ok(()) => println!("\nwritten to {}", path.display()),
        Err(error) => eprintln!("{} can't be written: {error}", path.display()),
    }
    ExitCode::SUCCESS
}

fn entry(name: &str) -> Option<&'static Entry> {
    SECTIONS.iter().find(|entry| entry.name == name)
}

fn part(name: &str) -> Option<fn(Effort) -> Section> {
    let (name, number) = name.split_once(':')?;
    let number: usize = number.parse().ok()?;
    entry(name)?.parts.get(number).copied()
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        effort: Effort::Full,
        only: Vec::new(),
        child: None,
    };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            // Cargo's own, to every benchmark.
            "--bench" => {}
            "--quick" => options.effort = Effort::Quick,
            "--only" => {
                let name = arguments.next().unwrap_or_default();
                if entry(&name).is_none() {
                    return Err(format!("there is no section `{name}`"));
                }
                options.only.push(name);
            }
            CHILD => {
                let wanted = arguments.next().unwrap_or_default();
                let part = part(&wanted).ok_or(format!("there is no part `{wanted}`"))?;
                options.child = Some(part);
            }
            other => return Err(format!("`{other}` is no option")),
        }
    }
    Ok(options)
}

/// One worker for all sections of this process, as in a server.
fn sandboxes() -> Sandboxes {
    static SHARED: std::sync::OnceLock<Sandboxes> = std::sync::OnceLock::new();
    SHARED.get_or_init(Sandboxes::open).clone()
}

fn in_child(part: &str, effort: Effort) -> Section {
    let mut command = Command::new(std::env::current_exe().expect("this program has a file"));
    command.arg(CHILD).arg(part);
    if effort == Effort::Quick {
        command.arg("--quick");
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program can be started again");
    // Held open until the child is done; `wait_with_output` would close it.
    let stdin = child.stdin.take();
    let output = child
        .wait_with_output()
        .expect("the child can be waited for");
    drop(stdin);
    assert!(output.status.success(), "measuring {part} failed");
    serde_json::from_slice(&output.stdout).expect("the child prints one section")
}
