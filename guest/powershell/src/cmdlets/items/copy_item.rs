//! `Copy-Item`: copies files and folders. Left out: sessions and `-Container:$false`, and `-Confirm`.
//!
//! `-Filter` and `-Exclude` are about the files of a folder, never about the folders in it, which are all made
//! (FileSystemProvider.CopyDirectoryInfoItem). A folder that is there already is an error without `-Force`, but what is
//! in it is copied all the same. A folder into itself is refused, where PowerShell never ends.
//!
//! [Copy-Item](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/copy-item)

use std::io::ErrorKind;

use crate::cmdlets::items::change::{into, io, is_dry, is_within, target};
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
    params: "Path@0|^ Destination@1~ LiteralPath/PSPath/LP^ Recurse? Force? Container? PassThru? Include Exclude Filter WhatIf? Confirm?",
    run: Run::Each(run),
};

/// One copy, with all that is in it.
struct Copying<'a> {
    args: &'a Args,
    selection: Selection,
}

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    if args.has("Container") && !args.switch("Container") {
        return Err(refuse(
            "Copy-Item -Container:$false is not supported. Copy the files with Get-ChildItem -Recurse -File | Copy-Item.",
        ));
    }
    if drive::is_missing(engine, &args.text("Destination").unwrap_or_default())? {
        return Ok(());
    }
    let copying = Copying {
        args,
        selection: Selection::of(args),
    };
    for from in resolved(engine, args, item.as_ref())? {
        let to = target(engine, args, &from);
        if is_within(&to, &from) {
            onto_itself(engine, &from)?;
        } else if place::is_folder(&from) {
            copying.folder(engine, &from, &to, out)?;
        } else {
            copying.file(engine, &from, &to, out)?;
        }
    }
    Ok(())
}

fn onto_itself(engine: &mut Engine, from: &str) -> R<()> {
    engine.soft_error(
        "System.IO.IOException",
        "CopyError",
        "WriteError",
        format!("Cannot overwrite the item {from} with itself."),
        Value::from(from),
    )
}

impl Copying<'_> {
    /// Copies a folder as `to`; only itself without `-Recurse`.
    fn folder(&self, engine: &mut Engine, from: &str, to: &str, out: &mut dyn Sink) -> R<()> {
        if place::exists(to) && !place::is_folder(to) {
            return engine.soft_error(
                "System.Management.Automation.PSArgumentException",
                "CopyContainerItemToLeafError",
                "InvalidArgument",
                "Container cannot be copied onto existing leaf item.",
                Value::from(from),
            );
        }
        let change = format!("Item: {from} Destination: {to}");
        if is_dry(engine, self.args, "Copy Directory", &change)? {
            return Ok(());
        }
        if place::exists(to) && !self.args.switch("Force") {
            engine.soft_error(
                "System.IO.IOException",
                "DirectoryExist",
                "ResourceExists",
                format!("An item with the specified name {to} already exists."),
                Value::from(to),
            )?;
        } else {
            let made = std::fs::create_dir_all(place::real(to));
            self.done(engine, from, to, made, out)?;
        }
        if self.args.switch("Recurse") {
            self.content(engine, from, to, out)?;
        }
        Ok(())
    }

    /// Copies what is in a folder: files, then folders.
    fn content(&self, engine: &mut Engine, from: &str, to: &str, out: &mut dyn Sink) -> R<()> {
        let from = from.trim_end_matches('/');
        let (folders, files): (Vec<String>, Vec<String>) = place::names(from)
            .into_iter()
            .partition(|name| place::is_folder(&format!("{from}/{name}")));
        for name in files {
            if self.selection.is_filtered_in(&name) && !self.selection.is_excluded(&name) {
                let (from, to) = (format!("{from}/{name}"), into(to, &name));
                self.file(engine, &from, &to, out)?;
            }
        }
        for name in folders {
            let (from, to) = (format!("{from}/{name}"), into(to, &name));
            self.folder(engine, &from, &to, out)?;
        }
        Ok(())
    }

    fn file(&self, engine: &mut Engine, from: &str, to: &str, out: &mut dyn Sink) -> R<()> {
        let change = format!("Item: {from} Destination: {to}");
        if is_dry(engine, self.args, "Copy File", &change)? {
            return Ok(());
        }
        match std::fs::copy(place::real(from), place::real(to)) {
            Err(error) if error.kind() == ErrorKind::NotFound => engine.soft_error(
                "System.IO.DirectoryNotFoundException",
                "CopyFileInfoItemIOError",
                "WriteError",
                format!("Could not find a part of the path '{to}'."),
                Value::from(from),
            ),
            copied => self.done(engine, from, to, copied.map(drop), out),
        }
    }

    /// Reports what failed, or passes on what was made.
    fn done(
        &self,
        engine: &mut Engine,
        from: &str,
        to: &str,
        result: std::io::Result<()>,
        out: &mut dyn Sink,
    ) -> R<()> {
        if io(engine, from, result)? && self.args.switch("PassThru") {
            out.put(engine, FileInfo::value(to))?;
        }
        Ok(())
    }
}
