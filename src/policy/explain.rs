//! Answers to `seawall policy explain`: the sandbox's own decisions, in words.

use std::fmt;

use serde::Serialize;

use super::denial::{Denial, DenialKind};
use super::files::Access;
use super::fix;
use super::grants::Grants;
use super::host::Host;
use super::network::HttpRequest;
use super::origin::Origin;
use super::query::Query;
use super::variables::EnvName;

/// The answer to a [`Query`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Explanation {
    /// What was asked about.
    pub subject: String,
    pub verdict: Verdict,
    /// The rule that decided, or came nearest.
    pub rule: Option<Origin>,
    pub reason: String,
    /// The policy lines that would allow it. Empty if it is allowed, or if no line can allow it.
    pub lines_to_add: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Allowed,
    Denied,
}

/// Answers `query` as the sandbox would decide, without running or resolving anything.
pub fn explain(grants: &Grants, query: &Query) -> Explanation {
    match decide(grants, query) {
        Ok(allowed) => allowed,
        Err(Denial {
            kind: _,
            subject,
            rule,
            reason,
            fix,
        }) => Explanation {
            subject,
            verdict: Verdict::Denied,
            rule,
            reason,
            lines_to_add: fix,
        },
    }
}

fn decide(grants: &Grants, query: &Query) -> Result<Explanation, Denial> {
    match query {
        Query::Request {
            scheme,
            host,
            port,
            method,
            path,
        } => {
            let request = HttpRequest {
                scheme: *scheme,
                host,
                port: *port,
                method,
                path,
            };
            let rule = grants.network.decide(&request)?;
            if let Some(ip) = host.as_ip() {
                grants.network.http_address(&request, rule, ip)?;
            }
            Ok(allowed(
                request.to_string(),
                &rule.origin,
                address_note(host),
            ))
        }
        Query::Tcp { host, port } => {
            let rule = grants.network.connect(host, *port)?;
            if let Some(ip) = host.as_ip() {
                grants.network.tcp_address(host, *port, rule, ip)?;
            }
            Ok(allowed(
                format!("tcp {host}:{port}"),
                &rule.origin,
                address_note(host),
            ))
        }
        Query::Read(path) => {
            let grant = grants.files.decide(path, Access::Read)?;
            let reason = format!("{} is mounted at {}", grant.source, grant.mount);
            Ok(allowed(format!("read {path}"), &grant.origin, reason))
        }
        Query::Write(path) => {
            let grant = grants.files.decide(path, Access::ReadWrite)?;
            let reason = format!("{} is mounted at {}", grant.source, grant.mount);
            Ok(allowed(format!("write {path}"), &grant.origin, reason))
        }
        Query::Variable(name) => {
            let rule = grants.variables.decide(name)?;
            let reason = format!("variables.read has {}", rule.pattern);
            Ok(allowed(
                format!("read variable {name}"),
                &rule.origin,
                reason,
            ))
        }
        Query::Env(name) => env(grants, name),
        Query::Limit(key) => {
            let listed = grants.limits.listed();
            let (_, value, origin) = listed
                .into_iter()
                .find(|(listed, ..)| listed == key)
                .expect("a query names only limits of the table");
            Ok(allowed(
                format!("limit {key}"),
                origin,
                format!("it is {value}"),
            ))
        }
        Query::Process => {
            grants.decide_process()?;
            let reason = "if the worker's own configuration allows them too".to_owned();
            Ok(allowed(
                "run a native process".to_owned(),
                &grants.process.origin,
                reason,
            ))
        }
        Query::Messages => {
            grants.decide_in_band()?;
            let subject = "service message on standard output".to_owned();
            Ok(allowed(subject, &grants.messages.origin, String::new()))
        }
    }
}

fn env(grants: &Grants, name: &str) -> Result<Explanation, Denial> {
    let subject = format!("environment variable {name}");
    match grants.env.iter().find(|grant| grant.name.as_str() == name) {
        Some(grant) => {
            let reason = format!("it is set to {}", fix::quoted(grant.value.source()));
            Ok(allowed(subject, &grant.origin, reason))
        }
        None => Err(Denial {
            kind: DenialKind::Environment,
            subject,
            rule: None,
            reason: format!("[env] in {} doesn't set it", grants.policy.file),
            fix: EnvName::parse(name)
                .map(|name| fix::for_env(name.as_str()))
                .unwrap_or_default(),
        }),
    }
}

fn allowed(subject: String, origin: &Origin, reason: String) -> Explanation {
    Explanation {
        subject,
        verdict: Verdict::Allowed,
        rule: Some(origin.clone()),
        reason,
        lines_to_add: String::new(),
    }
}

/// A name is only half of the decision: the other half is what it resolves to.
fn address_note(host: &Host) -> String {
    match host {
        Host::Name(_) => {
            "if it resolves to public addresses, or to addresses that a cidr rule grants".to_owned()
        }
        Host::Ip(_) => String::new(),
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Explanation {
            subject,
            verdict,
            rule,
            reason,
            lines_to_add,
        } = self;
        match verdict {
            Verdict::Allowed => {
                write!(out, "allowed: {subject}")?;
                if let Some(rule) = rule {
                    write!(out, "\n  by {rule}")?;
                }
                if !reason.is_empty() {
                    write!(out, "\n  {reason}")?;
                }
            }
            Verdict::Denied => {
                write!(out, "denied: {subject}\n  {reason}")?;
                match lines_to_add.is_empty() {
                    true => out.write_str("\n  no policy line can allow it")?,
                    false => write!(out, "\n  to allow it, add:\n\n{lines_to_add}")?,
                }
            }
        }
        Ok(())
    }
}
