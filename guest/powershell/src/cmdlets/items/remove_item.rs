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
        if !selection.takes(place::file_name(&path)) {
            continue;
        }
        let action = match place::is_folder(&path) {
            true => "Remove Directory",
            false => "Remove File",
        };
        if is_dry(engine, args, action, &path)? {
            continue;
        }
        if place::is_folder(&path) && !place::names(&path).is_empty() && !args.switch("Recurse") {
            engine.soft_error(
                "System.Management.Automation.PSInvalidOperationException",
                "ContainerNotEmpty",
                "InvalidOperation",
                format!("The item at {path} has children and the Recurse parameter was not specified, so nothing was removed: there is nobody to ask."),
                Value::from(path),
            )?;
            continue;
        }
        let result = if place::is_folder(&path) {
            std::fs::remove_dir_all(place::real(&path))
        } else {
            std::fs::remove_file(place::real(&path))
        };
        io(engine, &path, result)?;
    }
    Ok(())
}
