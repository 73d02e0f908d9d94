//! `seawall worker`: being an external worker, and looking after those of a server.
//!
//! `enrol` and `run` are for the machine that does the work; everything else asks a server.

mod add_ssh;
mod enrol;
mod remote;
mod run;

use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand};

use super::{Exit, Failure};
use crate::link::agent::{Home, HomeError};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make this machine a worker of a server, once.
    #[command(after_help = enrol::EXAMPLES)]
    Enrol(enrol::Arguments),
    /// Do the work that the server hands over, until it is told to stop.
    #[command(after_help = run::EXAMPLES)]
    Run(Box<run::Arguments>),
    /// Let a server use a machine with sshd and nothing else.
    #[command(after_help = add_ssh::EXAMPLES)]
    AddSsh(Box<add_ssh::Arguments>),
    #[command(flatten)]
    Remote(remote::Command),
}

/// Where a worker keeps what it is.
#[derive(Debug, Clone, Args)]
struct HomeArguments {
    /// The worker's directory; only its owner can look into it
    /// [default: `seawall-worker` in $XDG_DATA_HOME, else in ~/.local/share]
    #[arg(long, env = "SEAWALL_WORKER_HOME", value_name = "DIR")]
    directory: Option<PathBuf>,
}

impl HomeArguments {
    fn path(&self) -> Result<PathBuf, Failure> {
        if let Some(directory) = &self.directory {
            return Ok(directory.clone());
        }
        let data = std::env::var_os("XDG_DATA_HOME").filter(|value| !value.is_empty());
        let data = data.map(PathBuf::from).or_else(|| {
            let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
            home.map(|home| home.join(".local/share"))
        });
        let data = data.ok_or_else(|| {
            let text = "no home directory is known: give the worker's own with --directory";
            Failure::new(Exit::Usage, anyhow!(text))
        })?;
        Ok(data.join("seawall-worker"))
    }

    fn open(&self) -> Result<Home, Failure> {
        let path = self.path()?;
        Ok(Home::open(&path).context("cannot use the worker's directory")?)
    }
}

/// What can be put right on the command line is a matter of usage.
fn failure(error: HomeError) -> Failure {
    let exit = match error {
        HomeError::NotEnrolled | HomeError::Running(_) => Exit::Usage,
        HomeError::File(..) | HomeError::Broken(..) | HomeError::Identity(_) => Exit::Host,
    };
    Failure::new(exit, error)
}

/// Runs the command.
///
/// # Errors
/// [`Exit::Usage`], [`Exit::Remote`] with the server's words, [`Exit::Host`].
pub async fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Enrol(arguments) => enrol::run(arguments).await,
        Command::Run(arguments) => run::run(*arguments).await,
        Command::AddSsh(arguments) => add_ssh::run(*arguments).await,
        Command::Remote(command) => remote::run(command).await,
    }
}
