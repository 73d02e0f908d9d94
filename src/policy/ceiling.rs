//! Whether a policy lies within the server's ceiling.
//!
//! The check is by rule and by pattern, not by sample: a wildcard of the policy must be covered by a
//! wildcard of the ceiling. Where that can't be seen it is refused, so a policy that passes is
//! never wider than its ceiling.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::document::{InBand, NativeProcesses, Policy};
use super::files::FileGrant;
use super::limits::{ExceededLimit, Limits};
use super::network::{NetworkRule, Traffic};
use super::origin::Origin;
use super::variables::VariablePattern;
use crate::template::Template;

/// Everything in a policy that its ceiling doesn't allow, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutsideCeiling {
    /// The ceiling's file.
    pub ceiling: String,
    /// Never empty.
    pub excesses: Vec<Excess>,
}

/// One request that the ceiling doesn't allow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excess {
    /// What is asked for: `GET https://example.com:443/**`.
    pub asked: String,
    /// Where.
    pub asked_at: Origin,
    /// The ceiling's rule that came nearest, if any.
    pub nearest: Option<Origin>,
    /// What the ceiling says: a sentence fragment.
    pub reason: String,
}

pub(super) fn check(policy: &Policy, ceiling: &Policy) -> Result<(), OutsideCeiling> {
    let Policy {
        name: _,
        description: _,
        file: _,
        digest: _,
        files,
        network,
        variables,
        env,
        limits,
        process,
        messages,
    } = policy;
    let mut excesses = Vec::new();
    excesses.extend(files.iter().filter_map(|grant| file(grant, ceiling)));
    excesses.extend(network.iter().flat_map(|rule| network_rule(rule, ceiling)));
    for rule in variables {
        excesses.extend(variable(
            &rule.pattern,
            format!("read variables {}", rule.pattern),
            &rule.origin,
            ceiling,
        ));
    }
    for grant in env {
        excesses.extend(references(
            &grant.value,
            &format!("env {}", grant.name),
            &grant.origin,
            ceiling,
        ));
    }
    let allowed = ceiling.limits.clone().or(Limits::default());
    excesses.extend(allowed.exceeded_by(limits).into_iter().map(limit));
    if let Some(rule) = process
        && rule.native == NativeProcesses::Allowed
    {
        let theirs = ceiling.process.as_ref();
        if theirs.is_none_or(|theirs| theirs.native < rule.native) {
            excesses.push(Excess {
                asked: "native processes".to_owned(),
                asked_at: rule.origin.clone(),
                nearest: theirs.map(|theirs| theirs.origin.clone()),
                reason: "the ceiling denies native processes".to_owned(),
            });
        }
    }
    if let Some(rule) = messages
        && let Some(theirs) = &ceiling.messages
        && rule.in_band > theirs.in_band
    {
        excesses.push(Excess {
            asked: format!("in-band messages ({})", in_band_word(rule.in_band)),
            asked_at: rule.origin.clone(),
            nearest: Some(theirs.origin.clone()),
            reason: "the ceiling refuses in-band messages".to_owned(),
        });
    }
    if excesses.is_empty() {
        return Ok(());
    }
    // Rules from the command line have line 0 and come first.
    excesses.sort_by_key(|excess| excess.asked_at.line);
    Err(OutsideCeiling {
        ceiling: ceiling.file.to_string(),
        excesses,
    })
}

fn file(grant: &FileGrant, ceiling: &Policy) -> Option<Excess> {
    let FileGrant {
        mount,
        source,
        access,
        origin,
    } = grant;
    let of_source = || {
        ceiling
            .files
            .iter()
            .filter(|theirs| theirs.source.covers(source))
    };
    let fits = |theirs: &&FileGrant| theirs.access >= *access && theirs.mount.contains(mount);
    if of_source().any(|theirs| fits(&theirs)) {
        return None;
    }
    let nearest = of_source().next();
    let reason = match nearest {
        None => "no [[files]] rule of the ceiling covers this source".to_owned(),
        Some(theirs) if theirs.access < *access => {
            format!("the ceiling grants it with access {}", theirs.access)
        }
        Some(theirs) => format!("the ceiling grants it below {}", theirs.mount),
    };
    Some(Excess {
        asked: format!("{source} at {mount} ({access})"),
        asked_at: origin.clone(),
        nearest: nearest.map(|theirs| theirs.origin.clone()),
        reason,
    })
}

