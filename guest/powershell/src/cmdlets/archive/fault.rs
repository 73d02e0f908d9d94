//! What is said of an archive that can't be used.

use crate::value::{Ctl, fail};

/// A path that names nothing.
pub fn missing(path: &str) -> Ctl {
    fail(
        "System.InvalidOperationException",
        "ArchiveCmdletPathNotFound",
        format!("The path '{path}' either does not exist or is not a valid file system path."),
    )
}

pub fn broken(path: &str, error: impl std::fmt::Display) -> Ctl {
    fail(
        "System.IO.InvalidDataException",
        "InvalidDataException",
        format!("The archive '{path}' can't be used: {error}"),
    )
}
