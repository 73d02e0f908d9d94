//! Reading and writing where nothing, or only reading, is granted.

use wasip2::filesystem::types::{DescriptorFlags, OpenFlags, PathFlags};

use crate::place::{CREATE, FOLLOW, READ, WRITE, locate, open, open_directory, taste, write_file};
use crate::probe::{Args, Probe, Step, Stop, Verdict, any_of};

pub const PROBES: &[Probe] = &[
    Probe { name: "open-read", usage: "PATH", threat: "reading outside the mounts", run: open_read },
    Probe {
        name: "open-read-std",
        usage: "PATH",
        threat: "reading outside the mounts, through the C library",
        run: open_read_std,
    },
    Probe { name: "open-write", usage: "PATH", threat: "writing to a read-only mount", run: open_write },
    Probe { name: "open-append", usage: "PATH", threat: "appending to a read-only mount", run: open_append },
    Probe { name: "create", usage: "PATH", threat: "creating a file on a read-only mount", run: create },
    Probe {
        name: "create-exclusive",
        usage: "PATH",
        threat: "O_EXCL create on a read-only mount",
        run: create_exclusive,
    },
    Probe {
        name: "truncate-open",
        usage: "PATH",
        threat: "GHSA-2r75-cxrj-cmph: truncate ignores read-only",
        run: truncate_open,
    },
    Probe { name: "set-size", usage: "PATH SIZE", threat: "resizing through a read handle", run: set_size },
    Probe {
        name: "write-through-read-handle",
        usage: "PATH",
        threat: "rights of a handle, not of the mount",
        run: write_through_read_handle,
    },
    Probe {
        name: "read-through-write-handle",
        usage: "PATH",
        threat: "rights of a handle, not of the mount",
        run: read_through_write_handle,
    },
    Probe {
        name: "directory-mutate",
        usage: "DIR",
        threat: "asking for mutate-directory on a read-only mount",
        run: directory_mutate,
    },
    Probe {
        name: "reopen-wider",
        usage: "DIR FILE",
        threat: "a read-only directory handle opens for writing",
        run: reopen_wider,
    },
    Probe {
        name: "open-all-flags",
        usage: "PATH",
        threat: "odd combinations of open flags slip past a check",
        run: open_all_flags,
    },
    Probe { name: "unlink", usage: "PATH", threat: "deleting on a read-only mount", run: unlink },
    Probe { name: "rmdir", usage: "PATH", threat: "deleting on a read-only mount", run: rmdir },
    Probe { name: "mkdir", usage: "PATH", threat: "creating a directory on a read-only mount", run: mkdir },
    Probe { name: "rename", usage: "FROM TO", threat: "GHSA-4ch3-9j33-3pmj: rename across permissions", run: rename },
    Probe {
        name: "hard-link",
        usage: "FROM TO",
        threat: "GHSA-4ch3-9j33-3pmj: hard link across permissions",
        run: hard_link,
    },
    Probe {
        name: "hard-link-follow",
        usage: "FROM TO",
        threat: "hard link to what a symlink points at",
        run: hard_link_follow,
    },
    Probe {
        name: "write-via-hard-link",
        usage: "FROM TO",
        threat: "read-only file linked into a writable mount, then written",
        run: write_via_hard_link,
    },
    Probe { name: "readdir", usage: "PATH", threat: "listing outside the mounts", run: readdir },
    Probe { name: "readdir-root", usage: "", threat: "the guest's root shows the host's", run: readdir_root },
    Probe {
        name: "copy-out",
        usage: "FROM TO",
        threat: "stream splice as a way around read and write checks",
        run: copy_out,
    },
    Probe {
        name: "overlap-write",
        usage: "READ_ONLY WRITABLE",
        threat: "two mounts overlap with different access",
        run: overlap_write,
    },
];

fn open_read(args: &Args) -> Verdict {
    taste(&open(args.text(0)?, OpenFlags::empty(), READ)?)
}

