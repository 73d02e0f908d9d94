//! The process's standard streams and its end.

use std::io::{Read, Write};

/// Writes to stdout at once, so that nothing overtakes it on stderr or in the messages file.
pub fn stdout(text: &str) {
    let mut stream = std::io::stdout().lock();
    // A closed stdout has nobody left to tell.
    let _ = stream
        .write_all(text.as_bytes())
        .and_then(|()| stream.flush());
}

/// Writes to stderr at once.
pub fn stderr(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// All of stdin, as text.
pub fn stdin() -> String {
    let mut bytes = Vec::new();
    let _ = std::io::stdin().lock().read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A line of stdin; `None` at its end.
pub fn stdin_line() -> Option<String> {
    let mut line = String::new();
    match std::io::stdin().read_line(&mut line) {
        Ok(n) if n > 0 => Some(line.trim_end_matches(['\n', '\r']).to_owned()),
        _ => None,
    }
}

/// Ends the process with `code`, cut to a byte as the kernel does.
///
/// On WASI `std::process::exit` keeps only "zero or not", so other codes need `exit-with-code`.
pub fn exit(code: i32) -> ! {
    let code = u8::try_from(code & 0xff).expect("masked to a byte");
    #[cfg(target_os = "wasi")]
    wasip2::cli::exit::exit_with_code(code);
    std::process::exit(i32::from(code))
}

/// Waits.
pub fn pause(duration: std::time::Duration) {
    std::thread::sleep(duration);
}

/// Bytes that nobody can guess.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the host has random bytes");
    bytes
}
