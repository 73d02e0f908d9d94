//! `Split-Path`: a part of a path.
//!
//! [Split-Path](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/split-path)

use crate::cmdlets::paths::given::{given, resolved};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Split-Path",
    aliases: &[],
    params: "Path@0|^ LiteralPath/PSPath/LP^ Parent? Leaf? LeafBase? Extension? Qualifier? NoQualifier? IsAbsolute? Resolve?",
    run: Run::Each(run),
};

/// The drive before a path, with its colon.
fn qualifier(path: &str) -> Option<&str> {
    let (drive, _) = path.split_once(':')?;
    let is_name = !drive.is_empty() && drive.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_name.then(|| &path[..drive.len() + 1])
}

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let mut paths = given(args, item.as_ref());
    if args.switch("Resolve") {
        paths = resolved(engine, args, item.as_ref())?;
    }
    for path in paths {
        let path = path.replace('\\', "/");
        let qualifier = qualifier(&path);
        let trimmed = if path.len() > 1 {
            path.trim_end_matches('/')
        } else {
            &path
        };
        let leaf = place::file_name(trimmed);
        let value = if args.switch("Leaf") {
            Value::from(leaf)
        } else if args.switch("LeafBase") {
            Value::from(crate::types::path::stem(leaf))
        } else if args.switch("Extension") {
            Value::from(crate::types::path::extension(leaf))
        } else if args.switch("IsAbsolute") {
            Value::Bool(path.starts_with('/') || qualifier.is_some())
        } else if args.switch("NoQualifier") {
            Value::from(&path[qualifier.map_or(0, str::len)..])
        } else if args.switch("Qualifier") {
            let Some(qualifier) = qualifier else {
                engine.soft_error(
                    "System.FormatException",
                    "ParsePathFormatError",
                    "InvalidArgument",
                    format!(
                        "Cannot parse path because path '{path}' does not have a qualifier specified."
                    ),
                    Value::from(path.as_str()),
                )?;
                continue;
            };
            Value::from(qualifier)
        } else {
            let parent = place::parent(trimmed);
            // What is above the items of a drive is its root.
            Value::from(match qualifier {
                Some(qualifier) if parent == qualifier => format!("{parent}/"),
                _ => parent,
            })
        };
        out.put(engine, value)?;
    }
    Ok(())
}
