//! `unzip`: lists, tests, prints or extracts. Options: `-o -n -q -l -Z1 -t -p -j -d FOLDER -x PATTERN…`.
//!
//! Refuses to write outside the folder: entries with `..` or a leading `/` are skipped with a warning.

use std::path::{Component, Path};
use std::time::{Duration, UNIX_EPOCH};

use bashkit::{Command, CommandContext, CommandStatus, Result, async_trait};

use super::zip::glob;
use super::zipfile::{self, Entry, dos};

pub struct Unzip;

#[derive(Default)]
struct Options {
    n_quiet: u32,
    mode: Mode,
    never_overwrites: bool,
    overwrites: bool,
    drops_folders: bool,
    folder: Option<String>,
    excluded: Vec<String>,
    names: Vec<String>,
}

#[derive(Default, PartialEq)]
enum Mode {
    #[default]
    Extract,
    List,
    Names,
    Test,
    Print,
}

fn parse(args: &[String]) -> std::result::Result<Options, String> {
    let mut options = Options::default();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        if !arg.starts_with('-') || arg == "-" {
            options.names.push(arg.clone());
            continue;
        }
        if arg.starts_with("-Z") || arg == "-1" {
            options.mode = Mode::Names;
            continue;
        }
        for (at, letter) in arg.char_indices().skip(1) {
            match letter {
                'q' => options.n_quiet += 1,
                'o' => options.overwrites = true,
                'n' => options.never_overwrites = true,
                'j' => options.drops_folders = true,
                'l' | 'v' => options.mode = Mode::List,
                't' => options.mode = Mode::Test,
                'p' | 'c' => options.mode = Mode::Print,
                'x' => options
                    .excluded
                    .extend(rest.by_ref().take_while(|next| *next != "-d").cloned()),
                'd' => {
                    let inline = &arg[at + 1..];
                    let value = if inline.is_empty() {
                        rest.next().cloned()
                    } else {
                        Some(inline.to_owned())
                    };
                    options.folder = Some(value.ok_or("-d needs a folder")?);
                    break;
                }
                'u' | 'f' | 'a' | 'b' | 'C' | 'L' | 'X' | 'K' | 'D' => {}
                other => return Err(format!("unzip: invalid option -- '{other}'")),
            }
        }
    }
    Ok(options)
}

#[async_trait]
impl Command for Unzip {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let options = match parse(ctx.args) {
            Ok(options) if !options.names.is_empty() => options,
            Ok(_) => return complain(&ctx, 10, "unzip: no archive given").await,
            Err(text) => return complain(&ctx, 10, &text).await,
        };
        let name = &options.names[0];
        let mut shown = name.clone();
        let mut bytes = ctx.fs.read_file(&ctx.cwd.join(name)).await;
        if bytes.is_err() {
            shown = format!("{name}.zip");
            bytes = ctx.fs.read_file(&ctx.cwd.join(&shown)).await;
        }
        let Ok(bytes) = bytes else {
            let text = format!("unzip:  cannot find or open {name}, {name}.zip or {name}.ZIP.");
            return complain(&ctx, 9, &text).await;
        };
        let Some(entries) = zipfile::read(&bytes) else {
            let text = format!(
                "  End-of-central-directory signature not found in {shown}: not a zip file."
            );
            return complain(&ctx, 9, &text).await;
        };
        let is_wanted = |entry: &&Entry| {
            let wanted = &options.names[1..];
            (wanted.is_empty() || wanted.iter().any(|pattern| glob(pattern, &entry.name)))
                && !options
                    .excluded
                    .iter()
                    .any(|pattern| glob(pattern, &entry.name))
        };
        let chosen: Vec<&Entry> = entries.iter().filter(is_wanted).collect();
        if chosen.is_empty() && options.names.len() > 1 {
            return complain(
                &ctx,
                11,
                &format!("caution: filename not matched:  {}", options.names[1]),
            )
            .await;
        }
        match options.mode {
            Mode::List => list(&ctx, &shown, &chosen).await,
            Mode::Names => {
                for entry in chosen {
                    ctx.stdout
                        .write_all(format!("{}\n", entry.name).as_bytes())
                        .await?;
                }
                Ok(CommandStatus::success())
            }
            Mode::Test | Mode::Print => show(&ctx, &options, &shown, &chosen).await,
            Mode::Extract => extract(&ctx, &options, &shown, &chosen).await,
        }
    }
}

async fn complain(ctx: &CommandContext<'_>, code: i32, text: &str) -> Result<CommandStatus> {
    ctx.stderr.write_all(format!("{text}\n").as_bytes()).await?;
    Ok(CommandStatus::with_code(code))
}

async fn list(
    ctx: &CommandContext<'_>,
    archive: &str,
    entries: &[&Entry],
) -> Result<CommandStatus> {
    let mut text = format!(
        "Archive:  {archive}\n  Length      Date    Time    Name\n---------  ---------- -----   ----\n"
    );
    let mut total = 0u64;
    for entry in entries {
        let (year, month, day, hour, minute) = dos::fields(entry.dos_time);
        total += u64::from(entry.size);
        let when = format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}");
        text.push_str(&format!("{:>9}  {when}   {}\n", entry.size, entry.name));
    }
    let files = if entries.len() == 1 { "file" } else { "files" };
    text.push_str(&format!(
        "---------                     -------\n{total:>9}                     {} {files}\n",
        entries.len()
    ));
    ctx.stdout.write_all(text.as_bytes()).await?;
    Ok(CommandStatus::success())
}

