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
    let texts: Vec<String> = items.iter().map(Value::text).collect();
    let Some(first) = texts.first() else {
        return Ok(());
    };
    // One document a text if the first is one, else the lines of a single document.
    let first = match read(args, first) {
        Err(ctl) if texts.len() == 1 => return Err(ctl),
        other => other.ok(),
    };
    if let Some(value) = &first {
        put(engine, args, value.clone(), out)?;
    }
    if texts.len() > 1 && first.is_none_or(|value| value.is_null()) {
        let value = read(args, &texts.join("\n"))?;
        return put(engine, args, value, out);
    }
    for text in &texts[1..] {
        let value = read(args, text)?;
        put(engine, args, value, out)?;
    }
    Ok(())
}

/// A document's value; a text with nothing in it is null.
fn read(args: &Args, text: &str) -> R<Value> {
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    let max_depth = match args.int("Depth")? {
        Some(n) => usize::try_from(n).unwrap_or(0),
        None => MAX_DEPTH,
    };
    parse(text, args.switch("AsHashtable"), max_depth)
}

fn put(engine: &mut Engine, args: &Args, value: Value, out: &mut dyn Sink) -> R<()> {
    if args.switch("NoEnumerate") {
        return out.put(engine, value);
    }
    engine.put_value(value, out)
}