fn open_read_std(args: &Args) -> Verdict {
    let bytes = std::fs::read(args.text(0)?)?;
    Ok(format!("{} bytes \"{}\"", bytes.len(), crate::probe::shown(&bytes)))
}

fn open_write(args: &Args) -> Verdict {
    let file = open(args.text(0)?, OpenFlags::empty(), WRITE).at("open")?;
    let n = file.write(b"!", 0).at("write")?;
    Ok(format!("wrote {n} byte"))
}

fn open_append(args: &Args) -> Verdict {
    let file = open(args.text(0)?, OpenFlags::empty(), WRITE).at("open")?;
    let stream = file.append_via_stream().at("append-via-stream")?;
    stream.blocking_write_and_flush(b"!").at("write")?;
    Ok("appended".to_owned())
}

fn create(args: &Args) -> Verdict {
    open(args.text(0)?, CREATE, READ | WRITE)?;
    Ok("created".to_owned())
}

fn create_exclusive(args: &Args) -> Verdict {
    open(args.text(0)?, CREATE | OpenFlags::EXCLUSIVE, READ)?;
    Ok("created".to_owned())
}

/// Truncation must need the right to write, however the other flags stand.
fn truncate_open(args: &Args) -> Verdict {
    let path = args.text(0)?;
    let ways = [("read", READ), ("none", DescriptorFlags::empty()), ("write", WRITE), ("both", READ | WRITE)];
    any_of(ways.map(|(name, flags)| {
        let opened = open(path, OpenFlags::TRUNCATE, flags);
        (name, opened.and_then(|file| Ok(format!("now {} bytes", file.stat()?.size))))
    }))
}

fn set_size(args: &Args) -> Verdict {
    let (path, size) = (args.text(0)?, args.number(1)?);
    any_of([("write", WRITE), ("read", READ)].map(|(name, flags)| {
        let resized = open(path, OpenFlags::empty(), flags).and_then(|file| Ok(file.set_size(size)?));
        (name, resized.map(|()| format!("{size} bytes")))
    }))
}

fn write_through_read_handle(args: &Args) -> Verdict {
    let file = open(args.text(0)?, OpenFlags::empty(), READ).prepared("a read handle")?;
    any_of([
        ("write", file.write(b"!", 0).map(|n| format!("{n} byte")).map_err(Stop::from)),
        (
            "stream",
            file.write_via_stream(0).map_err(Stop::from).and_then(|stream| {
                stream.blocking_write_and_flush(b"!")?;
                Ok("1 byte".to_owned())
            }),
        ),
        ("set-size", file.set_size(0).map(|()| "emptied".to_owned()).map_err(Stop::from)),
    ])
}

fn read_through_write_handle(args: &Args) -> Verdict {
    let file = open(args.text(0)?, OpenFlags::empty(), WRITE).prepared("a write handle")?;
    let (bytes, _) = file.read(64, 0)?;
    Ok(format!("{} bytes", bytes.len()))
}

fn directory_mutate(args: &Args) -> Verdict {
    let flags = READ | DescriptorFlags::MUTATE_DIRECTORY;
    let directory = open(args.text(0)?, OpenFlags::DIRECTORY, flags).at("open")?;
    directory.create_directory_at("made-by-probe").at("mkdir")?;
    Ok("made a directory".to_owned())
}

fn reopen_wider(args: &Args) -> Verdict {
    let directory = open_directory(args.text(0)?).prepared("a read-only directory handle")?;
    let flags = READ | WRITE | DescriptorFlags::MUTATE_DIRECTORY;
    let file = directory.open_at(FOLLOW, args.text(1)?, OpenFlags::empty(), flags).at("open")?;
    file.write(b"!", 0).at("write")?;
    Ok("wrote through a wider handle".to_owned())
}

