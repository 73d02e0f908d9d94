//! `Write-Host`: writes to the log. Left out: colours are taken and not shown.
//!
//! [Write-Host](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/write-host)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Action, Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Write-Host",
    aliases: &[],
    params: "Object/Msg/Message@0|* NoNewline? Separator ForegroundColor BackgroundColor",
    run: Run::Each(run),
};

/// Objects as `Write-Host` prints them: collections joined by the separator.
fn joined(engine: &mut Engine, value: &Value, separator: &str) -> R<String> {
    match value {
        _ if value.is_collection() => {
            let mut parts = Vec::new();
            for item in value.to_items() {
                parts.push(joined(engine, &item, separator)?);
            }
            Ok(parts.join(separator))
        }
        // A table is a collection of entries, which .NET shows by their type's name.
        Value::Hash(hash) => {
            Ok(vec!["System.Collections.DictionaryEntry"; hash.len()].join(separator))
        }
        other => engine.text(other),
    }
}

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    // The one action that it heeds.
    if engine.streams.information_action == Some(Action::Ignore) {
        return Ok(());
    }
    let value = item
        .or_else(|| args.get("Object").cloned())
        .unwrap_or_default();
    let separator = args.text("Separator").unwrap_or_else(|| " ".to_owned());
    let text = joined(engine, &value, &separator)?;
    engine.host(&text, !args.switch("NoNewline"))
}
