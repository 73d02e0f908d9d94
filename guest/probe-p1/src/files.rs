//! Files through preview 1: rights instead of flags, raw structures, and the same escapes once more.

use wasi::{LOOKUPFLAGS_SYMLINK_FOLLOW as FOLLOW, OFLAGS_CREAT, OFLAGS_DIRECTORY, OFLAGS_TRUNC};

use crate::probe::{FILE, Probe, Stop, Verdict, any_of, locate, number, open, prepared, text};

pub const PROBES: &[Probe] = &[
    Probe { name: "open-read", usage: "PATH", threat: "reading outside the mounts", run: open_read },
    Probe { name: "open-write", usage: "PATH", threat: "writing to a read-only mount", run: open_write },
    Probe {
        name: "truncate-open",
        usage: "PATH",
        threat: "GHSA-2r75-cxrj-cmph: path_open(TRUNCATE) ignores read-only",
        run: truncate_open,
    },
    Probe {
        name: "hard-link",
        usage: "FROM TO",
        threat: "GHSA-4ch3-9j33-3pmj: hard link across permissions",
        run: hard_link,
    },
    Probe { name: "rename", usage: "FROM TO", threat: "GHSA-4ch3-9j33-3pmj: rename across permissions", run: rename },
    Probe {
        name: "trailing-slash",
        usage: "DIR OUTSIDE",
        threat: "GHSA-vqjp-4c8c-hfgg: trailing slash follows links out",
        run: trailing_slash,
    },
    Probe { name: "dotdot", usage: "DIR TARGET", threat: "`..` from a mount's descriptor", run: dotdot },
    Probe { name: "path-bytes", usage: "DIR", threat: "paths that are not UTF-8, or end in NUL", run: path_bytes },
    Probe {
        name: "dirent-padding",
        usage: "DIR",
        threat: "48.0.x fix 9: fd_readdir copies padding bytes of the host's structure",
        run: dirent_padding,
    },
    Probe { name: "readdir-cookies", usage: "DIR", threat: "cookies that no listing gave out", run: readdir_cookies },
    Probe {
        name: "set-times-extreme",
        usage: "PATH",
        threat: "48.0.x fix 8: times at the edge of u64 panic",
        run: set_times_extreme,
    },
    Probe {
        name: "advise-allocate",
        usage: "PATH BYTES",
        threat: "fd_allocate and fd_advise at the edge, or as a way past the quota",
        run: advise_allocate,
    },
    Probe {
        name: "iovecs-huge",
        usage: "PATH N",
        threat: "a list of buffers sizes a host allocation",
        run: iovecs_huge,
    },
    Probe {
        name: "iovec-out-of-bounds",
        usage: "PATH",
        threat: "a buffer that lies outside the guest's memory",
        run: iovec_out_of_bounds,
    },
    Probe { name: "seek-extreme", usage: "PATH", threat: "offsets at the edge of i64", run: seek_extreme },
    Probe { name: "random-get", usage: "BYTES", threat: "GHSA-852m-cvvp-9p4w: one huge draw", run: random_get },
];

fn open_read(args: &[String]) -> Verdict {
    let fd = open(text(args, 0)?, 0, wasi::RIGHTS_FD_READ)?;
    let mut bytes = [0u8; 64];
    let iovec = [wasi::Iovec { buf: bytes.as_mut_ptr(), buf_len: bytes.len() }];
    let n = unsafe { wasi::fd_read(fd, &iovec) }?;
    Ok(format!("{n} bytes {:?}", String::from_utf8_lossy(&bytes[..n])))
}

fn write_one(fd: wasi::Fd) -> Result<usize, Stop> {
    let ciovec = [wasi::Ciovec { buf: c"!".as_ptr().cast(), buf_len: 1 }];
    Ok(unsafe { wasi::fd_write(fd, &ciovec) }?)
}

fn open_write(args: &[String]) -> Verdict {
    let fd = open(text(args, 0)?, 0, FILE)?;
    Ok(format!("wrote {} byte", write_one(fd)?))
}

fn truncate_open(args: &[String]) -> Verdict {
    let path = text(args, 0)?;
    let rights =
        [("none", 0), ("read", wasi::RIGHTS_FD_READ), ("size", wasi::RIGHTS_FD_FILESTAT_SET_SIZE), ("write", FILE)];
    any_of(rights.map(|(name, rights)| (name, open(path, OFLAGS_TRUNC, rights).map(|fd| format!("descriptor {fd}")))))
}

fn hard_link(args: &[String]) -> Verdict {
    let ((from, old), (to, new)) = (locate(text(args, 0)?)?, locate(text(args, 1)?)?);
    any_of([0, FOLLOW].map(|follow| {
        let linked = unsafe { wasi::path_link(from, follow, &old, to, &new) };
        (format!("follow {follow}"), linked.map(|()| "linked".to_owned()).map_err(Stop::from))
    }))
}

