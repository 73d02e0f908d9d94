//! `Get-ChildItem`: lists folders and the environment. Left out: `-Attributes`, `-ReadOnly`, `-System`, `-FollowSymlink`.
//!
//! A path with wildcards, `-Include`, `-Exclude` or `-Recurse` is searched for as in SessionStateInternal.GetChildItems,
//! with what is odd there: a folder that wildcards name is listed itself only where nothing is left out and nothing is
//! searched below, else what is in it.
//!
//! [Get-ChildItem](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/get-childitem)

use crate::cmdlets::items::change::into;
use crate::cmdlets::items::selection::Selection;
use crate::cmdlets::paths::drive;
use crate::cmdlets::paths::given::given;
use crate::cmdlets::paths::named_item;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, pattern};
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
struct Wanted {
    selection: Selection,
    depth: Option<usize>,
    is_deep: bool,
    files: bool,
    folders: bool,
    /// Names with a dot in front.
    hidden: bool,
    /// All other names.
    shown: bool,
}

impl Wanted {
    fn of(args: &Args) -> R<Self> {
        let depth = args.int("Depth")?.map(|n| n.max(0) as usize);
        Ok(Self {
            selection: Selection::of(args),
            depth,
            is_deep: args.switch("Recurse") || depth.is_some(),
            files: !args.switch("Directory"),
            folders: !args.switch("File"),
            hidden: args.switch("Force") || args.switch("Hidden"),
            shown: !args.switch("Hidden"),
        })
    }

    /// Whether it lists such an item, whatever its name.
    fn takes_kind(&self, name: &str, is_folder: bool) -> bool {
        (if is_folder { self.folders } else { self.files })
            && match name.starts_with('.') {
                true => self.hidden,
                false => self.shown,
            }
    }

    fn takes(&self, name: &str, is_folder: bool) -> bool {
        self.takes_kind(name, is_folder) && self.selection.takes(name)
    }

