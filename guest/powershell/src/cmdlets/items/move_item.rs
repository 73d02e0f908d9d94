//! `Move-Item`: moves files and folders, between mounts too.
//!
//! [Move-Item](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/move-item)

use crate::cmdlets::items::change::{into, io, is_dry, is_within, target};
use crate::cmdlets::paths::drive;
use crate::cmdlets::paths::given::resolved;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::types::file_info::FileInfo;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Move-Item",
    aliases: &["mv", "move", "mi"],
    params: "Path@0|^ Destination@1~ LiteralPath/PSPath/LP^ Force? PassThru? Include Exclude Filter WhatIf? Confirm?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    if drive::is_missing(engine, &args.text("Destination").unwrap_or_default())? {
        return Ok(());
    }
    for from in resolved(engine, args, item.as_ref())? {
        let to = target(engine, args, &from);
        let is_folder = place::is_folder(&from);
        if is_within(&to, &from) && (is_folder || to != from) {
            engine.soft_error(
                "System.ArgumentException",
                "MoveItemArgumentError",
                "InvalidArgument",
                "Destination path cannot be a subdirectory of the source or the same as the source.",
                Value::from(from),
            )?;
            continue;
        }
        if !place::exists(&place::parent(&to)) {
            engine.soft_error(
                "System.IO.DirectoryNotFoundException",
                match is_folder {
                    true => "MoveDirectoryItemIOError",
                    false => "MoveFileInfoItemIOError",
                },
                "WriteError",
                format!("Could not find a part of the path '{to}'."),
                Value::from(from),
            )?;
            continue;
        }
        if place::exists(&to) && !args.switch("Force") {
            engine.soft_error(
                "System.IO.IOException",
                match is_folder {
                    true => "DirectoryExist",
                    false => "MoveFileInfoItemIOError",
                },
                "WriteError",
                "Cannot create a file when that file already exists.",
                Value::from(from),
            )?;
            continue;
        }
        if is_dry(
            engine,
            args,
            "Move File",
            &format!("Item: {from} Destination: {to}"),
        )? {
            continue;
        }
        let result = std::fs::rename(place::real(&from), place::real(&to)).or_else(|_| {
            // Between mounts a move is a copy.
            copy_tree(&from, &to)?;
            if place::is_folder(&from) {
                std::fs::remove_dir_all(place::real(&from))
            } else {
                std::fs::remove_file(place::real(&from))
            }
        });
        if io(engine, &from, result)? && args.switch("PassThru") {
            out.put(engine, FileInfo::value(&to))?;
        }
    }
    Ok(())
}

/// Copies a file, or a folder with all that is in it.
fn copy_tree(from: &str, to: &str) -> std::io::Result<()> {
    if !place::is_folder(from) {
        return std::fs::copy(place::real(from), place::real(to)).map(drop);
    }
    std::fs::create_dir_all(place::real(to))?;
    place::names(from)
        .iter()
        .try_for_each(|name| copy_tree(&into(from, name), &into(to, name)))
}
