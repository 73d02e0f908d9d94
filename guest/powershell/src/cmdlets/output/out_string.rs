//! `Out-String`: what would be shown, as text.
//!
//! [Out-String](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/out-string)

use crate::cmdlets::output::shown::formatted;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Out-String",
    aliases: &["oss"],
    params: "Stream? Width NoNewline? InputObject|",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let items = crate::cmdlets::inputs(args, input);
    let text = if args.switch("NoNewline") {
        items.iter().map(Value::text).collect()
    } else {
        formatted(engine, args, &items)?
    };
    if args.switch("Stream") {
        for line in text.lines() {
            out.put(engine, Value::from(line))?;
        }
        return Ok(());
    }
    out.put(engine, Value::from(text))
}
