//! What the names on the command line lead to.

use std::collections::HashSet;
use std::path::PathBuf;

use bashkit::{CommandContext, Metadata, Result};

use super::super::archive::matches;
use super::options::Options;

/// A file, folder (its name ends in a slash) or link that goes into the archive.
pub struct Found {
    pub name: String,
    pub path: PathBuf,
    pub seen: Metadata,
}

/// What the names lead to, each name once; says which lead nowhere.
pub async fn find(ctx: &CommandContext<'_>, options: &Options) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut names = HashSet::new();
    for name in &options.names {
        let path = ctx.cwd.join(name);
        if ctx.fs.lstat(&path).await.is_err() {
            let text = format!("\tzip warning: name not matched: {name}\n");
            ctx.stdout.write_all(text.as_bytes()).await?;
            continue;
        }
        collect(
            ctx,
            options,
            name.trim_end_matches('/'),
            path,
            &mut names,
            &mut found,
        )
        .await?;
    }
    Ok(found)
}

/// Adds `name` and, with `-r`, what is below it, in the order of their names.
async fn collect(
    ctx: &CommandContext<'_>,
    options: &Options,
    name: &str,
    path: PathBuf,
    names: &mut HashSet<String>,
    found: &mut Vec<Found>,
) -> Result<()> {
    let mut pending = vec![(name.to_owned(), path)];
    while let Some((name, path)) = pending.pop() {
        let seen = if options.keeps_links {
            ctx.fs.lstat(&path).await
        } else {
            ctx.fs.stat(&path).await
        };
        // A link that leads nowhere, or round in circles.
        let Ok(seen) = seen else {
            let text = format!("\tzip warning: could not open for reading: {name}\n");
            ctx.stdout.write_all(text.as_bytes()).await?;
            continue;
        };
        let is_folder = seen.file_type.is_dir();
        let shown = entry_name(options, &name, is_folder);
        let is_excluded = options.excluded.iter().any(|own| matches(own, &shown));
        let is_included =
            options.included.is_empty() || options.included.iter().any(|own| matches(own, &shown));
        if is_folder && options.is_recursive {
            let mut children = ctx.fs.read_dir(&path).await?;
            children.sort_by(|a, b| b.name.cmp(&a.name));
            pending.extend(children.into_iter().map(|child| {
                let below = if name == "." {
                    child.name.clone()
                } else {
                    format!("{name}/{}", child.name)
                };
                (below, path.join(child.name))
            }));
        }
        if shown.is_empty() || is_excluded || !is_included {
            continue;
        }
        if names.insert(shown.clone()) {
            found.push(Found {
                name: shown,
                path,
                seen,
            });
        }
    }
    Ok(())
}

/// The name in the archive; empty for a folder that gets no entry.
fn entry_name(options: &Options, name: &str, is_folder: bool) -> String {
    let plain = name.trim_start_matches("./").trim_start_matches('/');
    match is_folder {
        true if options.drops_folders || options.no_folder_entries => String::new(),
        true if plain.is_empty() || plain == "." => String::new(),
        true => format!("{plain}/"),
        false if options.drops_folders => plain.rsplit('/').next().unwrap_or(plain).to_owned(),
        false => plain.to_owned(),
    }
}
