//! `Write-Progress`: progress, to Octopus only: a bar has no place in a log.
//!
//! [Write-Progress](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/write-progress)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Write-Progress",
    aliases: &[],
    params: "Activity@0 Status@1 Id@2 PercentComplete SecondsRemaining CurrentOperation ParentId Completed? SourceId",
    run: Run::Each(run),
};

/// A progress bar has no place in a log; Octopus is told where it listens.
fn run(_: &mut Engine, args: &Args, _: Option<Value>, _: &mut dyn Sink) -> R<()> {
    if let Some(percent) = args.int("PercentComplete")? {
        let text = args
            .text("Status")
            .or_else(|| args.text("Activity"))
            .unwrap_or_default();
        ::octopus::message::send_to_host(
            "progress",
            &[("percentage", &percent.to_string()), ("message", &text)],
        );
    }
    Ok(())
}
