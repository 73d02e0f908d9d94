//! `seawall offline-drop run`: a step that was written into a bundle, on the machine that it is for.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use clap::{Args, Subcommand};
use zeroize::Zeroizing;

use super::exit::Exit;
use super::policy::load_ceiling;
use super::report::{Format, Printer};
use super::run::{failure_of, report_progress, stop_signals};
use super::{Failure, home};
use crate::link::bundle::{Bundle, BundleError};
use crate::link::protocol::{self, Package};
use crate::package::{Bounds, PackageName, extract};
use crate::plan::Isolation;
use crate::worker::{Attempt, Ending, Sensitive, Sources, Stdin, Variables, channel};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the step of a bundle, in a sandbox.
    #[command(after_help = EXAMPLES)]
    Run(Arguments),
}

const EXAMPLES: &str = "\
Examples:
  read -rs DROP_PASSWORD && export DROP_PASSWORD
  seawall offline-drop run 'Deploy for eu-1.seawall.tar' --password-env DROP_PASSWORD
  seawall offline-drop run step.tar --password-env DROP_PASSWORD --ceiling ceiling.toml --artifacts ./out";

#[derive(Debug, Args)]
pub struct Arguments {
    /// The bundle: an artifact of the deployment
    bundle: PathBuf,
    /// The environment variable with the deployment target's password
    #[arg(long, value_name = "NAME")]
    password_env: String,
    /// The most that the step's policy may ask for
    #[arg(long, value_name = "FILE")]
    ceiling: Option<PathBuf>,
    /// Keep the step's artifacts in this directory
    #[arg(long, value_name = "DIR")]
    artifacts: Option<PathBuf>,
    /// Print events as JSON, one a line
    #[arg(long)]
    json: bool,
    /// Trust the certificates in this PEM file for HTTPS, beside the system's
    #[arg(long, value_name = "FILE")]
    trust: Vec<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// Those of `seawall run`, and [`Exit::Usage`] for a bundle or a password that isn't one.
pub async fn run(command: Command) -> Result<Exit, Failure> {
    let Command::Run(arguments) = command;
    let password = std::env::var(&arguments.password_env).map(Zeroizing::new);
    let password = password.map_err(|_| {
        let name = &arguments.password_env;
        Failure::new(
            Exit::Usage,
            anyhow!("there is no password in the environment variable {name}"),
        )
    })?;
    let scratch = tempfile::tempdir().context("there is no room to unpack")?;
    let attempt = open(&arguments.bundle, scratch.path(), &password)?;
    if attempt.isolation != Isolation::Sandbox {
        let text = "the step asks to be a process, and bundles are run in the sandbox";
        return Err(Failure::new(Exit::BadPolicy, anyhow!(text)));
    }
    let grants = match arguments.ceiling.as_deref().map(load_ceiling).transpose()? {
        Some(ceiling) => {
            let held = attempt.grants.within(&ceiling);
            held.map_err(|error| Failure::new(Exit::Denied, error))?
        }
        None => attempt.grants,
    };
    let grants = Arc::new(grants);
    let mut sources = unpack(&attempt.packages, scratch.path())?;
    let mut variables = Variables::default();
    for variable in attempt.variables {
        let sensitive = match variable.is_sensitive {
            true => Sensitive::Yes,
            false => Sensitive::No,
        };
        variables.set(&variable.name, variable.value, sensitive);
    }
    let worker = home::worker(arguments.trust.clone())?;
    let cancelled = stop_signals()?;
    let shared = worker.share(attempt.programs.len(), Isolation::Sandbox);
    let shared = shared.map_err(failure_of)?;
    sources.workspace = shared.as_ref().map(|shared| shared.path().to_owned());
    let mut exit = Exit::Success;
    for program in attempt.programs {
        let (sender, events) = channel();
        let format = match arguments.json {
            true => Format::Json,
            false => Format::Text,
        };
        let printer = Printer::start(format, events);
        let one = Attempt {
            program: program.into(),
            arguments: attempt.arguments.clone(),
            stdin: Stdin::Empty,
            grants: Arc::clone(&grants),
            isolation: Isolation::Sandbox,
            sources: sources.clone(),
            variables: variables.clone(),
        };
        let keep_in = arguments.artifacts.as_deref();
        let running = worker.run(one, sender, cancelled.clone(), keep_in, &report_progress);
        let finished = running.await.map_err(failure_of)?;
        printer.finish(&finished).await;
        exit = Exit::from(&finished.outcome.ending);
        if finished.outcome.ending != (Ending::Exited { code: 0 }) {
            break;
        }
    }
    Ok(exit)
}

fn open(path: &Path, scratch: &Path, password: &str) -> Result<protocol::Attempt, Failure> {
    let failed = |error: BundleError| {
        let exit = match error {
            BundleError::File(_) | BundleError::NoRandom => Exit::Host,
            BundleError::NoBundle(_) | BundleError::Closed => Exit::Usage,
        };
        let error = anyhow::Error::new(error)
            .context(format!("cannot use the bundle `{}`", path.display()));
        Failure::new(exit, error)
    };
    let file = File::open(path).map_err(|error| failed(BundleError::File(error)))?;
    let bundle = Bundle::read(BufReader::new(file), scratch).map_err(failed)?;
    bundle.open(password).map_err(failed)
}

/// Unpacks each package into a directory of its own, for every mount that it has.
fn unpack(packages: &[Package], scratch: &Path) -> Result<Sources, Failure> {
    let mut sources = Sources::default();
    for (number, package) in packages.iter().enumerate() {
        let folder = scratch.join(format!("package-{number}"));
        let unpacking = || -> anyhow::Result<()> {
            std::fs::create_dir(&folder)?;
            let name = PackageName::parse(&package.file_name)?;
            let file = File::open(scratch.join(&package.sha256))?;
            let into = Dir::open_ambient_dir(&folder, ambient_authority())?;
            Ok(extract(file, name.format, &into, Bounds::default())?)
        };
        unpacking()
            .with_context(|| format!("the package {} can't be unpacked", package.file_name))?;
        for mount in &package.mounts {
            sources.mounts.insert(mount.clone(), folder.clone());
        }
    }
    Ok(sources)
}
