//! Reading and writing files: bytes, text in an encoding, values as text.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::rc::Rc;

use crate::cmdlets::items::change::is_dry;
use crate::cmdlets::paths::{drive, named_item};
use crate::eval::{Args, Engine};
use crate::place;
use crate::types::encoding::{self, Encoding};
use crate::value::{Ctl, ErrorRecord, Exception, R, Value, fail};

/// Writes values as text, as `>` and `>>` do.
pub fn write(engine: &mut Engine, path: &str, items: &[Value], is_append: bool) -> R<()> {
    let text = crate::format::text_of(engine, items, crate::format::WIDTH)?;
    write_or_fail(engine, path, text.as_bytes(), is_append)
}

/// Writes or appends, as `Out-File` and redirections do: what can't be written ends the statement
/// (PathUtils.ReportFileOpenFailure).
pub fn write_or_fail(engine: &mut Engine, path: &str, bytes: &[u8], is_append: bool) -> R<()> {
    match written(engine, path, bytes, is_append)? {
        Some(fault) => Err(Ctl::Throw(Rc::new(fault))),
        None => Ok(()),
    }
}

/// Writes or appends; what can't be written is an error of the path.
pub fn write_bytes(engine: &mut Engine, path: &str, bytes: &[u8], is_append: bool) -> R<()> {
    match written(engine, path, bytes, is_append)? {
        Some(fault) => engine.report(fault),
        None => Ok(()),
    }
}

/// Opens a file, emptied or at its end, as `Set-Content` and `Add-Content` do, whose errors have names of their own
/// (FileSystemProvider.GetContentWriter). `None` if it was reported why that can't be.
pub fn open_content(engine: &mut Engine, path: &str, is_append: bool) -> R<Option<File>> {
    match opened(engine, path, is_append)? {
        Some(Ok(file)) => Ok(Some(file)),
        Some(Err(error)) => content_fault(engine, path, &error).map(|()| None),
        None => Ok(None),
    }
}

/// Reports what kept content from being written.
pub fn content_fault(engine: &mut Engine, path: &str, error: &std::io::Error) -> R<()> {
    let full = place::absolute(&engine.location, path);
    let target = Value::from(full.as_str());
    let (kind, id, category, message) = match error.kind() {
        // Asked only now: what may be written needn't be granted for reading.
        ErrorKind::IsADirectory => (
            "System.InvalidOperationException",
            "WriteContainerContentException",
            "InvalidOperation",
            format!("Unable to write content because it is a directory: '{full}'."),
        ),
        ErrorKind::NotFound => (
            "System.IO.DirectoryNotFoundException",
            "GetContentWriterDirectoryNotFoundError",
            "ObjectNotFound",
            format!("Could not find a part of the path '{full}'."),
        ),
        _ => match place::fault_parts(error, &full) {
            (kind @ "System.UnauthorizedAccessException", _, message) => (
                kind,
                "GetContentWriterUnauthorizedAccessError",
                "PermissionDenied",
                message,
            ),
            (kind, _, message) => (kind, "GetContentWriterIOError", "WriteError", message),
        },
    };
    engine.soft_error(kind, id, category, message, target)
}

/// What kept the bytes from being written.
fn written(
    engine: &mut Engine,
    path: &str,
    bytes: &[u8],
    is_append: bool,
) -> R<Option<ErrorRecord>> {
    let Some(error) = attempt(engine, path, bytes, is_append)? else {
        return Ok(None);
    };
    let full = place::absolute(&engine.location, path);
    let (kind, id, message) = match error.kind() {
        ErrorKind::NotFound => (
            "System.IO.DirectoryNotFoundException",
            "FileOpenFailure",
            format!("Could not find a part of the path '{full}'."),
        ),
        _ => place::fault_parts(&error, &full),
    };
    let mut fault = ErrorRecord::new(Exception::new(kind, message), id, "OpenError");
    fault.target = Value::from(path);
    Ok(Some(fault))
}

