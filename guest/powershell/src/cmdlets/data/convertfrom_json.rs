//! `ConvertFrom-Json`: values from JSON. Left out: `-DateKind`.
//!
//! [ConvertFrom-Json](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/convertfrom-json)

use crate::cmdlets::data::json_reader::{MAX_DEPTH, parse};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "ConvertFrom-Json",
    aliases: &[],
    params: "InputObject@0|^ AsHashtable? Depth NoEnumerate?",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let items = crate::cmdlets::inputs(args, input);
    // Lines of one document, or one document a line.
    let texts: Vec<String> = items.iter().map(Value::text).collect();
    let whole = texts.join("\n");
    if whole.trim().is_empty() {
        // A text with nothing in it is null.
        return match texts.is_empty() {
            true => Ok(()),
            false => out.put(engine, Value::Null),
        };
    }
    let as_hash = args.switch("AsHashtable");
    let max_depth = match args.int("Depth")? {
        Some(n) => usize::try_from(n).unwrap_or(0),
        None => MAX_DEPTH,
    };
    let values = match parse(&whole, as_hash, max_depth) {
        Ok(value) => vec![value],
        Err(ctl) if texts.len() == 1 => return Err(ctl),
        Err(ctl) => {
            let each = texts.iter().map(|text| parse(text, as_hash, max_depth));
            let each: R<Vec<Value>> = each.collect();
            each.map_err(|_| ctl)?
        }
    };
    for value in values {
        if args.switch("NoEnumerate") {
            out.put(engine, value)?;
        } else {
            engine.put_value(value, out)?;
        }
    }
    Ok(())
}
