//! Workers: machines that run steps for the server, what they have of it, and how new ones come.
//!
//! The built-in worker shows as a worker that nobody can change: it is this server.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::health::{Finding, Findings, HealthStatus};
use super::resource::{Extra, Kind, Reference, Resource, name_problems, named_resource};
use super::target::DeploymentTarget;

/// A machine that runs steps for the server.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Worker {
    pub id: String,
    pub space_id: String,
    pub name: String,
    pub slug: String,
    pub worker_pool_ids: Vec<String>,
    pub machine_policy_id: String,
    pub is_disabled: bool,
    /// Whether it is this server itself.
    pub is_in_process: bool,
    pub health_status: HealthStatus,
    pub status_summary: String,
    pub endpoint: Extra,
    pub operating_system: String,
    pub architecture: String,
    pub shell_name: String,
    pub shell_version: String,
    /// The interpreters that a machine has which is logged in to, as the last check found; empty if nobody knows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub interpreters: Vec<String>,
    /// Takes nothing new, and finishes what it has.
    pub is_draining: bool,
    /// Attempts at once; what the worker itself says if it is 0.
    pub max_attempts: u32,
    /// What steps may ask for, beside the pool.
    pub labels: Vec<String>,
    /// The version that runs there.
    pub version: String,
    /// When its health was checked last, as RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_last_checked: Option<String>,
    /// When it was last checked as its machine policy says, as RFC 3339: more than whether it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_last_checked: Option<String>,
    /// What its health comes from, once a script of its machine policy has looked at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_findings: Option<Findings>,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

/// How a worker is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// It is this server.
    BuiltIn,
    /// It dials the server.
    Polling { thumbprints: Vec<String> },
    /// The server dials it.
    Listening {
        /// `host:port`.
        address: String,
        thumbprints: Vec<String>,
    },
    /// The server logs in.
    Ssh(SshEndpoint),
}

/// Where and how the server logs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshEndpoint {
    pub host: String,
    pub port: u16,
    /// Of the host's key, as `ssh-keygen -l` prints it: `SHA256:…`.
    pub fingerprint: String,
    pub account_id: String,
    /// Where runs have their directories; empty for `.seawall` in the account's home.
    pub directory: String,
}

impl SshEndpoint {
    /// What the properties of an endpoint say.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn of(endpoint: &Extra) -> Result<Self, String> {
        let text = |name: &str| {
            let text = endpoint.get(name).and_then(Value::as_str);
            text.map(str::trim).filter(|text| !text.is_empty())
        };
        let required = |name: &str, what: &str| {
            let found = text(name).map(str::to_owned);
            found.ok_or_else(|| format!("A machine with the CommunicationStyle Ssh needs {name} in its Endpoint: {what}."))
        };
        let port = endpoint.get("Port").and_then(Value::as_u64);
        let port = u16::try_from(port.unwrap_or(22))
            .ok()
            .filter(|port| *port > 0);
        let fingerprint = required(
            "Fingerprint",
            "`ssh-keyscan HOST | ssh-keygen -lf -` prints it, as SHA256:…",
        )?;
        // Of 32 bytes, without the padding.
        let digest = fingerprint
            .strip_prefix("SHA256:")
            .map(|digest| digest.trim_end_matches('='));
        let digest = digest.filter(|digest| {
            digest.len() == 43
                && digest
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte))
        });
        let digest = digest.ok_or_else(|| {
            format!("The Fingerprint `{fingerprint}` is none that this server accepts: it is SHA256: with 43 characters, as `ssh-keyscan HOST | ssh-keygen -lf -` prints it.")
        })?;
        let directory = text("Directory").unwrap_or_default().to_owned();
        if !directory.is_empty() && !directory.starts_with('/') {
            return Err("The Endpoint's Directory is not an absolute path.".to_owned());
        }
        Ok(Self {
            host: required("Host", "the machine's name or address")?,
            port: port.ok_or_else(|| "The Endpoint's Port is no port.".to_owned())?,
            fingerprint: format!("SHA256:{digest}"),
            account_id: required("AccountId", "the account that the server logs in with")?,
            directory,
        })
    }
}

/// What is wrong with an endpoint that is to be reached through a proxy.
pub(super) fn proxy_problem(endpoint: &Extra) -> Option<String> {
    let proxy_id = endpoint.get("ProxyId").and_then(Value::as_str)?;
    (!proxy_id.is_empty()).then(|| {
        format!("Endpoint.ProxyId is `{proxy_id}`, and this server has no proxies: it reaches machines directly.")
    })
}

impl Worker {
    /// A deployment target, as whoever has the connections sees it: a machine that runs steps, in no pool.
    pub fn of_target(target: &DeploymentTarget) -> Self {
        Self {
            id: target.id.clone(),
            space_id: target.space_id.clone(),
            name: target.name.clone(),
            is_disabled: target.is_disabled,
            machine_policy_id: target.machine_policy_id.clone(),
            health_status: target.health_status,
            status_summary: target.status_summary.clone(),
            health_last_checked: target.health_last_checked.clone(),
            policy_last_checked: target.policy_last_checked.clone(),
            health_findings: target.health_findings.clone(),
            endpoint: target.endpoint.clone(),
            interpreters: target.interpreters.clone(),
            ..Self::default()
        }
    }

    /// Takes what a look at its connection found; what a script found before still counts. Whether its health is
    /// another one now.
    pub fn connection_found(&mut self, found: Finding) -> bool {
        match &mut self.health_findings {
            Some(findings) => {
                findings.connection = found;
                let together = findings.together();
                self.is_now(together)
            }
            None => self.is_now(found),
        }
    }

