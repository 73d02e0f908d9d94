//! The variables of one attempt, with their values filled in.
//!
//! Values are wiped from memory when the attempt ends. Which of them a script may read is its
//! grants' decision, made in [`Variables::readable`]; the others still serve templates that the
//! host evaluates (environment values, injected credentials).

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroizing;

use crate::policy::VariableGrants;

/// Name to value. Names are unique without regard to case, as Octopus's are.
#[derive(Clone, Default)]
pub struct Variables(BTreeMap<String, Variable>);

/// One variable.
#[derive(Clone)]
struct Variable {
    name: String,
    value: Zeroizing<String>,
    sensitive: Sensitive,
}

/// Whether a value must never be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sensitive {
    Yes,
    No,
}

impl Variables {
    /// Sets a variable, replacing one whose name differs at most in case.
    pub fn set(&mut self, name: &str, value: String, sensitive: Sensitive) {
        self.0.insert(
            name.to_lowercase(),
            Variable {
                name: name.to_owned(),
                value: Zeroizing::new(value),
                sensitive,
            },
        );
    }

    /// The value of `name`, without regard to case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(&name.to_lowercase())
            .map(|variable| variable.value.as_str())
    }

    /// All names, as they were set.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(|variable| variable.name.as_str())
    }

    /// Every variable with its value: what an external worker is sent.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str, Sensitive)> {
        let all = self.0.values();
        all.map(|one| (one.name.as_str(), one.value.as_str(), one.sensitive))
    }

    /// The values that must be masked wherever they appear.
    pub fn sensitive_values(&self) -> impl Iterator<Item = &str> {
        self.0
            .values()
            .filter(|variable| variable.sensitive == Sensitive::Yes)
            .map(|variable| variable.value.as_str())
    }

    /// Those that `grants` let a script read.
    pub fn granted(&self, grants: &VariableGrants) -> Self {
        let all = self.0.iter();
        let granted = all.filter(|(_, variable)| grants.decide(&variable.name).is_ok());
        Self(
            granted
                .map(|(key, variable)| (key.clone(), variable.clone()))
                .collect(),
        )
    }

    /// The variables that `grants` let a script read, as the JSON object it finds.
    ///
    /// `None` if the attempt has no variables at all: then no file is made. A step always has some, so that a script
    /// that may read none of them finds an empty object, and an interpreter can tell a step from a bare run.
    pub fn readable(&self, grants: &VariableGrants) -> Option<Zeroizing<String>> {
        if self.0.is_empty() {
            return None;
        }
        let granted: BTreeMap<&str, &str> = self
            .0
            .values()
            .filter(|variable| grants.decide(&variable.name).is_ok())
            .map(|variable| (variable.name.as_str(), variable.value.as_str()))
            .collect();
        let json = serde_json::to_string(&granted).expect("a map of strings is JSON");
        Some(Zeroizing::new(json))
    }
}

impl crate::template::Variables for Variables {
    fn value(&self, name: &str) -> Option<&str> {
        self.get(name)
    }

    fn names(&self) -> Vec<&str> {
        self.0
            .values()
            .map(|variable| variable.name.as_str())
            .collect()
    }
}

/// Names only: a `Debug` of values would be a leak waiting for a log line.
impl fmt::Debug for Variables {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Sensitive, Variables};
    use crate::policy::{SourceName, VariableGrants};

    #[test]
    fn a_step_that_may_read_nothing_finds_an_empty_object_and_a_bare_run_no_file() {
        let grants = VariableGrants {
            source: SourceName::new("web.toml"),
            rules: Vec::new(),
        };
        let mut variables = Variables::default();
        assert!(variables.readable(&grants).is_none());
        variables.set("Octopus.Project.Name", "Shop".into(), Sensitive::No);
        let readable = variables.readable(&grants);
        assert_eq!(readable.as_deref().map(String::as_str), Some("{}"));
    }
}
