//! The sandbox: a guest's grants turned into a wasmtime store, and nothing else.
//!
//! ```text
//!            guests ──► cache ──► compile (child process)      what runs
//!              │
//!  Grants ─► run ─► store::build ─► guest             the one place a Store is built
//!              ├── files   http   sockets   random    what it can reach: our views over WASI
//!              └── meter   limits   quota             what ends it
//! ```
//!
//! Invariants:
//! - One `engine`, one `store`, one `linker`; no host function of our own.
//! - Whatever a guest asks for is decided before the host acts: files in `files`, requests in
//!   `http` and `exchange`, sockets in `sockets`.
//! - Every limit is a sum over the sandbox, and reaching one ends the run (`meter`).
//! - What a guest causes is an [`crate::worker::Ending`]; only our own failures are [`Error`]s.
//!
//! Nothing outside this module names wasmtime. Start with [`run()`], then `store`.

mod admit;
mod body;
mod cache;
mod compile;
mod embedded;
mod engine;
mod exchange;
mod exit_code;
mod files;
mod guests;
mod http;
mod inject;
mod limits;
mod linker;
mod meter;
mod mount;
mod preview1;
mod quota;
mod random;
mod refusal;
mod run;
mod sockets;
mod store;
mod stream;
mod trust;

use std::io;
use std::path::PathBuf;

pub use compile::{Compiler, SUBCOMMAND as COMPILE_SUBCOMMAND, child as compile_child};
pub use embedded::{EMBEDDED, Embedded, PROBE_MODULES};
pub use engine::Engine;
pub use guests::{Guest, Guests, Progress};
pub use inject::{Credential, Injections};
pub use meter::{LimitReached, Meter};
pub use mount::{MESSAGES_FILE, SEAWALL, WORK, join};
pub use quota::Left;
pub use run::{Directory, Input, Setup, run};
pub use trust::Trust;

/// What the host failed to do. What a guest did is never here.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the WebAssembly engine can't be set up")]
    Engine(#[source] wasmtime::Error),
    #[error("the cache of compiled guests `{path}` can't be used")]
    Cache { path: PathBuf, source: io::Error },
    #[error(
        "`{path}` could have been written by another account, and compiled code is only loaded \
         from where nobody else can write: make it yours with mode 0700, or remove it"
    )]
    CacheNotPrivate { path: PathBuf },
    #[error("this build has no `{name}` guest: run `make guests` and build again")]
    GuestMissing { name: String },
    #[error("the `{name}` guest doesn't compile")]
    Compile {
        name: String,
        source: wasmtime::Error,
    },
    #[error("the compiler for user modules can't be started")]
    Compiler(#[source] io::Error),
    /// Bad input: the message is for the module's author.
    #[error("this module can't be run: {why}")]
    Module { why: String },
    #[error("a sandbox can't be set up")]
    Setup(#[source] wasmtime::Error),
    #[error("`{path}` can't be mounted")]
    Mount { path: PathBuf, source: io::Error },
}
