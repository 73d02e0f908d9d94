//! From a guest path to a descriptor and what is left of the path, which goes to the host byte for byte.
//!
//! std and the C library resolve `..`, drop what is outside every mount and answer by themselves. Here nothing is tidied
//! up: the longest mount that is a prefix wins, and a path outside every mount is sent through the first one.

use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::{Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags};

use crate::probe::Stop;

pub const FOLLOW: PathFlags = PathFlags::SYMLINK_FOLLOW;
pub const READ: DescriptorFlags = DescriptorFlags::READ;
pub const WRITE: DescriptorFlags = DescriptorFlags::WRITE;
pub const CREATE: OpenFlags = OpenFlags::CREATE;

pub struct Place {
    pub directory: Descriptor,
    pub path: String,
}

pub fn locate(path: &str) -> Result<Place, Stop> {
    let mut mounts = get_directories();
    mounts.sort_by_key(|(_, name)| std::cmp::Reverse(name.len()));
    for (directory, name) in mounts {
        let Some(rest) = path.strip_prefix(name.as_str()) else {
            continue;
        };
        let is_whole_name = name.ends_with('/') || rest.is_empty() || rest.starts_with('/');
        if is_whole_name {
            let rest = rest.strip_prefix('/').unwrap_or(rest);
            let path = if rest.is_empty() { "." } else { rest };
            return Ok(Place { directory, path: path.to_owned() });
        }
    }
    // Nothing covers it: the host should still hear the attempt.
    match get_directories().into_iter().next() {
        Some((directory, _)) => Ok(Place { directory, path: path.to_owned() }),
        None => Err(Stop::Refused("no directory is mounted".to_owned())),
    }
}

impl Place {
    /// A name in this folder, relative to the mount's handle and not to a handle of the folder itself: within one mount
    /// `..` may climb out of a folder, which is what gives the attacks on it an allowing twin.
    pub fn child(&self, name: &str) -> String {
        if self.path == "." { name.to_owned() } else { format!("{}/{name}", self.path) }
    }

    pub fn open(&self, how: OpenFlags, flags: DescriptorFlags) -> Result<Descriptor, ErrorCode> {
        self.directory.open_at(FOLLOW, &self.path, how, flags)
    }
}

pub fn open(path: &str, how: OpenFlags, flags: DescriptorFlags) -> Result<Descriptor, Stop> {
    Ok(locate(path)?.open(how, flags)?)
}

pub fn open_directory(path: &str) -> Result<Descriptor, Stop> {
    open(path, OpenFlags::DIRECTORY, READ)
}

/// Creates a file with this content, by positioned writes.
pub fn write_file(path: &str, content: &[u8]) -> Result<Descriptor, Stop> {
    let file = open(path, CREATE, READ | WRITE)?;
    file.write(content, 0)?;
    Ok(file)
}

/// The first bytes of a file, or the first names of a directory: proof that it was reached.
pub fn taste(descriptor: &Descriptor) -> Result<String, Stop> {
    if descriptor.get_type()? == DescriptorType::Directory {
        let mut names = names_in(descriptor)?;
        names.truncate(8);
        return Ok(format!("names {names:?}"));
    }
    let (bytes, _) = descriptor.read(64, 0)?;
    Ok(format!("bytes \"{}\"", crate::probe::shown(&bytes)))
}

pub fn names_in(directory: &Descriptor) -> Result<Vec<String>, Stop> {
    let entries = directory.read_directory()?;
    let mut names = vec![];
    while let Some(entry) = entries.read_directory_entry()? {
        names.push(entry.name);
    }
    Ok(names)
}
