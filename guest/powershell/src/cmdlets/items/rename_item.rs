//! `Rename-Item`: renames a file or folder.
//!
//! [Rename-Item](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/rename-item)

use crate::cmdlets::items::change::{io, is_dry};
use crate::cmdlets::paths::given::given;
use crate::cmdlets::paths::{drive, named_item};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::types::file_info::FileInfo;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Rename-Item",
    aliases: &["ren", "rni"],
    params: "Path@0|^ NewName@1!~ LiteralPath/PSPath/LP^ Force? PassThru? WhatIf? Confirm?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    for path in given(args, item.as_ref()) {
        let Some(from) = there(engine, args, &path)? else {
            continue;
        };
        let name = args.required("NewName")?.text();
        // A path is taken if it means the same folder.
        let folder = place::parent(&from);
        let to = match name.contains('/') {
            true => place::absolute(&engine.location, &name),
            false => format!("{}/{name}", folder.trim_end_matches('/')),
        };
        if place::parent(&to) != folder {
            engine.soft_error(
                "System.Management.Automation.PSArgumentException",
                "Argument",
                "InvalidArgument",
                "Cannot rename the specified target, because it represents a path or device name. (Parameter 'newName')",
                Value::from(from),
            )?;
            continue;
        }
        if place::exists(&to) {
            engine.soft_error(
                "System.IO.IOException",
                "RenameItemIOError",
                "WriteError",
                "Cannot create a file when that file already exists.",
                Value::from(from),
            )?;
            continue;
        }
        let action = match place::is_folder(&from) {
            true => "Rename Directory",
            false => "Rename File",
        };
        let change = format!("Item: {from} Destination: {to}");
        if is_dry(engine, args, action, &change)? {
            continue;
        }
        let result = std::fs::rename(place::real(&from), place::real(&to));
        if io(engine, &from, result)? && args.switch("PassThru") {
            out.put(engine, FileInfo::value(&to))?;
        }
    }
    Ok(())
}

/// The one item of that path, which may have wildcards for it; `None` if it was reported that there is none or more
/// (RenameItemCommand.ProcessRecord).
fn there(engine: &mut Engine, args: &Args, path: &str) -> R<Option<String>> {
    if drive::is_missing(engine, path)? || named_item::is_named(args, path)? {
        return Ok(None);
    }
    let found = match args.has("LiteralPath") {
        true => Vec::new(),
        false => place::glob(&engine.location, path),
    };
    let full = match found.as_slice() {
        [one] => one.clone(),
        _ => place::absolute(&engine.location, path),
    };
    if place::exists(&full) {
        return Ok(Some(full));
    }
    engine.soft_error(
        "System.Management.Automation.PSInvalidOperationException",
        "InvalidOperation",
        "InvalidOperation",
        format!("Cannot rename because item at '{path}' does not exist."),
        Value::Null,
    )?;
    Ok(None)
}
