//! Copies an unpacked package into a directory that stays. Both are open directories: nothing in either leads out of it.
//!
//! Each file is replaced whole. What the package doesn't have is left alone.

use std::io;

use cap_std::fs::Dir;

use super::selection::contents;

/// What a file is called until it is whole.
const UNFINISHED: &str = ".seawall-new";

/// Copies everything, and says how many files that were.
///
/// # Errors
/// Those of the file system, and for links and the like in the package: they are not installed.
pub fn install(from: &Dir, into: &Dir) -> io::Result<usize> {
    let found = contents(from)?;
    if let Some(other) = found.others.first() {
        return Err(io::Error::other(format!(
            "`{other}` is a link or no file, and only files are installed"
        )));
    }
    for folder in &found.folders {
        into.create_dir_all(folder)?;
    }
    for file in &found.files {
        let unfinished = format!("{file}{UNFINISHED}");
        // Whatever has that name is ours, or in our way: a link there is removed, not followed.
        match into.remove_file(&unfinished) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let copied = from.copy(file, into, &unfinished);
        let copied = copied.and_then(|_| into.rename(&unfinished, into, file));
        if let Err(error) = copied {
            into.remove_file(&unfinished).ok();
            return Err(io::Error::new(error.kind(), format!("{file}: {error}")));
        }
    }
    Ok(found.files.len())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use cap_std::ambient_authority;
    use tempfile::TempDir;

    use super::*;

    fn open(directory: &TempDir) -> Dir {
        Dir::open_ambient_dir(directory.path(), ambient_authority()).expect("it opens")
    }

    fn package() -> TempDir {
        let package = TempDir::new().expect("a directory");
        fs::create_dir(package.path().join("bin")).expect("a folder");
        fs::write(package.path().join("bin/web"), "new").expect("a file");
        package
    }

    #[test]
    fn files_are_replaced_and_others_are_left_alone() {
        let (package, place) = (package(), TempDir::new().expect("a directory"));
        fs::create_dir(place.path().join("bin")).expect("a folder");
        fs::write(place.path().join("bin/web"), "old").expect("a file");
        fs::write(place.path().join("bin/data"), "kept").expect("a file");
        assert_eq!(
            install(&open(&package), &open(&place)).expect("it is copied"),
            1
        );
        let text = |name: &str| fs::read_to_string(place.path().join(name)).expect("a file");
        assert_eq!(
            (text("bin/web"), text("bin/data")),
            ("new".into(), "kept".into())
        );
    }

    #[test]
    fn links_in_the_package_and_in_the_place_lead_nowhere() {
        let outside = TempDir::new().expect("a directory");
        let (with_link, place) = (package(), TempDir::new().expect("a directory"));
        symlink("/etc/passwd", with_link.path().join("users")).expect("a link");
        assert!(install(&open(&with_link), &open(&place)).is_err());

        let (package, place) = (package(), TempDir::new().expect("a directory"));
        symlink(outside.path(), place.path().join("bin")).expect("a link");
        assert!(install(&open(&package), &open(&place)).is_err());
        assert_eq!(fs::read_dir(outside.path()).expect("a list").count(), 0);
    }
}
