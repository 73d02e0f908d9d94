//! `Clear-Content`: empties files. Left out: `-Stream`.
//!
//! [Clear-Content](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/clear-content)

use crate::cmdlets::content::file::write_bytes;
use crate::cmdlets::items::change::is_dry;
use crate::cmdlets::paths::given::resolved;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Clear-Content",
    aliases: &["clc"],
    params: "Path@0|^ LiteralPath/PSPath/LP^ Force? Include Exclude Filter WhatIf? Confirm?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    for path in resolved(engine, args, item.as_ref())? {
        if is_dry(engine, args, "Clear Content", &format!("Item: {path}"))? {
            continue;
        }
        if place::is_folder(&path) {
            engine.soft_error(
                "System.NotSupportedException",
                "ClearDirectoryContent",
                "InvalidOperation",
                format!("Unable to clear content of '{path}' because it is a directory. Clear-Content is only supported on files."),
                Value::from(path),
            )?;
            continue;
        }
        write_bytes(engine, &path, b"", false)?;
    }
    Ok(())
}
