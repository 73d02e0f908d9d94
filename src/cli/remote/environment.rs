//! `seawall environment`: where releases go.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::ServerArguments;
use crate::cli::{Exit, Failure};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create environments, in this order.
    #[command(after_help = "Examples:\n  seawall environment create Dev Test Production")]
    Create(Create),
    /// List the environments.
    List(ServerArguments),
}

#[derive(Debug, Args)]
pub struct Create {
    /// Their names
    #[arg(required = true)]
    names: Vec<String>,

    #[command(flatten)]
    server: ServerArguments,
}

/// Runs the command.
///
/// # Errors
/// [`Exit::Remote`] with the server's words.
pub async fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Create(Create { names, server }) => {
            let connection = server.connect().await?;
            let mut made = Vec::new();
            for name in &names {
                let body = json!({ "Name": name });
                made.push(connection.post(&["environments"], &body).await?);
            }
            connection.say(&json!(made), || format!("Created {}.\n", names.join(", ")))?;
        }
        Command::List(server) => {
            let connection = server.connect().await?;
            let all = connection.get(&["environments", "all"], &[]).await?;
            connection.say(&all, || table(&all))?;
        }
    }
    Ok(Exit::Success)
}

fn table(all: &Value) -> String {
    let items = all.as_array().into_iter().flatten();
    let line = |item: &Value| {
        let text = |name: &str| item[name].as_str().unwrap_or_default();
        format!("{:<18} {}\n", text("Id"), text("Name"))
    };
    items.map(line).collect()
}
