//! `Tee-Object`: passes objects on and keeps a copy. Left out: `-InputObject` as a stream.
//!
//! [Tee-Object](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/tee-object)

use crate::cmdlets::content::file::write;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Tee-Object",
    aliases: &["tee"],
    params: "FilePath/Path@0 Variable LiteralPath/PSPath/LP Append? InputObject|",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let items = crate::cmdlets::inputs(args, input);
    if let Some(name) = args.text("Variable") {
        engine.set_here(&name, Value::collapse(items.clone()));
    }
    if let Some(path) = args.text("FilePath").or_else(|| args.text("LiteralPath")) {
        write(engine, &path, &items, args.switch("Append"))?;
    }
    for item in items {
        out.put(engine, item)?;
    }
    Ok(())
}
