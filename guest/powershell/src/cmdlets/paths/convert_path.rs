//! `Convert-Path`: the full paths, as text.
//!
//! [Convert-Path](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/convert-path)

use crate::cmdlets::paths::given::resolved;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Convert-Path",
    aliases: &["cvpa"],
    params: "Path@0|^ LiteralPath/PSPath/LP^",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    for path in resolved(engine, args, item.as_ref())? {
        out.put(engine, Value::from(path))?;
    }
    Ok(())
}
