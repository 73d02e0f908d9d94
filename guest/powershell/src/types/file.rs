//! `[System.IO.File]` and `[System.IO.Directory]`

use std::rc::Rc;

use super::TypeInfo;
use super::convert_class::bytes_of;
use super::datetime::DateTime;
use super::encoding::{self, Encoding};
use super::text_io::file_stream;
use super::text_io::memory_stream::MemoryStream;
use super::text_io::reader::Reader;
use super::text_io::writer::Writer;
use crate::eval::Engine;
use crate::place;
use crate::value::{Ctl, ErrorRecord, Exception, R, Value, method_error};

pub const FILE: TypeInfo = TypeInfo {
    statics: &[
        "Exists",
        "ReadAllText",
        "ReadAllLines",
        "ReadLines",
        "ReadAllBytes",
        "WriteAllText",
        "WriteAllLines",
        "WriteAllBytes",
        "AppendAllText",
        "AppendAllLines",
        "Copy",
        "Move",
        "Delete",
        "GetLastWriteTime",
        "GetLastWriteTimeUtc",
        "OpenRead",
        "OpenText",
        "CreateText",
        "AppendText",
        "Create",
        "Open",
        "OpenWrite",
    ],
    call: Some(file_call),
    ..TypeInfo::named("System.IO.File", &[])
};
pub const DIRECTORY: TypeInfo = TypeInfo {
    statics: &[
        "Exists",
        "CreateDirectory",
        "Delete",
        "GetFiles",
        "GetDirectories",
        "Move",
        "EnumerateFiles",
        "GetCurrentDirectory",
    ],
    call: Some(directory_call),
    ..TypeInfo::named("System.IO.Directory", &[])
};

/// What .NET throws where a file can't be used.
pub fn io_error(error: &std::io::Error, path: &str) -> Ctl {
    match error.kind() {
        std::io::ErrorKind::NotFound => file_not_found(path),
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            method_error(
                "System.UnauthorizedAccessException",
                format!("Access to the path '{path}' is denied."),
            )
        }
        _ => method_error("System.IO.IOException", format!("{error} : '{path}'")),
    }
}

/// A missing file; or, as .NET says it, a missing folder above it.
fn file_not_found(path: &str) -> Ctl {
    let parent = place::parent(path);
    if !parent.is_empty() && !place::is_folder(&parent) {
        return method_error(
            "System.IO.DirectoryNotFoundException",
            format!("Could not find a part of the path '{path}'."),
        );
    }
    let mut exception = Exception::new(
        "System.IO.FileNotFoundException",
        format!("Could not find file '{path}'."),
    );
    exception.props.push(("FileName", Value::from(path)));
    let mut record = ErrorRecord::new(exception, "FileNotFoundException", "NotSpecified");
    record.is_raw = true;
    Ctl::Throw(Rc::new(record))
}

pub fn text_of(path: &str, encoding: Option<&Value>) -> R<String> {
    let bytes = std::fs::read(place::real(path)).map_err(|error| io_error(&error, path))?;
    Ok(match encoding {
        Some(encoding) => {
            let (kind, _) = Encoding::of(encoding)?;
            let marked = encoding::mark(kind);
            encoding::decode(kind, bytes.strip_prefix(marked).unwrap_or(&bytes))
        }
        None => place::decode(&bytes),
    })
}

fn bytes_for(text: &str, encoding: Option<&Value>) -> R<Vec<u8>> {
    let (kind, has_mark) = encoding.map_or(Ok((encoding::Kind::Utf8, false)), Encoding::of)?;
    let mut bytes = if has_mark {
        encoding::mark(kind).to_vec()
    } else {
        Vec::new()
    };
    bytes.extend(encoding::encode(kind, text));
    Ok(bytes)
}

fn append(path: &str, text: &str) -> R<Value> {
    use std::io::Write;
    let opened = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(place::real(path));
    opened
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map(|()| Value::Nothing)
        .map_err(|error| io_error(&error, path))
}

