//! The events of a pipeline.

use super::super::redact::Full;
use super::super::secret_text::Value;
use super::super::service_message::{EnvironmentStateKind, Level, StepPackageTarget, Stream};

/// What leaves the pipeline, in order.
///
/// Masked already: output, and texts that only people read (`Progress::message`, `Failure`, `Artifact::name`,
/// `Unparsed`). As the script wrote them: names, paths and values that are acted upon; log them through
/// [`OutputPipeline::redact_all`](super::OutputPipeline::redact_all).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Emitted {
    Output {
        stream: Stream,
        level: Level,
        bytes: Vec<u8>,
    },
    OutputVariable {
        name: String,
        value: Value,
    },
    /// `path` is the script's claim: resolve it inside the script's own files only.
    Artifact {
        path: String,
        name: Option<String>,
        length_bytes: Option<u64>,
    },
    Progress {
        percentage: u8,
        message: String,
    },
    /// Why the script will fail; that it does, its exit code says.
    Failure {
        message: String,
    },
    EnvironmentState {
        key: String,
        value: Value,
        kind: EnvironmentStateKind,
    },
    TargetDeleted {
        machine: String,
    },
    TargetCreated(StepPackageTarget),
    KubernetesManifest {
        manifest: String,
        namespace: Option<String>,
    },
    /// From the messages file only.
    VariableRead {
        name: String,
    },
    /// A message nobody acts on; its name, cut to 100 characters.
    Unknown {
        name: String,
    },
    /// A message that was ignored because of this attribute.
    Incomplete {
        message: &'static str,
        attribute: &'static str,
    },
    /// Text in the messages file that is no message.
    Unparsed {
        bytes: Vec<u8>,
    },
    /// A value was marked sensitive, but is too short to be masked (see [`MIN_SECRET_CHARS`](super::super::redact::MIN_SECRET_CHARS)).
    TooShortToMask,
    /// A value was marked sensitive that can't be masked any more. Comes once; no output comes after it, and the
    /// attempt should be ended.
    Withheld {
        reason: Full,
    },
}
