//! `seawall deploy`: a release goes to environments, and its log is watched.

use clap::Args;
use serde_json::{Map, Value, json};

use super::{Connection, ServerArguments, follow};
use crate::cli::{Exit, Failure};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seawall deploy Web 1.4.2 --to Production --plan     every step, where, how confined, which grants; runs nothing
  seawall deploy Web 1.4.2 --to Production --watch    the log as it grows; exit code 1 if it fails
  seawall deploy Web 1.4.2 --to Dev --to Test --skip 'Send mail' --set Who=me

Exit codes: 0 deployed (or queued, without --watch), 1 the deployment failed or was cancelled, 118 the server refused.")]
pub struct Arguments {
    /// The project: name, slug or id
    project: String,

    /// The version of the release
    version: String,

    /// An environment; several for one deployment each
    #[arg(long = "to", value_name = "ENVIRONMENT", required = true)]
    environments: Vec<String>,

    /// A tenant; several for one deployment each
    #[arg(long = "tenant", value_name = "TENANT")]
    tenants: Vec<String>,

    /// Print what would be done, and do nothing
    #[arg(long, conflicts_with = "watch")]
    plan: bool,

    #[command(flatten)]
    options: Options,
}

/// What deployments and runbook runs take.
#[derive(Debug, Args)]
pub struct Options {
    /// Print the log as it grows, and end as the task does
    #[arg(long)]
    pub watch: bool,

    /// A step to leave out
    #[arg(long = "skip", value_name = "STEP")]
    skip: Vec<String>,

    /// The value of a prompted variable
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair)]
    answers: Vec<(String, String)>,

    /// Ask a person when a step fails
    #[arg(long)]
    guided: bool,

    /// Not before this time, as RFC 3339
    #[arg(long, value_name = "TIME")]
    at: Option<jiff::Timestamp>,

    #[command(flatten)]
    pub server: ServerArguments,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        Some(_) | None => Err("write NAME=VALUE".to_owned()),
    }
}

impl Options {
    /// The part of a command's body that these say.
    pub fn body(&self) -> Value {
        let answers: Map<String, Value> = self
            .answers
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into()))
            .collect();
        json!({
            "SkipStepNames": self.skip,
            "Variables": answers,
            "UseGuidedFailure": self.guided.then_some(true),
            "RunAt": self.at,
        })
    }
}

/// Runs the command.
///
/// # Errors
/// [`Exit::Remote`] with the server's words.
pub async fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let Arguments {
        project,
        version,
        environments,
        tenants,
        plan,
        options,
    } = arguments;
    let connection = options.server.connect().await?;
    let mut body = options.body();
    body["ProjectName"] = project.into();
    body["ReleaseVersion"] = version.into();
    body["EnvironmentNames"] = json!(environments);
    body["Tenants"] = json!(tenants);
    if plan {
        return print_plan(&connection, &body).await;
    }
    let kind = if tenants.is_empty() {
        "untenanted"
    } else {
        "tenanted"
    };
    let made = connection
        .post(&["deployments", "create", kind, "v1"], &body)
        .await?;
    let tasks = task_ids(&made["DeploymentServerTasks"]);
    follow::queued(&connection, &made, &tasks, options.watch).await
}

/// The ids of the tasks in an answer.
pub fn task_ids(items: &Value) -> Vec<String> {
    let items = items.as_array().into_iter().flatten();
    let id = |item: &Value| item["ServerTaskId"].as_str().map(str::to_owned);
    items.filter_map(id).collect()
}

async fn print_plan(connection: &Connection, body: &Value) -> Result<Exit, Failure> {
    let planned = connection.post(&["deployments", "plan"], body).await?;
    connection.say(&planned, || {
        let plans = planned["Plans"].as_array().into_iter().flatten();
        let text = |plan: &Value, name: &str| plan[name].as_str().unwrap_or_default().to_owned();
        plans
            .map(|plan| format!("{}\n{}", text(plan, "EnvironmentName"), text(plan, "Text")))
            .collect::<Vec<_>>()
            .join("\n")
    })?;
    Ok(Exit::Success)
}
