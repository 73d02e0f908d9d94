//! `[System.IO.Path]`

use super::TypeInfo;
use crate::eval::Engine;
use crate::place;
use crate::value::{R, Value};

pub const INFO: TypeInfo = TypeInfo {
    statics: &[
        "Combine",
        "Join",
        "GetFileName",
        "GetFileNameWithoutExtension",
        "GetExtension",
        "GetDirectoryName",
        "GetFullPath",
        "GetTempPath",
        "GetTempFileName",
        "GetRandomFileName",
        "ChangeExtension",
        "HasExtension",
        "IsPathRooted",
        "GetRelativePath",
        "GetPathRoot",
        "GetInvalidFileNameChars",
        "DirectorySeparatorChar",
        "PathSeparator",
        "AltDirectorySeparatorChar",
    ],
    call: Some(call),
    get: Some(|name| match name {
        "directoryseparatorchar" | "altdirectoryseparatorchar" => Some(Value::Char('/')),
        "pathseparator" => Some(Value::Char(':')),
        _ => None,
    }),
    ..TypeInfo::named("System.IO.Path", &[])
};

pub fn extension(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rfind('.') {
        Some(at) if at + 1 < name.len() => &name[at..],
        _ => "",
    }
}

pub fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    &name[..name.rfind('.').unwrap_or(name.len())]
}

/// Where temporary files go: `/work/tmp` is on no list, so the working folder.
pub fn temp() -> String {
    for candidate in ["/tmp", "/work"] {
        if place::is_folder(candidate) {
            return format!("{candidate}/");
        }
    }
    "/".to_owned()
}

pub fn combine(parts: &[String], resets: bool) -> String {
    let mut path = String::new();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        if resets && part.starts_with('/') {
            path.clone_from(part);
            continue;
        }
        if !path.is_empty() && !path.ends_with('/') && !part.starts_with('/') {
            path.push('/');
        }
        path.push_str(part);
    }
    path
}

fn call(engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    if matches!(name, "combine" | "join") {
        let parts: Vec<String> = args
            .iter()
            .flat_map(Value::to_items)
            .map(|arg| arg.text())
            .collect();
        return Some(Ok(Value::from(combine(&parts, name == "combine"))));
    }
    let first = args.first().map(Value::text).unwrap_or_default();
    if let (Some(Value::Null), "getfilename" | "getextension" | "getdirectoryname") =
        (args.first(), name)
    {
        return Some(Ok(Value::Null));
    }
    Some(Ok(match (name, args.len()) {
        ("getfilename", 1) => Value::from(first.rsplit('/').next().unwrap_or_default()),
        ("getfilenamewithoutextension", 1) => Value::from(stem(&first)),
        ("getextension", 1) => Value::from(extension(&first)),
        ("getdirectoryname", 1) => match first.rsplit_once('/') {
            Some(("", "")) => Value::Null,
            Some(("", _)) => Value::from("/"),
            Some((head, _)) => Value::from(head),
            None => Value::from(""),
        },
        ("getfullpath", 1) => Value::from(place::absolute(&engine.location, &first)),
        ("getfullpath", 2) => Value::from(place::absolute(&args[1].text(), &first)),
        ("gettemppath", 0) => Value::from(temp()),
        ("gettempfilename", 0) => {
            let path = format!("{}tmp{}.tmp", temp(), random_name());
            if let Err(error) = std::fs::write(place::real(&path), b"") {
                return Some(Err(place::fault(&error, &path)));
            }
            Value::from(path)
        }
        ("getrandomfilename", 0) => {
            let name = random_name() + &random_name();
            Value::from(format!("{}.{}", &name[..8], &name[8..11]))
        }
        ("changeextension", 2) => {
            let base = &first[..first.len() - extension(&first).len()];
            let new = args[1].text();
            Value::from(if args[1].is_null() {
                base.to_owned()
            } else if new.starts_with('.') {
                format!("{base}{new}")
            } else {
                format!("{base}.{new}")
            })
        }
        ("hasextension", 1) => Value::Bool(!extension(&first).is_empty()),
        ("ispathrooted", 1) => Value::Bool(first.starts_with('/')),
        ("ispathfullyqualified", 1) => Value::Bool(first.starts_with('/')),
        ("getpathroot", 1) => Value::from(if first.starts_with('/') { "/" } else { "" }),
        ("getrelativepath", 2) => Value::from(relative(
            &place::absolute(&engine.location, &first),
            &place::absolute(&engine.location, &args[1].text()),
        )),
        ("getinvalidfilenamechars" | "getinvalidpathchars", 0) => {
            Value::from(vec![Value::Char('\0'), Value::Char('/')])
        }
        _ => return None,
    }))
}

/// The way from one absolute path to another.
pub fn relative(from: &str, to: &str) -> String {
    let parts = |path: &str| {
        path.split('/')
            .filter(|part| !part.is_empty())
            .map(String::from)
            .collect::<Vec<_>>()
    };
    let (from, to) = (parts(from), parts(to));
    let n = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let mut steps = vec!["..".to_owned(); from.len() - n];
    steps.extend(to[n..].iter().cloned());
    if steps.is_empty() {
        ".".to_owned()
    } else {
        steps.join("/")
    }
}

/// Eight letters and digits.
pub fn random_name() -> String {
    crate::host::random_bytes::<8>()
        .iter()
        .map(|byte| char::from(b"abcdefghijklmnopqrstuvwxyz012345"[usize::from(byte & 31)]))
        .collect()
}