/// Checks every combination of a rule by itself, because several rules of the ceiling may cover it together.
fn network_rule(rule: &NetworkRule, ceiling: &Policy) -> Vec<Excess> {
    let NetworkRule {
        hosts,
        ports,
        traffic,
        origin,
    } = rule;
    let of_hosts: Vec<&NetworkRule> = ceiling
        .network
        .iter()
        .filter(|theirs| theirs.hosts.covers(hosts))
        .collect();
    let mut excesses = Vec::new();
    let mut outside = |asked: String, reason: String| {
        excesses.push(Excess {
            asked,
            asked_at: origin.clone(),
            nearest: of_hosts.first().map(|theirs| theirs.origin.clone()),
            reason,
        });
    };
    if of_hosts.is_empty() {
        outside(
            format!("{} {hosts}", traffic.scheme_word()),
            format!("no [[network]] rule of the ceiling covers {hosts}"),
        );
        return excesses;
    }
    for port in ports {
        match traffic {
            Traffic::Tcp => {
                if !of_hosts
                    .iter()
                    .any(|theirs| theirs.traffic == Traffic::Tcp && theirs.ports.contains(port))
                {
                    outside(
                        format!("tcp {hosts}:{port}"),
                        "the ceiling doesn't grant this port for tcp".to_owned(),
                    );
                }
            }
            Traffic::Http {
                scheme,
                methods,
                paths,
                inject: _,
            } => {
                for method in methods {
                    for path in paths {
                        let is_covered = of_hosts.iter().any(|theirs| match &theirs.traffic {
                            Traffic::Tcp => false,
                            Traffic::Http {
                                scheme: their_scheme,
                                methods: their_methods,
                                paths: their_paths,
                                inject: _,
                            } => {
                                their_scheme == scheme
                                    && theirs.ports.contains(port)
                                    && their_methods.contains(method)
                                    && their_paths.iter().any(|theirs| theirs.covers(path))
                            }
                        });
                        if !is_covered {
                            outside(
                                format!("{method} {scheme}://{hosts}:{port}{path}"),
                                "the ceiling grants this host, but not this combination of scheme, port, method and path".to_owned(),
                            );
                        }
                    }
                }
            }
        }
    }
    if let Traffic::Http {
        inject: Some(injection),
        ..
    } = traffic
    {
        for template in injection.templates() {
            excesses.extend(references(
                template,
                &format!("inject into {hosts}"),
                origin,
                ceiling,
            ));
        }
    }
    excesses
}

/// The ceiling's `variables.read` bounds every use of a variable, seen by the script or not.
fn references(template: &Template, what: &str, origin: &Origin, ceiling: &Policy) -> Vec<Excess> {
    let outside = |name: String| {
        let asked = format!("{what}: variable {name}");
        variable(&VariablePattern::reference(&name), asked, origin, ceiling)
    };
    template
        .references()
        .into_iter()
        .filter_map(outside)
        .collect()
}

fn variable(
    pattern: &VariablePattern,
    asked: String,
    origin: &Origin,
    ceiling: &Policy,
) -> Option<Excess> {
    if ceiling
        .variables
        .iter()
        .any(|theirs| theirs.pattern.covers(pattern))
    {
        return None;
    }
    Some(Excess {
        asked,
        asked_at: origin.clone(),
        nearest: None,
        reason: "no entry of variables.read of the ceiling covers it".to_owned(),
    })
}

fn limit(exceeded: ExceededLimit) -> Excess {
    let ExceededLimit {
        key,
        asked,
        asked_at,
        allowed,
        allowed_at,
    } = exceeded;
    Excess {
        asked: format!("{key} = {asked}"),
        asked_at,
        reason: format!("the ceiling allows {allowed}"),
        nearest: Some(allowed_at),
    }
}

fn in_band_word(in_band: InBand) -> &'static str {
    match in_band {
        InBand::Accept => "accept",
        InBand::Refuse => "refuse",
    }
}

impl fmt::Display for OutsideCeiling {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "the policy asks for more than the ceiling {} allows",
            self.ceiling
        )?;
        self.excesses
            .iter()
            .try_for_each(|excess| write!(out, "\n  {excess}"))
    }
}

impl std::error::Error for OutsideCeiling {}

impl fmt::Display for Excess {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Excess {
            asked,
            asked_at,
            nearest,
            reason,
        } = self;
        write!(out, "{asked_at}: {asked}: {reason}")?;
        match nearest {
            Some(nearest) => write!(out, " ({nearest})"),
            None => Ok(()),
        }
    }
}
