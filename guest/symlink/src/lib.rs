//! Making symbolic links, where WASI's rule is: relative targets only. Shared by the interpreters in Rust.
//!
//! Refuses nothing by itself: where a link may stand, and where it may lead, is decided outside.

use std::io;
use std::path::{Component, Path, PathBuf};

/// `target` as seen from the folder of `link`: unchanged if it was relative already.
fn relative(target: &Path, link: &Path) -> PathBuf {
    if !target.is_absolute() {
        return target.to_path_buf();
    }
    let folder: Vec<Component<'_>> = link
        .parent()
        .unwrap_or(Path::new("/"))
        .components()
        .collect();
    let wanted: Vec<Component<'_>> = target.components().collect();
    let shared = folder
        .iter()
        .zip(&wanted)
        .take_while(|(a, b)| a == b)
        .count();
    let mut path: PathBuf = std::iter::repeat_n("..", folder.len() - shared).collect();
    path.extend(&wanted[shared..]);
    if path.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        path
    }
}

/// Makes `link`, an absolute path, lead to `target`, which is kept as a path from the link's folder.
///
/// # Errors
/// As the system has them: something is there already, its folder isn't, or nothing may be made in it.
pub fn create(target: &Path, link: &Path) -> io::Result<()> {
    make(&relative(target, link), link)
}

#[cfg(not(target_os = "wasi"))]
fn make(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

/// In the preopened directory that holds it: `std`'s own call for this is not stable on WASI, so it goes through
/// `wasi:filesystem`.
#[cfg(target_os = "wasi")]
fn make(target: &Path, link: &Path) -> io::Result<()> {
    use std::io::ErrorKind;
    use wasip2::filesystem::{preopens, types::ErrorCode};

    let folders = preopens::get_directories();
    let (folder, inside) = folders
        .iter()
        .filter_map(|(folder, name)| Some((folder, name, link.strip_prefix(name).ok()?)))
        .max_by_key(|(_, name, _)| name.len())
        .map(|(folder, _, inside)| (folder, inside))
        .ok_or(ErrorKind::NotFound)?;
    let made = folder.symlink_at(&target.to_string_lossy(), &inside.to_string_lossy());
    made.map_err(|code| match code {
        ErrorCode::Exist => ErrorKind::AlreadyExists.into(),
        ErrorCode::NoEntry => ErrorKind::NotFound.into(),
        ErrorCode::ReadOnly => ErrorKind::ReadOnlyFilesystem.into(),
        ErrorCode::NotDirectory => ErrorKind::NotADirectory.into(),
        ErrorCode::Unsupported => ErrorKind::Unsupported.into(),
        _ => ErrorKind::PermissionDenied.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_seen_from_the_folder_of_its_link() {
        let seen = |target: &str, link: &str| relative(target.as_ref(), link.as_ref());
        assert_eq!(seen("../a", "/work/d/l"), Path::new("../a"));
        assert_eq!(seen("/work/a", "/work/l"), Path::new("a"));
        assert_eq!(seen("/work/a/b", "/work/d/e/l"), Path::new("../../a/b"));
        assert_eq!(seen("/work/d", "/work/d/l"), Path::new("."));
        assert_eq!(seen("/pkg/a", "/work/l"), Path::new("../pkg/a"));
    }
}
