//! Paths as text and as what is there.

pub mod convert_path;
pub mod drive;
pub mod given;
pub mod join_path;
pub mod named_item;
pub mod resolve_path;
pub mod split_path;
pub mod test_path;
