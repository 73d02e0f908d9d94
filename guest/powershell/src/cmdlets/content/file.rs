//! Reading and writing files: bytes, text in an encoding, values as text.

use std::io::Write;

use crate::cmdlets::paths::{drive, named_item};
use crate::eval::{Args, Engine};
use crate::place;
use crate::types::encoding::{self, Encoding};
use crate::value::{R, Value};

/// Writes values as text, as `>` and `>>` do.
pub fn write(engine: &mut Engine, path: &str, items: &[Value], is_append: bool) -> R<()> {
    let text = crate::format::text_of(engine, items, crate::format::WIDTH)?;
    write_bytes(engine, path, text.as_bytes(), is_append)
}

/// Writes or appends; what can't be written is an error of the path.
pub fn write_bytes(engine: &mut Engine, path: &str, bytes: &[u8], is_append: bool) -> R<()> {
    if named_item::of(path).is_some() {
        return Err(named_item::refused("Writing content", path));
    }
    if drive::is_missing(engine, path)? {
        return Ok(());
    }
    let full = place::absolute(&engine.location, path);
    let real = place::real(&full);
    let result = if is_append {
        std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(real)
            .and_then(|mut file| file.write_all(bytes))
    } else {
        std::fs::write(real, bytes)
    };
    match result {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => engine.soft_error(
            "System.IO.DirectoryNotFoundException",
            "FileOpenFailure",
            "OpenError",
            format!("Could not find a part of the path '{full}'."),
            Value::from(path),
        ),
        Err(error) => {
            let (kind, id, message) = place::fault_parts(&error, &full);
            engine.soft_error(kind, id, "OpenError", message, Value::from(path))
        }
    }
}

/// The path that a cmdlet writes to, from `parameter` or `-LiteralPath`; `None` if `-NoClobber` keeps what is there,
/// which is reported.
pub fn target(engine: &mut Engine, args: &Args, parameter: &str) -> R<Option<String>> {
    let path = args
        .text(parameter)
        .or_else(|| args.text("LiteralPath"))
        .ok_or_else(|| crate::value::argument_error(parameter, "It is missing."))?;
    let full = place::absolute(&engine.location, &path);
    if !args.switch("NoClobber") || !place::exists(&full) {
        return Ok(Some(path));
    }
    engine.soft_error(
        "System.IO.IOException",
        "NoClobber",
        "ResourceExists",
        format!("The file '{full}' already exists."),
        Value::from(path),
    )?;
    Ok(None)
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

/// Text in the encoding that `-Encoding` names, with its mark.
pub fn encoded(args: &Args, text: &str, is_append: bool) -> R<Vec<u8>> {
    let (kind, has_mark) = match args.value("Encoding") {
        Some(value) => Encoding::of(&value)?,
        None => (encoding::Kind::Utf8, false),
    };
    let mut bytes = if has_mark && !is_append {
        encoding::mark(kind).to_vec()
    } else {
        Vec::new()
    };
    bytes.extend(encoding::encode(kind, text));
    Ok(bytes)
}
