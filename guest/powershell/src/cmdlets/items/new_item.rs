//! `New-Item`: makes files, folders, symbolic links and environment variables. Left out: junctions and hard links.
//!
//! [New-Item](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/new-item)

use std::path::Path;

use crate::cmdlets::items::change::{io, is_dry};
use crate::cmdlets::items::item_kind::{self, ItemKind};
use crate::cmdlets::paths::drive;
use crate::cmdlets::paths::named_item;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, missing, pattern};
use crate::place;
use crate::types::file_info::FileInfo;
use crate::value::{Ctl, R, Value, fail, refuse};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "New-Item",
    aliases: &["ni"],
    params: "Path@0~ Name~ ItemType/Type~ Value/Target| Force? WhatIf? Confirm?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let written = args.text("ItemType").unwrap_or_default();
    let kind = ItemKind::of(&written).ok_or_else(|| refuse(item_kind::unsupported(&written)))?;
    match item {
        Some(item) => {
            let mut args = args.clone();
            args.set("Value", item);
            make(engine, &args, kind, out)
        }
        None => make(engine, args, kind, out),
    }
}

/// Makes items of that kind.
pub fn make(engine: &mut Engine, args: &Args, kind: ItemKind, out: &mut dyn Sink) -> R<()> {
    let mut paths = args.paths("Path");
    if paths.is_empty() && !args.has("Name") {
        return Err(missing(&["Path"]));
    }
    if let Some(name) = args.text("Name") {
        let base = if paths.is_empty() {
            vec![engine.location.clone()]
        } else {
            paths
        };
        // With a name, the path may have wildcards, and what is no wildcard is escaped.
        let folders = base.iter().flat_map(|base| {
            let found = match pattern::has_wildcards(base) {
                true => place::glob(&engine.location, base),
                false => Vec::new(),
            };
            if found.is_empty() {
                vec![base.clone()]
            } else {
                found
            }
        });
        paths = folders
            .map(|base| format!("{}/{name}", base.trim_end_matches('/')))
            .collect();
    }
    for path in paths {
        if let Some(named) = named_item::of(&path) {
            let value = args.value("Value").unwrap_or_default();
            named.set(engine, value.clone())?;
            let shown = named.shown(named.name(), value);
            out.put(engine, shown)?;
            continue;
        }
        if drive::is_missing(engine, &path)? {
            continue;
        }
        let full = place::absolute(&engine.location, &path);
        if is_dry(engine, args, kind.action(), &format!("Destination: {full}"))? {
            continue;
        }
        let made = match kind {
            ItemKind::Folder => make_folder(engine, args, &full)?,
            ItemKind::File => make_file(engine, args, &full)?,
            ItemKind::Link => make_link(engine, args, &full)?,
        };
        let Some(result) = made else { continue };
        if io(engine, &full, result)? {
            out.put(engine, FileInfo::value(&full))?;
        }
    }
    Ok(())
}

/// What became of it; `None` if why not has been reported.
type Made = Option<std::io::Result<()>>;

fn make_folder(engine: &mut Engine, args: &Args, full: &str) -> R<Made> {
    if place::exists(full) && !args.switch("Force") {
        let message = format!("An item with the specified name {full} already exists.");
        return refused(engine, full, "DirectoryExist", "ResourceExists", message);
    }
    Ok(Some(std::fs::create_dir_all(place::real(full))))
}

fn make_file(engine: &mut Engine, args: &Args, full: &str) -> R<Made> {
    if args.switch("Force") {
        // What stands in the way is an error of the file itself.
        let _ = std::fs::create_dir_all(place::real(&place::parent(full)));
    } else if place::exists(full) {
        let message = format!("The file '{full}' already exists.");
        return refused(engine, full, "NewItemIOError", "WriteError", message);
    }
    let value = args.value("Value");
    let text = value.map_or_else(String::new, |value| value.text());
    match std::fs::write(place::real(full), text) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            engine.soft_error(
                "System.IO.DirectoryNotFoundException",
                "NewItemIOError",
                "WriteError",
                format!("Could not find a part of the path '{full}'."),
                Value::from(full),
            )?;
            Ok(None)
        }
        result => Ok(Some(result)),
    }
}

/// A target needn't be there. `-Force` replaces what is, never what that leads to.
fn make_link(engine: &mut Engine, args: &Args, full: &str) -> R<Made> {
    let target = args.text("Value").filter(|target| !target.is_empty());
    let target = target.ok_or_else(no_target)?.replace('\\', "/");
    if place::exists(full) {
        if !args.switch("Force") {
            let message = format!("Cannot create link because the path already exists: {full}.");
            return refused(engine, full, "SymLinkExists", "ResourceExists", message);
        }
        if let Err(error) = place::remove_alone(full) {
            return Ok(Some(Err(error)));
        }
    }
    Ok(Some(symlink::create(
        Path::new(&target),
        &place::real(full),
    )))
}

fn no_target() -> Ctl {
    fail(
        "System.Management.Automation.PSArgumentNullException",
        "ArgumentNull",
        "Cannot process argument because the value of argument \"value\" is null. Change the value of argument \"value\" to a non-null value.",
    )
}

/// Reports what is in the way.
fn refused(
    engine: &mut Engine,
    full: &str,
    id: &str,
    category: &'static str,
    message: String,
) -> R<Made> {
    let kind = "System.IO.IOException";
    engine.soft_error(kind, id, category, message, Value::from(full))?;
    Ok(None)
}
