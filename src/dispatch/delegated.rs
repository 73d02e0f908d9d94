//! What is handed to somebody else: whom it is for, and what goes along.
//!
//! Of the secrets only those go along that the script may read, or that its grants need.

use std::sync::Arc;

use super::package::Prepared;
use crate::link::protocol;
use crate::plan::choice::Whom;
use crate::plan::targets::TargetUse;
use crate::plan::{Isolation, PoolUse};
use crate::policy::Grants;
use crate::worker::{Program, Sensitive, Variables};

/// What is handed over.
pub(super) struct Delegated<'a> {
    pub(super) to: To<'a>,
    pub(super) isolation: Isolation,
    pub(super) grants: Arc<Grants>,
    pub(super) prepared: Prepared,
    pub(super) variables: Variables,
}

impl Delegated<'_> {
    /// The programs that would run its scripts on a machine of which nothing is ours.
    pub(super) fn interpreters(&self) -> Vec<&'static str> {
        let scripts = self.prepared.scripts.iter();
        let languages = scripts.filter_map(|program| match program {
            Program::Script { language, .. } => Some(language.interpreter()),
            Program::Module { .. } | Program::Builtin { .. } => None,
        });
        languages.collect()
    }
}

/// Whom it is for.
#[derive(Clone, Copy)]
pub(super) enum To<'a> {
    Pool(&'a PoolUse),
    Target(&'a TargetUse),
    /// A machine of which the script says how it is.
    Checked(&'a TargetUse),
}

impl To<'_> {
    /// What is wanted of whoever gets it. A target does nothing else meanwhile, as Octopus's targets.
    pub(super) fn wanted(&self) -> PoolUse {
        match self {
            Self::Pool(pool) => (*pool).clone(),
            Self::Target(target) | Self::Checked(target) => PoolUse {
                id: target.id.clone(),
                name: target.name.clone(),
                is_exclusive: self.whom() == Whom::Target,
                ..PoolUse::default()
            },
        }
    }

    pub(super) fn whom(&self) -> Whom {
        match self {
            Self::Pool(_) => Whom::Pool,
            Self::Target(_) => Whom::Target,
            Self::Checked(_) => Whom::Checked,
        }
    }
}

/// The attempt as it is sent.
pub(super) fn message(delegated: &Delegated<'_>, instance: String) -> protocol::Attempt {
    let Delegated {
        to,
        isolation,
        grants,
        prepared,
        variables,
    } = delegated;
    let program = |program: &Program| match program {
        Program::Script {
            language,
            name,
            text,
        } => Some(protocol::Program::Script {
            language: *language,
            name: name.clone(),
            text: protocol::Bytes(text.clone()),
        }),
        Program::Module { name, bytes } => Some(protocol::Program::Module {
            name: name.clone(),
            bytes: protocol::Bytes(bytes.clone()),
        }),
        Program::Builtin { .. } => None,
    };
    protocol::Attempt {
        instance,
        programs: prepared.scripts.iter().filter_map(program).collect(),
        arguments: prepared.arguments.clone(),
        grants: (**grants).clone(),
        isolation: *isolation,
        variables: sent(variables, grants),
        packages: prepared.shipped.clone(),
        is_check: to.whom() == Whom::Checked,
    }
}

/// The variables that a worker needs: those that aren't secret, and of the secrets those that the script may read or
/// that the grants name, themselves or by way of another variable.
fn sent(variables: &Variables, grants: &Grants) -> Vec<protocol::Variable> {
    let templates =
        serde_json::to_string(&(&grants.env, grants.network.rules())).unwrap_or_default();
    let mut texts = vec![templates.to_lowercase()];
    let mut left: Vec<(&str, &str, Sensitive)> = Vec::new();
    let mut chosen = Vec::new();
    for (name, value, sensitive) in variables.all() {
        if sensitive == Sensitive::No || grants.variables.decide(name).is_ok() {
            texts.push(value.to_lowercase());
            chosen.push((name, value, sensitive));
        } else {
            left.push((name, value, sensitive));
        }
    }
    // A name may be put together from values: then nobody can tell which it will be.
    let is_put_together = texts.iter().any(|text| text.contains("[#{"));
    loop {
        let is_named = |name: &str| {
            let name = name.to_lowercase();
            is_put_together || texts.iter().any(|text| text.contains(&name))
        };
        let (named, others): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|(name, ..)| is_named(name));
        left = others;
        if named.is_empty() {
            break;
        }
        texts.extend(named.iter().map(|(_, value, _)| value.to_lowercase()));
        chosen.extend(named);
    }
    let variable = |(name, value, sensitive): (&str, &str, Sensitive)| protocol::Variable {
        name: name.to_owned(),
        value: value.to_owned(),
        is_sensitive: sensitive == Sensitive::Yes,
    };
    chosen.into_iter().map(variable).collect()
}
