//! `Fail-Step`: ends the step as failed, with a message.
//!
//! [Custom scripts](https://octopus.com/docs/deployments/custom-scripts)

use ::octopus::message;

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Fail-Step",
    aliases: &[],
    params: "Message@0",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, _: Option<Value>, _: &mut dyn Sink) -> R<()> {
    engine.printer.flush_pending()?;
    match args.text("Message").filter(|text| !text.is_empty()) {
        Some(text) => message::send("resultMessage", &[("message", &text)]),
        None => message::send("resultMessage", &[]),
    }
    engine.exit(1)
}
