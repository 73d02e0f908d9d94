//! The current folder.

pub mod get_location;
pub mod pop_location;
pub mod push_location;
pub mod set_location;
pub mod visit;
