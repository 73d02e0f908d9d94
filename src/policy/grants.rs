//! Policy ∩ ceiling: what a run may do, recorded in the plan.

use serde::{Deserialize, Serialize};

use super::ceiling::{self, OutsideCeiling};
use super::denial::{Denial, DenialKind};
use super::document::{Digest, InBand, MessagesRule, NativeProcesses, Policy, ProcessRule};
use super::files::FileGrants;
use super::fix;
use super::limits::{Limits, LimitsAsked};
use super::network_index::NetworkGrants;
use super::origin::{Origin, SourceName};
use super::variables::{EnvGrant, VariableGrants};

/// Everything a run may do. Holds templates, never the values of secrets.
///
/// Enforcement points take it apart without `..`, so that a new grant stops the build until
/// somebody enforces it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grants {
    pub policy: PolicyIdentity,
    /// `None` if no ceiling was set.
    pub ceiling: Option<PolicyIdentity>,
    pub files: FileGrants,
    pub network: NetworkGrants,
    pub variables: VariableGrants,
    pub env: Vec<EnvGrant>,
    pub limits: Limits,
    pub process: ProcessRule,
    pub messages: MessagesRule,
}

/// Which policy this was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyIdentity {
    pub name: String,
    pub file: SourceName,
    pub digest: Digest,
}

/// Meets a policy with the server's ceiling.
///
/// What the policy asks for must lie within the ceiling, rule by rule; what it leaves open (limits,
/// in-band messages) takes the lower of the default and the ceiling. A limit that the ceiling leaves
/// open is its default there. Without a ceiling the policy stands alone.
///
/// # Errors
/// [`OutsideCeiling`] names everything that is outside, each with both places.
pub fn grants(policy: &Policy, ceiling: Option<&Policy>) -> Result<Grants, OutsideCeiling> {
    let (otherwise, otherwise_in_band) = match ceiling {
        None => (Limits::default(), default_messages()),
        Some(ceiling) => {
            ceiling::check(policy, ceiling)?;
            let allowed = ceiling.limits.clone().or(Limits::default());
            let in_band = match &ceiling.messages {
                Some(rule) if rule.in_band < InBand::Accept => rule.clone(),
                Some(_) | None => default_messages(),
            };
            (Limits::default().lowered_to(allowed), in_band)
        }
    };
    let Policy {
        name: _,
        description: _,
        file,
        digest: _,
        files,
        network,
        variables,
        env,
        limits,
        process,
        messages,
    } = policy.clone();
    Ok(Grants {
        policy: identity(policy),
        ceiling: ceiling.map(identity),
        files: FileGrants {
            source: file.clone(),
            rules: files,
        },
        network: NetworkGrants::new(file.clone(), network),
        variables: VariableGrants {
            source: file,
            rules: variables,
        },
        env,
        limits: limits.or(otherwise),
        process: process.unwrap_or_else(default_process),
        messages: messages.unwrap_or(otherwise_in_band),
    })
}

impl Grants {
    /// These grants, held to another ceiling as well: that of whoever runs a worker, which the server can't lift.
    ///
    /// What they allow must lie within it, rule by rule; limits and in-band messages are lowered to it.
    ///
    /// # Errors
    /// [`OutsideCeiling`] names everything that is outside, each with both places.
    pub fn within(&self, ceiling: &Policy) -> Result<Grants, OutsideCeiling> {
        let Grants {
            policy,
            ceiling: _,
            files,
            network,
            variables,
            env,
            limits,
            process,
            messages,
        } = self.clone();
        let messages = match &ceiling.messages {
            Some(rule) if rule.in_band < messages.in_band => rule.clone(),
            Some(_) | None => messages,
        };
        let asked = Policy {
            name: policy.name.clone(),
            description: String::new(),
            file: policy.file.clone(),
            digest: policy.digest,
            files: files.rules.clone(),
            network: network.rules().to_vec(),
            variables: variables.rules.clone(),
            env: env.clone(),
            // Nobody knows any more which of them were asked for: all are lowered.
            limits: LimitsAsked::default(),
            process: Some(process.clone()),
            messages: Some(messages.clone()),
        };
        ceiling::check(&asked, ceiling)?;
        let allowed = ceiling.limits.clone().or(Limits::default());
        Ok(Grants {
            policy,
            ceiling: Some(identity(ceiling)),
            files,
            network,
            variables,
            env,
            limits: limits.lowered_to(allowed),
            process,
            messages,
        })
    }

    /// What a run without a policy may do: nothing.
    pub fn nothing() -> Grants {
        let file = SourceName::new(SourceName::DEFAULTS);
        grants(&Policy::empty("nothing", &file), None)
            .expect("there is no ceiling to be outside of")
    }

    /// Decides whether the step may run as a native process.
    ///
    /// # Errors
    /// The [`Denial`], with the lines that would allow it.
    pub fn decide_process(&self) -> Result<(), Denial> {
        match self.process.native {
            NativeProcesses::Allowed => Ok(()),
            NativeProcesses::Denied => Err(Denial {
                kind: DenialKind::Process,
                subject: "run a native process".to_owned(),
                rule: Some(self.process.origin.clone()),
                reason: format!("native processes are denied by {}", self.process.origin),
                fix: fix::for_process(),
            }),
        }
    }

    /// Decides whether a service message on standard output counts.
    ///
    /// # Errors
    /// The [`Denial`], with the lines that would allow it.
    pub fn decide_in_band(&self) -> Result<(), Denial> {
        match self.messages.in_band {
            InBand::Accept => Ok(()),
            InBand::Refuse => Err(Denial {
                kind: DenialKind::InBandMessage,
                subject: "service message on standard output".to_owned(),
                rule: Some(self.messages.origin.clone()),
                reason: format!("in-band messages are refused by {}", self.messages.origin),
                fix: fix::for_in_band(),
            }),
        }
    }

    /// Words the denial of a limit that was reached. `used` is in the policy file's spelling, such
    /// as `300MiB`; the fix sets the limit to it.
    pub fn limit_denial(&self, key: &str, used: &str) -> Denial {
        let (value, origin) = self
            .limits
            .listed()
            .into_iter()
            .find(|(listed, ..)| *listed == key)
            .map(|(_, value, origin)| (value, origin.clone()))
            .unwrap_or_else(|| ("unknown".to_owned(), Origin::defaults()));
        Denial {
            kind: DenialKind::Limit,
            subject: format!("use {used} of {key}"),
            reason: format!("the limit is {value}, set by {origin}"),
            rule: Some(origin),
            fix: fix::for_limit(key, used),
        }
    }
}

fn identity(policy: &Policy) -> PolicyIdentity {
    PolicyIdentity {
        name: policy.name.clone(),
        file: policy.file.clone(),
        digest: policy.digest,
    }
}

fn default_process() -> ProcessRule {
    ProcessRule {
        native: NativeProcesses::Denied,
        origin: Origin::defaults(),
    }
}

fn default_messages() -> MessagesRule {
    MessagesRule {
        in_band: InBand::Accept,
        origin: Origin::defaults(),
    }
}
