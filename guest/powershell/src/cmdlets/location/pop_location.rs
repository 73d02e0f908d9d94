//! `Pop-Location`: goes back to the remembered folder. Left out: named stacks.
//!
//! [Pop-Location](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/pop-location)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::types::path_info::PathInfo;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Pop-Location",
    aliases: &["popd"],
    params: "PassThru?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, _: Option<Value>, out: &mut dyn Sink) -> R<()> {
    if let Some(path) = engine.location_stack.pop() {
        engine.location = path;
    }
    if args.switch("PassThru") {
        let value = PathInfo::value(&engine.location);
        out.put(engine, value)?;
    }
    Ok(())
}
