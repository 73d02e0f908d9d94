//! `Get-ChildItem`: lists folders and the environment. Left out: `-Attributes`, `-ReadOnly`, `-System`, `-FollowSymlink`.
//!
//! [Get-ChildItem](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/get-childitem)

use crate::cmdlets::items::selection::Selection;
use crate::cmdlets::paths::drive;
use crate::cmdlets::paths::named_item;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, path_of, pattern};
use crate::place;
use crate::types::file_info::FileInfo;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Get-ChildItem",
    aliases: &["gci", "ls", "dir"],
    params: "Path@0| Filter@1 LiteralPath/PSPath/LP Include Exclude Recurse/s? Depth Force? Name? File/af? Directory/ad? Hidden?",
    run: Run::Each(run),
};

/// What the listing leaves out.
struct Wanted<'a> {
    selection: &'a Selection,
    /// The last part of a path with wildcards, which `-Recurse` looks for.
    name: Option<String>,
    depth: Option<usize>,
    is_deep: bool,
    files: bool,
    folders: bool,
    /// Names with a dot in front.
    hidden: bool,
    /// All other names.
    shown: bool,
}

impl Wanted<'_> {
    fn takes(&self, name: &str, is_folder: bool) -> bool {
        let is_like = |pattern: &String| pattern::wildcard(pattern, name, false);
        (if is_folder { self.folders } else { self.files })
            && self.name.as_ref().is_none_or(is_like)
            && self.selection.takes(name)
            && match name.starts_with('.') {
                true => self.hidden,
                false => self.shown,
            }
    }
}

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let selection = Selection::of(args);
    let depth = args.int("Depth")?.map(|n| n.max(0) as usize);
    let wanted = Wanted {
        selection: &selection,
        name: None,
        depth,
        is_deep: args.switch("Recurse") || depth.is_some(),
        files: !args.switch("Directory"),
        folders: !args.switch("File"),
        hidden: args.switch("Force") || args.switch("Hidden"),
        shown: !args.switch("Hidden"),
    };
    let given = match &item {
        Some(item) => vec![path_of(item)],
        None => {
            let mut paths = args.paths("LiteralPath");
            paths.extend(args.paths("Path"));
            if paths.is_empty() {
                vec![engine.location.clone()]
            } else {
                paths
            }
        }
    };
    for path in given {
        if let Some(named) = named_item::of(&path) {
            for (name, value) in named.found(engine)? {
                if !selection.takes(&name) {
                    continue;
                }
                match args.switch("Name") {
                    true => out.put(engine, Value::from(name))?,
                    false => out.put(engine, named.shown(&name, value))?,
                }
            }
            continue;
        }
        if drive::is_missing(engine, &path)? {
            continue;
        }
        let full = place::absolute(&engine.location, &path);
        let is_literal = args.has("LiteralPath");
        // `-Recurse` looks for a name that is no folder in every folder below.
        let is_name = !path.ends_with(['/', '\\']) && !place::is_folder(&full);
        if !is_literal && (pattern::has_wildcards(&path) || wanted.is_deep && is_name) {
            if wanted.is_deep && place::exists(&place::parent(&full)) {
                let (folder, name) = (place::parent(&full), place::file_name(&full).to_owned());
                let deep = Wanted {
                    name: Some(name),
                    ..wanted
                };
                list(engine, args, &folder, &folder, &deep, 0, out)?;
                continue;
            }
            for found in place::glob(&engine.location, &path) {
                let is_folder = place::is_folder(&found);
                if wanted.takes(place::file_name(&found), is_folder) {
                    put(engine, args, &found, &place::parent(&found), out)?;
                }
            }
            continue;
        }
        if !place::exists(&full) {
            engine.path_not_found(&path)?;
        } else if path.ends_with('/') && !place::is_folder(&full) {
            engine.soft_error(
                "System.Management.Automation.ItemNotFoundException",
                "ItemNotFound",
                "ObjectNotFound",
                format!("Could not find item {full}."),
                Value::from(full.as_str()),
            )?;
        } else if place::is_folder(&full) && selection.names_items() && !wanted.is_deep {
            // `-Include` is about what the path names, which are the items in it only with a wildcard.
        } else if place::is_folder(&full) {
            list(engine, args, &full, &full, &wanted, 0, out)?;
        } else if (wanted.hidden || !place::is_hidden(&full))
            && selection.takes(place::file_name(&full))
        {
            put(engine, args, &full, &place::parent(&full), out)?;
        }
    }
    Ok(())
}

fn put(engine: &mut Engine, args: &Args, path: &str, base: &str, out: &mut dyn Sink) -> R<()> {
    if args.switch("Name") {
        let relative = path
            .strip_prefix(base)
            .unwrap_or(path)
            .trim_start_matches('/');
        return out.put(engine, Value::from(relative));
    }
    out.put(engine, FileInfo::value(path))
}

fn list(
    engine: &mut Engine,
    args: &Args,
    folder: &str,
    base: &str,
    wanted: &Wanted<'_>,
    depth: usize,
    out: &mut dyn Sink,
) -> R<()> {
    let names = place::names(folder);
    let path = |name: &str| format!("{}/{name}", folder.trim_end_matches('/'));
    // Folders first, then files, as PowerShell lists them.
    let (folders, files): (Vec<String>, Vec<String>) = names
        .into_iter()
        .partition(|name| place::is_folder(&path(name)));
    for (names, is_folder) in [(&folders, true), (&files, false)] {
        for name in names {
            if wanted.takes(name, is_folder) {
                put(engine, args, &path(name), base, out)?;
            }
        }
    }
    if wanted.is_deep && wanted.depth.is_none_or(|limit| depth < limit) {
        for name in &folders {
            let is_shown = wanted.hidden || !name.starts_with('.');
            // What a link leads to is listed only with -FollowSymlink.
            if is_shown && place::is_tree(&path(name)) {
                list(engine, args, &path(name), base, wanted, depth + 1, out)?;
            }
        }
    }
    Ok(())
}
