//! The command line: flags in, exit code out. Each command in a file of its own.
//!
//! Nothing here decides what a script may do: it reads files, builds grants with [`crate::policy`],
//! hands attempts to [`crate::worker`], and prints what comes back.

mod admin;
mod doctor;
mod exit;
mod guests;
mod home;
mod input;
mod learn;
mod native;
mod offline_drop;
mod policy;
mod remote;
mod report;
mod rotate;
mod run;
mod serve;
mod telemetry;
mod worker;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use exit::Exit;

/// Runs scripts in WebAssembly sandboxes that can touch exactly what a policy file grants.
#[derive(Debug, Parser)]
#[command(name = "seawall", version, after_help = EXAMPLES, after_long_help = long_help())]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  seawall run deploy.py                                  nothing but a fresh /work
  seawall run deploy.sh --policy p.toml --set Port=8080  what p.toml grants
  seawall run deploy.py --learn learned.toml             write the policy that this run needs
  seawall policy explain --policy p.toml 'GET https://api.github.com/repos/acme/x'
  seawall doctor                                         attack the wall, and see it hold

A server:
  seawall serve --data ./data                            prints its URL and, at the first start, an API key
  seawall project create Web --process process.toml
  seawall release create Web --version 1.4.2
  seawall deploy Web 1.4.2 --to Production --watch

A worker on another machine:
  seawall pool create linux && seawall worker token --pool linux
  seawall worker enrol --server https://deploy.example:10943 --token swe1.…
  seawall worker run";

fn long_help() -> String {
    format!("{EXAMPLES}\n\n{}", exit::HELP)
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a script or a WebAssembly module in a sandbox.
    Run(Box<run::Arguments>),
    /// Run the deployment server.
    Serve(serve::Arguments),
    /// Back a server's data up, or make a data directory from a backup.
    #[command(subcommand)]
    Admin(admin::Command),
    /// Create environments on a server.
    #[command(subcommand)]
    Environment(remote::environment::Command),
    /// Create projects on a server, or change their process.
    #[command(subcommand)]
    Project(remote::project::Command),
    /// Be an external worker, or look after those of a server.
    #[command(subcommand)]
    Worker(worker::Command),
    /// Create and list the worker pools of a server.
    #[command(subcommand)]
    Pool(remote::pool::Command),
    /// Push packages to a server's feed.
    #[command(subcommand)]
    Package(remote::package::Command),
    /// Freeze a project as a version.
    #[command(subcommand)]
    Release(remote::release::Command),
    /// Deploy a release to environments, or print the plan.
    Deploy(Box<remote::deploy::Arguments>),
    /// Run a runbook.
    #[command(subcommand)]
    Runbook(remote::runbook::Command),
    /// List, watch and cancel tasks of a server.
    #[command(subcommand)]
    Task(remote::task::Command),
    /// Answer what tasks of a server ask.
    #[command(subcommand)]
    Interruption(remote::interruption::Command),
    /// Run a step that a server wrote into a bundle.
    #[command(subcommand)]
    OfflineDrop(offline_drop::Command),
    /// Check policy files, or ask what they allow.
    #[command(subcommand)]
    Policy(policy::Command),
    /// List the interpreters: version, size, digest, compiled or not.
    #[command(after_help = guests::EXAMPLES)]
    Guests(guests::Arguments),
    /// Attack the wall with every probe, and report what was contained.
    Doctor(doctor::Arguments),
    /// Compile a user's module; started by Seawall itself.
    #[command(name = crate::worker::sandbox::COMPILE_SUBCOMMAND, hide = true)]
    CompileModule,
    /// Give everything up and become a script's interpreter; started by Seawall itself.
    #[command(name = crate::worker::process::LAUNCH_SUBCOMMAND, hide = true)]
    LaunchProcess(crate::worker::process::Launch),
    /// Stay beside a native process until everything of it has ended; started by Seawall itself.
    #[command(name = crate::worker::process::SUPERVISE_SUBCOMMAND, hide = true)]
    SuperviseProcess(crate::worker::process::Launch),
}

/// Parses the command line, runs the command, and says how to exit.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are errors to clap, with exit code 0; a closed pipe is no news.
            error.print().ok();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    if let Command::CompileModule = arguments.command {
        return compile_module();
    }
    if let Command::LaunchProcess(launch) = &arguments.command {
        let reason = crate::worker::process::launch(launch);
        writeln!(std::io::stderr(), "seawall: {reason}").ok();
        return ExitCode::from(126);
    }
    if let Command::SuperviseProcess(launch) = &arguments.command {
        let Err(reason) = crate::worker::process::supervise(launch) else {
            return ExitCode::SUCCESS;
        };
        writeln!(std::io::stderr(), "seawall: {reason}").ok();
        return ExitCode::from(126);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(Exit::Host, &error.into()),
    };
    let telemetry = match telemetry::start(runtime.handle()) {
        Ok(telemetry) => telemetry,
        Err(error) => return fail(Exit::Usage, &error),
    };
    let result = runtime.block_on(async {
        match arguments.command {
            Command::Run(arguments) => run::run(*arguments).await,
            Command::Serve(arguments) => serve::run(arguments).await,
            Command::Admin(command) => admin::run(command).await,
            Command::Environment(command) => remote::environment::run(command).await,
            Command::Project(command) => remote::project::run(command).await,
            Command::Worker(command) => worker::run(command).await,
            Command::Pool(command) => remote::pool::run(command).await,
            Command::Package(command) => remote::package::run(command).await,
            Command::Release(command) => remote::release::run(command).await,
            Command::Deploy(arguments) => remote::deploy::run(*arguments).await,
            Command::Runbook(command) => remote::runbook::run(command).await,
            Command::Task(command) => remote::task::run(command).await,
            Command::Interruption(command) => remote::interruption::run(command).await,
            Command::OfflineDrop(command) => offline_drop::run(command).await,
            Command::Policy(command) => policy::run(command).await,
            Command::Guests(arguments) => guests::run(arguments).await,
            Command::Doctor(arguments) => doctor::run(arguments).await,
            Command::CompileModule | Command::LaunchProcess(_) | Command::SuperviseProcess(_) => {
                unreachable!("handled above, before any thread exists")
            }
        }
    });
    drop(telemetry);
    // A thread that waits for standard input can't be joined, and nothing is left to do.
    runtime.shutdown_background();
    match result {
        Ok(exit) => exit.into(),
        Err(Failure { exit, error }) => fail(exit, &error),
    }
}

/// A command that could not do what was asked: the exit code, and the reason for people.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    error: anyhow::Error,
}

impl Failure {
    /// A failure with its exit code.
    pub fn new(exit: Exit, error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit,
            error: error.into(),
        }
    }
}

/// What isn't said otherwise is our own failure.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self {
            exit: Exit::Host,
            error,
        }
    }
}

fn fail(exit: Exit, error: &anyhow::Error) -> ExitCode {
    let mut text = format!("{error}");
    for cause in error.chain().skip(1) {
        text.push_str(&format!(": {cause}"));
    }
    writeln!(std::io::stderr(), "seawall: {text}").ok();
    exit.into()
}

fn compile_module() -> ExitCode {
    match crate::worker::sandbox::compile_child() {
        Ok(()) => Exit::Success.into(),
        Err(why) => {
            writeln!(std::io::stderr(), "{why}").ok();
            Exit::BadScript.into()
        }
    }
}
