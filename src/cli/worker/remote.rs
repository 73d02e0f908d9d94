//! The workers of a server: let in, listed, drained, checked, removed.

use anyhow::anyhow;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::cli::remote::follow::watch;
use crate::cli::remote::{Connection, ServerArguments};
use crate::cli::{Exit, Failure};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a token for a new worker. It is shown once, and good for one worker.
    #[command(
        after_help = "Examples:\n  seawall worker token --pool linux\n  seawall worker token --pool linux --minutes 10 --json\n  seawall worker token --environment Dev"
    )]
    Token(Token),
    /// List the workers, and how they are.
    List(List),
    /// Let a worker finish what it has, and take nothing new.
    #[command(
        after_help = "Examples:\n  seawall worker drain build-7\n  seawall worker resume build-7"
    )]
    Drain(One),
    /// Let a worker take work again, after `drain` or `disable`.
    Resume(One),
    /// Give a worker no work, as for maintenance.
    Disable(One),
    /// Remove a worker. It is cut off at once, and can't come back without another token.
    Remove(One),
    /// Ask a worker how it is, and run the script that its machine policy has for it.
    Check(One),
    /// Have a worker show another certificate. The one that it has counts until the new one was seen.
    Renew(One),
    /// Say which workers run another version than the server.
    Upgrade(List),
}

#[derive(Debug, Args)]
pub struct Token {
    /// The pools that it may join; the default pool without it
    #[arg(long = "pool", value_name = "NAME")]
    pools: Vec<String>,
    /// For a deployment target in this environment, instead of a worker
    #[arg(long = "environment", value_name = "NAME", conflicts_with = "pools")]
    environments: Vec<String>,
    /// How long it is good
    #[arg(long, value_name = "MINUTES", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=10_080))]
    minutes: u32,
    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    server: ServerArguments,
}

#[derive(Debug, Args)]
pub struct One {
    /// Its name or id
    worker: String,
    #[command(flatten)]
    server: ServerArguments,
}

/// Runs the command.
///
/// # Errors
/// [`Exit::Remote`] with the server's words.
pub async fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Token(arguments) => token(arguments).await,
        Command::List(List { server }) => {
            let connection = server.connect().await?;
            let all = workers(&connection).await?;
            connection.say(&all, || table(&all))?;
            Ok(Exit::Success)
        }
        Command::Drain(one) => {
            change(one, "is draining", |worker| {
                worker["IsDraining"] = json!(true)
            })
            .await
        }
        Command::Resume(one) => {
            change(one, "takes work again", |worker| {
                worker["IsDraining"] = json!(false);
                worker["IsDisabled"] = json!(false);
            })
            .await
        }
        Command::Disable(one) => {
            change(one, "gets no work", |worker| {
                worker["IsDisabled"] = json!(true)
            })
            .await
        }
        Command::Remove(One { worker, server }) => {
            let connection = server.connect().await?;
            let found = connection.get(&["workers", &worker], &[]).await?;
            let answer = connection.delete(&["workers", &worker]).await?;
            let name = found["Name"].as_str().unwrap_or(&worker).to_owned();
            connection.say(&answer, || format!("{name} is not a worker any more.\n"))?;
            Ok(Exit::Success)
        }
        Command::Check(One { worker, server }) => check(&server.connect().await?, &worker).await,
        Command::Renew(One { worker, server }) => {
            let connection = server.connect().await?;
            let answer = connection
                .post(&["workers", &worker, "renew"], &json!({}))
                .await?;
            let thumbprint = answer["Thumbprint"].as_str().unwrap_or_default();
            connection.say(&answer, || {
                format!("{worker} will show the certificate {thumbprint}.\n")
            })?;
            Ok(Exit::Success)
        }
        Command::Upgrade(List { server }) => upgrade(&server.connect().await?).await,
    }
}

/// Asks, waits for the script if there is one, and prints what it all comes to.
async fn check(connection: &Connection, worker: &str) -> Result<Exit, Failure> {
    let mut answer = connection
        .post(&["workers", worker, "check"], &json!({}))
        .await?;
    if let Some(task_id) = answer["TaskId"].as_str().map(str::to_owned) {
        watch(connection, &[task_id]).await?;
        answer = connection.get(&["workers", worker], &[]).await?;
    }
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    connection.say(&answer, || {
        format!("{}: {}\n", text("HealthStatus"), text("StatusSummary"))
    })?;
    Ok(match answer["HealthStatus"].as_str() {
        Some("Healthy" | "HasWarnings") => Exit::Success,
        _ => Exit::Negative,
    })
}

