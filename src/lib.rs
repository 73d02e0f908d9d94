//! Seawall runs scripts that other people wrote, in WebAssembly sandboxes that can touch exactly
//! what a policy file grants.
//!
//! ```text
//!  policy file ─► policy ─┐
//!  ceiling file ─► policy ─┴─► Grants ─┐
//!  script, variables, mounts ──────────┴─► Attempt ─► worker::Worker::run
//!                                                       ├─ sandbox   wasmtime, WASI behind our checks
//!                                                       ├─ output    masked, with service messages read
//!                                                       └─► Events while it runs, Outcome at the end
//! ```
//!
//! Modules in reading order; dependencies point up this list only:
//!
//! 1. [`template`] — `#{variables}` in text. Pure.
//! 2. [`policy`] — what a script may touch: parse, intersect with a ceiling, decide, explain. Pure.
//! 3. [`model`] — records, ids, roles, and the rules that need nothing else. Pure.
//! 4. [`plan`] — from a process and an environment to every action with its place and its wall. Pure.
//! 5. [`store`] — what the server remembers, in SQLite; [`blob`] — files by digest; [`bus`] — wake-ups inside it;
//!    [`package`] — archives that nobody trusts; [`certificate`] — certificates that nobody trusts.
//! 6. [`worker`] — runs one attempt: workspace, sandbox, output, receipt. The only module that acts.
//! 7. [`app`] — use cases of the server: authorise, load, decide, commit, wake.
//! 8. [`link`] — external workers: who is let in, what is said, and how an attempt survives a connection.
//! 9. [`dispatch`] — carries plans out: what happens next to a task, decided purely, and the attempts.
//! 10. [`api`] — Octopus Deploy's REST API over the use cases. HTTP in, HTTP out.
//! 11. [`cli`] — the command line over all of it; the only module that prints.
//!
//! Invariants:
//! - Deny by default. A grant that nobody enforces doesn't compile: enforcement points take
//!   [`policy::Grants`] and [`policy::Limits`] apart without `..`.
//! - wasmtime is named inside `worker::sandbox` only, and a `Store` is built in one function there.
//! - What a script did is data ([`worker::Ending`], [`worker::Receipt`]); what we failed to do is an
//!   error. The two never mix.
//! - Secrets are in an attempt and in the masker, nowhere else: no `Debug`, no event, no receipt.

pub mod api;
pub mod app;
pub mod blob;
pub mod bus;
pub mod certificate;
pub mod cli;
pub mod dispatch;
pub mod link;
pub mod model;
pub mod package;
pub mod plan;
pub mod policy;
pub mod store;
pub mod template;
pub mod worker;

/// The target of spans: they are for collectors of traces, not for the log.
pub const TRACE: &str = "seawall::trace";
