//! `seawall pool`: which workers steps can choose from.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::ServerArguments;
use crate::cli::{Exit, Failure};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create worker pools.
    #[command(
        after_help = "Examples:\n  seawall pool create linux\n  seawall pool create linux --default"
    )]
    Create(Create),
    /// List the worker pools, and how many workers each has.
    List(ServerArguments),
}

#[derive(Debug, Args)]
pub struct Create {
    /// Their names
    #[arg(required = true)]
    names: Vec<String>,

    /// Make it the pool of steps that name none
    #[arg(long)]
    default: bool,

    #[command(flatten)]
    server: ServerArguments,
}

/// Runs the command.
///
/// # Errors
/// [`Exit::Remote`] with the server's words.
pub async fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Create(Create {
            names,
            default,
            server,
        }) => {
            let connection = server.connect().await?;
            let mut made = Vec::new();
            for name in &names {
                let body = json!({ "Name": name, "IsDefault": default });
                made.push(connection.post(&["workerpools"], &body).await?);
            }
            connection.say(&json!(made), || format!("Created {}.\n", names.join(", ")))?;
        }
        Command::List(server) => {
            let connection = server.connect().await?;
            let pools = connection.get(&["workerpools", "all"], &[]).await?;
            let workers = connection.get(&["workers", "all"], &[]).await?;
            connection.say(&pools, || table(&pools, &workers))?;
        }
    }
    Ok(Exit::Success)
}

fn table(pools: &Value, workers: &Value) -> String {
    let line = |pool: &Value| {
        let text = |name: &str| pool[name].as_str().unwrap_or_default();
        let is_its = |worker: &&Value| {
            let ids = worker["WorkerPoolIds"].as_array();
            ids.is_some_and(|ids| ids.contains(&pool["Id"]))
        };
        let n_workers = workers
            .as_array()
            .into_iter()
            .flatten()
            .filter(is_its)
            .count();
        let default = if pool["IsDefault"] == true {
            ", the default"
        } else {
            ""
        };
        let workers = if n_workers == 1 { "worker" } else { "workers" };
        format!(
            "{:<18} {:<24} {n_workers} {workers}{default}\n",
            text("Id"),
            text("Name")
        )
    };
    pools.as_array().into_iter().flatten().map(line).collect()
}
