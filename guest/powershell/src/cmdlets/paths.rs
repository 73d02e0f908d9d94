//! `Test-Path`, `Join-Path`, `Split-Path`, `Resolve-Path`, `Convert-Path`.

use super::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, path_of};
use crate::place;
use crate::types::path_info::PathInfo;
use crate::value::{R, Value, fail, intern};

pub const TEST: Cmdlet = Cmdlet {
    name: "Test-Path",
    aliases: &[],
    params: "Path@0| LiteralPath/PSPath/LP PathType/Type IsValid? Filter Include Exclude OlderThan NewerThan",
    run: Run::Each(test),
};
pub const JOIN: Cmdlet = Cmdlet {
    name: "Join-Path",
    aliases: &[],
    params: "Path@0| ChildPath@1 AdditionalChildPath* Resolve?",
    run: Run::Each(join),
};
pub const SPLIT: Cmdlet = Cmdlet {
    name: "Split-Path",
    aliases: &[],
    params: "Path@0| LiteralPath/PSPath/LP Parent? Leaf? LeafBase? Extension? Qualifier? NoQualifier? IsAbsolute? Resolve?",
    run: Run::Each(split),
};
pub const RESOLVE: Cmdlet = Cmdlet {
    name: "Resolve-Path",
    aliases: &["rvpa"],
    params: "Path@0| LiteralPath/PSPath/LP Relative? RelativeBasePath",
    run: Run::Each(resolve),
};
pub const CONVERT: Cmdlet = Cmdlet {
    name: "Convert-Path",
    aliases: &["cvpa"],
    params: "Path@0| LiteralPath/PSPath/LP",
    run: Run::Each(convert),
};

fn given(args: &Args, item: Option<&Value>) -> Vec<String> {
    if let Some(item) = item {
        return vec![path_of(item)];
    }
    let mut paths = args.paths("LiteralPath");
    paths.extend(args.paths("Path"));
    paths
}

fn test(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let is_empty = item
        .as_ref()
        .or_else(|| args.get("Path").or_else(|| args.get("LiteralPath")))
        .is_none_or(Value::is_null);
    if is_empty {
        return Err(fail(
            "System.Management.Automation.ParameterBindingValidationException",
            "ParameterArgumentValidationErrorNullNotAllowed",
            "Cannot bind argument to parameter 'Path' because it is null.",
        ));
    }
    for path in given(args, item.as_ref()) {
        let found = match path.split_once(':') {
            Some((drive, name)) if drive.eq_ignore_ascii_case("env") => {
                place::env(name.trim_start_matches(['/', '\\'])).is_some()
            }
            Some((drive, name)) if drive.eq_ignore_ascii_case("variable") => {
                engine.scope.get(intern(name)).is_some()
            }
            Some((drive, name)) if drive.eq_ignore_ascii_case("function") => {
                engine.scope.function(intern(name)).is_some()
            }
            _ => {
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
                match args
                    .text("PathType")
                    .map(|kind| kind.to_ascii_lowercase())
                    .as_deref()
                {
                    Some("container") => paths.iter().any(|path| place::is_folder(path)),
                    Some("leaf") => paths.iter().any(|path| !place::is_folder(path)),
                    _ => args.switch("IsValid") || !paths.is_empty(),
                }
            }
        };
        out.put(engine, Value::Bool(found))?;
    }
    Ok(())
}

fn join(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let bases = match item {
        Some(item) => vec![path_of(&item)],
        None => args.paths("Path"),
    };
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

fn split(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    for path in given(args, item.as_ref()) {
        let path = if args.switch("Resolve") {
            place::absolute(&engine.location, &path)
        } else {
            path.replace('\\', "/")
        };
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
            Value::Bool(path.starts_with('/'))
        } else if args.switch("Qualifier") || args.switch("NoQualifier") {
            Value::from(if args.switch("Qualifier") {
                ""
            } else {
                path.as_str()
            })
        } else {
            Value::from(place::parent(trimmed))
        };
        out.put(engine, value)?;
    }
    Ok(())
}

fn resolve(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    for path in super::content::resolved(engine, args, item.as_ref())? {
        let value = if args.switch("Relative") {
            let base = args.text("RelativeBasePath").map_or_else(
                || engine.location.clone(),
                |base| place::absolute(&engine.location, &base),
            );
            let relative = crate::types::path::relative(&base, &path);
            Value::from(if relative.starts_with('.') {
                relative
            } else {
                format!("./{relative}")
            })
        } else {
            PathInfo::value(&path)
        };
        out.put(engine, value)?;
    }
    Ok(())
}

fn convert(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    for path in super::content::resolved(engine, args, item.as_ref())? {
        out.put(engine, Value::from(path))?;
    }
    Ok(())
}
