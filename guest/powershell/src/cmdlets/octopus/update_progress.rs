//! `Update-Progress`: the progress of the step.
//!
//! [Custom scripts](https://octopus.com/docs/deployments/custom-scripts)

use ::octopus::message;

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Update-Progress",
    aliases: &[],
    params: "Percentage@0! Message@1",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, _: Option<Value>, _: &mut dyn Sink) -> R<()> {
    engine.printer.flush_pending()?;
    let percentage = args.int("Percentage")?.unwrap_or(0).to_string();
    message::send(
        "progress",
        &[
            ("percentage", &percentage),
            ("message", &args.text("Message").unwrap_or_default()),
        ],
    );
    Ok(())
}
