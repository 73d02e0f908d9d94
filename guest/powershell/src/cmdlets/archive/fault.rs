//! What is said of an archive that can't be used.

use crate::value::{Ctl, fail};

pub fn broken(path: &str, error: impl std::fmt::Display) -> Ctl {
    fail(
        "System.IO.InvalidDataException",
        "InvalidDataException",
        format!("The archive '{path}' can't be used: {error}"),
    )
}
