//! `zip`: makes or updates an archive, as Info-ZIP's zip 3.0 does. `-` as the archive writes it to standard output.
//!
//! Refuses encryption, split archives, mending (`-F`) and what else isn't in [`options::parse`]; an archive that can't
//! be read is left as it is.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use bashkit::{Command, CommandContext, CommandStatus, Result, async_trait};
use zip::result::ZipResult;

use super::archive::{self, Archive, Entry, Opened, matches};

mod find;
mod options;
mod pack;

use find::{Found, find};
use options::{Mode, Options, parse};
use pack::Content;

/// zip's exit codes, as its manual numbers them.
const DAMAGED: i32 = 3;
const TEST_FAILED: i32 = 8;
const NOTHING_TO_DO: i32 = 12;
const CANNOT_WRITE: i32 = 15;
const BAD_ARGUMENTS: i32 = 16;

pub struct Zip;

#[async_trait]
impl Command for Zip {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let mut options = match parse(ctx.args) {
            Ok(options) if !options.names.is_empty() => options,
            Ok(_) => return fail(&ctx, BAD_ARGUMENTS, "no archive given").await,
            Err(text) => return fail(&ctx, BAD_ARGUMENTS, &text).await,
        };
        let target = Target::of(&ctx, &options.names.remove(0));
        if options.reads_names {
            let mut all = Vec::new();
            while let Some(chunk) = ctx.stdin.read_chunk().await? {
                all.extend(chunk);
            }
            let lines = String::from_utf8_lossy(&all);
            options.names.extend(lines.lines().map(str::to_owned));
        }
        let old = match target.bytes(&ctx).await.map(archive::open).transpose() {
            Ok(old) => old,
            Err(why) => {
                let text = format!("Zip file structure invalid ({}): {why}", target.shown());
                return fail(&ctx, DAMAGED, &text).await;
            }
        };
        if options.mode == Mode::Delete {
            return delete(&ctx, &options, &target, old).await;
        }
        let mut found = find(&ctx, &options).await?;
        found.retain(|found| !target.is(&found.path) && is_due(&options, found, old.as_ref()));
        if found.is_empty() {
            // Nothing newer is no mistake for `-u` and `-f`: zip says it with its exit code alone.
            if options.mode != Mode::Add && old.is_some() {
                return Ok(CommandStatus::with_code(NOTHING_TO_DO));
            }
            let text = format!("Nothing to do! ({})", target.shown());
            return fail(&ctx, NOTHING_TO_DO, &text).await;
        }
        let made = match make(&ctx, &options, &target, &found, old).await? {
            Ok(made) => made,
            Err(why) => return fail(&ctx, CANNOT_WRITE, &why.to_string()).await,
        };
        let status = finish(&ctx, &options, &target, made).await?;
        if options.moves && status.exit_code == 0 {
            for found in found.iter().rev() {
                // A folder that still holds what was left out stays, as zip has it.
                let _ = ctx.fs.remove(&found.path, false).await;
            }
        }
        Ok(status)
    }
}

/// Where the archive goes.
enum Target {
    Stdout,
    File(PathBuf),
}

impl Target {
    fn of(ctx: &CommandContext<'_>, name: &str) -> Self {
        if name == "-" {
            return Self::Stdout;
        }
        let mut path = ctx.cwd.join(name);
        if path.extension().is_none() {
            path.set_extension("zip");
        }
        Self::File(path)
    }

    fn is(&self, path: &Path) -> bool {
        matches!(self, Self::File(own) if own == path)
    }

    fn shown(&self) -> String {
        match self {
            Self::Stdout => "-".to_owned(),
            Self::File(path) => path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
        }
    }

    /// The archive as it is, if it is there.
    async fn bytes(&self, ctx: &CommandContext<'_>) -> Option<Vec<u8>> {
        match self {
            Self::Stdout => None,
            Self::File(path) => ctx.fs.read_file(path).await.ok(),
        }
    }
}

async fn fail(ctx: &CommandContext<'_>, code: i32, text: &str) -> Result<CommandStatus> {
    let what = match code {
        BAD_ARGUMENTS => format!("Invalid command arguments ({text})"),
        CANNOT_WRITE => format!("Could not create output file ({text})"),
        _ => text.to_owned(),
    };
    let text = format!("\nzip error: {what}\n");
    ctx.stdout.write_all(text.as_bytes()).await?;
    Ok(CommandStatus::with_code(code))
}

