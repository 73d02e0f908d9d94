//! How the process ends: with any code from 0 to 255.
//!
//! On WASI `std::process::exit` keeps only "zero or not" (`wasi:cli/exit.exit` takes a result), so 126, 127 and
//! 130 need `exit-with-code`.

/// Ends the process with `code`, cut to a byte as the kernel does.
pub fn with_code(code: i32) -> ! {
    let code = u8::try_from(code & 0xff).expect("masked to a byte");
    #[cfg(target_os = "wasi")]
    wasip2::cli::exit::exit_with_code(code);
    std::process::exit(i32::from(code))
}
