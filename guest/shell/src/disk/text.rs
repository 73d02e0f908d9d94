//! File-system errors in the words of `strerror`, and the two operations whose errors need a second look.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::SystemTime;

/// The same error with bash's text: no error number, no Rust wording.
pub fn plain(error: io::Error) -> io::Error {
    let kind = error.kind();
    let text = match kind {
        ErrorKind::NotFound => "No such file or directory",
        // `access` and `not-permitted` alike: bash's users know one text for both.
        ErrorKind::PermissionDenied => "Permission denied",
        ErrorKind::ReadOnlyFilesystem => "Read-only file system",
        ErrorKind::AlreadyExists => "File exists",
        ErrorKind::IsADirectory => "Is a directory",
        ErrorKind::NotADirectory => "Not a directory",
        ErrorKind::DirectoryNotEmpty => "Directory not empty",
        ErrorKind::StorageFull => "No space left on device",
        ErrorKind::QuotaExceeded => "Disk quota exceeded",
        ErrorKind::FileTooLarge => "File too large",
        ErrorKind::CrossesDevices => "Invalid cross-device link",
        ErrorKind::InvalidFilename => "File name too long",
        ErrorKind::InvalidInput => "Invalid argument",
        ErrorKind::Unsupported => "Operation not supported",
        _ => {
            let text = error.to_string();
            let text = text
                .split(" (os error")
                .next()
                .unwrap_or_default()
                .to_owned();
            return io::Error::new(kind, text);
        }
    };
    super::worded(kind, text)
}

/// An error from reading a whole file: WASI reports a directory as a bad descriptor.
pub fn reading(path: &Path, error: io::Error) -> io::Error {
    if path.is_dir() {
        return super::worded(ErrorKind::IsADirectory, "Is a directory");
    }
    plain(error)
}

/// Sets when `path` was last changed.
pub fn retime(path: &Path, time: SystemTime) -> io::Result<()> {
    let file = if path.is_dir() {
        fs::File::open(path)?
    } else {
        fs::OpenOptions::new().append(true).open(path)?
    };
    file.set_modified(time)
}
