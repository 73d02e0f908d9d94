//! Every operation that takes a path, tried through one directory: a wall with one forgotten door is no wall.

use wasip2::filesystem::types::{Descriptor, DescriptorType, NewTimestamp, OpenFlags, PathFlags};

use crate::place::{CREATE, FOLLOW, READ, WRITE, names_in};
use crate::probe::{Stop, Verdict};

/// Tries all operations on `path`, which stands for a directory outside that has a `secret.txt` in it.
///
/// Only files named `made-by-probe` are ever created or removed, so that a hole costs nothing else.
pub fn through(directory: &Descriptor, path: &str) -> Vec<(String, Verdict)> {
    let inside = |name: &str| format!("{}/{name}", path.trim_end_matches('/'));
    let made = inside("made-by-probe");
    let tries: Vec<(&str, Verdict)> = vec![
        ("open-directory", open_directory(directory, path)),
        ("open-file", open_file(directory, &inside("secret.txt"))),
        ("stat", stat(directory, FOLLOW, path)),
        ("stat-no-follow", stat(directory, PathFlags::empty(), path)),
        ("stat-inside", stat(directory, FOLLOW, &inside("secret.txt"))),
        ("metadata-hash", done(directory.metadata_hash_at(FOLLOW, &inside("secret.txt")))),
        ("create", done(directory.open_at(FOLLOW, &made, CREATE, READ | WRITE))),
        ("truncate", done(directory.open_at(FOLLOW, &made, OpenFlags::TRUNCATE, WRITE))),
        ("set-times", done(directory.set_times_at(FOLLOW, &made, NewTimestamp::Now, NewTimestamp::Now))),
        ("rename-in-place", done(directory.rename_at(&made, directory, &made))),
        ("hard-link-in", done(directory.link_at(PathFlags::empty(), &made, directory, "made-by-probe-link"))),
        ("unlink-own-link", Err(forget(directory, "made-by-probe-link"))),
        ("unlink", done(directory.unlink_file_at(&made))),
        ("mkdir", done(directory.create_directory_at(&made))),
        ("rmdir", done(directory.remove_directory_at(&made))),
        ("symlink", done(directory.symlink_at("nowhere", &made))),
        ("readlink", done(directory.readlink_at(&made))),
        ("unlink-symlink", done(directory.unlink_file_at(&made))),
    ];
    tries.into_iter().map(|(name, verdict)| (format!("{name} {path}"), verdict)).collect()
}

fn done<T, E: Into<Stop>>(result: Result<T, E>) -> Verdict {
    result.map(|_| "done".to_owned()).map_err(Into::into)
}

/// Tidies up after a link that could be made; says nothing by itself.
fn forget(directory: &Descriptor, name: &str) -> Stop {
    let _ = directory.unlink_file_at(name);
    Stop::Inconclusive("tidying up".to_owned())
}

fn open_directory(directory: &Descriptor, path: &str) -> Verdict {
    let opened = directory.open_at(FOLLOW, path, OpenFlags::DIRECTORY, READ)?;
    Ok(format!("{:?}", names_in(&opened)?))
}

fn open_file(directory: &Descriptor, path: &str) -> Verdict {
    crate::place::taste(&directory.open_at(FOLLOW, path, OpenFlags::empty(), READ)?)
}

/// Seeing the link itself is no breach; seeing what it points at is.
fn stat(directory: &Descriptor, follow: PathFlags, path: &str) -> Verdict {
    let stat = directory.stat_at(follow, path)?;
    if stat.type_ == DescriptorType::SymbolicLink {
        return Err(Stop::Refused("only the link itself".to_owned()));
    }
    Ok(format!("{:?} of {} bytes", stat.type_, stat.size))
}
