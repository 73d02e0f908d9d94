//! `seawall policy`: check files, and answer what they allow, without running anything.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::Failure;
use super::exit::Exit;
use super::remote::ServerArguments;
use crate::policy::{
    Policy, PolicyError, Query, Verdict, Warning, explain, grants, parse, parse_ceiling,
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check policy files: every problem with file, line, column and what to write instead.
    Check(Check),
    /// Write the smallest policy under which a task of a server would pass again.
    Suggest(Suggest),
    /// Say whether a policy allows something, which line decides, and which lines would allow it.
    Explain(Explain),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seawall policy check policies/*.toml
  seawall policy check --ceiling policies/ceiling.toml policies/*.toml")]
pub struct Check {
    /// The files
    #[arg(required = true)]
    files: Vec<PathBuf>,

    /// Also check that each lies within this ceiling
    #[arg(long, value_name = "FILE")]
    ceiling: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  seawall policy suggest --task ServerTasks-12 > policies/web.toml"
)]
pub struct Suggest {
    /// The task whose receipts say what was needed
    #[arg(long, value_name = "ID")]
    task: String,

    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seawall policy explain --policy p.toml 'GET https://api.github.com/repos/acme/x'
  seawall policy explain --policy p.toml 'read /pkg/a' 'write /work/b' 'variable Web.Port'
  seawall policy explain --policy p.toml 'env STAGE' 'tcp db.example.com:5432' 'limit memory' process

Exit code 0 if everything asked is allowed, 1 if something is not.")]
pub struct Explain {
    /// The policy file
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,

    /// The ceiling that it is held to
    #[arg(long, value_name = "FILE")]
    ceiling: Option<PathBuf>,

    /// Print one JSON object per question
    #[arg(long)]
    json: bool,

    /// What to ask: `GET URL`, `read PATH`, `write PATH`, `variable NAME`, `env NAME`,
    /// `tcp HOST:PORT`, `limit NAME`, `process`, `messages`
    #[arg(required = true, value_name = "WHAT")]
    questions: Vec<String>,
}

/// Runs the command.
pub async fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Suggest(arguments) => suggest(arguments).await,
        Command::Check(arguments) => check(&arguments),
        Command::Explain(arguments) => answer(&arguments),
    }
}

async fn suggest(Suggest { task, server }: Suggest) -> Result<Exit, Failure> {
    let connection = server.connect().await?;
    let answer = connection.get(&["tasks", &task, "policy"], &[]).await?;
    let text = answer["Text"].as_str().unwrap_or_default().to_owned();
    connection.say(&answer, || text)?;
    Ok(Exit::Success)
}

fn check(arguments: &Check) -> Result<Exit, Failure> {
    let ceiling = arguments.ceiling.as_deref().map(load_ceiling).transpose()?;
    let mut n_bad = 0;
    let mut out = std::io::stdout().lock();
    for path in &arguments.files {
        let outcome = load(path).and_then(|policy| {
            grants(&policy, ceiling.as_ref())
                .map_err(|error| Failure::new(Exit::BadPolicy, error))?;
            Ok(policy)
        });
        let line = match outcome {
            Ok(policy) => format!("{}: ok: {}", path.display(), policy.name),
            Err(failure) => {
                n_bad += 1;
                format!("{:#}", failure.error)
            }
        };
        writeln!(out, "{line}").context("the result can't be printed")?;
    }
    Ok(if n_bad == 0 {
        Exit::Success
    } else {
        Exit::BadPolicy
    })
}

fn answer(arguments: &Explain) -> Result<Exit, Failure> {
    let policy = load(&arguments.policy)?;
    let ceiling = arguments.ceiling.as_deref().map(load_ceiling).transpose()?;
    let grants =
        grants(&policy, ceiling.as_ref()).map_err(|error| Failure::new(Exit::Denied, error))?;
    let mut exit = Exit::Success;
    let mut out = std::io::stdout().lock();
    for question in &arguments.questions {
        let query = Query::parse(question)
            .with_context(|| format!("`{question}` can't be asked"))
            .map_err(|error| Failure::new(Exit::Usage, error))?;
        let explanation = explain(&grants, &query);
        if explanation.verdict == Verdict::Denied {
            exit = Exit::Negative;
        }
        let text = if arguments.json {
            serde_json::to_string(&explanation).context("the answer can't be printed")?
        } else {
            explanation.to_string().trim_end().to_owned()
        };
        writeln!(out, "{text}").context("the answer can't be printed")?;
    }
    Ok(exit)
}

/// Reads a policy file; warnings go to standard error.
pub fn load(path: &Path) -> Result<Policy, Failure> {
    read(path, parse)
}

/// Reads a ceiling file; warnings go to standard error.
pub fn load_ceiling(path: &Path) -> Result<Policy, Failure> {
    read(path, parse_ceiling)
}

fn read(
    path: &Path,
    parse: impl Fn(&str, &str) -> Result<(Policy, Vec<Warning>), PolicyError>,
) -> Result<Policy, Failure> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the policy `{name}` can't be read"))
        .map_err(|error| Failure::new(Exit::BadPolicy, error))?;
    let (policy, warnings) =
        parse(&name, &text).map_err(|error| Failure::new(Exit::BadPolicy, error))?;
    for warning in warnings {
        eprintln!("{warning}");
    }
    Ok(policy)
}