fn file_call(engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    let path = place::absolute(&engine.location, &args.first()?.text());
    let real = place::real(&path);
    let done = |result: std::io::Result<()>| {
        result
            .map(|()| Value::Nothing)
            .map_err(|error| io_error(&error, &path))
    };
    let lines = |value: &Value| {
        value
            .to_items()
            .iter()
            .map(|line| line.text() + "\n")
            .collect::<String>()
    };
    Some(match (name, &args[1..]) {
        ("exists", []) => Ok(Value::Bool(!args[0].text().is_empty() && real.is_file())),
        ("readalltext", encoding) => text_of(&path, encoding.first()).map(Value::from),
        ("readalllines" | "readlines", encoding) => {
            text_of(&path, encoding.first()).map(|text| Value::strings(text.lines()))
        }
        ("openread", []) => MemoryStream::of_file(&path),
        ("create", []) => file_stream::opened(&path, "Create", "ReadWrite"),
        ("openwrite", []) => file_stream::opened(&path, "OpenOrCreate", "Write"),
        ("open", [_, ..]) => file_stream::of_arguments(&path, &args[1..]),
        ("opentext", []) => Reader::of_file(&path),
        ("createtext", []) => Writer::of_file(&path, false),
        ("appendtext", []) => Writer::of_file(&path, true),
        ("readallbytes", []) => std::fs::read(&real)
            .map(|bytes| Value::bytes(&bytes))
            .map_err(|error| io_error(&error, &path)),
        ("writealltext", [text, encoding @ ..]) => bytes_for(&text.text(), encoding.first())
            .and_then(|bytes| done(std::fs::write(&real, bytes))),
        ("writealllines", [items, encoding @ ..]) => bytes_for(&lines(items), encoding.first())
            .and_then(|bytes| done(std::fs::write(&real, bytes))),
        ("writeallbytes", [bytes]) => {
            bytes_of(bytes).and_then(|bytes| done(std::fs::write(&real, bytes)))
        }
        ("appendalltext", [text, ..]) => append(&path, &text.text()),
        ("appendalllines", [items, ..]) => append(&path, &lines(items)),
        ("copy", [to, rest @ ..]) => {
            let to = place::absolute(&engine.location, &to.text());
            if !rest.first().is_some_and(crate::value::to_bool) && place::exists(&to) {
                return Some(Err(method_error(
                    "System.IO.IOException",
                    format!("The file '{to}' already exists."),
                )));
            }
            done(std::fs::copy(&real, place::real(&to)).map(drop))
        }
        ("move", [to, rest @ ..]) => {
            let to = place::absolute(&engine.location, &to.text());
            if !rest.first().is_some_and(crate::value::to_bool) && place::exists(&to) {
                return Some(Err(method_error(
                    "System.IO.IOException",
                    "Cannot create a file when that file already exists.",
                )));
            }
            done(std::fs::rename(&real, place::real(&to)))
        }
        ("delete", []) => match std::fs::remove_file(&real) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Value::Nothing),
            result => done(result),
        },
        ("getlastwritetime" | "getlastwritetimeutc", []) => std::fs::metadata(&real)
            .and_then(|seen| seen.modified())
            .map(DateTime::from_system)
            .map_err(|error| io_error(&error, &path)),
        _ => return None,
    })
}

/// An empty folder, or a link to one.
fn remove_folder(path: &str) -> std::io::Result<()> {
    match place::link_target(path) {
        Some(_) => std::fs::remove_file(place::real(path)),
        None => std::fs::remove_dir(place::real(path)),
    }
}

fn directory_call(engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    if let ("getcurrentdirectory", []) = (name, args) {
        return Some(Ok(Value::from(engine.location.as_str())));
    }
    let path = place::absolute(&engine.location, &args.first()?.text());
    let real = place::real(&path);
    let done = |result: std::io::Result<()>| {
        result
            .map(|()| Value::Nothing)
            .map_err(|error| io_error(&error, &path))
    };
    Some(match (name, &args[1..]) {
        ("exists", []) => Ok(Value::Bool(!args[0].text().is_empty() && real.is_dir())),
        ("createdirectory", []) => std::fs::create_dir_all(&real)
            .map(|()| super::file_info::FileInfo::value(&path))
            .map_err(|error| io_error(&error, &path)),
        ("delete", []) => done(remove_folder(&path)),
        ("delete", [deep]) if crate::value::to_bool(deep) => done(std::fs::remove_dir_all(&real)),
        ("delete", [_]) => done(remove_folder(&path)),
        ("move", [to]) => done(std::fs::rename(
            &real,
            place::real(&place::absolute(&engine.location, &to.text())),
        )),
        ("getfiles" | "enumeratefiles" | "getdirectories" | "enumeratedirectories", rest) => {
            let pattern = rest.first().map_or("*".to_owned(), Value::text);
            let is_deep = rest.get(1).is_some_and(|option| {
                option.text().eq_ignore_ascii_case("AllDirectories") || option.text() == "1"
            });
            let mut found = Vec::new();
            collect(
                &path,
                &pattern,
                is_deep,
                name.ends_with("files"),
                &mut found,
            );
            Ok(Value::strings(found))
        }
        _ => return None,
    })
}

fn collect(folder: &str, pattern: &str, is_deep: bool, wants_files: bool, found: &mut Vec<String>) {
    for name in place::names(folder) {
        let path = format!("{}/{name}", folder.trim_end_matches('/'));
        let is_folder = place::is_folder(&path);
        if is_folder != wants_files && crate::eval::pattern::wildcard(pattern, &name, false) {
            found.push(path.clone());
        }
        if is_deep && is_folder {
            collect(&path, pattern, is_deep, wants_files, found);
        }
    }
}
