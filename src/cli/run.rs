//! `seawall run`: one script or module, in a sandbox, as if it were run by its own interpreter; or, if that is asked
//! for, as a native process of another account.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use clap::{Args, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::exit::Exit;
use super::input::{self, Assignment, EnvAssignment, MountFlag, SecretFlag};
use super::learn::{self, CeilingSource};
use super::native::NativeArguments;
use super::policy::{load, load_ceiling};
use super::report::{Format, Printer};
use super::{Failure, home};
use crate::plan::Isolation;
use crate::policy::{
    EnvGrant, FileGrant, FileSource, Grants, HostPath, NativeProcesses, Origin, Policy,
    ProcessRule, VariablePattern, VariableRule, grants, parse, parse_ceiling,
};
use crate::template::Template;
use crate::worker::sandbox::Progress;
use crate::worker::{Attempt, Finished, Language, Program, Sources, Stdin, Variables, channel};

/// What runs where no `--policy` is given: a fresh `/work`, no network, the default limits.
const DEFAULT_POLICY: &str = include_str!("../../policies/default.toml");

/// What `--learn` allows where no `--ceiling` is given.
const DEFAULT_CEILING: &str = include_str!("../../policies/ceiling.toml");

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The script or module; `-` reads a script from standard input
    script: PathBuf,

    /// What follows the script's name in its own arguments
    #[arg(last = true)]
    arguments: Vec<String>,

    /// The language, where neither extension nor `#!` line tells: shell, python, javascript
    #[arg(long, value_name = "LANGUAGE")]
    lang: Option<String>,

    /// The policy file; without one: a fresh /work, no network, default limits
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,

    /// The most that any policy may ask for; more is refused before anything runs
    #[arg(long, value_name = "FILE")]
    ceiling: Option<PathBuf>,

    /// Run with everything the ceiling allows, and write the smallest policy that this run needed
    #[arg(long, value_name = "FILE")]
    learn: Option<PathBuf>,

    /// Set a variable
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<Assignment>,

    /// Set a variable that is masked wherever it shows: NAME=@FILE, NAME=env:VARIABLE, NAME=VALUE
    #[arg(long, value_name = "NAME=SOURCE")]
    secret: Vec<SecretFlag>,

    /// Read variables from a .json, .toml or .yaml file
    #[arg(long, value_name = "FILE")]
    variables: Vec<PathBuf>,

    /// Say where a mount of the policy is, or mount a directory: /pkg=./package[:ro|:rw]
    #[arg(long, value_name = "PATH=DIRECTORY")]
    mount: Vec<MountFlag>,

    /// Set an environment variable of the script
    #[arg(long, value_name = "NAME=VALUE")]
    env: Vec<EnvAssignment>,

    /// Set a limit, for example wall-time=30s or memory=64MiB
    #[arg(long, value_name = "NAME=VALUE")]
    limit: Vec<Assignment>,

    /// Copy the artifacts that the script creates into this directory
    #[arg(long, value_name = "DIRECTORY")]
    artifacts: Option<PathBuf>,

    /// Trust the certificates in this PEM file as well, for https
    #[arg(long, value_name = "FILE")]
    trust: Vec<PathBuf>,

    /// Print one JSON object per line for every event
    #[arg(long)]
    json: bool,

    /// How the script is confined; a process needs --native-account, and `[process] allow = true` in its policy
    #[arg(long, value_enum, default_value_t = Confinement::Sandbox, conflicts_with_all = ["learn", "trust"])]
    isolation: Confinement,

    #[command(flatten)]
    native: NativeArguments,
}

/// What `--isolation` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Confinement {
    Sandbox,
    Process,
}

const EXAMPLES: &str = concat!(
    "Examples:
  seawall run deploy.py
  echo 'some input' | seawall run filter.py
  seawall run deploy.sh --policy policies/github-release.toml --set Web.Port=8080 --mount /pkg=./package
  seawall run deploy.js --policy p.toml --limit wall-time=30s --env STAGE=test -- arg1 arg2
  seawall run tool.wasm --policy p.toml -- --help
  seawall run deploy.py --learn learned.toml
  seawall run deploy.sh --secret GitHub.Token=env:GITHUB_TOKEN --json
  seawall run build.sh --isolation process --native-account deploy-user

",
    "Exit codes: the script's own; 119 Seawall failed, 120 bad policy, 121 refused by the ceiling,
122 limit reached, 123 trap, 124 bad script, 130 stopped. Without `--isolation process`, `seawall run` never
spawns a process."
);

