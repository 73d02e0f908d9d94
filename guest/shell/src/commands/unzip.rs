//! `unzip`: lists, tests, prints or extracts, as Info-ZIP's unzip 6.0 does.
//!
//! Refuses to write outside the folder: entries with `..` or a leading `/` are skipped with a warning. Refuses
//! encrypted entries, packing methods but deflate, `-a`, and what else isn't in [`options::parse`].

use bashkit::{Command, CommandContext, CommandStatus, Result, async_trait};
use zip::result::{ZipError, ZipResult};

use super::archive::{self, Archive, Entry, Opened, matches};

mod extract;
mod list;
mod options;

use options::{Mode, Options, parse};

/// unzip's exit codes, as its manual numbers them.
const WARNED: i32 = 1;
const DAMAGED: i32 = 2;
const NO_PASSWORD: i32 = 5;
const NOT_FOUND: i32 = 9;
const BAD_ARGUMENTS: i32 = 10;
const NOT_MATCHED: i32 = 11;
const CANNOT_WRITE: i32 = 50;
const UNSUPPORTED: i32 = 81;

pub struct Unzip;

/// The archive, and which of its entries were asked for.
struct Chosen {
    /// As the archive is named in what unzip prints.
    shown: String,
    archive: Archive,
    /// With their places in the archive.
    entries: Vec<(usize, Entry)>,
    /// The patterns that fit no entry.
    missing: Vec<String>,
}

#[async_trait]
impl Command for Unzip {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let options = match parse(ctx.args) {
            Ok(options) if !options.names.is_empty() => options,
            Ok(_) => return complain(&ctx, BAD_ARGUMENTS, "unzip: no archive given").await,
            Err(text) => return complain(&ctx, BAD_ARGUMENTS, &text).await,
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
            return complain(&ctx, NOT_FOUND, &text).await;
        };
        let mut chosen = match Chosen::of(&options, &shown, bytes) {
            Ok(chosen) => chosen,
            Err(why) => {
                let text = format!("unzip:  {shown} is not a zip file: {why}");
                return complain(&ctx, NOT_FOUND, &text).await;
            }
        };
        let status = match options.mode {
            Mode::Extract => extract::extract(&ctx, &options, &mut chosen).await?,
            Mode::Test => extract::test(&ctx, &options, &mut chosen).await?,
            Mode::Print { is_bare } => extract::print(&ctx, is_bare, &options, &mut chosen).await?,
            Mode::Names => list::names(&ctx, &chosen).await?,
            Mode::List => list::list(&ctx, &options, &chosen, &list::SHORT).await?,
            Mode::Verbose => list::list(&ctx, &options, &chosen, &list::LONG).await?,
        };
        chosen.complain_of_missing(&ctx, &options, status).await
    }
}

impl Chosen {
    fn of(options: &Options, shown: &str, bytes: Vec<u8>) -> ZipResult<Self> {
        let Opened { archive, entries } = archive::open(bytes)?;
        let wanted = options.wanted();
        let fits = |pattern: &String, entry: &Entry| options.fits(pattern, &entry.name);
        let is_missing = |pattern: &&String| !entries.iter().any(|entry| fits(pattern, entry));
        let missing = wanted.iter().filter(is_missing).cloned().collect();
        let is_chosen = |entry: &Entry| {
            (wanted.is_empty() || wanted.iter().any(|own| fits(own, entry)))
                && !options.excluded.iter().any(|own| fits(own, entry))
        };
        let entries = entries.into_iter().enumerate();
        Ok(Self {
            shown: shown.to_owned(),
            archive,
            entries: entries.filter(|(_, entry)| is_chosen(entry)).collect(),
            missing,
        })
    }

    async fn complain_of_missing(
        &self,
        ctx: &CommandContext<'_>,
        options: &Options,
        status: CommandStatus,
    ) -> Result<CommandStatus> {
        let mut status = status;
        for pattern in &self.missing {
            // A table says it by not having the entry.
            if matches!(options.mode, Mode::List | Mode::Verbose | Mode::Names) {
                status = CommandStatus::with_code(NOT_MATCHED);
            } else {
                let text = format!("caution: filename not matched:  {pattern}");
                status = complain(ctx, NOT_MATCHED, &text).await?;
            }
        }
        Ok(status)
    }

    async fn head(&self, ctx: &CommandContext<'_>, options: &Options) -> Result<()> {
        if options.n_quiet > 0 {
            return Ok(());
        }
        let text = format!("Archive:  {}\n", self.shown);
        ctx.stdout.write_all(text.as_bytes()).await
    }
}

impl Options {
    /// The patterns behind the archive's name.
    fn wanted(&self) -> &[String] {
        &self.names[1..]
    }

    fn fits(&self, pattern: &str, name: &str) -> bool {
        if self.ignores_case {
            matches(&pattern.to_lowercase(), &name.to_lowercase())
        } else {
            matches(pattern, name)
        }
    }
}

async fn complain(ctx: &CommandContext<'_>, code: i32, text: &str) -> Result<CommandStatus> {
    ctx.stderr.write_all(format!("{text}\n").as_bytes()).await?;
    Ok(CommandStatus::with_code(code))
}

/// The exit code and words for an entry that can't be unpacked.
fn fault(name: &str, error: &ZipError) -> (i32, String) {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => (
            NO_PASSWORD,
            format!("   skipping: {name:<22}  unable to get password"),
        ),
        ZipError::UnsupportedArchive(why) => {
            (UNSUPPORTED, format!("   skipping: {name:<22}  {why}"))
        }
        ZipError::CompressionMethodNotSupported(method) => (
            UNSUPPORTED,
            format!("   skipping: {name:<22}  unsupported compression method {method}"),
        ),
        other => (DAMAGED, format!("error:  {name}: {other}")),
    }
}