async fn show(
    ctx: &CommandContext<'_>,
    options: &Options,
    archive: &str,
    entries: &[&Entry],
) -> Result<CommandStatus> {
    let is_test = options.mode == Mode::Test;
    if is_test && options.n_quiet == 0 {
        ctx.stdout
            .write_all(format!("Archive:  {archive}\n").as_bytes())
            .await?;
    }
    let mut n_bad = 0;
    for entry in entries.iter().filter(|entry| is_test || !entry.is_folder()) {
        match entry.unpack() {
            Ok(bytes) if !is_test => ctx.stdout.write_all(&bytes).await?,
            Ok(_) if options.n_quiet == 0 => {
                ctx.stdout
                    .write_all(format!("    testing: {:<22}   OK\n", entry.name).as_bytes())
                    .await?;
            }
            Ok(_) => {}
            Err(why) => {
                n_bad += 1;
                ctx.stderr
                    .write_all(format!("error:  {}: {why}\n", entry.name).as_bytes())
                    .await?;
            }
        }
    }
    if is_test && n_bad == 0 {
        let text = format!("No errors detected in compressed data of {archive}.\n");
        ctx.stdout.write_all(text.as_bytes()).await?;
    }
    Ok(CommandStatus::with_code(if n_bad > 0 { 2 } else { 0 }))
}

/// The entry's path below the folder, unless it leads out of it.
fn inside(name: &str) -> Option<&Path> {
    let path = Path::new(name);
    path.components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
        .then_some(path)
}

async fn extract(
    ctx: &CommandContext<'_>,
    options: &Options,
    archive: &str,
    entries: &[&Entry],
) -> Result<CommandStatus> {
    let folder = options
        .folder
        .as_ref()
        .map_or_else(|| ctx.cwd.to_path_buf(), |folder| ctx.cwd.join(folder));
    let prefix = options.folder.as_ref().map_or_else(String::new, |folder| {
        format!("{}/", folder.trim_end_matches('/'))
    });
    if options.n_quiet == 0 {
        ctx.stdout
            .write_all(format!("Archive:  {archive}\n").as_bytes())
            .await?;
    }
    let mut code = 0;
    for entry in entries {
        let name = match options.drops_folders {
            true if entry.is_folder() => continue,
            true => entry.name.rsplit('/').next().unwrap_or(&entry.name),
            false => &entry.name,
        };
        let Some(below) = inside(name) else {
            code = complain(
                ctx,
                1,
                &format!("warning:  skipped {name}: it leads out of the folder"),
            )
            .await?
            .exit_code;
            continue;
        };
        let path = folder.join(below);
        if entry.is_folder() {
            if ctx.fs.stat(&path).await.is_err() {
                ctx.fs.mkdir(&path, true).await?;
                say(ctx, options, "   creating", &format!("{prefix}{name}")).await?;
            }
            continue;
        }
        if ctx.fs.stat(&path).await.is_ok() && (options.never_overwrites || !options.overwrites) {
            if !options.never_overwrites {
                // Nobody is there to answer unzip's question.
                code = complain(ctx, 1, &format!("replace {prefix}{name}? not without -o"))
                    .await?
                    .exit_code;
            }
            continue;
        }
        let bytes = match entry.unpack() {
            Ok(bytes) => bytes,
            Err(why) => {
                code = complain(ctx, 2, &format!("error:  {name}: {why}"))
                    .await?
                    .exit_code;
                continue;
            }
        };
        if let Some(parent) = path.parent() {
            let _ = ctx.fs.mkdir(parent, true).await;
        }
        if let Err(error) = ctx.fs.write_file(&path, &bytes).await {
            code = complain(
                ctx,
                50,
                &format!("error:  cannot create {prefix}{name}: {error}"),
            )
            .await?
            .exit_code;
            continue;
        }
        if entry.mode & 0o111 != 0 {
            ctx.fs.chmod(&path, entry.mode).await?;
        }
        let modified = UNIX_EPOCH + Duration::from_secs(dos::to_unix(entry.dos_time));
        let _ = ctx.fs.set_modified_time(&path, modified).await;
        let verb = if entry.is_deflated() {
            "  inflating"
        } else {
            " extracting"
        };
        say(ctx, options, verb, &format!("{prefix}{name}")).await?;
    }
    Ok(CommandStatus::with_code(code))
}

async fn say(ctx: &CommandContext<'_>, options: &Options, verb: &str, name: &str) -> Result<()> {
    if options.n_quiet > 0 {
        return Ok(());
    }
    let padded = if verb == "   creating" {
        format!("{verb}: {name}\n")
    } else {
        format!("{verb}: {name:<22}  \n")
    };
    ctx.stdout.write_all(padded.as_bytes()).await
}
