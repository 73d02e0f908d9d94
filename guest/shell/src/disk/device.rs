//! `/dev/null`, `/dev/zero` and `/dev/urandom`, which no sandbox has: answered here, without asking the host.
//!
//! The interpreter reads files whole, so the endless ones have an end: enough for what scripts take from them.

use std::path::Path;

use bashkit::time::UNIX_EPOCH;
use bashkit::{FileType, Metadata};

/// `dd if=/dev/zero` and `head -c` in deployment scripts make test files, not disk images.
const ZERO_BYTES: usize = 16 << 20;
/// Passwords and identifiers take a few hundred bytes, also after `tr -dc` threw most of them away.
const RANDOM_BYTES: usize = 64 << 10;

/// Whether `path` is one of the three.
pub fn is_one(path: &Path) -> bool {
    matches!(
        path.to_str(),
        Some("/dev/null" | "/dev/zero" | "/dev/urandom" | "/dev/random")
    )
}

/// Whether `path` is the folder that they are in. A redirection looks at it before it opens one.
pub fn is_folder(path: &Path) -> bool {
    path == Path::new("/dev")
}

/// What reading it gives.
pub fn content(path: &Path) -> Option<Vec<u8>> {
    match path.to_str()? {
        "/dev/null" => Some(Vec::new()),
        "/dev/zero" => Some(vec![0; ZERO_BYTES]),
        "/dev/urandom" | "/dev/random" => Some(random()),
        _ => None,
    }
}

#[cfg(target_os = "wasi")]
fn random() -> Vec<u8> {
    wasip2::random::random::get_random_bytes(RANDOM_BYTES as u64)
}

#[cfg(not(target_os = "wasi"))]
fn random() -> Vec<u8> {
    use std::io::Read;
    let mut bytes = vec![0; RANDOM_BYTES];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    read.map_or_else(|_| Vec::new(), |()| bytes)
}

/// Whether `path` is a folder above a mount, such as `/`: it exists for scripts although no mount holds it.
#[cfg(target_os = "wasi")]
pub fn is_above_mount(path: &Path) -> bool {
    let folders = wasip2::filesystem::preopens::get_directories();
    folders
        .iter()
        .any(|(_, name)| Path::new(name).starts_with(path))
}

#[cfg(not(target_os = "wasi"))]
pub fn is_above_mount(_: &Path) -> bool {
    false
}

/// What `stat` says about a folder above a mount.
pub fn folder() -> Metadata {
    Metadata {
        file_type: FileType::Directory,
        mode: 0o755,
        ..metadata()
    }
}

/// What `stat` says about all of them.
pub fn metadata() -> Metadata {
    Metadata {
        file_type: FileType::File,
        size: 0,
        mode: 0o666,
        modified: UNIX_EPOCH,
        created: UNIX_EPOCH,
    }
}
