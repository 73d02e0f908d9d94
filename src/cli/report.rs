//! What a run prints: the script's own output as it comes, and afterwards what Seawall has to say.
//!
//! The script's standard output and error go where they would with its own interpreter; everything
//! of ours goes to standard error. On a terminal, escapes in the script's output are shown, not
//! obeyed; into a file or pipe it goes as it is.

use std::io::{self, IsTerminal as _, Write};

use serde::Serialize;
use tokio::task::JoinHandle;

use crate::worker::event::{Event, Numbered, Stream};
use crate::worker::output::Visible;
use crate::worker::receipt::DenialCount;
use crate::worker::{Artifact, Ending, Events, Finished, Outcome};

/// For people or for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

/// Prints a run while it goes on.
pub struct Printer {
    format: Format,
    task: JoinHandle<Vec<String>>,
}

impl Printer {
    /// Starts to print `events`.
    pub fn start(format: Format, events: Events) -> Self {
        let task = match format {
            Format::Text => tokio::spawn(print_text(events)),
            Format::Json => tokio::spawn(print_json(events)),
        };
        Self { format, task }
    }

    /// Waits until everything is printed, and adds the end: results, denials, how it stopped.
    pub async fn finish(self, finished: &Finished) {
        let results = self.task.await.unwrap_or_default();
        let printed = match self.format {
            Format::Json => print_end_as_json(finished),
            Format::Text => print_end(finished, &results),
        };
        // Nobody listens any more: the exit code still tells.
        printed.ok();
    }
}

async fn print_text(mut events: Events) -> Vec<String> {
    let mut stdout = Screen::new(io::stdout().is_terminal());
    let mut stderr = Screen::new(io::stderr().is_terminal());
    let mut results = Vec::new();
    while let Some(Numbered { event, .. }) = events.next().await {
        match event {
            Event::Output {
                stream: Stream::Stdout,
                bytes,
                ..
            } => stdout.show(&mut io::stdout(), &bytes),
            Event::Output {
                stream: Stream::Stderr,
                bytes,
                ..
            } => stderr.show(&mut io::stderr(), &bytes),
            other => {
                if let Some(line) = line_of(&other) {
                    if is_urgent(&other) {
                        eprintln!("seawall: {line}");
                    } else {
                        results.push(line);
                    }
                }
            }
        }
    }
    results
}

/// Said at once, because it is about what is happening.
fn is_urgent(event: &Event) -> bool {
    matches!(
        event,
        Event::Progress { .. } | Event::Failure { .. } | Event::Notice { .. }
    )
}

fn line_of(event: &Event) -> Option<String> {
    let shown = |text: &str| crate::worker::output::terminal::visible(text.as_bytes());
    Some(match event {
        Event::OutputVariable { name, value, .. } => match value {
            Some(value) => format!("output variable {} = {}", shown(name), shown(value)),
            None => format!("output variable {} = ******** (sensitive)", shown(name)),
        },
        Event::Progress {
            percentage,
            message,
        } => format!("{percentage} % {}", shown(message)),
        Event::Failure { message } => format!("the script failed: {}", shown(message)),
        Event::Notice { text } => shown(text),
        Event::EnvironmentState { key, value, .. } => {
            format!(
                "environment state {} = {}",
                shown(key),
                shown(value.as_deref().unwrap_or("********"))
            )
        }
        Event::TargetDeleted { machine } => format!("delete target {}", shown(machine)),
        Event::TargetCreated { name } => format!("create target {}", shown(name)),
        Event::KubernetesManifest { namespace } => {
            format!(
                "Kubernetes manifest applied in {}",
                shown(namespace.as_deref().unwrap_or("default"))
            )
        }
        Event::Started { .. }
        | Event::Output { .. }
        | Event::Artifact { .. }
        | Event::UnknownMessage { .. } => return None,
    })
}

/// One output stream of ours.
struct Screen {
    /// Present on a terminal.
    visible: Option<Visible>,
}