/// Whether `-u` or `-f` want it.
fn is_due(options: &Options, found: &Found, old: Option<&Opened>) -> bool {
    if options.mode == Mode::Add {
        return true;
    }
    match old.and_then(|old| old.entry(&found.name)) {
        None => options.mode == Mode::Update,
        Some(kept) => {
            let kept = kept.modified.and_then(archive::seconds);
            kept < archive::seconds(found.seen.modified)
        }
    }
}

/// The new archive, with what was found; says what became of each.
async fn make(
    ctx: &CommandContext<'_>,
    options: &Options,
    target: &Target,
    found: &[Found],
    old: Option<Opened>,
) -> Result<ZipResult<Archive>> {
    let mut all = HashMap::new();
    for found in found {
        let packed = match Content::read(ctx, found).await?.pack(options, found) {
            Ok(packed) => packed,
            Err(why) => return Ok(Err(why)),
        };
        if !options.is_quiet && !matches!(target, Target::Stdout) {
            let known = old.as_ref().and_then(|old| old.entry(&found.name));
            let verb = match known {
                None => "  adding",
                Some(_) if options.mode == Mode::Freshen => "freshening",
                Some(_) => "updating",
            };
            let line = packed.line(&found.name, verb);
            ctx.stdout.write_all(line.as_bytes()).await?;
        }
        all.insert(found.name.clone(), packed);
    }
    Ok(pack::assemble(old, found, all))
}

/// Writes what remains after `-d`.
async fn delete(
    ctx: &CommandContext<'_>,
    options: &Options,
    target: &Target,
    old: Option<Opened>,
) -> Result<CommandStatus> {
    let Some(old) = old else {
        let text = format!("Nothing to do! ({})", target.shown());
        return fail(ctx, NOTHING_TO_DO, &text).await;
    };
    let fits = |pattern: &String, entry: &Entry| matches(pattern, &entry.name);
    for pattern in &options.names {
        if !old.entries.iter().any(|entry| fits(pattern, entry)) {
            let text = format!("\tzip warning: name not matched: {pattern}\n");
            ctx.stdout.write_all(text.as_bytes()).await?;
        }
    }
    let is_named = |entry: &Entry| options.names.iter().any(|own| fits(own, entry));
    let gone = old.entries.iter().filter(|entry| is_named(entry));
    let lines: String = gone
        .map(|entry| format!("deleting: {}\n", entry.name))
        .collect();
    if lines.is_empty() {
        let text = format!("Nothing to do! ({})", target.shown());
        return fail(ctx, NOTHING_TO_DO, &text).await;
    }
    if !options.is_quiet {
        ctx.stdout.write_all(lines.as_bytes()).await?;
    }
    match pack::without(old, is_named) {
        Ok(made) => finish(ctx, options, target, made).await,
        Err(why) => fail(ctx, CANNOT_WRITE, &why.to_string()).await,
    }
}

/// Tests the archive if that is asked for, and puts it where it goes.
async fn finish(
    ctx: &CommandContext<'_>,
    options: &Options,
    target: &Target,
    mut made: Archive,
) -> Result<CommandStatus> {
    if options.tests {
        if let Err(why) = test(&mut made) {
            let text = format!("Zip file invalid ({why})");
            return fail(ctx, TEST_FAILED, &text).await;
        }
        if !options.is_quiet {
            let text = format!("test of {} OK\n", target.shown());
            ctx.stdout.write_all(text.as_bytes()).await?;
        }
    }
    let entries = archive::entries(&mut made).unwrap_or_default();
    let latest = entries.iter().filter_map(|entry| entry.modified).max();
    let bytes = made.into_inner().into_inner();
    match target {
        Target::Stdout => ctx.stdout.write_all(&bytes).await?,
        Target::File(path) => {
            if let Err(error) = ctx.fs.write_file(path, &bytes).await {
                return fail(ctx, CANNOT_WRITE, &error.to_string()).await;
            }
            if let Some(latest) = latest.filter(|_| options.takes_latest_time) {
                ctx.fs.set_modified_time(path, latest).await?;
            }
        }
    }
    Ok(CommandStatus::success())
}

/// Reads every entry, which compares its sum.
fn test(made: &mut Archive) -> ZipResult<()> {
    for at in 0..made.len() {
        let mut bytes = Vec::new();
        made.by_index(at)?.read_to_end(&mut bytes)?;
    }
    Ok(())
}
