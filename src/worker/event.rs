//! What a worker says about an attempt while it runs.
//!
//! Events are numbered from 1 per attempt, in the order in which things happened: output, messages
//! and denials of one guest never overtake each other.

use serde::Serialize;

use super::output::SecretText;
pub use super::output::{Level, Stream};

/// One numbered event.
#[derive(Debug, Serialize)]
pub struct Numbered {
    pub sequence: u64,
    #[serde(flatten)]
    pub event: Event,
}

/// Something that happened in an attempt. Secrets are masked already, except where said.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The sandbox is about to run.
    Started {
        guest: String,
    },
    /// Text from the script, as it was written. `text` is what the script wrote, escapes and all;
    /// bytes that are not UTF-8 are replaced.
    Output {
        stream: Stream,
        level: Level,
        #[serde(rename = "text", serialize_with = "lossy")]
        bytes: Vec<u8>,
    },
    /// An output variable was set. A sensitive value is left out when printed.
    OutputVariable {
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<String>,
        sensitive: bool,
        /// The sensitive value itself, for steps that follow; never printed.
        #[serde(skip)]
        secret: Option<SecretText>,
    },
    /// A file to keep. Its path is as the script named it, inside the sandbox.
    Artifact {
        path: String,
        name: String,
    },
    Progress {
        percentage: u8,
        message: String,
    },
    /// The script says why it fails (`fail_step`).
    Failure {
        message: String,
    },
    /// A deployment environment's state or URL.
    EnvironmentState {
        key: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<String>,
        sensitive: bool,
    },
    /// A deployment target is to be removed.
    TargetDeleted {
        machine: String,
    },
    /// A deployment target is to be added.
    TargetCreated {
        name: String,
    },
    /// A Kubernetes manifest was applied.
    KubernetesManifest {
        namespace: Option<String>,
    },
    /// The host remarks on what the script said.
    Notice {
        text: String,
    },
    /// A service message that nothing here acts on.
    UnknownMessage {
        name: String,
    },
}

fn lossy<S: serde::Serializer>(bytes: &[u8], out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&String::from_utf8_lossy(bytes))
}