fn rename(args: &[String]) -> Verdict {
    let ((from, old), (to, new)) = (locate(text(args, 0)?)?, locate(text(args, 1)?)?);
    unsafe { wasi::path_rename(from, &old, to, &new) }?;
    Ok("renamed".to_owned())
}

/// `..` climbs from the mount, not from DIR, so a DIR below a mount that also holds OUTSIDE is the allowing twin.
fn trailing_slash(args: &[String]) -> Verdict {
    let ((fd, base), outside) = (locate(text(args, 0)?)?, text(args, 1)?);
    let mut tries = vec![];
    for (name, target) in [("hidden", outside), ("indirect", "hidden/"), ("root_link", "/.")] {
        let path = format!("{base}/{name}");
        let _ = unsafe { wasi::path_unlink_file(fd, &path) };
        if let Err(error) = unsafe { wasi::path_symlink(target, fd, &path) } {
            tries.push((format!("make {name}"), Err(Stop::from(error))));
        }
        for suffix in ["", "/", "//", "/.", "/./"] {
            tries.extend(through(fd, &format!("{path}{suffix}")));
        }
    }
    any_of(tries)
}

fn through(fd: wasi::Fd, path: &str) -> Vec<(String, Verdict)> {
    let made = format!("{}/made-by-probe", path.trim_end_matches('/'));
    let secret = format!("{}/secret.txt", path.trim_end_matches('/'));
    let done = |result: Result<(), wasi::Errno>| result.map(|()| "done".to_owned()).map_err(Stop::from);
    unsafe {
        [
            (
                "open",
                done(wasi::path_open(fd, FOLLOW, path, OFLAGS_DIRECTORY, wasi::RIGHTS_FD_READDIR, 0, 0).map(drop)),
            ),
            ("open-file", done(wasi::path_open(fd, FOLLOW, &secret, 0, wasi::RIGHTS_FD_READ, 0, 0).map(drop))),
            ("stat", stat(fd, FOLLOW, path)),
            ("stat-no-follow", stat(fd, 0, path)),
            ("create", done(wasi::path_open(fd, FOLLOW, &made, OFLAGS_CREAT, FILE, 0, 0).map(drop))),
            ("touch", done(wasi::path_filestat_set_times(fd, FOLLOW, &made, 0, 0, wasi::FSTFLAGS_MTIM_NOW))),
            ("rename", done(wasi::path_rename(fd, &made, fd, &made))),
            ("unlink", done(wasi::path_unlink_file(fd, &made))),
            ("mkdir", done(wasi::path_create_directory(fd, &made))),
            ("rmdir", done(wasi::path_remove_directory(fd, &made))),
        ]
    }
    .map(|(name, verdict)| (format!("{name} {path}"), verdict))
    .into()
}

fn stat(fd: wasi::Fd, follow: wasi::Lookupflags, path: &str) -> Verdict {
    let stat = unsafe { wasi::path_filestat_get(fd, follow, path) }?;
    if stat.filetype == wasi::FILETYPE_SYMBOLIC_LINK {
        return Err(Stop::Refused("only the link itself".to_owned()));
    }
    Ok(format!("{} bytes", stat.size))
}

fn dotdot(args: &[String]) -> Verdict {
    let ((fd, base), target) = (locate(text(args, 0)?)?, text(args, 1)?);
    let spellings = ["..", "./..", "sub/../..", "../../../../../..", "sub//..//.."];
    any_of(spellings.map(|climb| {
        let path = format!("{base}/{climb}/{target}");
        let opened = unsafe { wasi::path_open(fd, FOLLOW, &path, 0, wasi::RIGHTS_FD_READ, 0, 0) };
        (path, opened.map(|fd| format!("descriptor {fd}")).map_err(Stop::from))
    }))
}

/// The bindings take a `&str`; the host must not believe it.
fn path_bytes(args: &[String]) -> Verdict {
    let (fd, _) = locate(text(args, 0)?)?;
    let odd: [&[u8]; 6] = [b"\xff\xfe", b"..\xc0\xaf..", b"a.txt\0", b"\0", b"a.txt\xed\xa0\x80", b"\xf0\x9f"];
    any_of(odd.map(|bytes| {
        // Not a valid str on purpose; it is only handed to the host as pointer and length.
        let path = unsafe { std::str::from_utf8_unchecked(bytes) };
        let opened = unsafe { wasi::path_open(fd, FOLLOW, path, 0, wasi::RIGHTS_FD_READ, 0, 0) };
        (format!("{bytes:?}"), opened.map(|fd| format!("descriptor {fd}")).map_err(Stop::from))
    }))
}

