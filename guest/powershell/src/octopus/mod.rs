//! Octopus's helpers: service messages, levels of output, variables.
//!
//! What a helper has to say goes to `/seawall/out/messages`, one service message a line; what people read goes to
//! stdout between those. Where that file can't be opened, messages go to stdout as Octopus has them. Nothing is
//! opened before the first helper that needs it.

pub mod level;
pub mod message;
pub mod variables;

/// Whether a server listens: the messages file is there.
pub fn is_present() -> bool {
    message::is_open()
}