    /// Whether it goes on into the folder. What a link leads to is listed only with -FollowSymlink.
    fn enters(&self, path: &str, depth: usize) -> bool {
        self.is_deep
            && self.depth.is_none_or(|limit| depth < limit)
            && (self.hidden || !place::is_hidden(path))
            && place::is_tree(path)
    }
}

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let wanted = Wanted::of(args)?;
    let mut given = given(args, item.as_ref());
    if given.is_empty() {
        given.push(engine.location.clone());
    }
    for path in given {
        if let Some(named) = named_item::of(&path) {
            for (name, value) in named.found(engine)? {
                if !wanted.selection.takes(&name) {
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
        let selection = &wanted.selection;
        let is_narrowed = selection.names_items() || selection.leaves_out();
        if !args.has("LiteralPath")
            && (wanted.is_deep || is_narrowed || pattern::has_wildcards(&path))
        {
            search(engine, args, &path, &wanted, out)?;
        } else {
            let full = place::absolute(&engine.location, &path);
            if !place::exists(&full) {
                engine.path_not_found(&path)?;
            } else if is_narrowed {
                narrowed(engine, args, &full, &wanted, out)?;
            } else {
                plain(engine, args, &path, &full, &wanted, out)?;
            }
        }
    }
    Ok(())
}

/// Lists what a path leads to that is no more than a path.
fn plain(
    engine: &mut Engine,
    args: &Args,
    path: &str,
    full: &str,
    wanted: &Wanted,
    out: &mut dyn Sink,
) -> R<()> {
    if place::is_folder(full) {
        return list(engine, args, full, full, wanted, 0, out);
    }
    if path.ends_with('/') {
        return engine.soft_error(
            "System.Management.Automation.ItemNotFoundException",
            "ItemNotFound",
            "ObjectNotFound",
            format!("Could not find item {full}."),
            Value::from(full),
        );
    }
    alone(engine, args, full, wanted, out)
}

/// Lists one item, not what is in it.
fn alone(
    engine: &mut Engine,
    args: &Args,
    full: &str,
    wanted: &Wanted,
    out: &mut dyn Sink,
) -> R<()> {
    if wanted.takes_kind(place::file_name(full), place::is_folder(full)) {
        put(engine, args, full, &place::parent(full), out)?;
    }
    Ok(())
}

/// Lists what a path finds that is searched for.
fn search(
    engine: &mut Engine,
    args: &Args,
    path: &str,
    wanted: &Wanted,
    out: &mut dyn Sink,
) -> R<()> {
    let full = place::absolute(&engine.location, path);
    let mut start = full.clone();
    let mut included = None;
    if wanted.is_deep && !path.ends_with(['/', '\\']) {
        let name = place::file_name(&full);
        let is_all = name == "*";
        if is_all && !(wanted.files && wanted.folders) {
            start = place::parent(&full);
        } else if !wanted.selection.names_items() && !are_folders(&full) {
            // The name is looked for in every folder below.
            start = place::parent(&full);
            included = (!is_all).then(|| name.to_owned());
        }
    }
    let narrower;
    let wanted = match included {
        Some(name) => {
            narrower = Wanted {
                selection: wanted.selection.clone().including(&name),
                ..*wanted
            };
            &narrower
        }
        None => wanted,
    };
    let selection = &wanted.selection;
    let mut found = place::glob("/", &start);
    let is_pattern = pattern::has_wildcards(&start);
    let has_names = selection.names_items() || selection.leaves_out();
    if found.is_empty() && !is_pattern && (wanted.is_deep || !has_names) {
        return engine.path_not_found(&full);
    }
    if !wanted.is_deep {
        // The filter is for what is in a folder that is named.
        found.retain(|full| match (is_pattern, place::file_name(full)) {
            (true, name) => selection.takes(name),
            (false, name) => selection.is_included(name) && !selection.is_excluded(name),
        });
    }
    for full in found {
        if has_names || wanted.is_deep && is_pattern {
            narrowed(engine, args, &full, wanted, out)?;
        } else if wanted.is_deep && place::is_folder(&full) {
            list(engine, args, &full, &full, wanted, 0, out)?;
        } else {
            alone(engine, args, &full, wanted, out)?;
        }
    }
    Ok(())
}

/// Whether the path leads to folders only, and to one at least.
fn are_folders(path: &str) -> bool {
    let found = place::glob("/", path);
    !found.is_empty() && found.iter().all(|path| place::is_folder(path))
}

/// Lists what is in a folder by `-Include` and `-Exclude`, or a file that they take (SessionStateInternal.ProcessPathItems).
fn narrowed(
    engine: &mut Engine,
    args: &Args,
    full: &str,
    wanted: &Wanted,
    out: &mut dyn Sink,
) -> R<()> {
    if place::is_folder(full) {
        return list_narrowed(engine, args, full, full, wanted, 0, out);
    }
    let name = place::file_name(full);
    let selection = &wanted.selection;
    if selection.is_included(name) && !selection.is_excluded(name) {
        alone(engine, args, full, wanted, out)?;
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

/// The paths in a folder: folders first, then files, as PowerShell lists them.
fn in_order(folder: &str) -> (Vec<String>, Vec<String>) {
    let names = place::names(folder);
    let paths = names.iter().map(|name| into(folder, name));
    paths.partition(|path| place::is_folder(path))
}

fn list(
    engine: &mut Engine,
    args: &Args,
    folder: &str,
    base: &str,
    wanted: &Wanted,
    depth: usize,
    out: &mut dyn Sink,
) -> R<()> {
    let (folders, files) = in_order(folder);
    for (paths, is_folder) in [(&folders, true), (&files, false)] {
        for path in paths {
            if wanted.takes(place::file_name(path), is_folder) {
                put(engine, args, path, base, out)?;
            }
        }
    }
    for path in &folders {
        if wanted.enters(path, depth) {
            list(engine, args, path, base, wanted, depth + 1, out)?;
        }
    }
    Ok(())
}

/// The same with `-Include` and `-Exclude`, where what is in a folder comes right after it.
fn list_narrowed(
    engine: &mut Engine,
    args: &Args,
    folder: &str,
    base: &str,
    wanted: &Wanted,
    depth: usize,
    out: &mut dyn Sink,
) -> R<()> {
    let (folders, files) = in_order(folder);
    for path in &folders {
        if wanted.takes(place::file_name(path), true) {
            put(engine, args, path, base, out)?;
        }
        if wanted.enters(path, depth) {
            list_narrowed(engine, args, path, base, wanted, depth + 1, out)?;
        }
    }
    for path in &files {
        if wanted.takes(place::file_name(path), false) {
            put(engine, args, path, base, out)?;
        }
    }
    Ok(())
}
