//! `[System.IO.FileStream]`: a file as a stream, opened in one of .NET's modes. How others may use the file meanwhile changes
//! nothing: there are no others.
//!
//! [FileStream](https://learn.microsoft.com/dotnet/api/system.io.filestream)

use super::memory_stream::{FILE, MemoryStream};
use crate::eval::Engine;
use crate::place;
use crate::types::TypeInfo;
use crate::types::{enumeration, file};
use crate::value::{Ctl, R, Value, method_error};

pub const INFO: TypeInfo = TypeInfo {
    create: Some(create),
    bases: &["System.IO.Stream"],
    ..TypeInfo::named(FILE, &[])
};

fn create(engine: &mut Engine, args: &[Value]) -> Option<R<Value>> {
    let (path, rest) = args.split_first()?;
    let path = place::absolute(&engine.location, &path.text());
    (!rest.is_empty()).then(|| of_arguments(&path, rest))
}

/// A mode, then maybe an access; what else there may be changes nothing here.
pub fn of_arguments(path: &str, args: &[Value]) -> R<Value> {
    let word = |of: &str, at: usize| {
        args.get(at)
            .map(|arg| enumeration::argument(of, arg))
            .transpose()
    };
    let mode = word("System.IO.FileMode", 0)?.unwrap_or_default();
    let usual = if mode == "Append" {
        "Write"
    } else {
        "ReadWrite"
    };
    let access = word("System.IO.FileAccess", 1)?;
    opened(path, &mode, access.as_deref().unwrap_or(usual))
}

/// A file of read access only is never written; one of any other is when the stream is closed.
pub fn opened(path: &str, mode: &str, access: &str) -> R<Value> {
    let is_there = place::exists(path);
    let saves = access != "Read";
    match mode {
        "CreateNew" if is_there => Err(method_error(
            "System.IO.IOException",
            format!("The file '{path}' already exists."),
        )),
        "Open" | "Truncate" if !is_there => Err(missing(path)),
        "CreateNew" | "Create" | "Truncate" => {
            begin(path)?;
            Ok(MemoryStream::over_file(path, Vec::new(), 0, saves))
        }
        _ => {
            if !is_there {
                begin(path)?;
            }
            let bytes = std::fs::read(place::real(path));
            let bytes = bytes.map_err(|error| file::io_error(&error, path))?;
            let at = if mode == "Append" { bytes.len() } else { 0 };
            // Opened in the usual way, it may be one that can only be read.
            let saves = saves && (access != "ReadWrite" || mode != "Open" || is_writable(path));
            Ok(MemoryStream::over_file(path, bytes, at, saves))
        }
    }
}

fn begin(path: &str) -> R<()> {
    std::fs::write(place::real(path), []).map_err(|error| file::io_error(&error, path))
}

fn missing(path: &str) -> Ctl {
    file::io_error(&std::io::ErrorKind::NotFound.into(), path)
}

fn is_writable(path: &str) -> bool {
    let opened = std::fs::OpenOptions::new()
        .write(true)
        .open(place::real(path));
    opened.is_ok()
}
