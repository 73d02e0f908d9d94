//! `seawall doctor`: attacks the wall with every probe, and says what was contained.
use clap::Args;

use super::Failure;
use super::exit::Exit;

#[derive(Debug, Args)]
pub struct Arguments {}

/// Runs the command.
pub async fn run(_arguments: Arguments) -> Result<Exit, Failure> {
    Err(Failure::new(Exit::Host, anyhow::anyhow!("not built yet")))
}
