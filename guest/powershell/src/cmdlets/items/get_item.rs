//! `Get-Item`: a file, a folder or an environment variable. Left out: `-Stream`.
//!
//! [Get-Item](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/get-item)

use crate::cmdlets::paths::given::resolved;
use crate::cmdlets::paths::named_item;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::types::file_info::FileInfo;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Get-Item",
    aliases: &["gi"],
    params: "Path@0|^ LiteralPath/PSPath/LP^ Force? Filter Include Exclude",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    for named in named_item::all(args, item.as_ref()) {
        for (name, value) in named.found(engine)? {
            out.put(engine, named.shown(&name, value))?;
        }
    }
    for path in resolved(engine, args, item.as_ref())? {
        if place::is_hidden(&path) && !args.switch("Force") {
            hidden(engine, &path)?;
            continue;
        }
        out.put(engine, FileInfo::value(&path))?;
    }
    Ok(())
}

/// A name that begins with a dot is found with `-Force` only.
fn hidden(engine: &mut Engine, path: &str) -> R<()> {
    engine.soft_error(
        "System.IO.IOException",
        "ItemNotFound",
        "ObjectNotFound",
        format!("Could not find item {path}."),
        Value::from(path),
    )
}
