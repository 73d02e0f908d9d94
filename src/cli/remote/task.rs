//! `seawall task`: what runs and what ran.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{ServerArguments, follow, print};
use crate::cli::{Exit, Failure};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List tasks, the newest first.
    List(List),
    /// Print the log of a task as it grows, and end as the task does.
    Watch(One),
    /// Print the whole log of a task.
    Log(One),
    /// Ask a task to end.
    Cancel(One),
    /// What the steps of a task touched, as JSON.
    Receipt(One),
}

#[derive(Debug, Args)]
pub struct List {
    /// Only those that aren't over
    #[arg(long)]
    active: bool,

    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Args)]
pub struct One {
    /// The task's id, such as ServerTasks-12
    id: String,

    #[command(flatten)]
    server: ServerArguments,
}

/// Runs the command.
///
/// # Errors
/// [`Exit::Remote`] with the server's words.
pub async fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::List(List { active, server }) => {
            let connection = server.connect().await?;
            let active = if active { "true" } else { "false" };
            let page = connection.get(&["tasks"], &[("active", active)]).await?;
            connection.say(&page["Items"], || table(&page["Items"]))?;
        }
        Command::Watch(One { id, server }) => {
            let connection = server.connect().await?;
            return follow::watch(&connection, &[id]).await;
        }
        Command::Log(One { id, server }) => {
            let connection = server.connect().await?;
            let log = connection.get(&["tasks", &id, "raw"], &[]).await?;
            print(&follow::visible(log.as_str().unwrap_or_default()))?;
        }
        Command::Cancel(One { id, server }) => {
            let connection = server.connect().await?;
            let task = connection
                .post(&["tasks", &id, "cancel"], &json!({}))
                .await?;
            let state = task["State"].as_str().unwrap_or_default();
            connection.say(&task, || format!("{id}: {state}\n"))?;
        }
        Command::Receipt(One { id, server }) => {
            let connection = server.connect().await?;
            let receipt = connection.get(&["tasks", &id, "receipt"], &[]).await?;
            print(&format!("{receipt:#}\n"))?;
        }
    }
    Ok(Exit::Success)
}

fn table(items: &Value) -> String {
    let items = items.as_array().into_iter().flatten();
    let line = |item: &Value| {
        let text = |name: &str| item[name].as_str().unwrap_or_default();
        let state = match item["HasPendingInterruptions"] == true {
            true => "Waits for a person",
            false => text("State"),
        };
        format!("{:<16} {state:<18} {}\n", text("Id"), text("Description"))
    };
    items.map(line).collect()
}
