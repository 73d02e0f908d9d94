//! What a script says, from raw bytes to what may be stored.
//!
//! Pure state machines fed with byte chunks: no I/O, no clock, no knowledge of who runs the script. However the
//! bytes are cut into chunks, the result is the same; property tests hold every part to that.
//!
//! ```text
//!  stdout, stderr ─► Scanner ──text──► Masker ──► Emitted::Output ─► Lines ─► the task log (raw bytes)
//!                      │ message         ▲ secrets                       └──► terminal::Visible ─► a person
//!                      ▼                 │
//!  messages file ──► Scanner ─message─► OutputPipeline ─► Emitted::{OutputVariable, Artifact, Progress, …}
//! ```
//!
//! Invariants:
//! - Nothing leaves as output before the secrets known at that moment are masked in it, wherever it was cut and
//!   whatever message stood in between. A value that becomes secret is masked in all that is emitted afterwards.
//! - No text is lost or reordered within a stream, except what a message asked for (`stdout-ignore`, the messages
//!   themselves and the line end of a line that held nothing else). Text that only looked like a message is text.
//! - Hostile output costs bounded memory: a message is at most 64 KiB (1 MiB in the messages file), text held back
//!   for masking at most [`redact::MAX_PATTERN_BYTES`], an unfinished line [`lines::MAX_LINE_BYTES`].
//! - When a script marks more values as secret than can be masked, nothing it prints afterwards is emitted.
//!
//! Deliberately absent: limits on the amount and the rate of output, and the storage of it (the caller counts and
//! stores), and any decision on what a message does beyond log levels and masking.
//!
//! Start with [`OutputPipeline`]; the wire form of messages is described at [`service_message`].

pub mod lines;
mod pipeline;
pub mod redact;
pub mod scanner;
mod secret_forms;
mod secret_text;
pub mod service_message;
pub mod terminal;

pub use lines::{Line, LineEnd, Lines};
pub use pipeline::{Emitted, InBand, OutputPipeline};
pub use redact::{Added, Full, Masker, Secrets};
pub use scanner::{Piece, Scanner};
pub use secret_text::{SecretText, Value};
pub use service_message::{
    EnvironmentStateKind, Level, LevelSwitch, ServiceMessage, StepPackageTarget, Stream,
};
pub use terminal::Visible;
