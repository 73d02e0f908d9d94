//! How a run ended. What the script did is here, as data; what we failed to do is an [`super::Error`].

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::receipt::Receipt;

/// The end of one attempt, and what it took.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    pub ending: Ending,
    pub receipt: Receipt,
}

/// Why a script stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ending", rename_all = "kebab-case")]
pub enum Ending {
    /// By itself, with this exit code.
    Exited { code: u8 },
    /// A limit of its policy was reached.
    LimitReached { limit: LimitName },
    /// The WebAssembly code trapped: unreachable code, an access out of bounds, a stack overflow.
    Trapped { message: String },
    /// Somebody asked for it.
    Cancelled,
}

/// The limits of a policy, by the names that the policy file gives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LimitName {
    Memory,
    CpuTime,
    WallTime,
    Output,
    Disk,
    Files,
    Handles,
    Random,
    Requests,
    RequestTime,
    ResponseBody,
    ResponseHeaders,
}

impl LimitName {
    /// The key in the policy's `[limits]`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::CpuTime => "cpu-time",
            Self::WallTime => "wall-time",
            Self::Output => "output",
            Self::Disk => "disk",
            Self::Files => "files",
            Self::Handles => "handles",
            Self::Random => "random",
            Self::Requests => "requests",
            Self::RequestTime => "request-time",
            Self::ResponseBody => "response-body",
            Self::ResponseHeaders => "response-headers",
        }
    }
}

impl fmt::Display for LimitName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// What a run consumed, in the units of its limits.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Consumed {
    #[serde(serialize_with = "seconds", deserialize_with = "from_seconds")]
    pub wall_time: Duration,
    #[serde(serialize_with = "seconds", deserialize_with = "from_seconds")]
    pub cpu_time: Duration,
    /// Most bytes of linear memory and tables at once.
    pub memory_bytes: u64,
    pub output_bytes: u64,
    /// Most bytes and entries in the writable mounts at once.
    pub disk_bytes: u64,
    pub files: u64,
    pub random_bytes: u64,
    pub requests: u64,
}

fn from_seconds<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    Duration::try_from_secs_f64(f64::deserialize(from)?).map_err(serde::de::Error::custom)
}

fn seconds<S: serde::Serializer>(time: &Duration, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_f64(time.as_secs_f64())
}