/// All 16 open flags times both path flags, asked for with reading only. A file that changes or appears is the breach.
fn open_all_flags(args: &Args) -> Verdict {
    let path = args.text(0)?;
    let place = locate(path)?;
    let before = place.directory.stat_at(FOLLOW, &place.path).map(|stat| stat.size).ok();
    for bits in 0..16 {
        for follow in [PathFlags::empty(), FOLLOW] {
            let _ = place.directory.open_at(follow, &place.path, OpenFlags::from_bits_truncate(bits), READ);
        }
    }
    let after = place.directory.stat_at(FOLLOW, &place.path).map(|stat| stat.size).ok();
    if before == after {
        return Err(Stop::Refused(format!("size is still {after:?}")));
    }
    Ok(format!("size went from {before:?} to {after:?}"))
}

fn unlink(args: &Args) -> Verdict {
    let place = locate(args.text(0)?)?;
    place.directory.unlink_file_at(&place.path)?;
    Ok("deleted".to_owned())
}

fn rmdir(args: &Args) -> Verdict {
    let place = locate(args.text(0)?)?;
    place.directory.remove_directory_at(&place.path)?;
    Ok("deleted".to_owned())
}

fn mkdir(args: &Args) -> Verdict {
    let place = locate(args.text(0)?)?;
    place.directory.create_directory_at(&place.path)?;
    Ok("made".to_owned())
}

fn rename(args: &Args) -> Verdict {
    let (from, to) = (locate(args.text(0)?)?, locate(args.text(1)?)?);
    from.directory.rename_at(&from.path, &to.directory, &to.path)?;
    Ok("renamed".to_owned())
}

fn link(args: &Args, follow: PathFlags) -> Verdict {
    let (from, to) = (locate(args.text(0)?)?, locate(args.text(1)?)?);
    from.directory.link_at(follow, &from.path, &to.directory, &to.path)?;
    Ok("linked".to_owned())
}

fn hard_link(args: &Args) -> Verdict {
    link(args, PathFlags::empty())
}

/// wasmtime answers `invalid` to a hard link that follows; the twin of this one is therefore `hard-link`.
fn hard_link_follow(args: &Args) -> Verdict {
    link(args, FOLLOW)
}

fn write_via_hard_link(args: &Args) -> Verdict {
    link(args, PathFlags::empty()).at("link")?;
    let file = open(args.text(1)?, OpenFlags::empty(), WRITE).at("open the link")?;
    file.write(b"!", 0).at("write")?;
    Ok("wrote to the linked file".to_owned())
}

fn readdir(args: &Args) -> Verdict {
    taste(&open_directory(args.text(0)?)?)
}

/// A mount's own name may show; anything else in the root came from the host.
fn readdir_root(_: &Args) -> Verdict {
    let names = crate::place::names_in(&open_directory("/")?)?;
    let telling = ["bin", "boot", "dev", "etc", "home", "lib", "proc", "root", "sys", "usr", "var"];
    let seen: Vec<_> = names.iter().filter(|name| telling.contains(&name.as_str())).collect();
    if seen.is_empty() {
        return Err(Stop::Refused(format!("the root has only {names:?}")));
    }
    Ok(format!("{seen:?}"))
}

fn copy_out(args: &Args) -> Verdict {
    let from = open(args.text(0)?, OpenFlags::empty(), READ).at("open the source")?;
    let to = open(args.text(1)?, CREATE, WRITE).at("open the target")?;
    let source = from.read_via_stream(0).at("read-via-stream")?;
    let target = to.write_via_stream(0).at("write-via-stream")?;
    let n = target.blocking_splice(&source, 4096).at("splice")?;
    Ok(format!("copied {n} bytes"))
}

/// The same host folder under two names: what the stricter one protects must not be changed through the other.
fn overlap_write(args: &Args) -> Verdict {
    let (read_only, writable) = (args.text(0)?, args.text(1)?);
    write_file(writable, b"changed by the probe\n").at("write by the other name")?;
    let file = open(read_only, OpenFlags::empty(), READ).prepared("reading it back")?;
    let (bytes, _) = file.read(64, 0)?;
    if bytes.starts_with(b"changed by the probe") {
        return Ok("the read-only name shows the change".to_owned());
    }
    Err(Stop::Refused("the read-only name is unchanged".to_owned()))
}
