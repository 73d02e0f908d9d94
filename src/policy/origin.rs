//! Which line of which file decided.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The name of a policy file as people know it, or `command line: --mount …`. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct SourceName(Arc<str>);

/// The rule that decided something.
///
/// Prints as `policies/web.toml:12`, or as the name alone where there are no lines.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Origin {
    pub file: SourceName,
    /// Counted from 1; 0 if the source has no lines.
    pub line: u32,
}

impl SourceName {
    /// Defaults are a source too: a limit that nobody set has this one.
    pub const DEFAULTS: &'static str = "the defaults";

    pub fn new(name: &str) -> SourceName {
        SourceName(name.into())
    }
}

impl Origin {
    pub fn new(file: &SourceName, line: u32) -> Origin {
        Origin {
            file: file.clone(),
            line,
        }
    }

    /// The origin of a rule given on the command line, for example `--mount /data:/srv/data`.
    pub fn command_line(argument: &str) -> Origin {
        Origin {
            file: SourceName::new(&format!("command line: {argument}")),
            line: 0,
        }
    }

    /// The origin of what holds when no file says otherwise.
    pub fn defaults() -> Origin {
        Origin {
            file: SourceName::new(SourceName::DEFAULTS),
            line: 0,
        }
    }
}

impl Deref for SourceName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<String> for SourceName {
    fn from(name: String) -> SourceName {
        SourceName(name.into())
    }
}

impl From<SourceName> for String {
    fn from(name: SourceName) -> String {
        name.0.as_ref().to_owned()
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for SourceName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, out)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Origin { file, line } = self;
        match line {
            0 => write!(out, "{file}"),
            _ => write!(out, "{file}:{line}"),
        }
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Origin({self})")
    }
}
