//! Standard input, output and error. Nothing is buffered here: what a script prints has reached the host when the call ends.

use rquickjs::{Ctx, Result, TypedArray, Value};
use wasip2::cli::{stderr, stdin, stdout};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

use crate::bytes;
use crate::system::{Answer, thrown};

thread_local! {
    static STDIN: InputStream = stdin::get_stdin();
    static STDOUT: OutputStream = stdout::get_stdout();
    static STDERR: OutputStream = stderr::get_stderr();
}

/// `blocking-write-and-flush` takes at most this many bytes (WASI 0.2, `wasi:io/streams`).
const CHUNK_BYTES: usize = 4096;

/// Writes a string or bytes to standard output (1) or error (2).
pub fn write<'js>(ctx: Ctx<'js>, descriptor: u32, data: Value<'js>) -> Result<()> {
    let answer = bytes::with(&data, |bytes| match descriptor {
        2 => STDERR.with(|stream| write_all(stream, bytes)),
        _ => STDOUT.with(|stream| write_all(stream, bytes)),
    })?;
    thrown(&ctx, answer)
}

pub fn write_all<'js>(stream: &OutputStream, bytes: &[u8]) -> Answer<'js, ()> {
    for chunk in bytes.chunks(CHUNK_BYTES) {
        stream.blocking_write_and_flush(chunk).map_err(|error| match error {
            StreamError::Closed => "EPIPE",
            StreamError::LastOperationFailed(_) => "EIO",
        })?;
    }
    Ok(())
}

/// Reads at most `n` bytes of standard input, waiting for at least one; `null` at its end.
pub fn read<'js>(ctx: Ctx<'js>, n: u32) -> Result<Option<TypedArray<'js, u8>>> {
    let answer = STDIN.with(|stream| loop {
        match stream.blocking_read(u64::from(n)) {
            Ok(bytes) if bytes.is_empty() => continue,
            Ok(bytes) => return Ok(Some(bytes)),
            Err(StreamError::Closed) => return Ok(None),
            Err(StreamError::LastOperationFailed(_)) => return Err("EIO"),
        }
    });
    thrown(&ctx, answer)?.map(|bytes| TypedArray::new(ctx, bytes)).transpose()
}

pub fn stdin_ready() -> bool {
    STDIN.with(|stream| stream.subscribe().ready())
}

pub fn stdin_pollable() -> wasip2::io::poll::Pollable {
    STDIN.with(|stream| stream.subscribe())
}
