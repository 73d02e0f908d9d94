//! The receipt of a run: what it touched, what it was denied, what it consumed.
//!
//! [`Witness`] is written to while a guest runs, from its host calls; [`Receipt`] is what is left of
//! it afterwards. Neither holds values: variables and secrets appear by name, requests without
//! their query. What a hostile guest can make us remember is bounded.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};

use super::outcome::Consumed;
use crate::plan::Landlock;
use crate::policy::{
    Access, Denial, DenialKind, FileGrant, Grants, Host, MountPath, NetworkRule, NormalPath,
    Scheme, Traffic,
};
use crate::template::Template;

/// Distinct denials and uses that are kept; later ones are only counted.
const KEPT: usize = 1_000;

/// What a run did, as its policy sees it. Read back from JSON, it has no denials: what was denied is nothing to grant.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Receipt {
    pub files: Vec<FileUse>,
    pub requests: Vec<RequestUse>,
    pub connections: Vec<ConnectionUse>,
    /// Variables that the script looked up and was given, by name.
    pub variables: Vec<String>,
    /// Variables whose value the host put into requests, by name.
    pub injected: Vec<String>,
    #[serde(skip_deserializing)]
    pub denials: Vec<DenialCount>,
    /// Denials and uses beyond the first thousand, which are not listed.
    pub unlisted: u64,
    pub consumed: Consumed,
    /// What held it, if it was a native process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<ProcessUse>,
}

/// How a native process was held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ProcessUse {
    pub account: String,
    pub landlock: Landlock,
}

/// A mount that was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FileUse {
    pub mount: String,
    pub source: String,
    /// The most that was asked of it.
    pub access: Access,
    pub count: u64,
}

/// Requests that were sent, alike in everything a rule can tell apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RequestUse {
    pub scheme: Scheme,
    pub host: Host,
    pub port: u16,
    pub method: String,
    #[serde(serialize_with = "decoded", deserialize_with = "encoded")]
    pub path: NormalPath,
    pub count: u64,
}

/// TCP connections to one host and port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ConnectionUse {
    pub host: Host,
    pub port: u16,
    pub count: u64,
}

/// A denial, and how often it happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DenialCount {
    #[serde(flatten)]
    pub denial: Denial,
    pub count: u64,
}

impl Receipt {
    /// The receipt with `mask` over every denial and request: what was tried is the script's own
    /// text, and a secret may be part of a path.
    pub fn masked(mut self, mask: impl Fn(&str) -> String) -> Self {
        for used in &mut self.requests {
            used.path = used.path.hiding(&mask);
        }
        for DenialCount { denial, count: _ } in &mut self.denials {
            let Denial {
                kind: _,
                subject,
                rule: _,
                reason,
                fix,
            } = denial;
            for text in [subject, reason, fix] {
                *text = mask(text);
            }
        }
        self
    }
}

/// Collects a receipt while a guest runs.
pub struct Witness {
    grants: Arc<Grants>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    files: BTreeMap<MountPath, (String, Access, u64)>,
    requests: BTreeMap<(Scheme, Host, u16, String, NormalPath), u64>,
    connections: BTreeMap<(Host, u16), u64>,
    variables: BTreeMap<String, u64>,
    injected: BTreeMap<String, u64>,
    /// In the order in which they first happened.
    denials: Vec<DenialCount>,
    denial_index: HashMap<Denial, usize>,
    unlisted: u64,
}

impl Witness {
    /// A witness for a run under `grants`.
    pub fn new(grants: Arc<Grants>) -> Self {
        Self {
            grants,
            seen: Mutex::default(),
        }
    }

    /// Something was denied.
    pub fn denied(&self, denial: Denial) {
        let mut seen = self.lock();
        if let Some(index) = seen.denial_index.get(&denial).copied() {
            seen.denials[index].count += 1;
        } else if seen.denials.len() < KEPT {
            let index = seen.denials.len();
            seen.denial_index.insert(denial.clone(), index);
            seen.denials.push(DenialCount { denial, count: 1 });
        } else {
            seen.unlisted += 1;
        }
    }

    /// A granted mount was used at `access`.
    pub fn file_used(&self, grant: &FileGrant, access: Access) {
        let mut seen = self.lock();
        match seen.files.get_mut(&grant.mount) {
            Some((_, most, count)) => {
                *most = (*most).max(access);
                *count += 1;
            }
            None => {
                let source = grant.source.to_string();
                seen.files.insert(grant.mount.clone(), (source, access, 1));
            }
        }
    }

    /// A path that no mount covers, or that is read-only, was asked for.
    pub fn file_refused(&self, guest_path: &str, access: Access) {
        let Ok(path) = MountPath::parse(guest_path) else {
            self.denied(unusual_path(
                guest_path,
                access,
                "it can't be named in a policy",
            ));
            return;
        };
        if let Err(denial) = self.grants.files.decide(&path, access) {
            self.denied(denial);
        }
    }

