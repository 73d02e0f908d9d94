//! `Copy-Item`: copies files and folders. Left out: sessions and `-Container:$false`, and `-Confirm`.
//!
//! [Copy-Item](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/copy-item)

use crate::cmdlets::items::change::{copy_tree, io, is_dry, is_within, target, value_for};
use crate::cmdlets::items::selection::Selection;
use crate::cmdlets::paths::drive;
use crate::cmdlets::paths::given::resolved;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::types::file_info::FileInfo;
use crate::value::{R, Value, refuse};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Copy-Item",
    aliases: &["cp", "copy", "cpi"],
    params: "Path@0|^ Destination@1 LiteralPath/PSPath/LP^ Recurse? Force? Container? PassThru? Include Exclude Filter WhatIf? Confirm?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    if args.has("Container") && !args.switch("Container") {
        return Err(refuse(
            "Copy-Item -Container:$false is not supported. Copy the files with Get-ChildItem -Recurse -File | Copy-Item.",
        ));
    }
    let selection = Selection::of(args);
    let destination = value_for(engine, args, "Destination", item.as_ref())?;
    let destination = destination.map(|value| value.text());
    let destination = destination.as_deref();
    if drive::is_missing(engine, destination.unwrap_or_default())? {
        return Ok(());
    }
    for from in resolved(engine, args, item.as_ref())? {
        let to = target(engine, destination, &from);
        if is_within(&to, &from) {
            engine.soft_error(
                "System.IO.IOException",
                "CopyError",
                "WriteError",
                format!("Cannot overwrite the item {from} with itself."),
                Value::from(from),
            )?;
            continue;
        }
        if is_dry(
            engine,
            args,
            "Copy File",
            &format!("Item: {from} Destination: {to}"),
        )? {
            continue;
        }
        let result = if place::is_folder(&from) && !args.switch("Recurse") {
            std::fs::create_dir_all(place::real(&to))
        } else {
            copy_tree(&from, &to, &|name| selection.is_excluded(name))
        };
        let result = match result {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                engine.soft_error(
                    "System.IO.DirectoryNotFoundException",
                    "CopyDirectoryInfoItemIOError",
                    "WriteError",
                    format!("Could not find a part of the path '{to}'."),
                    Value::from(to.as_str()),
                )?;
                continue;
            }
            other => other,
        };
        if io(engine, &from, result)? && args.switch("PassThru") {
            out.put(engine, FileInfo::value(&to))?;
        }
    }
    Ok(())
}
