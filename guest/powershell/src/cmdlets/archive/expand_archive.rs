//! `Expand-Archive`: unpacks a zip archive; an entry that would leave the folder is an error.
//!
//! [Expand-Archive](https://learn.microsoft.com/powershell/module/microsoft.powershell.archive/expand-archive)

use std::io::{Cursor, Read};

use crate::cmdlets::archive::fault::{broken, missing};
use crate::cmdlets::items::change::is_dry;
use crate::cmdlets::paths::drive;
use crate::cmdlets::paths::given::{given, resolved};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::types::file_info::FileInfo;
use crate::value::{R, Value, fail};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Expand-Archive",
    aliases: &[],
    params: "Path@0|^ DestinationPath@1 LiteralPath/PSPath/LP^ Force? PassThru? WhatIf? Confirm?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    if drive::is_missing(engine, &args.text("DestinationPath").unwrap_or_default())? {
        return Ok(());
    }
    for path in given(args, item.as_ref()) {
        let is_there = match args.has("LiteralPath") {
            true => place::exists(&place::absolute(&engine.location, &path)),
            false => !place::glob(&engine.location, &path).is_empty(),
        };
        if !is_there && drive::missing(&path).is_none() {
            return Err(missing(&path));
        }
    }
    for path in resolved(engine, args, item.as_ref())? {
        if !path.to_ascii_lowercase().ends_with(".zip") {
            return Err(fail(
                "System.IO.IOException",
                "NotSupportedArchiveFileExtension",
                format!(
                    "{} is not a supported archive file format. .zip is the only supported archive file format.",
                    extension(&path)
                ),
            ));
        }
        let to = match args.text("DestinationPath") {
            Some(to) => place::absolute(&engine.location, &to),
            None => format!(
                "{}/{}",
                engine.location.trim_end_matches('/'),
                crate::types::path::stem(&path)
            ),
        };
        if is_dry(engine, args, "Expand-Archive", &path)? {
            continue;
        }
        let bytes =
            std::fs::read(place::real(&path)).map_err(|error| place::fault(&error, &path))?;
        let mut archive =
            zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&path, error))?;
        for at in 0..archive.len() {
            let mut entry = archive.by_index(at).map_err(|error| broken(&path, error))?;
            let Some(name) = entry.enclosed_name() else {
                return Err(broken(&path, "an entry would leave the folder"));
            };
            let target = format!("{}/{}", to.trim_end_matches('/'), name.to_string_lossy());
            if entry.is_dir() {
                std::fs::create_dir_all(place::real(&target))
                    .map_err(|error| place::fault(&error, &target))?;
                continue;
            }
            if place::exists(&target) && !args.switch("Force") {
                return Err(fail(
                    "System.IO.IOException",
                    "ExpandArchiveFileExists",
                    format!(
                        "Failed to create file '{target}' while expanding the archive file '{path}' contents as the file '{target}' already exists. Use the -Force parameter if you want to overwrite the existing directory '{to}' contents when expanding the archive file."
                    ),
                ));
            }
            let mut bytes = Vec::new();
            entry
                .read_to_end(&mut bytes)
                .map_err(|error| broken(&path, error))?;
            let folder = place::parent(&target);
            std::fs::create_dir_all(place::real(&folder))
                .and_then(|()| std::fs::write(place::real(&target), bytes))
                .map_err(|error| place::fault(&error, &target))?;
            if args.switch("PassThru") {
                out.put(engine, FileInfo::value(&target))?;
            }
        }
    }
    Ok(())
}

fn extension(path: &str) -> &str {
    let name = place::file_name(path);
    name.rfind('.').map_or("", |at| &name[at..])
}
