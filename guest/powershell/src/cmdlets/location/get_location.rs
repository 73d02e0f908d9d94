//! `Get-Location`: the current folder. Left out: named stacks.
//!
//! [Get-Location](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/get-location)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::types::path_info::PathInfo;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Get-Location",
    aliases: &["gl", "pwd"],
    params: "",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, _: &Args, _: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let value = PathInfo::value(&engine.location);
    out.put(engine, value)
}
