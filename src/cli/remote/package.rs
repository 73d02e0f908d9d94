//! `seawall package`: push packages to the built-in feed, and see what is in it.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::ServerArguments;
use crate::cli::{Exit, Failure};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Push packages: .zip, .nupkg, .tar.gz or .tgz files, named like Acme.Web.1.4.2.zip.
    #[command(after_help = "\
Examples:
  seawall package push acme.web.1.4.2.zip
  seawall package push dist/*.zip --overwrite ignore")]
    Push(Push),
    /// List the packages of the feed, or the versions of one.
    List(List),
}

#[derive(Debug, Args)]
pub struct Push {
    /// The files
    #[arg(required = true)]
    files: Vec<PathBuf>,

    /// What to do with a version that is in the feed already
    #[arg(long, value_name = "MODE", default_value = "fail")]
    overwrite: Overwrite,

    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Overwrite {
    Fail,
    Replace,
    Ignore,
}

#[derive(Debug, Args)]
pub struct List {
    /// The package's id; all packages, each with its latest version, if it isn't given
    package: Option<String>,

    #[command(flatten)]
    server: ServerArguments,
}

/// Runs the command.
///
/// # Errors
/// [`Exit::Usage`] for a file that can't be read; [`Exit::Remote`] with the server's words.
pub async fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Push(arguments) => push(arguments).await?,
        Command::List(List { package, server }) => {
            let connection = server.connect().await?;
            let mut query = vec![("take", "2147483647")];
            match &package {
                Some(id) => query.push(("nuGetPackageId", id)),
                None => query.push(("latest", "true")),
            }
            let page = connection.get(&["packages"], &query).await?;
            connection.say(&page["Items"], || table(&page["Items"]))?;
        }
    }
    Ok(Exit::Success)
}

async fn push(arguments: Push) -> Result<(), Failure> {
    let Push {
        files,
        overwrite,
        server,
    } = arguments;
    let mode = match overwrite {
        Overwrite::Fail => "FailIfExists",
        Overwrite::Replace => "OverwriteExisting",
        Overwrite::Ignore => "IgnoreIfExists",
    };
    let connection = server.connect().await?;
    let mut pushed = Vec::new();
    for path in &files {
        let form = reqwest::multipart::Form::new()
            .file("file", path)
            .await
            .with_context(|| format!("`{}` can't be read", path.display()))
            .map_err(|error| Failure::new(Exit::Usage, error))?;
        let query = [("overwriteMode", mode)];
        let package = connection
            .upload(&["packages", "raw"], &query, form)
            .await?;
        if !server.json {
            let text = |name: &str| package[name].as_str().unwrap_or_default();
            let size = package["PackageSizeBytes"].as_u64().unwrap_or_default();
            super::print(&format!(
                "{} {} is in the feed: {:.1} MiB, sha256 {}\n",
                text("PackageId"),
                text("Version"),
                size as f64 / 1_048_576.0,
                text("Hash")
            ))?;
        }
        pushed.push(package);
    }
    if server.json {
        connection.say(&json!(pushed), String::new)?;
    }
    Ok(())
}

fn table(items: &Value) -> String {
    let items = items.as_array().into_iter().flatten();
    let line = |item: &Value| {
        let text = |name: &str| item[name].as_str().unwrap_or_default();
        format!("{:<40} {}\n", text("PackageId"), text("Version"))
    };
    items.map(line).collect()
}
