//! Zip archives.

pub mod compress_archive;
pub mod expand_archive;
pub mod fault;