    /// A path led out of its mount, through a link or `..`.
    pub fn file_escape(&self, guest_path: &str) {
        self.denied(unusual_path(
            guest_path,
            Access::Read,
            "the path leads out of its mount, through a link or `..`",
        ));
    }

    /// A FIFO, device, socket or kernel file was asked for.
    pub fn file_special(&self, guest_path: &str) {
        self.denied(unusual_path(
            guest_path,
            Access::Read,
            "it is not a regular file, directory or link",
        ));
    }

    /// A request was admitted by `rule`.
    pub fn requested(
        &self,
        scheme: Scheme,
        host: &Host,
        port: u16,
        method: &str,
        path: &NormalPath,
    ) {
        let key = (
            scheme,
            host.clone(),
            port,
            method.to_owned(),
            path.without_query(),
        );
        let mut seen = self.lock();
        if seen.requests.len() < KEPT || seen.requests.contains_key(&key) {
            *seen.requests.entry(key).or_insert(0) += 1;
        } else {
            seen.unlisted += 1;
        }
    }

    /// A TCP connection was admitted.
    pub fn connected(&self, host: &Host, port: u16) {
        let mut seen = self.lock();
        let key = (host.clone(), port);
        if seen.connections.len() < KEPT || seen.connections.contains_key(&key) {
            *seen.connections.entry(key).or_insert(0) += 1;
        } else {
            seen.unlisted += 1;
        }
    }

    /// A granted variable was read.
    pub fn variable_read(&self, name: &str) {
        let mut seen = self.lock();
        if seen.variables.len() < KEPT || seen.variables.contains_key(name) {
            *seen.variables.entry(name.to_owned()).or_insert(0) += 1;
        } else {
            seen.unlisted += 1;
        }
    }

    /// A rule whose credential uses these variables was applied.
    pub fn injected(&self, rule: &NetworkRule) {
        let Traffic::Http {
            inject: Some(inject),
            ..
        } = &rule.traffic
        else {
            return;
        };
        let names = inject
            .templates()
            .into_iter()
            .flat_map(Template::references);
        let mut seen = self.lock();
        for name in names {
            *seen.injected.entry(name).or_insert(0) += 1;
        }
    }

    /// The grants that this run is held to.
    pub fn grants(&self) -> &Grants {
        &self.grants
    }

    /// What was seen, with `consumed` filled in by the caller.
    pub fn receipt(&self, consumed: Consumed) -> Receipt {
        let seen = self.lock();
        Receipt {
            files: seen
                .files
                .iter()
                .map(|(mount, (source, access, count))| FileUse {
                    mount: mount.to_string(),
                    source: source.clone(),
                    access: *access,
                    count: *count,
                })
                .collect(),
            requests: seen
                .requests
                .iter()
                .map(|((scheme, host, port, method, path), count)| RequestUse {
                    scheme: *scheme,
                    host: host.clone(),
                    port: *port,
                    method: method.clone(),
                    path: path.clone(),
                    count: *count,
                })
                .collect(),
            connections: seen
                .connections
                .iter()
                .map(|((host, port), count)| ConnectionUse {
                    host: host.clone(),
                    port: *port,
                    count: *count,
                })
                .collect(),
            variables: seen.variables.keys().cloned().collect(),
            injected: seen.injected.keys().cloned().collect(),
            denials: seen.denials.clone(),
            unlisted: seen.unlisted,
            consumed,
            process: None,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The other way round: what was decoded is a path again.
fn encoded<'de, D: serde::Deserializer<'de>>(from: D) -> Result<NormalPath, D::Error> {
    let text = String::deserialize(from)?;
    let target = percent_encoding::utf8_percent_encode(&text, RESERVED).to_string();
    NormalPath::parse(&target).map_err(serde::de::Error::custom)
}

/// What would mean something else in a URL's path.
const RESERVED: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'%')
    .add(b'?')
    .add(b'#')
    .add(b'\\');

fn decoded<S: serde::Serializer>(path: &NormalPath, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(path.as_str())
}

/// A denial that no policy line can lift.
fn unusual_path(guest_path: &str, access: Access, reason: &str) -> Denial {
    let (kind, verb) = match access {
        Access::Read => (DenialKind::FileRead, "read"),
        Access::ReadWrite => (DenialKind::FileWrite, "write"),
    };
    let shown: String = guest_path
        .chars()
        .take(200)
        .flat_map(char::escape_debug)
        .collect();
    Denial {
        kind,
        subject: format!("{verb} {shown}"),
        rule: None,
        reason: reason.to_owned(),
        fix: String::new(),
    }
}
