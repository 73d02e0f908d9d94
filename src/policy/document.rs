//! A policy as its author wrote it: every rule with its line, nothing decided yet.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::files::FileGrant;
use super::limits::LimitsAsked;
use super::network::NetworkRule;
use super::origin::{Origin, SourceName};
use super::variables::{EnvGrant, VariableRule};

/// A parsed policy file: what its author asks for, or what an operator allows at most.
///
/// The command line adds rules to one before it becomes [`Grants`](super::Grants); it checks what it
/// adds by the same constructors that the parser uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub name: String,
    pub description: String,
    pub file: SourceName,
    /// Of the file's text.
    pub digest: Digest,
    pub files: Vec<FileGrant>,
    pub network: Vec<NetworkRule>,
    pub variables: Vec<VariableRule>,
    pub env: Vec<EnvGrant>,
    pub limits: LimitsAsked,
    pub process: Option<ProcessRule>,
    pub messages: Option<MessagesRule>,
}

/// SHA-256 of a policy's text. Prints in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

/// `[process]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessRule {
    pub native: NativeProcesses,
    pub origin: Origin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NativeProcesses {
    Denied,
    /// If the worker's own configuration allows them too.
    Allowed,
}

/// `[messages]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagesRule {
    pub in_band: InBand,
    pub origin: Origin,
}

/// Whether service messages on standard output count. A script that echoes hostile text could be
/// made to forge one; our guests' own helpers write them to a file instead, which always counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InBand {
    Refuse,
    Accept,
}

impl Policy {
    /// A policy that asks for nothing.
    pub fn empty(name: &str, file: &SourceName) -> Policy {
        Policy {
            name: name.to_owned(),
            description: String::new(),
            file: file.clone(),
            digest: Digest::of(""),
            files: Vec::new(),
            network: Vec::new(),
            variables: Vec::new(),
            env: Vec::new(),
            limits: LimitsAsked::default(),
            process: None,
            messages: None,
        }
    }

    pub fn digest(&self) -> Digest {
        self.digest
    }
}

impl Digest {
    pub fn of(text: &str) -> Digest {
        Digest(Sha256::digest(text.as_bytes()).into())
    }
}

/// Why text is not a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a digest is 64 hexadecimal digits")]
pub struct DigestError;

impl TryFrom<String> for Digest {
    type Error = DigestError;

    fn try_from(text: String) -> Result<Digest, DigestError> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(DigestError);
        }
        let digit = |b: u8| {
            char::from(b)
                .to_digit(16)
                .and_then(|d| u8::try_from(d).ok())
                .ok_or(DigestError)
        };
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Digest(bytes))
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> String {
        digest.to_string()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Digest({self})")
    }
}
