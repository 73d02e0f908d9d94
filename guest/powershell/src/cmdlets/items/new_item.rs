//! `New-Item`: makes files, folders and environment variables. Left out: links.
//!
//! [New-Item](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/new-item)

use crate::cmdlets::items::change::{io, is_dry};
use crate::cmdlets::paths::drive;
use crate::cmdlets::paths::named_item;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, pattern};
use crate::place;
use crate::types::file_info::FileInfo;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "New-Item",
    aliases: &["ni"],
    params: "Path@0| Name ItemType/Type Value/Target Force? WhatIf? Confirm?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let kind = args.text("ItemType").unwrap_or_else(|| "File".to_owned());
    make(engine, args, item, &kind.to_ascii_lowercase(), out)
}

/// Makes items of that kind, its name in lower case.
pub fn make(
    engine: &mut Engine,
    args: &Args,
    item: Option<Value>,
    kind: &str,
    out: &mut dyn Sink,
) -> R<()> {
    let mut paths = match item {
        Some(item) => vec![item.text()],
        None => args.paths("Path"),
    };
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
        if is_dry(
            engine,
            args,
            if kind.starts_with('d') {
                "Create Directory"
            } else {
                "Create File"
            },
            &format!("Destination: {full}"),
        )? {
            continue;
        }
        let made = match kind {
            "directory" | "container" => {
                if place::exists(&full) && !args.switch("Force") {
                    engine.soft_error(
                        "System.IO.IOException",
                        "DirectoryExist",
                        "ResourceExists",
                        format!("An item with the specified name {full} already exists."),
                        Value::from(full.as_str()),
                    )?;
                    continue;
                }
                std::fs::create_dir_all(place::real(&full))
            }
            "file" | "leaf" => {
                if place::exists(&full) && !args.switch("Force") {
                    engine.soft_error(
                        "System.IO.IOException",
                        "NewItemIOError",
                        "WriteError",
                        format!("The file '{full}' already exists."),
                        Value::from(full.as_str()),
                    )?;
                    continue;
                }
                if args.switch("Force") {
                    let _ = std::fs::create_dir_all(place::real(&place::parent(&full)));
                }
                let text = args
                    .value("Value")
                    .map(|value| value.text())
                    .unwrap_or_default();
                match std::fs::write(place::real(&full), text) {
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                        engine.soft_error(
                            "System.IO.DirectoryNotFoundException",
                            "NewItemIOError",
                            "WriteError",
                            format!("Could not find a part of the path '{full}'."),
                            Value::from(full.as_str()),
                        )?;
                        continue;
                    }
                    other => other,
                }
            }
            other => {
                return Err(crate::value::refuse(format!(
                    "New-Item -ItemType {other} is not supported. Use File or Directory."
                )));
            }
        };
        if io(engine, &full, made)? {
            out.put(engine, FileInfo::value(&full))?;
        }
    }
    Ok(())
}
