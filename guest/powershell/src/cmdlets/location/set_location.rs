//! `Set-Location`: goes to a folder. Left out: `-StackName`, drives.
//!
//! [Set-Location](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/set-location)

use crate::cmdlets::location::visit::{go, path_given};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::types::path_info::PathInfo;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Set-Location",
    aliases: &["cd", "chdir", "sl"],
    params: "Path@0| LiteralPath/PSPath/LP PassThru?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let path = path_given(args, item).unwrap_or_else(place::home);
    if go(engine, &path)? && args.switch("PassThru") {
        let value = PathInfo::value(&engine.location);
        out.put(engine, value)?;
    }
    Ok(())
}
