//! `Get-Item`: a file, a folder or an environment variable. Left out: `-Stream`.
//!
//! [Get-Item](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/get-item)

use crate::cmdlets::items::selection::Selection;
use crate::cmdlets::paths::given::resolved;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::types::file_info::FileInfo;
use crate::value::{Object, R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Get-Item",
    aliases: &["gi"],
    params: "Path@0|^ LiteralPath/PSPath/LP^ Force? Filter Include Exclude",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let given = args.text("Path").unwrap_or_default();
    if let Some(name) = given
        .strip_prefix("env:")
        .or_else(|| given.strip_prefix("Env:"))
    {
        let found = place::env(name).map(|value| {
            Object::with(
                "System.Collections.DictionaryEntry",
                [
                    ("Name", Value::from(name)),
                    ("Key", Value::from(name)),
                    ("Value", Value::from(value)),
                ],
            )
        });
        return match found {
            Some(found) => out.put(engine, found),
            None => engine.path_not_found(&given),
        };
    }
    let selection = Selection::of(args);
    for path in resolved(engine, args, item.as_ref())? {
        if !selection.takes(place::file_name(&path)) {
            continue;
        }
        out.put(engine, FileInfo::value(&path))?;
    }
    Ok(())
}
