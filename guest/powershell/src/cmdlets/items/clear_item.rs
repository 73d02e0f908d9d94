//! `Clear-Item`: clears an environment variable. Left out: files (`Clear-Content` does that).
//!
//! [Clear-Item](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/clear-item)

use crate::cmdlets::paths::named_item;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Clear-Item",
    aliases: &["cli"],
    params: "Path@0|^",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let path = item.map_or_else(|| args.text("Path").unwrap_or_default(), |item| item.text());
    match named_item::of(&path) {
        Some(named) => named.set(engine, Value::Null),
        None => Err(crate::value::refuse(
            "Clear-Item works on env: and variable: only. Use Clear-Content for files.",
        )),
    }
}
