//! `ConvertTo-Json`: JSON from values.
//!
//! [ConvertTo-Json](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/convertto-json)

use crate::cmdlets::data::json_writer::{Escapes, Layout, write};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{Object, R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "ConvertTo-Json",
    aliases: &[],
    params: "InputObject@0| Depth Compress? AsArray? EnumsAsStrings? EscapeHandling",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let value = if args.has_input {
        if input.is_empty() {
            return Ok(());
        }
        let mut input: Vec<Value> = input.into_iter().map(of_pipe).collect();
        if args.switch("AsArray") || input.len() > 1 {
            Value::from(input)
        } else {
            input.pop().unwrap_or_default()
        }
    } else {
        let value = args.get("InputObject").cloned().unwrap_or_default();
        if args.switch("AsArray") && !value.is_enumerated() {
            Value::from(vec![value])
        } else {
            value
        }
    };
    let depth = args.int("Depth")?.unwrap_or(2).max(0) as usize;
    let layout = Layout {
        depth,
        is_compressed: args.switch("Compress"),
        enums_as_text: args.switch("EnumsAsStrings"),
        escapes: escapes(args),
    };
    let (text, is_truncated) = write(engine, &value, &layout)?;
    if is_truncated {
        engine.warning(&format!(
            "Resulting JSON is truncated as serialization has exceeded the set depth of {depth}."
        ))?;
    }
    out.put(engine, Value::from(text))
}

/// A GUID that comes through a pipe has the property that PowerShell adds to it.
fn of_pipe(item: Value) -> Value {
    if item.type_name() != "System.Guid" {
        return item;
    }
    let text = Value::from(item.text());
    Object::custom_with([("value", text.clone()), ("Guid", text)])
}

fn escapes(args: &Args) -> Escapes {
    match args.text("EscapeHandling").as_deref() {
        Some("EscapeNonAscii") => Escapes::NonAscii,
        Some("EscapeHtml") => Escapes::Html,
        _ => Escapes::Default,
    }
}
