//! `System.IO.Compression`: zip archives, whole or entry by entry.
//!
//! An archive is in memory while it is open; one that was opened to be changed is written when it is disposed of. Left out:
//! streams of other kinds of compression.

mod archive;
mod folder;
pub mod statics;