/// Writes or appends. A drive that isn't there is reported already.
fn attempt(
    engine: &mut Engine,
    path: &str,
    bytes: &[u8],
    is_append: bool,
) -> R<Option<std::io::Error>> {
    let file = opened(engine, path, is_append)?;
    let written = file.map(|file| file.and_then(|mut file| file.write_all(bytes)));
    Ok(written.and_then(Result::err))
}

/// The file, emptied or at its end; `None` if its drive isn't there, which is reported.
fn opened(engine: &mut Engine, path: &str, is_append: bool) -> R<Option<std::io::Result<File>>> {
    if named_item::of(path).is_some() {
        return Err(named_item::refused("Writing content", path));
    }
    if drive::is_missing(engine, path)? {
        return Ok(None);
    }
    let real = place::real(&place::absolute(&engine.location, path));
    Ok(Some(match is_append {
        true => File::options().append(true).create(true).open(real),
        false => File::create(real),
    }))
}

/// The path that a cmdlet writes to, from `parameter` or `-LiteralPath`; `None` for `-WhatIf`, which says so. What is
/// there and `-NoClobber` keeps ends the statement.
pub fn target(engine: &mut Engine, args: &Args, parameter: &str) -> R<Option<String>> {
    let path = args.text(parameter).or_else(|| args.text("LiteralPath"));
    let Some(path) = path else {
        return Err(fail(
            "System.InvalidOperationException",
            "CannotSpecifyPathAndLiteralPath",
            "You must specify either the -Path or -LiteralPath parameters, but not both.",
        ));
    };
    if is_dry(engine, args, args.cmdlet.name, &path)? {
        return Ok(None);
    }
    let full = place::absolute(&engine.location, &path);
    if !args.switch("NoClobber") || !place::exists(&full) {
        return Ok(Some(path));
    }
    let message = format!("The file '{full}' already exists.");
    let exception = Exception::new("System.IO.IOException", message);
    let mut fault = ErrorRecord::new(exception, "NoClobber", "ResourceExists");
    fault.target = Value::from(path);
    Err(Ctl::Throw(Rc::new(fault)))
}

/// The text of bytes: in the encoding that `-Encoding` names, else as their mark says.
pub fn decoded(args: &Args, bytes: &[u8]) -> R<String> {
    let Some(value) = args.value("Encoding") else {
        return Ok(place::decode(bytes));
    };
    let (kind, _) = Encoding::of(&value)?;
    let mark = encoding::mark(kind);
    Ok(encoding::decode(
        kind,
        bytes.strip_prefix(mark).unwrap_or(bytes),
    ))
}

/// Text in the encoding that `-Encoding` names.
pub fn encoded(args: &Args, text: &str) -> R<Vec<u8>> {
    let (kind, _) = named(args)?;
    Ok(encoding::encode(kind, text))
}

/// The mark with which a file in that encoding begins, if it has one.
pub fn mark(args: &Args) -> R<Vec<u8>> {
    Ok(match named(args)? {
        (kind, true) => encoding::mark(kind).to_vec(),
        (_, false) => Vec::new(),
    })
}

/// Writes or appends text as `-Encoding` says, with its mark where the file has nothing yet, also for `-Append`
/// (StreamWriter writes it at the position 0).
pub fn write_text(engine: &mut Engine, args: &Args, path: &str, text: &str) -> R<()> {
    let is_append = args.switch("Append");
    let real = place::real(&place::absolute(&engine.location, path));
    let has_content = is_append && std::fs::metadata(real).is_ok_and(|known| known.len() > 0);
    let mut bytes = match has_content {
        true => Vec::new(),
        false => mark(args)?,
    };
    bytes.extend(encoded(args, text)?);
    write_or_fail(engine, path, &bytes, is_append)
}

/// The encoding that `-Encoding` names, and whether it has a mark.
fn named(args: &Args) -> R<(encoding::Kind, bool)> {
    match args.value("Encoding") {
        Some(value) => Encoding::of(&value),
        None => Ok((encoding::Kind::Utf8, false)),
    }
}