/// Runs the command.
pub async fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let program = program(&arguments)?;
    let variables = input::variables(&arguments.variables, &arguments.set, &arguments.secret)
        .map_err(|error| Failure::new(Exit::Usage, error))?;
    let grants = Arc::new(grants_for(&arguments, &variables)?);
    let is_stdin_script = arguments.script == Path::new("-");
    let sources = Sources {
        mounts: arguments
            .mount
            .iter()
            .map(|flag| (flag.mount.clone(), flag.directory.clone()))
            .collect(),
        workspace: None,
    };
    let worker = home::worker(arguments.trust.clone())?;
    let (worker, isolation) = match (arguments.isolation, arguments.native.open()?) {
        (Confinement::Sandbox, _) => (worker, Isolation::Sandbox),
        (Confinement::Process, Some(native)) => (worker.with_native(native), Isolation::Process),
        (Confinement::Process, None) => {
            let text = "`--isolation process` needs an account: add `--native-account NAME`";
            return Err(Failure::new(Exit::Usage, anyhow!(text)));
        }
    };

    let (sender, events) = channel();
    let cancelled = stop_signals()?;
    let format = if arguments.json {
        Format::Json
    } else {
        Format::Text
    };
    let printer = Printer::start(format, events);
    let attempt = Attempt {
        program,
        arguments: arguments.arguments,
        stdin: if is_stdin_script {
            Stdin::Empty
        } else {
            Stdin::Inherited
        },
        grants: Arc::clone(&grants),
        isolation,
        sources,
        variables,
    };
    let finished = worker
        .run(
            attempt,
            sender,
            cancelled,
            arguments.artifacts.as_deref(),
            &report_progress,
        )
        .await;
    let finished = match finished {
        Ok(finished) => finished,
        Err(error) => return Err(failure_of(error)),
    };
    printer.finish(&finished).await;
    if let Some(path) = &arguments.learn {
        write_learned(path, &finished, &grants)?;
    }
    Ok(Exit::from(&finished.outcome.ending))
}

pub(super) fn failure_of(error: crate::worker::Error) -> Failure {
    use crate::worker::Error as Worker;
    use crate::worker::sandbox::Error as Sandbox;
    let exit = match &error {
        Worker::Sandbox(Sandbox::Module { .. }) => Exit::BadScript,
        Worker::Sandbox(_) | Worker::Workspace(_) | Worker::TooManySecrets | Worker::Native(_) => {
            Exit::Host
        }
        Worker::SourceMissing { .. } | Worker::VariableMissing { .. } => Exit::Usage,
        Worker::SourceUnusable { .. }
        | Worker::Overlap { .. }
        | Worker::Template { .. }
        | Worker::HeaderValue { .. }
        | Worker::NativeDenied(_) => Exit::BadPolicy,
    };
    Failure::new(exit, error)
}

pub(super) fn report_progress(progress: Progress) {
    match progress {
        Progress::CompilingGuest { name } => {
            eprintln!("seawall: compiling the {name} guest; this happens once");
        }
        Progress::CompilingModule => {}
    }
}

fn program(arguments: &Arguments) -> Result<Program, Failure> {
    let bad = |error| Failure::new(Exit::BadScript, error);
    let path = &arguments.script;
    let (name, text) = if path == Path::new("-") {
        let mut text = Vec::new();
        std::io::stdin()
            .read_to_end(&mut text)
            .context("the script can't be read from standard input")
            .map_err(bad)?;
        ("stdin".to_owned(), text)
    } else {
        let text = std::fs::read(path)
            .with_context(|| format!("the script `{}` can't be read", path.display()))
            .map_err(bad)?;
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_else(|| "script".into());
        (name, text)
    };
    let language = match &arguments.lang {
        Some(lang) if lang == "wasm" => None,
        Some(lang) => Some(Language::named(lang).ok_or_else(|| {
            let known = Language::ALL.map(Language::guest).join(", ");
            Failure::new(
                Exit::Usage,
                anyhow!("`{lang}` is no language that Seawall runs: write one of {known}, wasm"),
            )
        })?),
        None if text.starts_with(b"\0asm") => None,
        None => Some(Language::detect(&name, &text).ok_or_else(|| {
            bad(anyhow!(
                "the language of `{}` is not known from its extension or a `#!` line: add `--lang shell`, `--lang python` or `--lang javascript`",
                path.display()
            ))
        })?),
    };
    Ok(match language {
        Some(language) => Program::Script {
            language,
            name,
            text,
        },
        None => Program::Module { name, bytes: text },
    })
}

