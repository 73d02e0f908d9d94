//! `seawall interruption`: what tasks ask people, and the answers.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::ServerArguments;
use crate::cli::{Exit, Failure};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List what waits for an answer.
    List(ServerArguments),
    /// Answer: proceed or abort for a manual intervention; retry, ignore or fail for a failed step.
    #[command(
        after_help = "Examples:\n  seawall interruption answer Interruptions-3 proceed --notes 'looks good'"
    )]
    Answer(Answer),
}

#[derive(Debug, Args)]
pub struct Answer {
    /// The interruption's id
    id: String,

    /// What is decided
    decision: Decision,

    /// Why; later steps can read it
    #[arg(long)]
    notes: Option<String>,

    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Decision {
    Proceed,
    Abort,
    Retry,
    Ignore,
    Fail,
}

/// Runs the command.
///
/// # Errors
/// [`Exit::Remote`] with the server's words.
pub async fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::List(server) => {
            let connection = server.connect().await?;
            let query = [("pendingOnly", "true"), ("take", "2147483647")];
            let page = connection.get(&["interruptions"], &query).await?;
            connection.say(&page["Items"], || table(&page["Items"]))?;
        }
        Command::Answer(Answer {
            id,
            decision,
            notes,
            server,
        }) => {
            let connection = server.connect().await?;
            let (field, value) = match decision {
                Decision::Proceed => ("Result", "Proceed"),
                Decision::Abort => ("Result", "Abort"),
                Decision::Retry => ("Guidance", "Retry"),
                Decision::Ignore => ("Guidance", "Ignore"),
                Decision::Fail => ("Guidance", "Fail"),
            };
            let body = json!({ field: value, "Notes": notes });
            let answer = connection
                .post(&["interruptions", &id, "submit"], &body)
                .await?;
            let task_id = answer["TaskId"].as_str().unwrap_or_default();
            connection.say(&answer, || {
                format!("{id}: {value}. The task goes on: seawall task watch {task_id}\n")
            })?;
        }
    }
    Ok(Exit::Success)
}

fn table(items: &Value) -> String {
    let items = items.as_array().into_iter().flatten();
    let line = |item: &Value| {
        let text = |name: &str| item[name].as_str().unwrap_or_default();
        let instructions = item["Form"]["Values"]["Instructions"].as_str();
        format!(
            "{:<18} {:<16} {}: {}\n",
            text("Id"),
            text("TaskId"),
            text("Title"),
            instructions
                .unwrap_or_default()
                .lines()
                .next()
                .unwrap_or_default()
        )
    };
    items.map(line).collect()
}
