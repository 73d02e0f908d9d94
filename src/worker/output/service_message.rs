//! Service messages: what a script tells the server, in Octopus's wire form.
//!
//! ```text
//! ##octopus[setVariable name="VmVyc2lvbg==" value="MS4yLjM="]
//! ```
//!
//! The name is an XML element name, every attribute value the base64 of UTF-8 text, in any order, with either quote.
//! Attribute names are case-insensitive, message names are not. Base64 holds neither `]` nor quotes, which is what
//! makes the form safe to find in ordinary output ([`super::scanner`] does that).
//!
//! Behaviour follows Calamari's `ServiceMessageParser` and `ScriptOutputFilter`, with these departures:
//! - A value that isn't UTF-8 makes the whole message ordinary text; Calamari replaces the bad bytes silently.
//! - A body with `<` is refused before the XML parser sees it. An element without children has none, and without it
//!   neither a DTD, an entity, a comment nor a second element can be written.
//! - A message that lacks what it needs is [`ServiceMessage::Incomplete`], so that somebody can say so.

use base64::Engine as _;

use super::secret_text::{SecretText, Value};

mod parse;

/// One of a script's two output streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stream {
    Stdout,
    Stderr,
}

/// How a piece of log is shown. Octopus's names; `Info` is its `stdout-default`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    Verbose,
    Info,
    /// Also shown in the task's summary.
    Highlight,
    /// The script waits for something.
    Wait,
    Warning,
    Error,
}

/// What a level message asks for its stream, until the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelSwitch {
    Show(Level),
    /// What follows isn't logged at all.
    Ignore,
}

impl Stream {
    /// What holds before the first level message: standard output is `Info`, standard error `Error`.
    pub fn default_level(self) -> Level {
        match self {
            Self::Stdout => Level::Info,
            Self::Stderr => Level::Error,
        }
    }
}

/// What an environment state message carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvironmentStateKind {
    State,
    Url,
}

/// The attributes of `createStepPackageTarget`, as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepPackageTarget {
    pub name: String,
    pub target_id: String,
    /// JSON, not looked at here.
    pub inputs: String,
    /// Comma-separated, as `octopusRoles` has it.
    pub roles: String,
    pub worker_pool: Option<String>,
    pub update_if_existing: bool,
}

/// A message, understood. See the table of section 3.8 in the reference for who writes which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceMessage {
    SetVariable {
        name: String,
        value: Value,
    },
    /// `path` is the script's claim and unchecked; without `name`, the file's own name is meant.
    CreateArtifact {
        path: String,
        name: Option<String>,
        length_bytes: Option<u64>,
    },
    /// `percentage` is brought into 0 to 100.
    Progress {
        percentage: u8,
        message: String,
    },
    ResultMessage {
        message: String,
    },
    Mask {
        value: SecretText,
    },
    Level {
        stream: Stream,
        switch: LevelSwitch,
    },
    SetEnvironmentState {
        key: String,
        value: Value,
        kind: EnvironmentStateKind,
    },
    DeleteTarget {
        machine: String,
    },
    CreateStepPackageTarget(StepPackageTarget),
    KubernetesManifest {
        manifest: String,
        namespace: Option<String>,
    },
    /// `seawall-variable-read`, ours: a helper looked a variable up. Means something in the messages file only.
    VariableRead {
        name: String,
    },
    /// A known message without an attribute it needs, or with one that makes no sense.
    Incomplete {
        message: &'static str,
        attribute: &'static str,
    },
    /// Well-formed, but not ours to act on.
    Unknown {
        name: String,
    },
}

/// Writes a message in its wire form, without a line end.
///
/// `name` and the attributes' names must be XML names; the values may be any text.
pub fn encode(name: &str, attributes: &[(&str, &str)]) -> String {
    let mut wire = format!("##octopus[{name}");
    for (attribute, value) in attributes {
        wire.push_str(&format!(" {attribute}=\"{}\"", parse::BASE64.encode(value)));
    }
    wire.push(']');
    wire
}
