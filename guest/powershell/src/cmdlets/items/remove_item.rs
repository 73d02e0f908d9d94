//! `Remove-Item`: removes files, folders, environment and other variables. Left out: asking: a folder with something in it needs `-Recurse`.
//!
//! [Remove-Item](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/remove-item)

use crate::cmdlets::items::change::{io, is_dry};
use crate::cmdlets::items::selection::Selection;
use crate::cmdlets::paths::given::resolved;
use crate::cmdlets::paths::named_item;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Remove-Item",
    aliases: &["rm", "del", "erase", "rd", "ri", "rmdir"],
    params: "Path@0|^ LiteralPath/PSPath/LP^ Recurse? Force? Include Exclude Filter WhatIf? Confirm?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    for named in named_item::all(args, item.as_ref()) {
        named.remove(engine, args)?;
    }
    let selection = Selection::of(args);
    for path in resolved(engine, args, item.as_ref())? {
        let action = match place::is_folder(&path) {
            true => "Remove Directory",
            false => "Remove File",
        };
        if is_dry(engine, args, action, &path)? {
            continue;
        }
        if place::is_tree(&path) && !place::names(&path).is_empty() && !args.switch("Recurse") {
            engine.soft_error(
                "System.Management.Automation.PSInvalidOperationException",
                "ContainerNotEmpty",
                "InvalidOperation",
                format!("The item at {path} has children and the Recurse parameter was not specified, so nothing was removed: there is nobody to ask."),
                Value::from(path),
            )?;
            continue;
        }
        remove(engine, &path, args.switch("Force"), &selection)?;
    }
    Ok(())
}

/// Removes the item with all that is in it. Hidden items stay without `-Force`, and files that the `-Filter` doesn't take
/// (FileSystemProvider.RemoveDirectoryInfoItem); so do the folders that they are in.
fn remove(engine: &mut Engine, path: &str, has_force: bool, selection: &Selection) -> R<()> {
    let is_folder = place::is_tree(path);
    if has_force && is_folder && !selection.has_filter() {
        let result = std::fs::remove_dir_all(place::real(path));
        return io(engine, path, result).map(drop);
    }
    if is_folder {
        for name in place::names(path) {
            let path = format!("{path}/{name}");
            if place::is_tree(&path) || selection.is_filtered_in(&name) {
                remove(engine, &path, has_force, selection)?;
            }
        }
        if !place::names(path).is_empty() {
            return stays(
                engine,
                path,
                "DirectoryNotEmpty",
                "Directory cannot be removed because it is not empty.",
            );
        }
    }
    if !has_force && place::is_hidden(path) {
        return stays(
            engine,
            path,
            "RemoveFileSystemItemUnAuthorizedAccess",
            "You do not have sufficient access rights to perform this operation or the item is hidden, system, or read only.",
        );
    }
    io(engine, path, place::remove_alone(path)).map(drop)
}

fn stays(engine: &mut Engine, path: &str, id: &str, why: &str) -> R<()> {
    engine.soft_error(
        "System.IO.IOException",
        id,
        "PermissionDenied",
        format!("Cannot remove item {path}: {why}"),
        Value::from(path),
    )
}
