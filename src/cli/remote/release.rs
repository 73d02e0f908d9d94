//! `seawall release`: freeze a project as a version.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::ServerArguments;
use crate::cli::{Exit, Failure};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a release: the project's process, variables and packages as they are now.
    #[command(after_help = "\
Examples:
  seawall release create Web                                   the next version
  seawall release create Web --version 1.4.2 --package acme.web:1.4.2
  seawall release create Web --version 1.4.2 --ignore-existing")]
    Create(Create),
    /// List the releases of a project, the newest first.
    List(List),
}

#[derive(Debug, Args)]
pub struct Create {
    /// The project: name, slug or id
    project: String,

    /// The version; computed from the project's template if it isn't given
    #[arg(long)]
    version: Option<String>,

    /// The channel; the project's default if it isn't given
    #[arg(long)]
    channel: Option<String>,

    /// A package's version: PACKAGE:VERSION, STEP:VERSION or REFERENCE:PACKAGE:VERSION
    #[arg(long = "package", value_name = "PACKAGE:VERSION")]
    packages: Vec<String>,

    /// What is new
    #[arg(long)]
    notes: Option<String>,

    /// Succeed if the version exists already
    #[arg(long)]
    ignore_existing: bool,

    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Args)]
pub struct List {
    /// The project: name, slug or id
    project: String,

    #[command(flatten)]
    server: ServerArguments,
}

/// Runs the command.
///
/// # Errors
/// [`Exit::Remote`] with the server's words.
pub async fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Create(arguments) => create(arguments).await?,
        Command::List(List { project, server }) => {
            let connection = server.connect().await?;
            let page = connection
                .get(&["projects", &project, "releases"], &[])
                .await?;
            connection.say(&page["Items"], || {
                let items = page["Items"].as_array().into_iter().flatten();
                let text =
                    |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
                items
                    .map(|item| {
                        format!(
                            "{:<20} {}\n",
                            text(item, "Version"),
                            text(item, "Assembled")
                        )
                    })
                    .collect()
            })?;
        }
    }
    Ok(Exit::Success)
}

async fn create(arguments: Create) -> Result<(), Failure> {
    let Create {
        project,
        version,
        channel,
        packages,
        notes,
        ignore_existing,
        server,
    } = arguments;
    let connection = server.connect().await?;
    let body = json!({
        "ProjectName": project,
        "ReleaseVersion": version,
        "ChannelName": channel,
        "Packages": packages,
        "ReleaseNotes": notes,
        "IgnoreIfAlreadyExists": ignore_existing,
    });
    let made = connection
        .post(&["releases", "create", "v1"], &body)
        .await?;
    let version = made["ReleaseVersion"].as_str().unwrap_or_default();
    connection.say(&made, || {
        format!(
            "Release {version} of {project} is ready.\n\
             Next: seawall deploy {project} {version} --to ENVIRONMENT --watch\n"
        )
    })
}
