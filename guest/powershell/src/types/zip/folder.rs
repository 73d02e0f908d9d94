//! Archives and folders: one unpacked into the other, and back.

use super::archive::{Archive, Entry};
use crate::place;
use crate::types::file::io_error;
use crate::value::{Ctl, R, Value, method_error};

/// Writes an entry to a file; one that is there only where it may be overwritten.
pub fn extract(entry: &Entry, to: &str, overwrites: bool) -> R<()> {
    if place::exists(to) && !overwrites {
        let message = format!("The file '{to}' already exists.");
        return Err(method_error("System.IO.IOException", message));
    }
    std::fs::write(place::real(to), entry.content.whole()).map_err(|error| io_error(&error, to))
}

/// Unpacks everything below a folder, which is made where it isn't there.
pub fn extract_all(archive: &Archive, folder: &str, overwrites: bool) -> R<()> {
    let folder = folder.trim_end_matches('/');
    make(folder)?;
    for entry in archive.entries() {
        let target = place::normal(&format!("{folder}/{}", entry.name));
        if !target.starts_with(&format!("{folder}/")) {
            return Err(outside());
        }
        if entry.name.ends_with('/') {
            make(&target)?;
            continue;
        }
        make(&place::parent(&target))?;
        extract(&entry, &target, overwrites)?;
    }
    Ok(())
}

fn make(folder: &str) -> R<()> {
    std::fs::create_dir_all(place::real(folder)).map_err(|error| io_error(&error, folder))
}

fn outside() -> Ctl {
    method_error(
        "System.IO.IOException",
        "Extracting Zip entry would have resulted in a file outside the specified destination directory.",
    )
}

/// Adds everything below a folder; a folder that has nothing in it is an entry of its own.
pub fn add_all(archive: &Archive, folder: &str, prefix: &str, level: Option<&Value>) -> R<()> {
    for name in place::names(folder) {
        let path = format!("{}/{name}", folder.trim_end_matches('/'));
        let inner = format!("{prefix}{name}");
        if !place::is_folder(&path) {
            let bytes = std::fs::read(place::real(&path));
            let bytes = bytes.map_err(|error| io_error(&error, &path))?;
            archive.add(&inner, bytes, level)?;
        } else if place::names(&path).is_empty() {
            archive.add(&format!("{inner}/"), Vec::new(), level)?;
        } else {
            add_all(archive, &path, &format!("{inner}/"), level)?;
        }
    }
    Ok(())
}
