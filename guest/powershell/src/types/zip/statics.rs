//! `[System.IO.Compression.ZipFile]` and the methods that `ZipFileExtensions` adds to an archive and its entries.
//!
//! [ZipFile](https://learn.microsoft.com/dotnet/api/system.io.compression.zipfile). What is said of the encoding of names
//! changes nothing: they are UTF-8.

use super::archive::{Archive, Entry, Mode};
use super::folder::{add_all, extract, extract_all};
use crate::eval::Engine;
use crate::place;
use crate::types::TypeInfo;
use crate::types::encoding::Encoding;
use crate::types::file::io_error;
use crate::value::{R, Value, method_error, to_bool};

pub const FILE: TypeInfo = TypeInfo {
    statics: &[
        "CreateFromDirectory",
        "ExtractToDirectory",
        "Open",
        "OpenRead",
    ],
    call: Some(file_call),
    ..TypeInfo::named("System.IO.Compression.ZipFile", &[])
};
pub const EXTENSIONS: TypeInfo = TypeInfo {
    statics: &["CreateEntryFromFile", "ExtractToDirectory", "ExtractToFile"],
    call: Some(extensions_call),
    ..TypeInfo::named("System.IO.Compression.ZipFileExtensions", &[])
};

fn file_call(engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    let path = |value: &Value| place::absolute(&engine.location, &value.text());
    let nothing = |done: R<()>| done.map(|()| Value::Nothing);
    Some(match (name, args) {
        ("openread", [zip]) => Archive::open(&path(zip), Mode::Read).map(Value::net),
        ("open", [zip, mode, rest @ ..]) if rest.len() < 2 => {
            let mode = Mode::of(mode);
            mode.and_then(|mode| Archive::open(&path(zip), mode))
                .map(Value::net)
        }
        ("extracttodirectory", [zip, to, rest @ ..]) if rest.len() < 3 => {
            let archive = Archive::open(&path(zip), Mode::Read);
            nothing(archive.and_then(|archive| extract_all(&archive, &path(to), overwrites(rest))))
        }
        ("createfromdirectory", [from, zip, rest @ ..]) if rest.len() < 4 => {
            nothing(pack(&path(from), &path(zip), rest))
        }
        _ => return None,
    })
}

/// The switch, where one is among what follows an encoding or nothing.
fn overwrites(rest: &[Value]) -> bool {
    let mut rest = rest
        .iter()
        .filter(|value| value.downcast::<Encoding>().is_none());
    rest.next().is_some_and(to_bool)
}

/// `(folder, archive)`, then maybe a level and whether the folder's name comes first in the entries' names.
fn pack(from: &str, zip: &str, rest: &[Value]) -> R<()> {
    if !place::is_folder(from) {
        let message = format!("Could not find a part of the path '{from}'.");
        return Err(method_error(
            "System.IO.DirectoryNotFoundException",
            message,
        ));
    }
    let archive = Archive::open(zip, Mode::Create)?;
    let prefix = match rest.get(1).is_some_and(to_bool) {
        true => format!("{}/", place::file_name(from.trim_end_matches('/'))),
        false => String::new(),
    };
    add_all(&archive, from, &prefix, rest.first())?;
    archive.close()
}

fn extensions_call(engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    let path = |value: &Value| place::absolute(&engine.location, &value.text());
    let (of, rest) = args.split_first()?;
    Some(match (name, rest) {
        ("extracttofile", [to] | [to, _]) => {
            let entry = of.downcast::<Entry>()?;
            let done = extract(entry, &path(to), rest.get(1).is_some_and(to_bool));
            done.map(|()| Value::Nothing)
        }
        ("extracttodirectory", [to] | [to, _]) => {
            let archive = of.downcast::<Archive>()?;
            let done = extract_all(archive, &path(to), rest.get(1).is_some_and(to_bool));
            done.map(|()| Value::Nothing)
        }
        ("createentryfromfile", [file, name] | [file, name, _]) => {
            let archive = of.downcast::<Archive>()?;
            let file = path(file);
            let bytes = std::fs::read(place::real(&file)).map_err(|error| io_error(&error, &file));
            let made = bytes.and_then(|bytes| archive.add(&name.text(), bytes, rest.get(2)));
            made.map(|entry| {
                let entry: std::rc::Rc<dyn crate::value::Net> = entry;
                Value::Net(entry)
            })
        }
        _ => return None,
    })
}
