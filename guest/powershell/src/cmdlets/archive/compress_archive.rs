//! `Compress-Archive`: makes or updates a zip archive.
//!
//! [Compress-Archive](https://learn.microsoft.com/powershell/module/microsoft.powershell.archive/compress-archive)

use std::io::{Cursor, Read, Write};

use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use crate::cmdlets::archive::fault::{broken, missing};
use crate::cmdlets::items::change::is_dry;
use crate::cmdlets::paths::drive;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::types::file_info::FileInfo;
use crate::value::{R, Value, fail};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Compress-Archive",
    aliases: &[],
    params: "Path@0|^ DestinationPath@1!^ LiteralPath/PSPath/LP^ CompressionLevel Force? Update? PassThru? WhatIf? Confirm?",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    if drive::is_missing(engine, &args.text("DestinationPath").unwrap_or_default())? {
        return Ok(());
    }
    let mut to = place::absolute(
        &engine.location,
        &args.text("DestinationPath").unwrap_or_default(),
    );
    if !to.to_ascii_lowercase().ends_with(".zip") {
        to.push_str(".zip");
    }
    if place::exists(&to) && !args.switch("Force") && !args.switch("Update") {
        return Err(fail(
            "System.IO.IOException",
            "ArchiveFileExists",
            format!(
                "The archive file {to} already exists. Use the -Update parameter to update the existing archive file or use the -Force parameter to overwrite the existing archive file."
            ),
        ));
    }
    if !place::exists(&place::parent(&to)) {
        return Err(missing(&place::parent(&to)));
    }
    let (mut found, mut given_paths) = (Vec::new(), Vec::new());
    let mut given: Vec<String> = input.iter().map(crate::eval::path_of).collect();
    given.extend(args.paths("Path"));
    given.extend(args.paths("LiteralPath"));
    for path in given {
        let paths = place::glob(&engine.location, &path);
        if paths.is_empty() {
            return Err(missing(&path));
        }
        for path in paths {
            if twice(&path, &mut given_paths) {
                return Err(fail(
                    "System.InvalidOperationException",
                    "DuplicatePathFound",
                    format!(
                        "The input to Path parameter contains a duplicate path '{path}'. Provide a unique set of paths as input."
                    ),
                ));
            }
            entries(&path, place::file_name(&path), &mut found);
        }
    }
    if is_dry(engine, args, "Compress-Archive", &to)? {
        return Ok(());
    }
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = options(&args.text("CompressionLevel").unwrap_or_default());
    if args.switch("Update") && place::exists(&to) {
        let bytes = std::fs::read(place::real(&to)).map_err(|error| place::fault(&error, &to))?;
        let mut before =
            zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&to, error))?;
        for at in 0..before.len() {
            let mut entry = before.by_index(at).map_err(|error| broken(&to, error))?;
            let name = entry
                .name()
                .map_err(|error| broken(&to, error))?
                .into_owned();
            if found.iter().any(|(_, own)| *own == name) {
                continue;
            }
            let mut bytes = Vec::new();
            entry
                .read_to_end(&mut bytes)
                .map_err(|error| broken(&to, error))?;
            writer
                .start_file(name, options)
                .map_err(|error| broken(&to, error))?;
            writer
                .write_all(&bytes)
                .map_err(|error| broken(&to, error))?;
        }
    }
    for (path, name) in found {
        if name.ends_with('/') {
            writer
                .add_directory(name, options)
                .map_err(|error| broken(&to, error))?;
            continue;
        }
        let bytes =
            std::fs::read(place::real(&path)).map_err(|error| place::fault(&error, &path))?;
        writer
            .start_file(name, options)
            .map_err(|error| broken(&to, error))?;
        writer
            .write_all(&bytes)
            .map_err(|error| broken(&to, error))?;
    }
    let bytes = writer
        .finish()
        .map_err(|error| broken(&to, error))?
        .into_inner();
    std::fs::write(place::real(&to), bytes).map_err(|error| place::fault(&error, &to))?;
    if args.switch("PassThru") {
        out.put(engine, FileInfo::value(&to))?;
    }
    Ok(())
}

/// Whether a path was given before.
fn twice(path: &str, seen: &mut Vec<String>) -> bool {
    let is_known = seen.iter().any(|seen| seen == path);
    seen.push(path.to_owned());
    is_known
}

/// How files are packed, for a word of `System.IO.Compression.CompressionLevel`; the archive module knows three of them.
pub fn options(level: &str) -> SimpleFileOptions {
    let options = SimpleFileOptions::default();
    match level {
        "Fastest" => options.compression_level(Some(1)),
        "NoCompression" => options.compression_method(CompressionMethod::Stored),
        _ => options,
    }
}

/// Files and folders (their names end in a slash) below a path, with their names in the archive.
fn entries(path: &str, name: &str, found: &mut Vec<(String, String)>) {
    if !place::is_folder(path) {
        found.push((path.to_owned(), name.to_owned()));
        return;
    }
    let names = place::names(path);
    if names.is_empty() {
        found.push((path.to_owned(), format!("{name}/")));
    }
    for own in names {
        entries(&format!("{path}/{own}"), &format!("{name}/{own}"), found);
    }
}
