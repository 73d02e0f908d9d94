//! `seawall`: parse, set up logging, run, exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    seawall::cli::main()
}
