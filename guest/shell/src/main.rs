//! Seawall's shell guest: runs the script named by `argv[0]` as `bash SCRIPT ARGS` would.
//!
//! A plain WASI command around the `bashkit` interpreter: argv, environment, files and the three standard
//! streams, `wasi:http` for `curl`. It has no host functions, starts no process, and enforces nothing: what a
//! script may reach is decided outside. Start with [`session`], which puts the parts together.

mod clock;
mod commands;
mod disk;
mod exit;
mod http;
mod octopus;
mod session;
mod stdio;

fn main() {
    let mut argv = std::env::args();
    let script = argv.next().unwrap_or_default();
    let code = session::run(&script, argv.collect());
    exit::with_code(code)
}
