//! `seawall runbook`: run what was published.

use clap::{Args, Subcommand};
use serde_json::json;

use super::deploy::{Options, task_ids};
use super::follow;
use crate::cli::{Exit, Failure};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a runbook.
    #[command(after_help = "Examples:\n  seawall runbook run Web Restart --in Production --watch")]
    Run(Run),
}

#[derive(Debug, Args)]
pub struct Run {
    /// The project: name, slug or id
    project: String,

    /// The runbook: name, slug or id
    runbook: String,

    /// An environment; several for one run each
    #[arg(long = "in", value_name = "ENVIRONMENT", required = true)]
    environments: Vec<String>,

    /// A snapshot; what is published if it isn't given
    #[arg(long)]
    snapshot: Option<String>,

    #[command(flatten)]
    options: Options,
}

/// Runs the command.
///
/// # Errors
/// [`Exit::Remote`] with the server's words.
pub async fn run(command: Command) -> Result<Exit, Failure> {
    let Command::Run(Run {
        project,
        runbook,
        environments,
        snapshot,
        options,
    }) = command;
    let connection = options.server.connect().await?;
    let mut body = options.body();
    body["ProjectName"] = project.into();
    body["RunbookName"] = runbook.into();
    body["EnvironmentNames"] = json!(environments);
    body["Snapshot"] = json!(snapshot);
    let made = connection
        .post(&["runbook-runs", "create", "v1"], &body)
        .await?;
    let tasks = task_ids(&made["RunbookRunServerTasks"]);
    follow::queued(&connection, &made, &tasks, options.watch).await
}
