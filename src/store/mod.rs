//! What the server remembers: one SQLite database in the data directory. The only module that names sqlx.
//!
//! ```text
//!  app ── commit(changes) ─► queue ─► writer ── one transaction for all that wait ─► disk ─► answers
//!  app ── project_by_id … ─► readers (write-ahead log: never wait for the writer)
//! ```
//!
//! Invariants:
//! - A commit that was answered is on disk: `synchronous = FULL`, and answers follow the transaction.
//! - All changes of one [`Store::commit`] happen, or none. A change to a record names the generation that it was
//!   decided on; if another was faster, the whole commit is refused as [`Error::Stale`].
//! - The store never reads a clock and never decides: times and ids come with the changes.
//!
//! To add a table: a file in `migrations/` and its line in `migration`, a file here with the reads as methods
//! of [`Store`] named resource first, and a variant of [`Change`] whose `apply` is in that file.

mod api_key;
mod counter;
mod document;
mod error;
mod event;
mod migration;
mod open;
mod package;
mod promotion;
mod reseal;
mod setting;
mod snapshot;
mod target;
mod task;
mod task_change;
mod worker;
mod writer;

pub use api_key::ApiKeyChange;
pub use document::{Document, DocumentChange, Filter, Holding, Page, Parts};
pub use error::Error;
pub use event::{EventFilter, NumberedEvent};
pub use open::Store;
pub use package::PackageChange;
pub use promotion::{Promotion, PromotionChange};
pub use reseal::reseal;
pub use snapshot::{snapshot, snapshot_digests};
pub use task::{InterruptionFilter, NumberedChunk, Reached, TaskFilter};
pub use task_change::{TaskChange, TaskOwner};
pub use worker::WorkerChange;

use crate::model::event::Event;

/// One change. What belongs together is committed together.
#[derive(Debug, Clone)]
pub enum Change {
    /// A configuration resource.
    Document(DocumentChange),
    /// A task, or what it leaves behind.
    Task(Box<TaskChange>),
    /// The feed, or a file that a task keeps.
    Package(PackageChange),
    /// A release that may go on by itself.
    Promotion(PromotionChange),
    /// What external workers have.
    Worker(WorkerChange),
    /// A key to the API.
    ApiKey(ApiKeyChange),
    /// A line of the audit trail.
    Event(Event),
    /// A fact about the installation.
    Setting {
        /// Which.
        name: &'static str,
        /// Its new value.
        value: String,
    },
}