    /// Takes what the script of its machine policy found, or that there is no script any more. Whether its health is
    /// another one now.
    pub fn script_found(&mut self, found: Option<Finding>) -> bool {
        let connection = match self.health_findings.take() {
            Some(findings) => findings.connection,
            None => Finding::new(self.health_status, self.status_summary.clone()),
        };
        let Some(script) = found else {
            return self.is_now(connection);
        };
        let findings = Findings { connection, script };
        let together = findings.together();
        self.health_findings = Some(findings);
        self.is_now(together)
    }

    /// What the script of another machine policy found is nothing to this one, which it was never checked by.
    pub fn has_other_policy(&mut self) {
        if self.health_findings.is_some() {
            self.script_found(None);
        }
        self.policy_last_checked = None;
    }

    fn is_now(&mut self, found: Finding) -> bool {
        let Finding { status, summary } = found;
        let is_same = self.health_status == status && self.status_summary == summary;
        self.health_status = status;
        self.status_summary = summary;
        !is_same
    }

    fn endpoint_text(&self, name: &str) -> Option<&str> {
        let text = self.endpoint.get(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
    }

    /// How it is reached.
    ///
    /// # Errors
    /// What is wrong with its endpoint, for people.
    pub fn reached(&self) -> Result<Endpoint, String> {
        if self.is_in_process {
            return Ok(Endpoint::BuiltIn);
        }
        let style = self.endpoint_text("CommunicationStyle").unwrap_or_default();
        let missing = |name: &str, what: &str| {
            format!(
                "A worker with the CommunicationStyle {style} needs {name} in its Endpoint: {what}."
            )
        };
        let thumbprints = || {
            let own = self.endpoint_text("Thumbprint");
            let own = own.ok_or_else(|| missing("Thumbprint", "`seawall worker run` prints it"))?;
            let all = [Some(own), self.endpoint_text("NextThumbprint")];
            let all = all.into_iter().flatten().map(str::to_ascii_uppercase);
            let is_one = |text: &String| {
                text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
            };
            let all: Vec<String> = all.collect();
            match all.iter().all(is_one) {
                true => Ok(all),
                false => Err("A worker's Thumbprint is the SHA-256 of its certificate: 64 hexadecimal digits.".to_owned()),
            }
        };
        match style.to_ascii_lowercase().as_str() {
            "tentacleactive" => Ok(Endpoint::Polling {
                thumbprints: thumbprints()?,
            }),
            "tentaclepassive" => {
                let uri = self.endpoint_text("Uri");
                let uri = uri.ok_or_else(|| missing("Uri", "https://HOST:10933/"))?;
                let url = url::Url::parse(uri).ok().filter(|url| url.scheme() == "https");
                let host = url.as_ref().and_then(url::Url::host_str);
                let (Some(url), Some(host)) = (&url, host) else {
                    return Err(format!("The worker's Uri `{uri}` is no address: write https://HOST:10933/"));
                };
                Ok(Endpoint::Listening {
                    address: format!("{host}:{}", url.port().unwrap_or(10933)),
                    thumbprints: thumbprints()?,
                })
            }
            "ssh" => Ok(Endpoint::Ssh(SshEndpoint::of(&self.endpoint)?)),
            "" => Err("A worker needs an Endpoint with a CommunicationStyle: TentacleActive if it dials the server, TentaclePassive if the server dials it, or Ssh.".to_owned()),
            _ => Err(format!("The CommunicationStyle `{style}` is none that this server knows: TentacleActive, TentaclePassive or Ssh.")),
        }
    }
}

impl Resource for Worker {
    named_resource!(Worker);

    fn problems(&self) -> Vec<String> {
        let mut problems = name_problems(&self.name);
        problems.extend(self.reached().err());
        problems.extend(proxy_problem(&self.endpoint));
        problems
    }

    fn references(&self) -> Vec<Reference> {
        let pools = self.worker_pool_ids.iter();
        let pools = pools.map(|id| Reference::new(Kind::WorkerPool, id, "WorkerPoolIds"));
        let account = match self.reached() {
            Ok(Endpoint::Ssh(endpoint)) => Some(endpoint.account_id),
            _ => None,
        };
        let account = account.map(|id| Reference::new(Kind::Account, id, "Endpoint.AccountId"));
        pools.chain(account).collect()
    }

    fn uses(&self) -> Vec<String> {
        let account = self.endpoint.get("AccountId").and_then(Value::as_str);
        let pools = self.worker_pool_ids.iter().map(String::as_str);
        pools
            .chain([self.machine_policy_id.as_str()])
            .chain(account)
            .map(str::to_owned)
            .collect()
    }
}

/// An attempt that an external worker was handed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    pub task_id: String,
    /// The entry of the plan.
    pub index: u32,
    pub attempt: u32,
    pub worker_id: String,
    /// Which start of the worker's process it was handed to.
    pub instance: String,
    /// The number of the last thing that it said and that is kept here.
    pub sequence: u64,
}

/// What lets one new worker in, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentToken {
    /// Of the secret.
    pub digest: String,
    pub space_id: String,
    /// The pools that the worker may join.
    pub pool_ids: Vec<String>,
    /// The environments in which it may be a deployment target; then it is no worker.
    #[serde(default)]
    pub environment_ids: Vec<String>,
    /// Who asked for it.
    pub user_id: String,
    pub username: String,
    pub expires: Timestamp,
}
