//! `seawall worker run`: the worker itself.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::HomeArguments;
use crate::cli::native::NativeArguments;
use crate::cli::policy::load_ceiling;
use crate::cli::{Exit, Failure, home};
use crate::link::agent::{Agent, AgentError, Options};
use crate::worker::{Language, Worker};

pub const EXAMPLES: &str = "\
Examples:
  seawall worker run                                dials the server
  seawall worker run --listen 0.0.0.0:10933         waits for the server, if it was enrolled with --address
  seawall worker run --ceiling ceiling.toml         allows no more than this, whatever the server says
  seawall worker run --native-account deploy-user   runs native processes too, where policies allow them

On SIGTERM it takes nothing new, and gives what runs 20 seconds. Without the server it goes on, and tells it later.";

#[derive(Debug, Args)]
pub struct Arguments {
    /// Where to wait for the server
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Attempts that run at once
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1000))]
    concurrency: u32,
    /// A policy file that says what may be granted here at most; the server can't lift it
    #[arg(long, value_name = "FILE")]
    ceiling: Option<PathBuf>,
    /// The most that packages may take of the disk, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 10_240)]
    package_cache: u64,
    /// What steps may ask for in Seawall.Worker.Labels, in place of the labels of the enrolment
    #[arg(long = "label", value_name = "LABEL")]
    labels: Vec<String>,
    #[command(flatten)]
    home: HomeArguments,
    #[command(flatten)]
    native: NativeArguments,
}

/// What running attempts get to end.
const GRACE: Duration = Duration::from_secs(20);

pub async fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen to signals")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen to signals")?;
    let path = arguments.home.path()?;
    let own = arguments.home.open()?;
    let ceiling = arguments.ceiling.as_deref().map(load_ceiling).transpose()?;
    let worker = home::server_worker(&path).context("cannot set up the sandbox")?;
    let worker = match arguments.native.open()? {
        Some(native) => worker.with_native(native),
        None => worker,
    };
    let options = Options {
        capacity: arguments.concurrency as usize,
        ceiling,
        max_package_bytes: arguments.package_cache << 20,
        labels: arguments.labels,
    };
    let agent = Agent::open(own, worker.clone(), options).map_err(|error| match error {
        AgentError::Home(error) => super::failure(error),
        error => Failure::new(Exit::Host, error),
    })?;
    let (name, server) = agent.names();
    let listener = match (agent.is_listening(), arguments.listen) {
        (false, None) => None,
        (true, Some(address)) => Some(
            TcpListener::bind(address)
                .await
                .with_context(|| format!("cannot listen on {address}"))?,
        ),
        (true, None) => {
            let text =
                "the server dials this worker: say where it waits, with --listen 0.0.0.0:10933";
            return Err(Failure::new(Exit::Usage, anyhow!(text)));
        }
        (false, Some(_)) => {
            let text = "this worker dials the server: leave --listen out, or enrol it again with --address";
            return Err(Failure::new(Exit::Usage, anyhow!(text)));
        }
    };
    tokio::spawn(warm(worker));
    let said = match &listener {
        Some(listener) => {
            let address = listener.local_addr().context("cannot listen")?;
            format!("{name} waits for the server on {address}\n")
        }
        None => format!("{name} dials {server}\n"),
    };
    crate::cli::remote::print(&said)?;
    let serving = async {
        match listener {
            Some(listener) => agent.listen(listener).await,
            None => agent.poll().await,
        }
    };
    let stopping = async {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
        agent.stop(GRACE).await;
    };
    tokio::select! {
        () = serving => {}
        () = stopping => {}
    }
    Ok(Exit::Success)
}

/// Has every interpreter compiled before the first script needs it.
async fn warm(worker: Worker) {
    for language in Language::ALL {
        let say = |_| tracing::info!("compiling the {} guest, once", language.guest());
        if let Err(error) = worker.guests().builtin(language.guest(), &say).await {
            tracing::error!(error = ?error, "the {} guest can't be prepared", language.guest());
        }
    }
}
