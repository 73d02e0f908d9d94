//! The process's standard streams, as the interpreter sees them: unbuffered writes in script order, lazy reads.

use std::io::{Read, Write};

/// How much of stdin is taken at once: a pipe's usual capacity.
const STDIN_CHUNK_BYTES: usize = 64 * 1024;

/// Writes to stdout at once, so that nothing overtakes it on stderr or in the messages file.
pub fn write_stdout(bytes: &[u8]) -> std::io::Result<()> {
    let mut stream = std::io::stdout().lock();
    stream.write_all(bytes)?;
    stream.flush()
}

/// Writes to stderr at once.
pub fn write_stderr(bytes: &[u8]) -> std::io::Result<()> {
    std::io::stderr().lock().write_all(bytes)
}

/// The next piece of stdin; empty at its end, or if it cannot be read.
pub fn read_stdin() -> Vec<u8> {
    let mut chunk = vec![0; STDIN_CHUNK_BYTES];
    let n = std::io::stdin().lock().read(&mut chunk).unwrap_or(0);
    chunk.truncate(n);
    chunk
}