async fn token(arguments: Token) -> Result<Exit, Failure> {
    let connection = arguments.server.connect().await?;
    let body = json!({ "Pools": arguments.pools, "Environments": arguments.environments, "LifetimeMinutes": arguments.minutes });
    let made = connection.post(&["workers", "enrolments"], &body).await?;
    let text = |name: &str| made[name].as_str().unwrap_or_default();
    let places = ["Pools", "Environments"]
        .iter()
        .filter_map(|name| made[name].as_array());
    let places: Vec<&str> = places.flatten().filter_map(Value::as_str).collect();
    let (what, more) = match arguments.environments.is_empty() {
        true => ("worker", ""),
        false => ("deployment target", " --role …"),
    };
    connection.say(&made, || {
        format!(
            "{}\n\nIt is good for one {what} in {}, until {}. On that machine:\n  seawall worker enrol --server https://HOST:10943 --token …{more}\n",
            text("Token"),
            places.join(", "),
            text("Expires")
        )
    })?;
    Ok(Exit::Success)
}

/// Every worker, with the names of its pools and what it runs now.
async fn workers(connection: &Connection) -> Result<Value, Failure> {
    let mut all = connection.get(&["workers", "all"], &[]).await?;
    let pools = connection.get(&["workerpools", "all"], &[]).await?;
    for worker in all.as_array_mut().into_iter().flatten() {
        let id = worker["Id"].as_str().unwrap_or_default().to_owned();
        let now = connection.get(&["workers", &id, "connection"], &[]).await?;
        let is_its = |pool: &&Value| {
            let ids = worker["WorkerPoolIds"].as_array();
            ids.is_some_and(|ids| ids.contains(&pool["Id"]))
        };
        let names = pools.as_array().into_iter().flatten().filter(is_its);
        let names: Vec<Value> = names.map(|pool| pool["Name"].clone()).collect();
        worker["WorkerPoolNames"] = names.into();
        worker["Connection"] = now["Status"].clone();
        worker["RunningAttempts"] = now["RunningAttempts"].clone();
    }
    Ok(all)
}

fn table(all: &Value) -> String {
    let mut text = format!(
        "{:<16} {:<20} {:<16} {:<10} {:>7}  {}\n",
        "Id", "Name", "Pools", "State", "Running", "Health"
    );
    for worker in all.as_array().into_iter().flatten() {
        let field = |name: &str| worker[name].as_str().unwrap_or_default();
        let names = worker["WorkerPoolNames"].as_array().into_iter().flatten();
        let names: Vec<&str> = names.filter_map(Value::as_str).collect();
        let state = match (worker["IsDisabled"] == true, worker["IsDraining"] == true) {
            (true, _) => "disabled",
            (_, true) => "draining",
            _ => match field("Connection") {
                "Online" => "connected",
                "Disabled" => "off",
                _ => "away",
            },
        };
        text.push_str(&format!(
            "{:<16} {:<20} {:<16} {:<10} {:>7}  {}: {}\n",
            field("Id"),
            field("Name"),
            names.join(","),
            state,
            worker["RunningAttempts"],
            field("HealthStatus"),
            field("StatusSummary")
        ));
    }
    text
}

async fn change(one: One, now: &str, change: impl Fn(&mut Value)) -> Result<Exit, Failure> {
    let One { worker, server } = one;
    let connection = server.connect().await?;
    let mut found = connection.get(&["workers", &worker], &[]).await?;
    change(&mut found);
    let id = found["Id"].as_str().unwrap_or_default().to_owned();
    let answer = connection.put(&["workers", &id], &found).await?;
    let name = answer["Name"].as_str().unwrap_or_default().to_owned();
    connection.say(&answer, || format!("{name} {now}.\n"))?;
    Ok(Exit::Success)
}

async fn upgrade(connection: &Connection) -> Result<Exit, Failure> {
    let server = connection.get(&["serverstatus", "system-info"], &[]).await;
    let server = match server {
        Ok(info) => info["Version"].as_str().map(str::to_owned),
        Err(_) => None,
    };
    let server = server.unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned());
    let all = connection.get(&["workers", "all"], &[]).await?;
    let is_behind = |worker: &&Value| {
        worker["IsInProcess"] != true && worker["Version"].as_str().unwrap_or_default() != server
    };
    let behind: Vec<Value> = all
        .as_array()
        .into_iter()
        .flatten()
        .filter(is_behind)
        .cloned()
        .collect();
    let is_fine = behind.is_empty();
    let text = || {
        match is_fine {
        true => format!("Every worker runs seawall {server}, as the server does.\n"),
        false => behind
            .iter()
            .map(|worker| {
                let field = |name: &str| worker[name].as_str().unwrap_or_default();
                let version = match field("Version") {
                    "" => "was not seen yet",
                    version => version,
                };
                format!("{}: {version}; the server runs {server}\n", field("Name"))
            })
            .chain(["Put the server's program there, and start `seawall worker run` again: what runs is finished first.\n".to_owned()])
            .collect(),
    }
    };
    connection.say(&json!(behind), text)?;
    match is_fine {
        true => Ok(Exit::Success),
        false => Err(Failure::new(
            Exit::Negative,
            anyhow!("{} workers run another version", behind.len()),
        )),
    }
}