impl Screen {
    fn new(is_terminal: bool) -> Self {
        Self {
            visible: is_terminal.then(Visible::default),
        }
    }

    fn show(&mut self, out: &mut impl Write, bytes: &[u8]) {
        let written = match &mut self.visible {
            None => out.write_all(bytes),
            Some(visible) => {
                let mut text = String::new();
                visible.push(bytes, &mut text);
                out.write_all(text.as_bytes())
            }
        };
        // A reader that went away, as with `| head`, is no failure of the script.
        written.and_then(|()| out.flush()).ok();
    }
}

async fn print_json(mut events: Events) -> Vec<String> {
    while let Some(event) = events.next().await {
        print_json_line(&event).ok();
    }
    Vec::new()
}

fn print_json_line(value: &impl Serialize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, value)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// The last line of `--json`.
#[derive(Serialize)]
struct End<'a> {
    event: &'static str,
    #[serde(flatten)]
    outcome: &'a Outcome,
    artifacts: Vec<ArtifactEnd<'a>>,
    exit_code: u8,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ArtifactEnd<'a> {
    Kept(&'a Artifact),
    Failed { error: String },
}

fn print_end_as_json(finished: &Finished) -> io::Result<()> {
    let exit = super::Exit::from(&finished.outcome.ending);
    print_json_line(&End {
        event: "finished",
        outcome: &finished.outcome,
        artifacts: finished
            .artifacts
            .iter()
            .map(|artifact| match artifact {
                Ok(artifact) => ArtifactEnd::Kept(artifact),
                Err(error) => ArtifactEnd::Failed {
                    error: format!("{:#}", anyhow::Error::msg(error.to_string())),
                },
            })
            .collect(),
        exit_code: exit.code(),
    })
}

fn print_end(finished: &Finished, results: &[String]) -> io::Result<()> {
    let mut out = io::stderr().lock();
    for line in results {
        writeln!(out, "seawall: {line}")?;
    }
    for artifact in &finished.artifacts {
        match artifact {
            Ok(Artifact {
                name,
                path,
                size_bytes,
                sha256,
                kept_as,
            }) => {
                write!(
                    out,
                    "seawall: artifact {name}: {path}, {size_bytes} bytes, sha256 {sha256}"
                )?;
                match kept_as {
                    Some(path) => writeln!(out, ", kept as {}", path.display())?,
                    None => writeln!(out)?,
                }
            }
            Err(error) => writeln!(out, "seawall: artifact not kept: {error}")?,
        }
    }
    print_denials(&mut out, &finished.outcome)?;
    match &finished.outcome.ending {
        Ending::Exited { .. } => Ok(()),
        Ending::LimitReached { limit } => writeln!(
            out,
            "seawall: stopped: the limit `{limit}` was reached; raise it with `--limit {limit}=…` or under [limits] in the policy"
        ),
        Ending::Trapped { message } => writeln!(out, "seawall: trap: {message}"),
        Ending::Cancelled => writeln!(out, "seawall: stopped"),
    }
}

/// Each distinct denial: what, how often, which rule, and the lines that would allow it.
fn print_denials(out: &mut impl Write, outcome: &Outcome) -> io::Result<()> {
    let denials = &outcome.receipt.denials;
    if denials.is_empty() {
        return Ok(());
    }
    writeln!(out, "seawall: {} thing(s) were denied:", denials.len())?;
    for DenialCount { denial, count } in denials {
        writeln!(out, "\n  {} ({count}×)", denial.subject)?;
        writeln!(out, "    {}", denial.reason)?;
        if denial.fix.is_empty() {
            writeln!(out, "    no policy line can allow this")?;
            continue;
        }
        writeln!(out, "    to allow it, add to the policy:")?;
        for line in denial.fix.lines() {
            writeln!(out, "      {line}")?;
        }
    }
    if outcome.receipt.unlisted > 0 {
        writeln!(out, "\n  and {} more", outcome.receipt.unlisted)?;
    }
    writeln!(out)
}
