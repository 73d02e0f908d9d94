//! `--learn`: the widest grants that a ceiling allows, and the smallest policy that a run needed.

use std::path::Path;

use crate::policy::{FileSource, Grants, Limits, OutsideCeiling, Policy, grants, write_policy};
use crate::worker::{Outcome, uses};

/// Where the ceiling that bounds a learning run came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CeilingSource {
    /// The operator named it: everything is held to it, flags as well.
    Given,
    /// The shipped one: what the command line names itself is allowed on top.
    Shipped,
}

/// Grants everything that `policy` asks for and `ceiling` allows.
///
/// # Errors
/// [`OutsideCeiling`] if the policy or the flags ask for more than a given ceiling allows.
pub fn grants_for_learning(
    mut policy: Policy,
    ceiling: &Policy,
    source: CeilingSource,
) -> Result<Grants, OutsideCeiling> {
    if source == CeilingSource::Given {
        grants(&policy, Some(ceiling))?;
    }
    for rule in &ceiling.files {
        // A ceiling's patterns (any package, anywhere) bound what can be asked; they name nothing
        // that could be mounted.
        let can_be_mounted = match rule.source {
            FileSource::Workspace | FileSource::Artifacts | FileSource::Host(_) => {
                rule.mount.as_str() != "/"
            }
            FileSource::Package(_) => false,
        };
        let is_taken = policy.files.iter().any(|taken| {
            taken.mount == rule.mount
                || (taken.source == rule.source && !matches!(rule.source, FileSource::Host(_)))
        });
        if can_be_mounted && !is_taken {
            policy.files.push(rule.clone());
        }
    }
    policy.network.extend(ceiling.network.iter().cloned());
    policy.variables.extend(ceiling.variables.iter().cloned());
    let allowed = ceiling.limits.clone().or(Limits::default());
    let mut learning = grants(&policy, None)?;
    learning.limits = policy.limits.clone().or(allowed);
    Ok(learning)
}

/// The smallest policy under which the run that had `outcome` passes again.
pub fn policy_text(path: &Path, outcome: &Outcome, grants: &Grants) -> String {
    let name = path
        .file_stem()
        .map_or_else(|| "learned".into(), |stem| stem.to_string_lossy());
    write_policy(&name, &uses(&outcome.receipt, grants))
}
