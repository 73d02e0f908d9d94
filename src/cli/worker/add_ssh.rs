//! `seawall worker add-ssh`: a machine that a server logs in to, and the account that it logs in with.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use clap::Args;
use serde_json::{Value, json};

use crate::cli::remote::{Connection, ServerArguments};
use crate::cli::{Exit, Failure};

pub const EXAMPLES: &str = "\
Examples:
  ssh-keyscan build-9.example | ssh-keygen -lf -
  seawall worker add-ssh build-9 --host build-9.example --fingerprint SHA256:… --user deploy --key ~/.ssh/id_ed25519 --pool linux
  seawall worker add-ssh build-9 --host build-9.example --fingerprint SHA256:… --account deploy --pool linux

The machine needs sshd, /bin/sh, tar, and the interpreters of its steps. Steps run there as processes of the account:
their policy must say allow = true in its [process]. With --user an account is made that is called as the worker is;
its password is read from SEAWALL_SSH_PASSWORD, or its key from --key, which SEAWALL_SSH_PASSPHRASE opens.";

#[derive(Debug, Args)]
pub struct Arguments {
    /// What it is called
    name: String,
    /// Its name or address in the network
    #[arg(long, value_name = "HOST")]
    host: String,
    #[arg(long, value_name = "PORT", default_value_t = 22)]
    port: u16,
    /// Of its key, as `ssh-keyscan HOST | ssh-keygen -lf -` prints it
    #[arg(long, value_name = "SHA256:…")]
    fingerprint: String,
    /// The account to log in with, by name or id
    #[arg(
        long,
        value_name = "NAME",
        conflicts_with = "user",
        required_unless_present = "user"
    )]
    account: Option<String>,
    /// Who logs in: makes an account
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// The file with that account's private key; without it, its password is in the environment
    #[arg(long, value_name = "FILE", requires = "user")]
    key: Option<PathBuf>,
    /// What opens the key
    #[arg(
        long,
        env = "SEAWALL_SSH_PASSPHRASE",
        hide_env_values = true,
        value_name = "TEXT",
        requires = "key"
    )]
    passphrase: Option<String>,
    /// That account's password; better in the environment than on the command line
    #[arg(
        long,
        env = "SEAWALL_SSH_PASSWORD",
        hide_env_values = true,
        value_name = "TEXT"
    )]
    password: Option<String>,
    /// The pools to join; the default pool without it
    #[arg(long = "pool", value_name = "NAME")]
    pools: Vec<String>,
    /// Where runs have their directories [default: .seawall in the account's home]
    #[arg(long, value_name = "PATH")]
    directory: Option<String>,
    /// What steps may ask for in Seawall.Worker.Labels
    #[arg(long = "label", value_name = "LABEL")]
    labels: Vec<String>,
    #[command(flatten)]
    server: ServerArguments,
}

pub async fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let connection = arguments.server.connect().await?;
    let pools = pools(&connection, &arguments.pools).await?;
    let account = match (&arguments.account, &arguments.user) {
        (Some(account), _) => connection.get(&["accounts", account], &[]).await?,
        (None, Some(user)) => {
            let body = account(&arguments, user)?;
            connection.post(&["accounts"], &body).await?
        }
        (None, None) => {
            let text = "say who logs in: --account NAME, or --user USER";
            return Err(Failure::new(Exit::Usage, anyhow!(text)));
        }
    };
    let worker = json!({
        "Name": arguments.name, "WorkerPoolIds": pools, "Labels": arguments.labels,
        "Endpoint": {
            "CommunicationStyle": "Ssh", "Host": arguments.host, "Port": arguments.port,
            "Fingerprint": arguments.fingerprint, "AccountId": account["Id"],
            "Directory": arguments.directory.unwrap_or_default(),
        },
    });
    let made = connection.post(&["workers"], &worker).await?;
    let id = made["Id"].as_str().unwrap_or_default();
    let health = connection
        .post(&["workers", id, "check"], &json!({}))
        .await?;
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    connection.say(&made, || {
        format!(
            "{} is the worker {id}.\n{}: {}\n",
            text(&made, "Name"),
            text(&health, "HealthStatus"),
            text(&health, "StatusSummary")
        )
    })?;
    Ok(match health["HealthStatus"].as_str() {
        Some("Healthy" | "HasWarnings") => Exit::Success,
        _ => Exit::Negative,
    })
}

/// The ids of pools that are given by name or id.
async fn pools(connection: &Connection, asked: &[String]) -> Result<Vec<Value>, Failure> {
    if asked.is_empty() {
        let all = connection.get(&["workerpools", "all"], &[]).await?;
        let all = all.as_array().into_iter().flatten();
        return Ok(all
            .filter(|pool| pool["IsDefault"] == true)
            .map(|pool| pool["Id"].clone())
            .collect());
    }
    let mut found = Vec::new();
    for name in asked {
        let pool = connection.get(&["workerpools", name], &[]).await?;
        found.push(pool["Id"].clone());
    }
    Ok(found)
}

/// The account that is to be made.
fn account(arguments: &Arguments, user: &str) -> Result<Value, Failure> {
    let secret = |text: &str| json!({ "HasValue": true, "NewValue": text });
    if let Some(path) = &arguments.key {
        let key = std::fs::read(path)
            .with_context(|| format!("cannot read the key `{}`", path.display()));
        let key = key.map_err(|error| Failure::new(Exit::Usage, error))?;
        let mut account = json!({
            "Name": arguments.name, "AccountType": "SshKeyPair", "Username": user,
            "PrivateKeyFile": secret(&BASE64.encode(key)),
        });
        if let Some(passphrase) = &arguments.passphrase {
            account["PrivateKeyPassphrase"] = secret(passphrase);
        }
        return Ok(account);
    }
    let password = arguments.password.as_deref().ok_or_else(|| {
        let text = "say how the account proves who it is: --key FILE, or its password in SEAWALL_SSH_PASSWORD";
        Failure::new(Exit::Usage, anyhow!(text))
    })?;
    Ok(json!({
        "Name": arguments.name, "AccountType": "UsernamePassword", "Username": user, "Password": secret(password),
    }))
}
