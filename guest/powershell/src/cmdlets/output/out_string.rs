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
    if args.switch("Stream") && args.switch("NoNewline") {
        return Err(crate::eval::ambiguous());
    }
    let items = crate::cmdlets::inputs(args, input);
    let text = if args.switch("NoNewline") {
        unbroken(engine, args, &items)?
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

/// The text without the ends of lines, apart from those within strings.
fn unbroken(engine: &mut Engine, args: &Args, items: &[Value]) -> R<String> {
    let mut text = String::new();
    let is_string = |value: &Value| matches!(value, Value::Str(_));
    for group in items.chunk_by(|a, b| is_string(a) == is_string(b)) {
        if is_string(&group[0]) {
            text.extend(group.iter().map(Value::text));
        } else {
            text += &formatted(engine, args, group)?.replace('\n', "");
        }
    }
    Ok(text)
}
