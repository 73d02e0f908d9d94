//! What guests and server say to each other beyond WASI: service messages out, variables in, as `../README.md` has it.
//!
//! Opens nothing before the first use, and enforces nothing: what may be read, and which messages count, is decided outside.
//! Natively, where interpreters are tested, two environment variables name other files.

pub mod base64;
pub mod message;
pub mod variables;
