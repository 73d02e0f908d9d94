//! The policies that steps may name, and the ceiling over them.
//!
//! A set is whole or not at all: one file that can't be read, or two with one name, and there is no set.

use std::collections::BTreeMap;

use crate::policy::{Policy, PolicyError, parse, parse_ceiling};

/// The name of the policy for steps and projects that name none.
pub const DEFAULT: &str = "default";

/// The file that is the ceiling, not a policy.
const CEILING: &str = "ceiling.toml";

/// Parsed policies by name, with their text.
#[derive(Debug, Clone, Default)]
pub struct PolicySet {
    policies: BTreeMap<String, (Policy, String)>,
    ceiling: Option<(Policy, String)>,
}

/// Why there is no set.
#[derive(Debug, thiserror::Error)]
pub enum PolicySetError {
    #[error("{0}")]
    Policy(PolicyError),
    #[error("`{first}` and `{second}` both say that they are the policy `{name}`")]
    Twice {
        name: String,
        first: String,
        second: String,
    },
}

impl PolicySet {
    /// The set of `files`, each a name and a text. `built_in` is the text of the default policy, for when no
    /// file has that name.
    ///
    /// # Errors
    /// [`PolicySetError`].
    pub fn parse(files: &[(String, String)], built_in: &str) -> Result<Self, PolicySetError> {
        let mut set = Self::default();
        for (file, text) in files {
            if file == CEILING {
                let (ceiling, _) = parse_ceiling(file, text).map_err(PolicySetError::Policy)?;
                set.ceiling = Some((ceiling, text.clone()));
                continue;
            }
            let (policy, _) = parse(file, text).map_err(PolicySetError::Policy)?;
            let name = policy.name.clone();
            if let Some((first, _)) = set.policies.get(&name) {
                return Err(PolicySetError::Twice {
                    name,
                    first: first.file.to_string(),
                    second: file.clone(),
                });
            }
            set.policies.insert(name, (policy, text.clone()));
        }
        if !set.policies.contains_key(DEFAULT) {
            let (policy, _) = parse("default.toml", built_in).map_err(PolicySetError::Policy)?;
            set.policies
                .insert(DEFAULT.to_owned(), (policy, built_in.to_owned()));
        }
        Ok(set)
    }

    /// The policy with this name, and its text.
    pub fn named(&self, name: &str) -> Option<(&Policy, &str)> {
        self.policies
            .get(name)
            .map(|(policy, text)| (policy, text.as_str()))
    }

    /// The names of all policies.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.policies.keys().map(String::as_str)
    }

    /// What no policy may exceed, if the operator said so.
    pub fn ceiling(&self) -> Option<&Policy> {
        self.ceiling.as_ref().map(|(ceiling, _)| ceiling)
    }

    /// The ceiling's text.
    pub fn ceiling_text(&self) -> Option<&str> {
        self.ceiling.as_ref().map(|(_, text)| text.as_str())
    }
}
