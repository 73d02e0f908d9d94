//! `Get-Culture` and `Get-UICulture`: the culture of a session is en-US by name, invariant in effect.
//!
//! Another culture than the current one is there by its name only. Left out: `-NoUserOverrides`, `-ListAvailable`.
//! [Get-Culture](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/get-culture)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::types::culture::{CURRENT, culture};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Get-Culture",
    aliases: &[],
    params: "Name@0",
    run: Run::Each(run),
};

pub const UI_CMDLET: Cmdlet = Cmdlet {
    name: "Get-UICulture",
    aliases: &[],
    params: "",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, _: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let names = args
        .value("Name")
        .map(|names| names.to_items())
        .unwrap_or_default();
    if names.is_empty() {
        return out.put(engine, culture(CURRENT));
    }
    for name in names {
        out.put(engine, culture(&name.text()))?;
    }
    Ok(())
}
