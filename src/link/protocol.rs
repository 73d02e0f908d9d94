//! What a server and an external worker say to each other: HTTP/2 over one TLS connection, whoever dialled it. The
//! server always asks, the worker always answers.
//!
//! ```text
//!  POST   /hello                          Hello → Greeting          first, and once
//!  PUT    /attempts/{id}?after=N          Attempt → frames          the same id again: the same attempt, never a second
//!  POST   /attempts/{id}/acknowledge?through=N                      what was kept need not be kept here
//!  POST   /attempts/{id}/cancel                                     the frames say what then really happened
//!  GET    /attempts/{id}/artifacts/{n}    → bytes
//!  DELETE /attempts/{id}                                            the end is kept: forget it, or stop it
//!  GET    /packages/{sha256}              → PackageState
//!  PUT    /packages/{sha256}?from=N&size=S  bytes → PackageState    from where the last transfer was cut
//!  POST   /check                          → Condition               a health check
//!  POST   /renew                          → Renewed                 a new certificate, to be shown from now on
//!  POST   /refused                        Refusal                   the server's last words, before it hangs up
//!  POST   /enrol                          Enrolment → Enrolled      the one thing that a worker asks, over `seawall-enrol`
//! ```
//!
//! Versions: the server says in [`Hello`] which it speaks, the worker answers with the highest that both know, or
//! refuses with 426 and a [`Refusal`] for people. Fields that one side doesn't know are left alone: what changes the
//! meaning of others gets a new version.
//!
//! Frames are lines of JSON, numbered from 1 per attempt. The server says what it has; a frame comes until it was
//! acknowledged, in order, and each once per answer. Whoever gets a number that isn't the next one hangs up.
//!
//! Every size has a bound here; neither side believes the other's.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::identity::Thumbprint;
use crate::plan::Isolation;
use crate::policy::{Grants, MountPath};
use crate::worker::event::Level;
use crate::worker::{self, Ending, Language};

/// What this program speaks.
pub const VERSIONS: [u32; 1] = [1];

/// The protocol of a session, as TLS negotiates it (RFC 7301).
pub const SESSION: &[u8] = b"seawall-link";

/// The protocol of an enrolment.
pub const ENROL: &[u8] = b"seawall-enrol";

/// The port on which a server waits for its workers: Octopus's.
pub const SERVER_PORT: u16 = 10943;

/// The port on which a listening worker waits for its server: Octopus's.
pub const WORKER_PORT: u16 = 10933;

/// Bytes of any answer that isn't frames or a file.
pub const MAX_ANSWER_BYTES: usize = 256 << 10;

/// Bytes of one frame: a receipt names a thousand denials at most.
pub const MAX_FRAME_BYTES: usize = 4 << 20;

/// Bytes of an attempt: a module may have 64 MiB, and base64 makes it longer.
pub const MAX_ATTEMPT_BYTES: usize = 128 << 20;

/// Bytes of output in one frame.
pub const MAX_OUTPUT_BYTES: usize = 32 << 10;

/// The highest version that both speak.
pub fn negotiate(theirs: &[u32]) -> Option<u32> {
    VERSIONS
        .into_iter()
        .filter(|own| theirs.contains(own))
        .max()
}

/// The server's first words.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hello {
    pub versions: Vec<u32>,
    /// The server's own version, for people.
    pub software: String,
    /// The worker's id at the server.
    pub worker_id: String,
    /// The certificates that the server shows, or will: the worker accepts no others from now on.
    pub trusted: Vec<Thumbprint>,
}

/// The worker's answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Greeting {
    pub version: u32,
    /// Of this start of the worker's process: what an earlier one ran, this one knows nothing of.
    pub instance: String,
    pub condition: Condition,
    /// The attempts that it knows.
    pub attempts: Vec<AttemptId>,
}

/// How a worker is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Condition {
    /// The worker's version.
    pub software: String,
    pub operating_system: String,
    pub architecture: String,
    pub isolations: Vec<Isolation>,
    /// The account of native processes; empty if there are none.
    pub native_account: String,
    /// Attempts that it runs at once.
    pub capacity: u32,
    pub running: u32,
    pub free_disk_bytes: u64,
    /// Its clock.
    pub now: Timestamp,
    /// What makes it unfit, in words for people.
    pub problems: Vec<String>,
    pub labels: Vec<String>,
}

/// `ServerTasks-12.3.1`: a task, a job's place in its plan, and which try it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AttemptId {
    pub task_id: String,
    pub index: u32,
    pub attempt: u32,
}

/// Text that names no attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this names no attempt")]
pub struct NoAttempt;

impl TryFrom<String> for AttemptId {
    type Error = NoAttempt;

    /// It becomes a file name on the worker, so only what is in ids is accepted.
    fn try_from(text: String) -> Result<Self, NoAttempt> {
        let mut parts = text.splitn(3, '.');
        let (task, index, attempt) = (parts.next(), parts.next(), parts.next());
        let is_plain = |task: &&str| {
            let mut bytes = task.bytes();
            (1..=64).contains(&task.len()) && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let number = |text: Option<&str>| {
            let text = text.filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
            text.and_then(|text| text.parse().ok()).ok_or(NoAttempt)
        };
        Ok(Self {
            task_id: task.filter(is_plain).ok_or(NoAttempt)?.to_owned(),
            index: number(index)?,
            attempt: number(attempt)?,
        })
    }
}

impl From<AttemptId> for String {
    fn from(id: AttemptId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for AttemptId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}.{}", self.task_id, self.index, self.attempt)
    }
}

