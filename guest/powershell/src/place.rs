//! Files, folders and the environment, as the policy granted them; paths as PowerShell writes them on Unix.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::value::{Ctl, ErrorRecord, Exception, Value, fail};

thread_local! {
    /// The environment with the script's own changes: WASI has no way to set it.
    static ENVIRONMENT: RefCell<Option<BTreeMap<String, String>>> = const { RefCell::new(None) };
}

/// Where a script starts: `/work` where it is mounted.
pub fn start() -> String {
    if cfg!(target_os = "wasi") {
        return if Path::new("/work").is_dir() {
            "/work".to_owned()
        } else {
            "/".to_owned()
        };
    }
    std::env::current_dir().map_or_else(
        |_| "/".to_owned(),
        |path| path.to_string_lossy().into_owned(),
    )
}

fn with_environment<T>(act: impl FnOnce(&mut BTreeMap<String, String>) -> T) -> T {
    ENVIRONMENT.with_borrow_mut(|environment| {
        act(environment.get_or_insert_with(|| std::env::vars().collect()))
    })
}

pub fn env(name: &str) -> Option<String> {
    with_environment(|all| all.get(name).cloned())
}

/// Null or an empty string takes the variable away.
pub fn set_env(name: &str, value: &Value) {
    let text = value.text();
    with_environment(|all| {
        if text.is_empty() {
            all.remove(name);
        } else {
            all.insert(name.to_owned(), text);
        }
    });
}

pub fn environment() -> Vec<(String, String)> {
    with_environment(|all| {
        all.iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    })
}

pub fn home() -> String {
    env("HOME").unwrap_or_else(|| "/".to_owned())
}

/// `path` from the folder `location`, without `.` and `..`.
pub fn absolute(location: &str, path: &str) -> String {
    let path = match path.split_once("::") {
        Some((provider, rest)) if is_file_system(provider) => rest,
        _ => path,
    };
    let path = path.replace('\\', "/");
    let path = match path.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            format!("{}{rest}", home().trim_end_matches('/'))
        }
        _ => path,
    };
    let joined = if path.starts_with('/') {
        path
    } else {
        format!("{location}/{path}")
    };
    normal(&joined)
}

/// `FileSystem`, which a path may have before `::`.
fn is_file_system(provider: &str) -> bool {
    let name = provider.rsplit('\\').next().unwrap_or(provider);
    name.eq_ignore_ascii_case("FileSystem")
}

/// An absolute path without `.`, `..` and double slashes.
pub fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    format!("/{}", parts.join("/"))
}

/// What is before the last slash.
pub fn parent(path: &str) -> String {
    match path.trim_end_matches('/').rsplit_once('/') {
        Some(("", _)) => "/".to_owned(),
        Some((parent, _)) => parent.to_owned(),
        None => String::new(),
    }
}

pub fn file_name(path: &str) -> &str {
    path.trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or(path)
}

/// Whether the name says that it is hidden, as on Unix.
pub fn is_hidden(path: &str) -> bool {
    file_name(path).starts_with('.')
}

pub fn real(path: &str) -> PathBuf {
    PathBuf::from(path)
}

/// Whether something is there; a link is, wherever it leads.
pub fn exists(path: &str) -> bool {
    std::fs::symlink_metadata(real(path)).is_ok()
}

/// Where a symbolic link leads, as it has it; `None` for anything else.
pub fn link_target(path: &str) -> Option<String> {
    let target = std::fs::read_link(real(path)).ok()?;
    Some(target.to_string_lossy().into_owned())
}

/// When it was last written; `None` if it isn't there.
pub fn changed(path: &str) -> Option<std::time::SystemTime> {
    std::fs::metadata(real(path)).ok()?.modified().ok()
}

pub fn is_folder(path: &str) -> bool {
    real(path).is_dir()
}

/// Whether it is a folder whose things are in it: those of a link to one are elsewhere.
pub fn is_tree(path: &str) -> bool {
    is_folder(path) && link_target(path).is_none()
}

