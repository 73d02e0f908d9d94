//! Entries unpacked: into files, to standard output, or only to see whether they are whole.

use std::io::Read;
use std::path::{Component, Path, PathBuf};

use bashkit::{CommandContext, CommandStatus, Result};
use zip::CompressionMethod;
use zip::result::ZipResult;

use super::super::archive::{Archive, Entry};
use super::options::{Extent, Overwrite};
use super::{CANNOT_WRITE, Chosen, Options, WARNED, complain, fault};

/// The entry's bytes, compared with its sum.
fn unpack(archive: &mut Archive, at: usize) -> ZipResult<Vec<u8>> {
    let mut bytes = Vec::new();
    archive.by_index(at)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

const fn verb(entry: &Entry) -> &'static str {
    if matches!(entry.method, CompressionMethod::Stored) {
        " extracting"
    } else {
        "  inflating"
    }
}

/// `-t`.
pub async fn test(
    ctx: &CommandContext<'_>,
    options: &Options,
    chosen: &mut Chosen,
) -> Result<CommandStatus> {
    chosen.head(ctx, options).await?;
    let mut status = CommandStatus::success();
    for (at, Entry { name, .. }) in &chosen.entries {
        match unpack(&mut chosen.archive, *at) {
            Ok(_) if options.n_quiet > 0 => {}
            Ok(_) => {
                let text = format!("    testing: {name:<22}   OK\n");
                ctx.stdout.write_all(text.as_bytes()).await?;
            }
            Err(why) => {
                let (code, text) = fault(name, &why);
                status = complain(ctx, code, &text).await?;
            }
        }
    }
    let shown = &chosen.shown;
    let text = match (status.exit_code, options.wanted().len()) {
        (0, _) if options.n_quiet > 1 => return Ok(status),
        (0, 0) => format!("No errors detected in compressed data of {shown}.\n"),
        (0, _) => {
            let count = chosen.entries.len();
            let files = if count == 1 { "file" } else { "files" };
            format!("No errors detected in {shown} for the {count} {files} tested.\n")
        }
        _ => format!("At least one error was detected in {shown}.\n"),
    };
    ctx.stdout.write_all(text.as_bytes()).await?;
    Ok(status)
}

/// `-p` and `-c`.
pub async fn print(
    ctx: &CommandContext<'_>,
    is_bare: bool,
    options: &Options,
    chosen: &mut Chosen,
) -> Result<CommandStatus> {
    let has_lines = !is_bare && options.n_quiet == 0;
    if has_lines {
        chosen.head(ctx, options).await?;
    }
    let mut status = CommandStatus::success();
    let files = chosen.entries.iter().filter(|(_, entry)| !entry.is_folder);
    for (at, entry) in files {
        let name = &entry.name;
        match unpack(&mut chosen.archive, *at) {
            Ok(mut bytes) => {
                if has_lines {
                    let line = format!("{}: {name:<22}  \n", verb(entry));
                    bytes.splice(0..0, line.into_bytes());
                    bytes.push(b'\n');
                }
                ctx.stdout.write_all(&bytes).await?;
            }
            Err(why) => {
                let (code, text) = fault(name, &why);
                status = complain(ctx, code, &text).await?;
            }
        }
    }
    Ok(status)
}

