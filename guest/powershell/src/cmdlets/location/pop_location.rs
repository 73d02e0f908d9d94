//! `Pop-Location`: goes back to the remembered folder. Left out: named stacks.
//!
//! [Pop-Location](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/pop-location)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Pop-Location",
    aliases: &["popd"],
    params: "PassThru?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, _: &Args, _: Option<Value>, _: &mut dyn Sink) -> R<()> {
    if let Some(path) = engine.location_stack.pop() {
        engine.location = path;
    }
    Ok(())
}
