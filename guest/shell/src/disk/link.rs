//! Making symbolic links, where WASI's rule is: relative targets only.

use std::io;
use std::path::{Component, Path, PathBuf};

/// `target` as seen from the folder of `link`: unchanged if it was relative already.
pub fn relative(target: &Path, link: &Path) -> PathBuf {
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

#[cfg(not(target_os = "wasi"))]
pub fn create(target: &Path, link: &Path) -> io::Result<()> {
    let _ = relative;
    std::os::unix::fs::symlink(target, link)
}

/// Creates the link in the preopened directory that holds it.
///
/// `std`'s own call for this is not stable on WASI, so it goes through `wasi:filesystem`.
#[cfg(target_os = "wasi")]
pub fn create(target: &Path, link: &Path) -> io::Result<()> {
    use std::io::ErrorKind;
    use wasip2::filesystem::{preopens, types::ErrorCode};

    let target = relative(target, link);
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