/// The policy, with what the flags add to it, held to the ceiling.
fn grants_for(arguments: &Arguments, variables: &Variables) -> Result<Grants, Failure> {
    let mut policy = match &arguments.policy {
        Some(path) => load(path)?,
        None => {
            let (mut policy, _) = parse("policies/default.toml", DEFAULT_POLICY)
                .expect("the shipped policy is checked by a test");
            // Without a policy file, what the command line names is what the script may read.
            for name in variables.names() {
                policy.variables.push(VariableRule {
                    pattern: VariablePattern::exact(name),
                    origin: Origin::command_line(&format!("--set {name}")),
                });
            }
            if arguments.isolation == Confinement::Process {
                policy.process = Some(ProcessRule {
                    native: NativeProcesses::Allowed,
                    origin: Origin::command_line("--isolation process"),
                });
            }
            policy
        }
    };
    add_flags(&mut policy, arguments)?;
    let given = arguments.ceiling.as_deref().map(load_ceiling).transpose()?;
    let granted = match (&arguments.learn, given) {
        (None, ceiling) => grants(&policy, ceiling.as_ref()),
        (Some(_), Some(ceiling)) => {
            learn::grants_for_learning(policy, &ceiling, CeilingSource::Given)
        }
        (Some(_), None) => {
            let (ceiling, _) = parse_ceiling("policies/ceiling.toml", DEFAULT_CEILING)
                .expect("the shipped ceiling is checked by a test");
            learn::grants_for_learning(policy, &ceiling, CeilingSource::Shipped)
        }
    };
    granted.map_err(|error| Failure::new(Exit::Denied, error))
}

fn add_flags(policy: &mut Policy, arguments: &Arguments) -> Result<(), Failure> {
    let usage = |error| Failure::new(Exit::Usage, error);
    let mut mounted = Vec::new();
    for flag in &arguments.mount {
        // Where the policy has a rule for this mount, the flag only says where it is.
        if policy.files.iter().any(|rule| rule.mount == flag.mount) {
            continue;
        }
        let directory = flag.directory.to_string_lossy();
        let source = HostPath::parse(&directory)
            .map_err(|error| usage(anyhow!("`{directory}` can't be mounted: {error}")))?;
        mounted.push(FileGrant {
            mount: flag.mount.clone(),
            source: FileSource::Host(source),
            access: flag.access,
            origin: Origin::command_line(&format!("--mount {}", flag.text)),
        });
    }
    // Preview 1 programs find directories by number: what somebody asked for comes ahead of the
    // workspace that everybody gets, and behind what a policy file says.
    let first = match arguments.policy {
        Some(_) => policy.files.len(),
        None => 0,
    };
    policy.files.splice(first..first, mounted);
    for flag in &arguments.env {
        let value = Template::parse(&flag.value)
            .with_context(|| format!("the value of {} can't be used", flag.name))
            .map_err(usage)?;
        policy.env.retain(|rule| rule.name != flag.name);
        policy.env.push(EnvGrant {
            name: flag.name.clone(),
            value,
            origin: Origin::command_line(&format!("--env {}", flag.name)),
        });
    }
    for Assignment { name, value } in &arguments.limit {
        let origin = Origin::command_line(&format!("--limit {name}={value}"));
        policy
            .limits
            .set(name, value, origin)
            .with_context(|| format!("`--limit {name}={value}` can't be used"))
            .map_err(usage)?;
    }
    Ok(())
}

fn write_learned(path: &Path, finished: &Finished, grants: &Grants) -> Result<(), Failure> {
    let text = learn::policy_text(path, &finished.outcome, grants);
    std::fs::write(path, text).with_context(|| {
        format!(
            "the learned policy can't be written to `{}`",
            path.display()
        )
    })?;
    eprintln!(
        "seawall: wrote the policy that this run needed to {}",
        path.display()
    );
    Ok(())
}

/// Becomes true on Ctrl-C or SIGTERM, which end this process no more once it returns.
pub fn stop_signals() -> anyhow::Result<watch::Receiver<bool>> {
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen to signals")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen to signals")?;
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        sender.send(true).ok();
        // A closed channel would be an answer; this task lives as long as the run.
        std::future::pending::<()>().await;
    });
    Ok(receiver)
}
