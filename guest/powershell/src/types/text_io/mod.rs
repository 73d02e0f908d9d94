//! Readers and writers of .NET, and the stream in memory that they may have below them.
//!
//! A reader has all of its text from the start. A writer to a file writes when it is flushed, closed or dropped; one to a
//! stream writes at once. A stream of a file has its bytes in memory, and writes them when it is
//! flushed, closed or dropped. Left out: `ReadBlock` and everything asynchronous.

pub mod file_stream;
pub mod memory_stream;
pub mod reader;
pub mod writer;

use crate::value::{Ctl, method_error};

/// A reader or writer, or a stream, that was closed before.
fn closed(what: &str) -> Ctl {
    method_error("System.ObjectDisposedException", what)
}
