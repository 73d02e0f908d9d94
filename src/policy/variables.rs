//! Which variables a script may read, and which it finds in its environment.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::denial::{Denial, DenialKind};
use super::fix;
use super::glob::Glob;
use super::origin::{Origin, SourceName};
use crate::template::{Template, fold_name};

/// A pattern over variable names: `Web.*`. `*` is any text, dots included; case doesn't matter.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VariablePattern {
    written: Glob,
    folded: Glob,
}

/// Why text is not a variable pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum VariableError {
    #[error("a variable's name is empty")]
    Empty,
    #[error("a variable's name has no control characters and no space at its ends")]
    Characters,
    #[error("write the name alone, without `#{{` and `}}`")]
    Template,
}

/// One entry of `variables.read`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariableRule {
    pub pattern: VariablePattern,
    pub origin: Origin,
}

/// All variables that a script may read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariableGrants {
    /// The file to name when no rule matches.
    pub source: SourceName,
    pub rules: Vec<VariableRule>,
}

/// One environment variable. The script sees the value, so this grants what the template reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvGrant {
    pub name: EnvName,
    pub value: Template,
    pub origin: Origin,
}

/// The name of an environment variable: letters, digits and `_`, not beginning with a digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EnvName(String);

/// Why text is not the name of an environment variable that a policy may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum EnvNameError {
    #[error(
        "an environment variable's name has letters, digits and `_`, and doesn't begin with a digit"
    )]
    Characters,
    #[error("names that begin with `SEAWALL_` are the server's own")]
    Reserved,
}

impl VariableGrants {
    /// Decides whether the script may read the variable `name`.
    ///
    /// # Errors
    /// The [`Denial`], with the line that would allow it.
    pub fn decide(&self, name: &str) -> Result<&VariableRule, Denial> {
        self.rules
            .iter()
            .find(|rule| rule.pattern.matches(name))
            .ok_or_else(|| Denial {
                kind: DenialKind::Variable,
                subject: format!("read variable {name}"),
                rule: None,
                reason: format!(
                    "no entry of variables.read in {} matches this name",
                    self.source
                ),
                fix: fix::for_variable(name),
            })
    }
}

impl VariablePattern {
    pub fn parse(text: &str) -> Result<VariablePattern, VariableError> {
        if text.is_empty() {
            return Err(VariableError::Empty);
        }
        if text.contains("#{") {
            return Err(VariableError::Template);
        }
        if text.trim() != text || text.chars().any(char::is_control) {
            return Err(VariableError::Characters);
        }
        Ok(VariablePattern::from_glob(Glob::new(text)))
    }

    /// The pattern that grants one variable.
    pub fn exact(name: &str) -> VariablePattern {
        VariablePattern::from_glob(Glob::exact(name))
    }

    /// The pattern for a name out of [`Template::references`], where `[*]` is an index not yet known.
    pub(super) fn reference(name: &str) -> VariablePattern {
        VariablePattern::from_glob(Glob::new(&name.replace('\\', "\\\\")))
    }

    fn from_glob(written: Glob) -> VariablePattern {
        let folded = written.folded(fold_name);
        VariablePattern { written, folded }
    }

    pub fn matches(&self, name: &str) -> bool {
        self.folded.matches(&fold_name(name))
    }

    pub fn covers(&self, narrower: &VariablePattern) -> bool {
        self.folded.covers(&narrower.folded)
    }

    pub fn is_everything(&self) -> bool {
        self.folded.is_everything()
    }
}

impl EnvName {
    pub fn parse(text: &str) -> Result<EnvName, EnvNameError> {
        let is_name = !text.starts_with(|c: char| c.is_ascii_digit())
            && !text.is_empty()
            && text.len() <= 255
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !is_name {
            return Err(EnvNameError::Characters);
        }
        if text.to_ascii_uppercase().starts_with("SEAWALL_") {
            return Err(EnvNameError::Reserved);
        }
        Ok(EnvName(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for VariablePattern {
    type Error = VariableError;

    fn try_from(text: String) -> Result<VariablePattern, VariableError> {
        VariablePattern::parse(&text)
    }
}

impl From<VariablePattern> for String {
    fn from(pattern: VariablePattern) -> String {
        pattern.written.to_string()
    }
}

impl TryFrom<String> for EnvName {
    type Error = EnvNameError;

    fn try_from(text: String) -> Result<EnvName, EnvNameError> {
        EnvName::parse(&text)
    }
}

impl From<EnvName> for String {
    fn from(name: EnvName) -> String {
        name.0
    }
}

impl fmt::Display for VariablePattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.written.fmt(out)
    }
}

impl fmt::Debug for VariablePattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "VariablePattern({})", self.written)
    }
}

impl fmt::Display for EnvName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_ignore_case_and_stars_cross_dots() {
        for (pattern, name, expected) in [
            ("Web.*", "web.PORT", true),
            ("Web.*", "Web.A.B[c d]", true),
            ("Web.*", "Website", false),
            (
                "Octopus.Action[*].Output.Url",
                "octopus.action[Deploy web].output.url",
                true,
            ),
            ("ÜBER", "über", true),
            ("A", "AB", false),
        ] {
            assert_eq!(
                VariablePattern::parse(pattern).unwrap().matches(name),
                expected,
                "{pattern} {name}"
            );
        }
    }

    #[test]
    fn environment_names_are_portable_and_not_ours() {
        for text in ["", "1A", "A-B", "A=B", "A B", "Ü"] {
            assert_eq!(
                EnvName::parse(text),
                Err(EnvNameError::Characters),
                "{text}"
            );
        }
        assert_eq!(EnvName::parse("Seawall_X"), Err(EnvNameError::Reserved));
        assert!(EnvName::parse("_STAGE1").is_ok());
    }
}
