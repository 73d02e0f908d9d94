//! Seawall's PowerShell guest: runs the script named by `argv[0]` as `pwsh -File SCRIPT ARGS` would.
//!
//! A plain WASI command: argv, environment, files, the three standard streams, `wasi:http`. It starts no process
//! and enforces nothing: what a script may reach is decided outside. A script is parsed ([`parse`]) and checked
//! ([`check`]) whole before [`eval`] runs any of it; what isn't supported is refused by name.

pub mod check;
pub mod cmdlets;
pub mod eval;
pub mod format;
pub mod host;
pub mod http;
pub mod lex;
pub mod octopus;
pub mod parse;
pub mod place;
pub mod run;
pub mod types;
pub mod value;