/// Into files below the folder of `-d`, or the current one.
pub async fn extract(
    ctx: &CommandContext<'_>,
    options: &Options,
    chosen: &mut Chosen,
) -> Result<CommandStatus> {
    chosen.head(ctx, options).await?;
    let mut status = CommandStatus::success();
    // A link is made when all files are there, so that none of them is written through it.
    let mut links = Vec::new();
    for (at, entry) in &chosen.entries {
        let place = match Place::of(ctx, options, entry) {
            Ok(Some(place)) => place,
            Ok(None) => continue,
            Err(text) => {
                status = complain(ctx, WARNED, &text).await?;
                continue;
            }
        };
        if entry.is_folder {
            if ctx.fs.stat(&place.path).await.is_err() {
                ctx.fs.mkdir(&place.path, true).await?;
                let line = format!("   creating: {}\n", place.shown);
                say(ctx, options, &line).await?;
            }
            continue;
        }
        match is_due(ctx, options, entry, &place).await {
            Ok(true) => {}
            Ok(false) => continue,
            Err(text) => {
                status = complain(ctx, WARNED, &text).await?;
                continue;
            }
        }
        let bytes = match unpack(&mut chosen.archive, *at) {
            Ok(bytes) => bytes,
            Err(why) => {
                let (code, text) = fault(&place.shown, &why);
                status = complain(ctx, code, &text).await?;
                continue;
            }
        };
        if entry.is_link {
            let target = String::from_utf8_lossy(&bytes).into_owned();
            let line = format!("    linking: {:<22}  -> {target} \n", place.shown);
            say(ctx, options, &line).await?;
            links.push((place, target));
            continue;
        }
        if let Err(error) = write(ctx, options, entry, &place.path, &bytes).await {
            let text = format!("error:  cannot create {}: {error}", place.shown);
            status = complain(ctx, CANNOT_WRITE, &text).await?;
            continue;
        }
        let line = format!("{}: {:<22}  \n", verb(entry), place.shown);
        say(ctx, options, &line).await?;
    }
    if !links.is_empty() {
        say(ctx, options, "finishing deferred symbolic links:\n").await?;
    }
    for (place, target) in links {
        if let Err(error) = link(ctx, &place.path, &target).await {
            let text = format!("error:  cannot create {}: {error}", place.shown);
            status = complain(ctx, CANNOT_WRITE, &text).await?;
            continue;
        }
        say(
            ctx,
            options,
            &format!("  {:<22} -> {target}\n", place.shown),
        )
        .await?;
    }
    Ok(status)
}

/// Where an entry goes.
struct Place {
    path: PathBuf,
    shown: String,
}

impl Place {
    /// `None` for a folder that `-j` leaves out; the warning for a name that leads out of the folder.
    fn of(
        ctx: &CommandContext<'_>,
        options: &Options,
        entry: &Entry,
    ) -> std::result::Result<Option<Self>, String> {
        let name = &entry.name;
        let own = match options.drops_folders {
            true if entry.is_folder => return Ok(None),
            true => name.rsplit('/').next().unwrap_or(name),
            false => name.as_str(),
        };
        let own = if options.lowers_names {
            own.to_lowercase()
        } else {
            own.to_owned()
        };
        let is_inside = Path::new(&own)
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !is_inside {
            return Err(format!(
                "warning:  skipped {name}: it leads out of the folder"
            ));
        }
        let (folder, shown) = match &options.folder {
            Some(folder) => (
                ctx.cwd.join(folder),
                format!("{}/{own}", folder.trim_end_matches('/')),
            ),
            None => (ctx.cwd.to_path_buf(), own.clone()),
        };
        Ok(Some(Self {
            path: folder.join(own),
            shown,
        }))
    }
}

/// Whether the file is to be written; what can't be asked is an error.
async fn is_due(
    ctx: &CommandContext<'_>,
    options: &Options,
    entry: &Entry,
    place: &Place,
) -> std::result::Result<bool, String> {
    let Ok(there) = ctx.fs.lstat(&place.path).await else {
        return Ok(options.extent != Extent::Freshen);
    };
    let is_newer = entry.modified.is_some_and(|own| own > there.modified);
    if options.extent != Extent::All && !is_newer {
        return Ok(false);
    }
    match options.overwrite {
        Overwrite::Always => Ok(true),
        Overwrite::Never => Ok(false),
        Overwrite::Ask => Err(format!("replace {}? not without -o", place.shown)),
    }
}

async fn write(
    ctx: &CommandContext<'_>,
    options: &Options,
    entry: &Entry,
    path: &Path,
    bytes: &[u8],
) -> Result<()> {
    if let Some(parent) = path.parent() {
        ctx.fs.mkdir(parent, true).await?;
    }
    ctx.fs.write_file(path, bytes).await?;
    if let Some(mode) = entry.mode.filter(|mode| mode & 0o111 != 0) {
        ctx.fs.chmod(path, mode & 0o7777).await?;
    }
    if let Some(modified) = entry.modified.filter(|_| !options.drops_times) {
        ctx.fs.set_modified_time(path, modified).await?;
    }
    Ok(())
}

async fn link(ctx: &CommandContext<'_>, path: &Path, target: &str) -> Result<()> {
    if let Some(parent) = path.parent() {
        ctx.fs.mkdir(parent, true).await?;
    }
    if ctx.fs.lstat(path).await.is_ok() {
        ctx.fs.remove(path, false).await?;
    }
    ctx.fs.symlink(Path::new(target), path).await
}

async fn say(ctx: &CommandContext<'_>, options: &Options, line: &str) -> Result<()> {
    if options.n_quiet > 0 {
        return Ok(());
    }
    ctx.stdout.write_all(line.as_bytes()).await
}
