//! Byte streams that a guest writes to: files under quota, standard output, and the messages file.
//!
//! File writes happen at once, on the calling thread: they go to the page cache, in pieces of at
//! most [`PIECE`], and are charged to the sandbox's CPU time there. Upstream's streams would hand
//! each to another thread, which costs more than the write and escapes that accounting.

use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

use super::quota::{Held, Inode, Quota};
use crate::worker::event::Stream;
use crate::worker::sink::Sink;

/// Most bytes a guest may hand over in one write; also what bounds the copy the host makes.
const PIECE: usize = 64 * 1024;

/// Writes to a regular file, charging growth to the quota first.
pub struct FileWriter {
    file: Arc<std::fs::File>,
    position: Position,
    quota: Arc<Quota>,
    closed: bool,
    _held: Option<Held>,
}

enum Position {
    At(u64),
    End,
}

impl FileWriter {
    /// Writes from `offset` on.
    pub fn at(file: Arc<std::fs::File>, offset: u64, quota: Arc<Quota>) -> Self {
        Self::new(file, Position::At(offset), quota)
    }

    /// Writes at the end, wherever that is by then.
    pub fn append(file: Arc<std::fs::File>, quota: Arc<Quota>) -> Self {
        Self::new(file, Position::End, quota)
    }

    fn new(file: Arc<std::fs::File>, position: Position, quota: Arc<Quota>) -> Self {
        let held = file
            .metadata()
            .ok()
            .map(|metadata| quota.hold(Inode::of(&metadata)));
        Self {
            file,
            position,
            quota,
            closed: false,
            _held: held,
        }
    }

    fn write_all(&mut self, bytes: &[u8]) -> StreamResult<()> {
        let before = self.file.metadata().map_err(failed)?.len();
        let offset = match self.position {
            Position::At(offset) => offset,
            Position::End => before,
        };
        let end = offset.saturating_add(bytes.len() as u64);
        self.quota
            .grow(before, end)
            .map_err(|limit| StreamError::Trap(wasmtime::Error::new(limit)))?;
        if let Err(error) = self.file.write_all_at(bytes, offset) {
            let after = self.file.metadata().map_or(before, |found| found.len());
            self.quota
                .release_bytes(end.max(before).saturating_sub(after.max(before)));
            return Err(failed(error));
        }
        if let Position::At(offset) = &mut self.position {
            *offset = end;
        }
        Ok(())
    }
}

fn failed(error: std::io::Error) -> StreamError {
    StreamError::LastOperationFailed(wasmtime::Error::new(error))
}

#[wasmtime_wasi::async_trait]
impl OutputStream for FileWriter {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        if self.closed {
            return Err(StreamError::Closed);
        }
        let result = self.write_all(&bytes);
        self.closed = result.is_err();
        result
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        if self.closed {
            return Err(StreamError::Closed);
        }
        Ok(PIECE)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for FileWriter {
    async fn ready(&mut self) {}
}

/// Hands what a guest writes to the sink of its run.
pub struct SinkWriter {
    sink: Arc<Sink>,
    what: Written,
}

/// What the bytes are.
#[derive(Debug, Clone, Copy)]
pub enum Written {
    Output(Stream),
    /// Lines of the messages file.
    Messages,
}

impl SinkWriter {
    /// A writer to `sink`.
    pub fn new(sink: Arc<Sink>, what: Written) -> Self {
        Self { sink, what }
    }
}

#[wasmtime_wasi::async_trait]
impl OutputStream for SinkWriter {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let taken = match self.what {
            Written::Output(stream) => self.sink.output_bytes(stream, &bytes),
            Written::Messages => self.sink.message_bytes(&bytes),
        };
        taken.map_err(|limit| StreamError::Trap(wasmtime::Error::new(limit)))
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(if self.sink.has_room() { PIECE } else { 0 })
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for SinkWriter {
    async fn ready(&mut self) {
        self.sink.room().await;
    }
}

/// Makes [`SinkWriter`]s for output; what `wasi:cli/stdout` and `stderr` are given.
pub struct OutputStreams {
    pub sink: Arc<Sink>,
    pub stream: Stream,
}

impl wasmtime_wasi::cli::IsTerminal for OutputStreams {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl wasmtime_wasi::cli::StdoutStream for OutputStreams {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        let what = Written::Output(self.stream);
        Box::new(SinkWriter::new(Arc::clone(&self.sink), what))
    }

    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        // Only WASI 0.3 asks for this form, and we don't link it.
        Box::new(tokio::io::sink())
    }
}
