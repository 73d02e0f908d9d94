//! Octopus's helpers: service messages, levels of output, variables.
//!
//! What a helper has to say goes to `/seawall/out/messages`, one service message a line; what people read goes to
//! stdout between those. Where that file can't be opened, messages go to stdout as Octopus has them. Nothing is
//! opened before the first helper that needs it.

pub mod level;
pub mod variables;

/// Whether the script is a step, or is tried out as one: a server listens, and it has variables.
///
/// `seawall run` without variables is plain PowerShell.
pub fn is_step() -> bool {
    ::octopus::variables::are_there() && ::octopus::message::is_open()
}

/// Whether a server listens: the messages file is there.
pub fn is_present() -> bool {
    ::octopus::message::is_open()
}
