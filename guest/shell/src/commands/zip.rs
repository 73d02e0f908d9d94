//! `zip`: makes or updates an archive. Options: `-r -q -j -9 … -0 -u -m -x PATTERN… -i PATTERN… -y -X -@`.

use std::path::{Path, PathBuf};

use bashkit::{Command, CommandContext, CommandStatus, Result, async_trait};

use super::zipfile::{self, Entry, dos};

pub struct Zip;

#[derive(Default)]
struct Options {
    is_recursive: bool,
    is_quiet: bool,
    drops_folders: bool,
    moves: bool,
    deletes: bool,
    reads_names: bool,
    excluded: Vec<String>,
    included: Vec<String>,
    names: Vec<String>,
}

fn parse(args: &[String]) -> std::result::Result<Options, String> {
    let mut options = Options::default();
    let mut rest = args.iter().peekable();
    let mut are_options_over = false;
    while let Some(arg) = rest.next() {
        if are_options_over || !arg.starts_with('-') || arg == "-" {
            options.names.push(arg.clone());
            continue;
        }
        let letters = match arg.as_str() {
            "--" => {
                are_options_over = true;
                continue;
            }
            "--quiet" => "q",
            "--recurse-paths" => "r",
            "--junk-paths" => "j",
            "--exclude" => "x",
            "--include" => "i",
            "--delete" => "d",
            _ => &arg[1..],
        };
        for letter in letters.chars() {
            match letter {
                'r' => options.is_recursive = true,
                'q' => options.is_quiet = true,
                'j' => options.drops_folders = true,
                'm' => options.moves = true,
                'd' => options.deletes = true,
                '@' => options.reads_names = true,
                'x' | 'i' => {
                    let list = if letter == 'x' {
                        &mut options.excluded
                    } else {
                        &mut options.included
                    };
                    while let Some(pattern) = rest.next_if(|next| !next.starts_with('-')) {
                        list.push(pattern.clone());
                    }
                }
                '0'..='9' | 'u' | 'y' | 'X' | 'o' | 'T' | 'v' | 'g' | 'D' | 'f' | 'F' => {}
                other => {
                    return Err(format!(
                        "Invalid command arguments (short option '{other}' not supported)"
                    ));
                }
            }
        }
    }
    Ok(options)
}

#[async_trait]
impl Command for Zip {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let mut options = match parse(ctx.args) {
            Ok(options) if !options.names.is_empty() => options,
            Ok(_) => return fail(&ctx, 16, "Invalid command arguments (no archive given)").await,
            Err(text) => return fail(&ctx, 16, &text).await,
        };
        let mut archive = ctx.cwd.join(options.names.remove(0));
        if archive.extension().is_none() {
            archive.set_extension("zip");
        }
        if options.reads_names {
            let mut all = Vec::new();
            while let Some(chunk) = ctx.stdin.read_chunk().await? {
                all.extend(chunk);
            }
            options
                .names
                .extend(String::from_utf8_lossy(&all).lines().map(str::to_owned));
        }
        let old = ctx.fs.read_file(&archive).await.ok();
        let mut entries = old.as_deref().and_then(zipfile::read).unwrap_or_default();
        if options.deletes {
            entries.retain(|entry| {
                !options
                    .names
                    .iter()
                    .any(|pattern| glob(pattern, &entry.name))
            });
            ctx.fs
                .write_file(&archive, &zipfile::write(&entries))
                .await?;
            return Ok(CommandStatus::success());
        }
        let mut found = Vec::new();
        for name in &options.names {
            let path = ctx.cwd.join(name);
            if ctx.fs.stat(&path).await.is_err() {
                ctx.stdout
                    .write_all(format!("\tzip warning: name not matched: {name}\n").as_bytes())
                    .await?;
                continue;
            }
            collect(
                &ctx,
                &options,
                name.trim_end_matches('/'),
                &path,
                &mut found,
            )
            .await?;
        }
        found.retain(|(_, path)| *path != archive);
        if found.is_empty() {
            let text = format!("zip error: Nothing to do! ({})", archive_name(&archive));
            ctx.stdout
                .write_all(format!("\n{text}\n").as_bytes())
                .await?;
            return Ok(CommandStatus::with_code(12));
        }
        for (name, path) in &found {
            let seen = ctx.fs.stat(path).await?;
            let modified = seen
                .modified
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |age| age.as_secs());
            let bytes = if seen.file_type.is_dir() {
                Vec::new()
            } else {
                ctx.fs.read_file(path).await?
            };
            let entry = Entry::pack(
                name.clone(),
                seen.mode & 0o7777,
                dos::from_unix(modified.cast_signed()),
                &bytes,
            );
            let verb = if entries.iter().any(|old| old.name == *name) {
                "updating"
            } else {
                "  adding"
            };
            if !options.is_quiet {
                ctx.stdout.write_all(line(verb, &entry).as_bytes()).await?;
            }
            match entries.iter_mut().find(|old| old.name == *name) {
                Some(old) => *old = entry,
                None => entries.push(entry),
            }
        }
        if let Err(error) = ctx.fs.write_file(&archive, &zipfile::write(&entries)).await {
            return fail(&ctx, 15, &format!("Could not create output file ({error})")).await;
        }
        if options.moves {
            for (_, path) in found.iter().rev() {
                let _ = ctx.fs.remove(path, false).await;
            }
        }
        Ok(CommandStatus::success())
    }
}

