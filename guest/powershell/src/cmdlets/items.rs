//! `New-Item`, `Copy-Item`, `Move-Item`, `Remove-Item`, `Rename-Item`, `Clear-Item`.

use super::content::resolved;
use super::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, pattern};
use crate::place;
use crate::types::file_info::FileInfo;
use crate::value::{R, Value};

pub const NEW: Cmdlet = Cmdlet {
    name: "New-Item",
    aliases: &["ni", "md", "mkdir"],
    params: "Path@0| Name ItemType/Type Value/Target Force? WhatIf? Confirm?",
    run: Run::Each(new),
};
pub const COPY: Cmdlet = Cmdlet {
    name: "Copy-Item",
    aliases: &["cp", "copy", "cpi"],
    params: "Path@0| Destination@1 LiteralPath/PSPath/LP Recurse? Force? Container? PassThru? Include Exclude Filter WhatIf? Confirm?",
    run: Run::Each(copy),
};
pub const MOVE: Cmdlet = Cmdlet {
    name: "Move-Item",
    aliases: &["mv", "move", "mi"],
    params: "Path@0| Destination@1 LiteralPath/PSPath/LP Force? PassThru? WhatIf? Confirm?",
    run: Run::Each(move_items),
};
pub const REMOVE: Cmdlet = Cmdlet {
    name: "Remove-Item",
    aliases: &["rm", "del", "erase", "rd", "ri", "rmdir"],
    params: "Path@0| LiteralPath/PSPath/LP Recurse? Force? Include Exclude Filter WhatIf? Confirm?",
    run: Run::Each(remove),
};
pub const RENAME: Cmdlet = Cmdlet {
    name: "Rename-Item",
    aliases: &["ren", "rni"],
    params: "Path@0| NewName@1! LiteralPath/PSPath/LP Force? PassThru? WhatIf? Confirm?",
    run: Run::Each(rename),
};
pub const CLEAR_ITEM: Cmdlet = Cmdlet {
    name: "Clear-Item",
    aliases: &["cli"],
    params: "Path@0|",
    run: Run::Each(clear),
};

fn io(engine: &mut Engine, path: &str, result: std::io::Result<()>) -> R<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(error) => {
            let (kind, id, message) = place::fault_parts(&error, path);
            engine.soft_error(kind, id, "WriteError", message, Value::from(path))?;
            Ok(false)
        }
    }
}

/// `-WhatIf`: says what would be done, and that it isn't.
fn is_dry(engine: &mut Engine, args: &Args, action: &str, target: &str) -> R<bool> {
    let is_dry = args.switch("WhatIf")
        || engine
            .variable_by_name("WhatIfPreference")
            .is_some_and(|value| crate::value::to_bool(&value));
    if is_dry {
        engine.host(
            &format!("What if: Performing the operation \"{action}\" on target \"{target}\"."),
            true,
        )?;
    }
    Ok(is_dry)
}

fn new(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
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
        paths = base
            .iter()
            .map(|base| format!("{}/{name}", base.trim_end_matches('/')))
            .collect();
    }
    let kind = args
        .text("ItemType")
        .unwrap_or_else(|| "File".to_owned())
        .to_ascii_lowercase();
    for path in paths {
        if let Some(name) = path
            .strip_prefix("env:")
            .or_else(|| path.strip_prefix("Env:"))
        {
            place::set_env(name, &args.value("Value").unwrap_or_default());
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
        let made = match kind.as_str() {
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

fn copy_tree(from: &str, to: &str, exclude: &[String]) -> std::io::Result<()> {
    if !place::is_folder(from) {
        return std::fs::copy(place::real(from), place::real(to)).map(drop);
    }
    std::fs::create_dir_all(place::real(to))?;
    for name in place::names(from) {
        if !exclude
            .iter()
            .any(|pattern| pattern::wildcard(pattern, &name, false))
        {
            copy_tree(&format!("{from}/{name}"), &format!("{to}/{name}"), exclude)?;
        }
    }
    Ok(())
}

/// Where an item goes: into the destination if that is a folder.
fn target(engine: &Engine, args: &Args, from: &str) -> String {
    let to = place::absolute(
        &engine.location,
        &args.text("Destination").unwrap_or_else(|| ".".to_owned()),
    );
    if place::is_folder(&to) {
        format!("{}/{}", to.trim_end_matches('/'), place::file_name(from))
    } else {
        to
    }
}

fn copy(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let (include, exclude) = (args.texts("Include"), args.texts("Exclude"));
    let filter = args.text("Filter");
    for from in resolved(engine, args, item.as_ref())? {
        let name = place::file_name(&from).to_owned();
        let is_like = |pattern: &String| pattern::wildcard(pattern, &name, false);
        if !include.is_empty() && !include.iter().any(is_like)
            || exclude.iter().any(is_like)
            || filter.as_ref().is_some_and(|filter| !is_like(filter))
        {
            continue;
        }
        let to = target(engine, args, &from);
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
            copy_tree(&from, &to, &exclude)
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

fn move_items(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    for from in resolved(engine, args, item.as_ref())? {
        let to = target(engine, args, &from);
        if place::exists(&to) && !args.switch("Force") {
            engine.soft_error(
                "System.IO.IOException",
                "MoveFileInfoItemIOError",
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
            copy_tree(&from, &to, &[])?;
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

fn remove(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let given = args.text("Path").unwrap_or_default();
    if let Some(name) = given
        .strip_prefix("env:")
        .or_else(|| given.strip_prefix("Env:"))
    {
        place::set_env(name, &Value::Null);
        return Ok(());
    }
    if let Some(name) = given.strip_prefix("variable:") {
        engine
            .scope
            .vars
            .borrow_mut()
            .remove(&crate::value::intern(name));
        return Ok(());
    }
    let (include, exclude) = (args.texts("Include"), args.texts("Exclude"));
    for path in resolved(engine, args, item.as_ref())? {
        let name = place::file_name(&path).to_owned();
        let is_like = |pattern: &String| pattern::wildcard(pattern, &name, false);
        if !include.is_empty() && !include.iter().any(is_like) || exclude.iter().any(is_like) {
            continue;
        }
        if is_dry(engine, args, "Remove File", &path)? {
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

fn rename(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    for from in resolved(engine, args, item.as_ref())? {
        let name = match args.required("NewName")? {
            Value::Script(block) => engine
                .call_with_item(&block, FileInfo::value(&from))?
                .text(),
            other => other.text(),
        };
        let to = if name.contains('/') {
            place::absolute(&engine.location, &name)
        } else {
            format!("{}/{name}", place::parent(&from).trim_end_matches('/'))
        };
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
        let result = std::fs::rename(place::real(&from), place::real(&to));
        if io(engine, &from, result)? && args.switch("PassThru") {
            out.put(engine, FileInfo::value(&to))?;
        }
    }
    Ok(())
}

fn clear(_: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let path = item.map_or_else(|| args.text("Path").unwrap_or_default(), |item| item.text());
    match path.split_once(':') {
        Some((drive, name)) if drive.eq_ignore_ascii_case("env") => {
            place::set_env(name, &Value::Null);
            Ok(())
        }
        _ => Err(crate::value::refuse(
            "Clear-Item works on env: only. Use Clear-Content for files.",
        )),
    }
}