/// A dirent is 8 + 8 + 4 + 1 bytes and 3 of padding: those must be zero, whatever the buffer held.
fn dirent_padding(args: &[String]) -> Verdict {
    let fd = prepared_directory(args)?;
    let mut buffer = [0u8; 4096];
    let n = unsafe { wasi::fd_readdir(fd, buffer.as_mut_ptr(), buffer.len(), 0) }?;
    let (mut at, mut n_entries) = (0, 0);
    while at + 24 <= n {
        let padding = &buffer[at + 21..at + 24];
        if padding != [0; 3] {
            return Ok(format!("padding of entry {n_entries} is {padding:?}"));
        }
        let name_length = u32::from_le_bytes([buffer[at + 16], buffer[at + 17], buffer[at + 18], buffer[at + 19]]);
        at += 24 + name_length as usize;
        n_entries += 1;
    }
    Err(Stop::Refused(format!("zero in all {n_entries} entries")))
}

fn prepared_directory(args: &[String]) -> Result<wasi::Fd, Stop> {
    let (fd, path) = locate(text(args, 0)?)?;
    let opened = unsafe { wasi::path_open(fd, FOLLOW, &path, OFLAGS_DIRECTORY, wasi::RIGHTS_FD_READDIR, 0, 0) };
    prepared(opened, "a directory")
}

fn readdir_cookies(args: &[String]) -> Verdict {
    let fd = prepared_directory(args)?;
    let mut buffer = [0u8; 256];
    let mut answers = vec![];
    for cookie in [0, 1, 2, 1000, u64::from(u32::MAX), i64::MAX as u64, u64::MAX - 1, u64::MAX] {
        for length in [0, 1, 23, 24, 256] {
            answers.push(unsafe { wasi::fd_readdir(fd, buffer.as_mut_ptr(), length, cookie) }.is_ok());
        }
    }
    Ok(format!("{} of 40 answered, and the host survived", answers.iter().filter(|ok| **ok).count()))
}

fn set_times_extreme(args: &[String]) -> Verdict {
    let (fd, path) = locate(text(args, 0)?)?;
    let mut n_taken = 0;
    for time in [0, 1, i64::MAX as u64, i64::MAX as u64 + 1, u64::MAX - 1, u64::MAX] {
        for flags in 0..16 {
            let set = unsafe { wasi::path_filestat_set_times(fd, FOLLOW, &path, time, time, flags) };
            n_taken += u32::from(set.is_ok());
        }
    }
    if n_taken == 0 {
        return Err(Stop::Refused("all 96".to_owned()));
    }
    Ok(format!("{n_taken} of 96 taken, and the host survived"))
}

fn advise_allocate(args: &[String]) -> Verdict {
    let (fd, bytes) = (open(text(args, 0)?, OFLAGS_CREAT, FILE)?, number(args, 1)?);
    for offset in [0, i64::MAX as u64, u64::MAX] {
        for length in [0, i64::MAX as u64, u64::MAX] {
            let _ = unsafe { wasi::fd_advise(fd, offset, length, wasi::ADVICE_WILLNEED) };
            let _ = unsafe { wasi::fd_allocate(fd, offset, length) };
        }
    }
    unsafe { wasi::fd_allocate(fd, 0, bytes) }?;
    Ok(format!("{bytes} bytes allocated"))
}

fn iovecs_huge(args: &[String]) -> Verdict {
    let (fd, n) = (open(text(args, 0)?, OFLAGS_CREAT, FILE)?, number(args, 1)?);
    let ciovecs: Vec<_> = (0..n).map(|_| wasi::Ciovec { buf: c"!".as_ptr().cast(), buf_len: 1 }).collect();
    let written = unsafe { wasi::fd_write(fd, &ciovecs) }?;
    Ok(format!("{n} buffers, {written} bytes written"))
}

fn iovec_out_of_bounds(args: &[String]) -> Verdict {
    let fd = open(text(args, 0)?, OFLAGS_CREAT, FILE)?;
    any_of([(usize::MAX, 1), (usize::MAX - 8, 64), (1024, usize::MAX), (0, usize::MAX)].map(|(start, length)| {
        let ciovec = [wasi::Ciovec { buf: std::ptr::without_provenance(start), buf_len: length }];
        let written = unsafe { wasi::fd_write(fd, &ciovec) };
        (format!("{start:#x}+{length:#x}"), written.map(|n| format!("{n} bytes")).map_err(Stop::from))
    }))
}

fn seek_extreme(args: &[String]) -> Verdict {
    let fd = open(text(args, 0)?, OFLAGS_CREAT, FILE)?;
    let mut n_taken = 0;
    for offset in [i64::MIN, -1, 0, i64::MAX] {
        for whence in [wasi::WHENCE_SET, wasi::WHENCE_CUR, wasi::WHENCE_END] {
            n_taken += u32::from(unsafe { wasi::fd_seek(fd, offset, whence) }.is_ok());
            let _ = write_one(fd);
        }
    }
    Ok(format!("{n_taken} of 12 taken, and the host survived"))
}

fn random_get(args: &[String]) -> Verdict {
    let mut bytes = vec![0u8; number(args, 0)? as usize];
    unsafe { wasi::random_get(bytes.as_mut_ptr(), bytes.len()) }?;
    Ok(format!("{} bytes at once", bytes.len()))
}
