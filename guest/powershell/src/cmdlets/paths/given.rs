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
    // `Remove-Item -Recurse -Include` looks for the names in the folders that it was given.
    let is_deep =
        args.cmdlet.name == "Remove-Item" && args.switch("Recurse") && selection.names_items();
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
        for full in paths {
            if selection.takes_found(&path, place::file_name(&full)) {
                found.push(full);
            } else if is_deep {
                below(&full, &selection, &mut found);
            }
        }
    }
    Ok(found)
}

/// The items below a folder that the selection takes; what is in one of them goes with it.
fn below(folder: &str, selection: &Selection, found: &mut Vec<String>) {
    for name in place::names(folder) {
        let path = format!("{}/{name}", folder.trim_end_matches('/'));
        if selection.takes(&name) {
            found.push(path);
        } else if place::is_folder(&path) {
            below(&path, selection, found);
        }
    }
}

pub fn given(args: &Args, item: Option<&Value>) -> Vec<String> {
    if let Some(item) = item {
        return vec![path_of(item)];
    }
    let mut paths = args.paths("LiteralPath");
    paths.extend(args.paths("Path"));
    paths
}
