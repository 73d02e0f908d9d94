//! `Set-OctopusVariable`: an output variable.
//!
//! [Custom scripts](https://octopus.com/docs/deployments/custom-scripts)

use ::octopus::message;

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Set-OctopusVariable",
    aliases: &[],
    params: "Name@0! Value@1 Sensitive?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, _: Option<Value>, _: &mut dyn Sink) -> R<()> {
    engine.printer.flush_pending()?;
    let name = args.text("Name").unwrap_or_default();
    let value = args.value("Value").unwrap_or_default();
    let text = engine.text(&value)?;
    let mut attributes = vec![("name", name.as_str()), ("value", text.as_str())];
    if args.switch("Sensitive") {
        attributes.push(("sensitive", "True"));
    }
    message::send("setVariable", &attributes);
    Ok(())
}
