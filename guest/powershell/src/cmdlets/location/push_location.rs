//! `Push-Location`: goes to a folder and remembers the last. Left out: named stacks.
//!
//! [Push-Location](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/push-location)

use crate::cmdlets::location::visit::{go, path_given};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::types::path_info::PathInfo;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Push-Location",
    aliases: &["pushd"],
    params: "Path@0| LiteralPath/PSPath/LP PassThru?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let before = engine.location.clone();
    let is_there = match path_given(args, item) {
        Some(path) => go(engine, &path)?,
        None => true,
    };
    if is_there {
        engine.location_stack.push(before);
        if args.switch("PassThru") {
            let value = PathInfo::value(&engine.location);
            out.put(engine, value)?;
        }
    }
    Ok(())
}
