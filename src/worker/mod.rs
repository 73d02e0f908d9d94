//! Running one attempt: the code that the built-in worker and every external worker share.
//!
//! ```text
//!  Attempt ─► run ─► workdir: a fresh directory
//!                 ─► sandbox: the guest, held to its grants ──► output ─► sink ─► Events
//!                 ─► Outcome: how it ended, and the receipt
//! ```
//!
//! Knows no database, no HTTP server and no other worker. All choices were made before: an attempt
//! says what may be touched, and this module touches nothing else.
//!
//! Start with [`Worker::run`], then [`sandbox`].

mod artifact;
mod attempt;
pub mod elsewhere;
pub mod event;
mod learned;
mod native;
pub mod outcome;
pub mod output;
pub mod process;
pub mod receipt;
mod run;
pub mod sandbox;
mod shared;
mod sink;
mod variables;
mod workdir;

pub use artifact::{
    Artifact, ArtifactError, Destination as ArtifactDestination, keep as keep_artifact,
};
pub use attempt::{Attempt, Language, Program, Sources, Stdin};
pub use learned::uses;
pub use outcome::{Consumed, Ending, LimitName, Outcome};
pub use receipt::{ProcessUse, Receipt, RequestUse};
pub use run::{Error, Finished, Worker};
pub use sink::{EventSender, Events, channel};
pub use variables::{Sensitive, Variables};
pub use workdir::Runs;