/// One try at a job, self-contained. Never written to a disk.
#[derive(Serialize, Deserialize)]
pub struct Attempt {
    /// The start of the worker's process that it is for. Another start may not run it: nobody knows whether the one
    /// that it was for did.
    pub instance: String,
    /// Run one after the other, until one fails.
    pub programs: Vec<Program>,
    pub arguments: Vec<String>,
    pub grants: Grants,
    pub isolation: Isolation,
    pub variables: Vec<Variable>,
    pub packages: Vec<Package>,
    /// It says how the worker is, so that it waits for no room.
    #[serde(default)]
    pub is_check: bool,
}

/// What runs.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Program {
    Script {
        language: Language,
        name: String,
        text: Bytes,
    },
    Module {
        name: String,
        bytes: Bytes,
    },
}

impl From<Program> for worker::Program {
    fn from(program: Program) -> Self {
        match program {
            Program::Script {
                language,
                name,
                text,
            } => Self::Script {
                language,
                name,
                text: text.0,
            },
            Program::Module { name, bytes } => Self::Module {
                name,
                bytes: bytes.0,
            },
        }
    }
}

/// A variable with its value.
#[derive(Clone, Serialize, Deserialize)]
pub struct Variable {
    pub name: String,
    pub value: String,
    pub is_sensitive: bool,
}

/// A package that scripts find unpacked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// In lower-case hexadecimal digits.
    pub sha256: String,
    /// Says how it is packed.
    pub file_name: String,
    pub mounts: Vec<MountPath>,
}

/// Bytes, in base64.
#[derive(Clone, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = BASE64.decode(text);
        bytes.map(Self).map_err(serde::de::Error::custom)
    }
}

/// One thing that a worker says of an attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    pub sequence: u64,
    pub body: Body,
}

/// What it says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// Secrets are masked already. Whole lines, as a rule.
    Output {
        level: Level,
        text: String,
    },
    OutputVariable {
        name: String,
        value: String,
        is_sensitive: bool,
    },
    Progress {
        percentage: u8,
        message: String,
    },
    Notice {
        text: String,
    },
    /// One of the programs is over.
    Part {
        number: u32,
        ending: Ending,
        /// See [`crate::worker::Receipt`].
        receipt: serde_json::Value,
        artifacts: Vec<Artifact>,
    },
    /// Nothing follows.
    End(End),
}

/// How an attempt ended, beyond what its programs did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// It ran: the parts say how, and this is how the last of them ended.
    Done {
        ending: Ending,
        /// What its script said of its failure.
        failure: Option<String>,
    },
    /// It could not be run.
    Refused { message: String },
    /// Nobody knows how far it came.
    Lost { message: String },
}

/// A file that a script asked to keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Artifact {
    Kept {
        /// What to ask for.
        number: u32,
        name: String,
        size_bytes: u64,
        sha256: String,
    },
    NotKept {
        why: String,
    },
}

/// How much of a package a worker has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageState {
    pub is_whole: bool,
    /// The bytes that need not be sent again.
    pub size_bytes: u64,
}

/// A new certificate.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Renewed {
    pub thumbprint: Thumbprint,
}

/// Why not, for people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub message: String,
}

/// How a new worker introduces itself. Its certificate is the one that it shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Enrolment {
    pub versions: Vec<u32>,
    /// The token's secret part.
    pub secret: String,
    pub name: String,
    /// Pools by name; those of the token if it is empty.
    pub pools: Vec<String>,
    /// For a deployment target: environments by name; those of the token if it is empty.
    #[serde(default)]
    pub environments: Vec<String>,
    /// For a deployment target: what steps choose it by.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Where the server reaches it; the worker dials the server if there is none.
    pub address: Option<String>,
    pub labels: Vec<String>,
    pub operating_system: String,
    pub architecture: String,
    pub software: String,
}

/// What a new worker learns.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Enrolled {
    pub worker_id: String,
    pub pools: Vec<String>,
    pub trusted: Vec<Thumbprint>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_named_by_what_can_be_a_file_name_and_nothing_else() {
        let id = AttemptId {
            task_id: "ServerTasks-12".to_owned(),
            index: 3,
            attempt: 1,
        };
        assert_eq!(AttemptId::try_from(id.to_string()), Ok(id));
        for text in [
            "", "a", "a.1", "a.1.x", "../a.1.1", "a/b.1.1", ".1.1", "a.+1.1", "a.1.1.1", "a.1.-1",
        ] {
            assert_eq!(
                AttemptId::try_from(text.to_owned()),
                Err(NoAttempt),
                "{text}"
            );
        }
    }

    #[test]
    fn the_highest_version_of_both_is_spoken_or_none() {
        assert_eq!(negotiate(&[1, 2, 99]), Some(1));
        assert_eq!(negotiate(&[2, 3]), None);
        assert_eq!(negotiate(&[]), None);
    }

    #[test]
    fn unknown_fields_are_left_alone() {
        let text = r#"{"sequence":1,"body":{"output":{"level":"info","text":"a\n","colour":"red"}},"more":1}"#;
        let frame: Frame = serde_json::from_str(text).expect("it is a frame");
        let level = Level::Info;
        let text = "a\n".to_owned();
        assert_eq!(frame.body, Body::Output { level, text });
    }
}
