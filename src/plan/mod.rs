//! From a release and an environment to a plan: every action with where it runs, how it is confined, under
//! which policy, and which variables it gets.
//!
//! ```text
//! release snapshot ─┐
//! environment ──────┤
//! policies ─────────┼─► build() ─► Plan ─► stored with the task ─► dispatch carries it out
//! worker pools ─────┘      └─► Refused: every reason at once
//! ```
//!
//! Pure. A plan holds no value of a variable, only which variable it is, so that it can be printed and kept.
//! Everything that could be refused is refused here, before anything runs.

mod build;
pub mod check;
pub mod choice;
pub mod condition;
mod entry;
mod features;
pub mod health;
pub mod lifecycle;
mod native;
pub mod own;
pub mod packages;
mod place;
mod policies;
pub mod retention;
mod scope;
pub mod targets;
#[cfg(test)]
mod tests;
pub mod version;
mod work;

pub use build::{Inputs, Refused, build};
pub use entry::{
    CheckTime, Confined, Entry, Isolation, Location, PackageScripts, PackageUse, Plan,
    PolicyRecord, PoolUse, Retries, Syntax, VariableReference, Work,
};
pub use features::PackageFeatures;
pub use native::{Enforcement, Landlock, Unheld};
pub use place::Pool;
pub use policies::{PolicySet, PolicySetError};
pub use scope::{Context, resolve, tags_match};
