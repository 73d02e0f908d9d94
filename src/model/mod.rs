//! What the server knows about: records, their ids, and the rules that need nothing but the records.
//!
//! Pure: no clock, no database, no HTTP. Records are written to JSON as Octopus's clients expect them, in
//! PascalCase; what a record doesn't know is kept in its `extra` map, so that a client that reads, edits and
//! writes back loses nothing.
//!
//! Start with [`Resource`]: every configuration resource implements it, and the store, the use cases and the
//! routes are written once over it.

pub mod access;
pub mod account;
pub mod certificate;
pub mod channel;
pub mod deployment;
pub mod drop_folder;
pub mod environment;
pub mod event;
pub mod feed;
pub mod health;
pub mod id;
pub mod interruption;
pub mod kind;
pub mod lifecycle;
pub mod machine;
pub mod names;
pub mod package;
pub mod process;
pub mod project;
pub mod release;
pub mod resource;
pub mod runbook;
pub mod smtp;
pub mod space;
pub mod step;
pub mod target;
pub mod task;
pub mod tenant;
pub mod usage;
pub mod user;
pub mod variable;
pub mod version;
pub mod worker;

pub use id::Id;
pub use resource::{Invalid, Kind, Resource};
