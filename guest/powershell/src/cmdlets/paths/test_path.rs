//! `Test-Path`: whether something is there.
//!
//! [Test-Path](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/test-path)

use std::time::SystemTime;

use crate::cmdlets::items::selection::Selection;
use crate::cmdlets::paths::given::given;
use crate::cmdlets::paths::named_item;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::types::datetime::{self, DateTime};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Test-Path",
    aliases: &[],
    params: "Path@0| LiteralPath/PSPath/LP PathType/Type IsValid? OlderThan NewerThan Include Exclude Filter",
    run: Run::Each(run),
};

/// The time that a parameter names.
fn moment(args: &Args, name: &str) -> R<Option<SystemTime>> {
    let Some(value) = args.value(name) else {
        return Ok(None);
    };
    let time = datetime::convert(&value)?;
    Ok(time.downcast::<DateTime>().map(DateTime::to_system))
}

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let is_empty = item
        .as_ref()
        .or_else(|| args.get("Path").or_else(|| args.get("LiteralPath")))
        .is_none_or(|value| value.to_items().iter().all(Value::is_null));
    if is_empty {
        return engine.soft_error(
            "System.ArgumentNullException",
            "NullPathNotPermitted",
            "InvalidArgument",
            "Value cannot be null. (Parameter 'The provided Path argument was null or an empty collection.')",
            Value::Null,
        );
    }
    let selection = Selection::of(args);
    for path in given(args, item.as_ref()) {
        let found = match named_item::of(&path) {
            Some(named) => named.exists(engine),
            None => {
                let paths = if args.has("LiteralPath") {
                    let full = place::absolute(&engine.location, &path);
                    if place::exists(&full) {
                        vec![full]
                    } else {
                        Vec::new()
                    }
                } else if path.trim().is_empty() {
                    Vec::new()
                } else {
                    place::glob(&engine.location, &path)
                };
                let (older, newer) = (moment(args, "OlderThan")?, moment(args, "NewerThan")?);
                let paths: Vec<String> = paths
                    .into_iter()
                    .filter(|path| selection.takes(place::file_name(path)))
                    .filter(|path| {
                        let changed = place::changed(path);
                        older.is_none_or(|limit| changed.is_some_and(|time| time < limit))
                            && newer.is_none_or(|limit| changed.is_some_and(|time| time > limit))
                    })
                    .collect();
                match args.text("PathType").as_deref() {
                    Some("Container") => paths.iter().any(|path| place::is_folder(path)),
                    Some("Leaf") => paths.iter().any(|path| !place::is_folder(path)),
                    _ => args.switch("IsValid") || !paths.is_empty(),
                }
            }
        };
        out.put(engine, Value::Bool(found))?;
    }
    Ok(())
}
