//! `Write-Output`: puts objects into the pipeline.
//!
//! [Write-Output](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/write-output)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Write-Output",
    aliases: &["echo", "write"],
    params: "InputObject@0|* NoEnumerate?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let value = match item {
        Some(item) => item,
        None => args.get("InputObject").cloned().unwrap_or(Value::Nothing),
    };
    if args.switch("NoEnumerate") {
        return out.put(engine, value);
    }
    engine.put_value(value, out)
}