/// Removes a file, an empty folder, or a link, never what a link leads to.
pub fn remove_alone(path: &str) -> io::Result<()> {
    let real = real(path);
    match is_tree(path) {
        true => std::fs::remove_dir(real),
        false => std::fs::remove_file(real),
    }
}

/// A text file: UTF-8 with or without a mark, UTF-16 with one.
pub fn read_text(path: &str) -> io::Result<String> {
    Ok(decode(&std::fs::read(real(path))?))
}

pub fn decode(bytes: &[u8]) -> String {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        [0xff, 0xfe, 0, 0, rest @ ..] => crate::types::encoding::utf32(rest, u32::from_le_bytes),
        [0, 0, 0xfe, 0xff, rest @ ..] => crate::types::encoding::utf32(rest, u32::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

pub fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| unit([pair[0], pair[1]]))
        .collect();
    String::from_utf16_lossy(&units)
}

/// What a failed access is in PowerShell.
pub fn fault(error: &io::Error, path: &str) -> Ctl {
    match error.kind() {
        io::ErrorKind::NotFound => Ctl::Throw(Rc::new(missing(path))),
        _ => {
            let (kind, id, message) = fault_parts(error, path);
            fail(kind, id, message)
        }
    }
}

/// The error of a path that isn't there; its exception and its target name it.
pub fn missing(path: &str) -> ErrorRecord {
    let mut exception = Exception::new(
        "System.Management.Automation.ItemNotFoundException",
        format!("Cannot find path '{path}' because it does not exist."),
    );
    exception.props.push(("ItemName", Value::from(path)));
    let mut record = ErrorRecord::new(exception, "PathNotFound", "ObjectNotFound");
    record.target = Value::from(path);
    record
}

/// Type, id and message of a failed access.
pub fn fault_parts(error: &io::Error, path: &str) -> (&'static str, &'static str, String) {
    match error.kind() {
        io::ErrorKind::NotFound => (
            "System.Management.Automation.ItemNotFoundException",
            "PathNotFound",
            format!("Cannot find path '{path}' because it does not exist."),
        ),
        io::ErrorKind::PermissionDenied
        | io::ErrorKind::ReadOnlyFilesystem
        | io::ErrorKind::IsADirectory => (
            "System.UnauthorizedAccessException",
            "UnauthorizedAccess",
            format!("Access to the path '{path}' is denied."),
        ),
        io::ErrorKind::DirectoryNotEmpty => (
            "System.IO.IOException",
            "DirectoryNotEmpty",
            format!("Directory not empty : '{path}'"),
        ),
        _ => (
            "System.IO.IOException",
            "IOException",
            format!("{error} : '{path}'"),
        ),
    }
}

/// The files and folders that a path with wildcards names, sorted; the path itself if it has none and is there.
pub fn glob(location: &str, path: &str) -> Vec<String> {
    let full = absolute(location, path);
    if !crate::eval::pattern::has_wildcards(&full) {
        return if exists(&full) {
            vec![full]
        } else {
            Vec::new()
        };
    }
    let mut found = vec!["/".to_owned()];
    for part in full.split('/').filter(|part| !part.is_empty()) {
        let mut next = Vec::new();
        for base in &found {
            let prefix = base.trim_end_matches('/');
            if !crate::eval::pattern::has_wildcards(part) {
                let candidate = format!("{prefix}/{part}");
                if exists(&candidate) {
                    next.push(candidate);
                }
                continue;
            }
            for name in names(base) {
                if crate::eval::pattern::wildcard(part, &name, false) {
                    next.push(format!("{prefix}/{name}"));
                }
            }
        }
        found = next;
    }
    found
}

/// The names in a folder, sorted; none if it can't be read.
pub fn names(folder: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(real(folder)) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort_by(|a, b| crate::value::compare_texts(a, b, false).then_with(|| a.cmp(b)));
    names
}
