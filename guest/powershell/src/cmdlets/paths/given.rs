//! The paths that a cmdlet was given.

use crate::cmdlets::items::selection::Selection;
use crate::cmdlets::paths::{drive, named_item};
use crate::eval::{Args, Engine, path_of};
use crate::place;
use crate::value::{R, Value};

/// The paths that a cmdlet was given: by pipe, `-LiteralPath` or `-Path`, whose wildcards are resolved. What isn't
/// there is reported and left out, and so is what `-Include`, `-Exclude` and `-Filter` leave.
pub fn resolved(engine: &mut Engine, args: &Args, item: Option<&Value>) -> R<Vec<String>> {
    let literal = args.paths("LiteralPath");
    let given = match item {
        Some(item) => vec![path_of(item)],
        None if !literal.is_empty() => literal.clone(),
        None => args.paths("Path"),
    };
    let selection = Selection::of(args);
    let mut found = Vec::new();
    for path in given {
        if drive::is_missing(engine, &path)? || named_item::is_named(args, &path)? {
            continue;
        }
        let paths = if literal.is_empty() {
            place::glob(&engine.location, &path)
        } else {
            let full = place::absolute(&engine.location, &path);
            if place::exists(&full) {
                vec![full]
            } else {
                Vec::new()
            }
        };
        if paths.is_empty() && !(literal.is_empty() && crate::eval::pattern::has_wildcards(&path)) {
            engine.path_not_found(&path)?;
        }
        found.extend(
            paths
                .into_iter()
                .filter(|path| selection.takes(place::file_name(path))),
        );
    }
    Ok(found)
}

pub fn given(args: &Args, item: Option<&Value>) -> Vec<String> {
    if let Some(item) = item {
        return vec![path_of(item)];
    }
    let mut paths = args.paths("LiteralPath");
    paths.extend(args.paths("Path"));
    paths
}
