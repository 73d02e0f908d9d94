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

    /// The variables that `grants` let a script read, as the JSON object it finds.
    ///
    /// `None` if there are none: then no file is made.
    pub fn readable(&self, grants: &VariableGrants) -> Option<Zeroizing<String>> {
        let granted: BTreeMap<&str, &str> = self
            .0
            .values()
            .filter(|variable| grants.decide(&variable.name).is_ok())
            .map(|variable| (variable.name.as_str(), variable.value.as_str()))
            .collect();
        if granted.is_empty() {
            return None;
        }
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