fn archive_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn line(verb: &str, entry: &Entry) -> String {
    let how = if entry.is_deflated() {
        "deflated"
    } else {
        "stored"
    };
    let saved = match entry.size {
        0 => 0,
        size => (u64::from(size) - entry.packed.len() as u64) * 100 / u64::from(size),
    };
    format!("{verb}: {} ({how} {saved}%)\n", entry.name)
}

async fn fail(ctx: &CommandContext<'_>, code: i32, text: &str) -> Result<CommandStatus> {
    ctx.stdout
        .write_all(format!("\nzip error: {text}\n").as_bytes())
        .await?;
    Ok(CommandStatus::with_code(code))
}

/// Adds `name` and, with `-r`, what is below it, in the order of their names.
async fn collect(
    ctx: &CommandContext<'_>,
    options: &Options,
    name: &str,
    path: &Path,
    found: &mut Vec<(String, PathBuf)>,
) -> Result<()> {
    let mut pending = vec![(name.to_owned(), path.to_path_buf())];
    while let Some((name, path)) = pending.pop() {
        let is_folder = ctx.fs.stat(&path).await?.file_type.is_dir();
        let plain = name.trim_start_matches("./").trim_start_matches('/');
        let shown = match (options.drops_folders, is_folder) {
            (true, true) => String::new(),
            (true, false) => plain.rsplit('/').next().unwrap_or(plain).to_owned(),
            (false, true) if plain.is_empty() || plain == "." => String::new(),
            (false, true) => format!("{plain}/"),
            (false, false) => plain.to_owned(),
        };
        let is_excluded = options.excluded.iter().any(|pattern| glob(pattern, &shown));
        let is_included = options.included.is_empty()
            || options.included.iter().any(|pattern| glob(pattern, &shown));
        if !shown.is_empty() && !is_excluded && is_included {
            found.push((shown, path.clone()));
        }
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
    }
    Ok(())
}

/// `*` and `?` match everything, `/` too: zip's own rule.
pub fn glob(pattern: &str, name: &str) -> bool {
    fn matches(pattern: &[char], name: &[char]) -> bool {
        match (pattern.first(), name.first()) {
            (None, None) => true,
            (Some('*'), _) => {
                (0..=name.len()).any(|skipped| matches(&pattern[1..], &name[skipped..]))
            }
            (Some('?'), Some(_)) => matches(&pattern[1..], &name[1..]),
            (Some(wanted), Some(seen)) if wanted == seen => matches(&pattern[1..], &name[1..]),
            _ => false,
        }
    }
    let chars = |text: &str| text.chars().collect::<Vec<_>>();
    matches(&chars(pattern.trim_start_matches("./")), &chars(name))
}
