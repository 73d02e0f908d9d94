//! `seawall project`: create one from a process file, or change its process and variables.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::process_file::{EXAMPLE, Names, ProcessFile};
use super::{Connection, ServerArguments};
use crate::cli::{Exit, Failure};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a project, with the steps and variables of a process file.
    #[command(after_help = format!("Examples:\n  seawall project create Web --process process.toml\n\n{EXAMPLE}"))]
    Create(Create),
    /// Replace the steps and variables of a project with those of a process file.
    #[command(after_help = format!("Examples:\n  seawall project update Web --process process.toml\n\n{EXAMPLE}"))]
    Update(Update),
    /// List the projects.
    List(ServerArguments),
}

#[derive(Debug, Args)]
pub struct Create {
    /// Its name
    name: String,

    /// The file with its steps and variables
    #[arg(long, value_name = "FILE")]
    process: Option<PathBuf>,

    /// The project group; the first one if it isn't given
    #[arg(long, value_name = "NAME")]
    group: Option<String>,

    /// The lifecycle; the first one if it isn't given
    #[arg(long, value_name = "NAME")]
    lifecycle: Option<String>,

    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Args)]
pub struct Update {
    /// Name, slug or id
    project: String,

    /// The file with its steps and variables
    #[arg(long, value_name = "FILE")]
    process: PathBuf,

    #[command(flatten)]
    server: ServerArguments,
}

/// Runs the command.
///
/// # Errors
/// [`Exit::Usage`] for a process file that isn't valid; [`Exit::Remote`] with the server's words.
pub async fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Create(arguments) => create(arguments).await,
        Command::Update(arguments) => update(arguments).await,
        Command::List(server) => {
            let connection = server.connect().await?;
            let all = connection.get(&["projects", "all"], &[]).await?;
            connection.say(&all, || {
                let items = all.as_array().into_iter().flatten();
                let text =
                    |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
                items
                    .map(|item| format!("{:<14} {}\n", text(item, "Id"), text(item, "Name")))
                    .collect()
            })?;
            Ok(Exit::Success)
        }
    }
}

fn read(path: &std::path::Path) -> Result<ProcessFile, Failure> {
    ProcessFile::read(path).map_err(|error| Failure::new(Exit::Usage, error))
}

async fn create(arguments: Create) -> Result<Exit, Failure> {
    let Create {
        name,
        process,
        group,
        lifecycle,
        server,
    } = arguments;
    // Before anything is made: a file with a mistake leaves no half of a project behind.
    let file = process.as_deref().map(read).transpose()?;
    let connection = server.connect().await?;
    let names = names(&connection, None).await?;
    if let Some(file) = &file {
        check(file, &names)?;
    }
    let body = json!({
        "Name": name,
        "ProjectGroupId": named(&connection, "projectgroups", group.as_deref()).await?,
        "LifecycleId": named(&connection, "lifecycles", lifecycle.as_deref()).await?,
    });
    let project = connection.post(&["projects"], &body).await?;
    let (n_steps, n_variables) = file.as_ref().map_or((0, 0), ProcessFile::counts);
    if let Some(file) = &file {
        fill(&connection, &project, file).await?;
    }
    connection.say(&project, || {
        format!(
            "Created the project {name} with {n_steps} steps and {n_variables} variables.\n\
             Next: seawall release create {name} --version 1.0.0\n"
        )
    })?;
    Ok(Exit::Success)
}

async fn update(arguments: Update) -> Result<Exit, Failure> {
    let Update {
        project,
        process,
        server,
    } = arguments;
    let file = read(&process)?;
    let connection = server.connect().await?;
    let project = connection.get(&["projects", &project], &[]).await?;
    fill(&connection, &project, &file).await?;
    let (n_steps, n_variables) = file.counts();
    let name = project["Name"].as_str().unwrap_or_default();
    connection.say(&project, || {
        format!("{name} has {n_steps} steps and {n_variables} variables. Releases that exist stay as they are.\n")
    })?;
    Ok(Exit::Success)
}

fn check(file: &ProcessFile, names: &Names) -> Result<(Vec<Value>, Vec<Value>), Failure> {
    let both = file
        .steps(names)
        .and_then(|steps| Ok((steps, file.variables(names)?)));
    both.map_err(|error| Failure::new(Exit::Usage, error))
}

/// Puts the file's steps and variables into the project.
async fn fill(connection: &Connection, project: &Value, file: &ProcessFile) -> Result<(), Failure> {
    let id = project["Id"].as_str().unwrap_or_default();
    let (steps, variables) = check(file, &names(connection, Some(id)).await?)?;
    let path = ["projects", id, "deploymentprocesses"];
    let mut process = connection.get(&path, &[]).await?;
    process["Steps"] = json!(steps);
    connection.put(&path, &process).await?;
    let set_id = project["VariableSetId"].as_str().unwrap_or_default();
    let path = ["variables", set_id];
    let mut set = connection.get(&path, &[]).await?;
    set["Variables"] = json!(variables);
    connection.put(&path, &set).await?;
    Ok(())
}

/// The ids of everything that a file may name. Keys are in lower case.
async fn names(connection: &Connection, project_id: Option<&str>) -> Result<Names, Failure> {
    let environments = connection.get(&["environments", "all"], &[]).await?;
    let teams = connection.get(&["teams", "all"], &[]).await?;
    let channels = match project_id {
        Some(id) => {
            let all = [("take", "2147483647")];
            let page = connection.get(&["projects", id, "channels"], &all).await?;
            page["Items"].clone()
        }
        // A new project has one channel, with this name and no id yet.
        None => json!([{ "Name": "Default", "Id": "" }]),
    };
    Ok(Names {
        environments: by_name(&environments),
        channels: by_name(&channels),
        teams: by_name(&teams),
    })
}

fn by_name(items: &Value) -> BTreeMap<String, String> {
    let items = items.as_array().into_iter().flatten();
    let pair = |item: &Value| {
        let name = item["Name"].as_str()?.to_lowercase();
        Some((name, item["Id"].as_str()?.to_owned()))
    };
    items.filter_map(pair).collect()
}

/// The id of one of a list, by name; of the first one if no name is given.
async fn named(connection: &Connection, list: &str, name: Option<&str>) -> Result<Value, Failure> {
    match name {
        Some(name) => Ok(connection.get(&[list, name], &[]).await?["Id"].take()),
        None => Ok(connection.get(&[list, "all"], &[]).await?[0]["Id"].take()),
    }
}
