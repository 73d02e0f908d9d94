//! `Join-Path`: puts paths together.
//!
//! [Join-Path](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/join-path)

use crate::cmdlets::paths::drive;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, path_of};
use crate::place;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Join-Path",
    aliases: &[],
    params: "Path@0|^ ChildPath@1~ AdditionalChildPath* Resolve?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let bases = match item {
        Some(item) => vec![path_of(&item)],
        None => args.paths("Path"),
    };
    // A string[] from 7.5 on, a string before.
    if let Some(Value::Array(_) | Value::List(_)) = args.value("ChildPath") {
        return Err(crate::value::fail_binding(
            crate::value::Binding::Given,
            "CannotConvertArgument",
            "ChildPath",
            "Cannot convert 'System.Object[]' to the type 'System.String' required by parameter 'ChildPath'. Specified method is not supported.",
        ));
    }
    let mut children = vec![args.text("ChildPath").unwrap_or_default()];
    children.extend(args.texts("AdditionalChildPath"));
    for base in bases {
        let mut path = base.replace('\\', "/");
        for child in &children {
            let child = child.replace('\\', "/");
            path = format!(
                "{}/{}",
                path.trim_end_matches('/'),
                child.trim_start_matches('/')
            );
        }
        if args.switch("Resolve") {
            if drive::is_missing(engine, &path)? {
                continue;
            }
            let found = place::glob(&engine.location, &path);
            if found.is_empty() {
                engine.path_not_found(&path)?;
            }
            for path in found {
                out.put(engine, Value::from(path))?;
            }
            continue;
        }
        out.put(engine, Value::from(path))?;
    }
    Ok(())
}
