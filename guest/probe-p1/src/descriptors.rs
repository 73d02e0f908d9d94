//! Descriptors as numbers: renumbering, guessing, closing what isn't ours, and sockets that nobody gave.

use wasi::Fd;

use crate::probe::{ALL, FILE, Probe, Stop, Verdict, any_of, locate, number, open, prepared, text};

pub const PROBES: &[Probe] = &[
    Probe {
        name: "renumber-self",
        usage: "PATH",
        threat: "GHSA-fm79-3f68-h2fc: fd_renumber to itself, then path_open",
        run: renumber_self,
    },
    Probe {
        name: "renumber-closed",
        usage: "PATH",
        threat: "GHSA-fm79-3f68-h2fc: fd_renumber to a closed descriptor, then path_open",
        run: renumber_closed,
    },
    Probe {
        name: "renumber-leak",
        usage: "PATH N",
        threat: "GHSA-3p27-qvp9-27qf: every fd_renumber leaks a host descriptor",
        run: renumber_leak,
    },
    Probe {
        name: "renumber-mount",
        usage: "PATH",
        threat: "fd_renumber over a mount or over stdout",
        run: renumber_mount,
    },
    Probe {
        name: "guess-descriptors",
        usage: "",
        threat: "descriptors of the host that the guest was not given",
        run: guess_descriptors,
    },
    Probe { name: "mounts-listed", usage: "N", threat: "more mounts than the policy gives", run: mounts_listed },
    Probe { name: "close-twice", usage: "PATH", threat: "a descriptor used after it was closed", run: close_twice },
    Probe { name: "open-many", usage: "PATH N", threat: "running the server out of file descriptors", run: open_many },
    Probe { name: "rights-widen", usage: "PATH", threat: "rights grown after opening", run: rights_widen },
    Probe { name: "sock-accept", usage: "", threat: "a listening socket inherited from the server", run: sock_accept },
    Probe { name: "sock-use", usage: "", threat: "socket calls on descriptors that are no sockets", run: sock_use },
    Probe { name: "proc-raise", usage: "", threat: "a signal to the server's process", run: proc_raise },
];

fn renumber_self(args: &[String]) -> Verdict {
    let fd = open(text(args, 0)?, 0, wasi::RIGHTS_FD_READ)?;
    let renumbered = unsafe { wasi::fd_renumber(fd, fd) };
    let again = open(text(args, 0)?, 0, wasi::RIGHTS_FD_READ)?;
    Ok(format!("{renumbered:?}, then opened {again}, and the host survived"))
}

fn renumber_closed(args: &[String]) -> Verdict {
    let path = text(args, 0)?;
    let (first, second) = (open(path, 0, wasi::RIGHTS_FD_READ)?, open(path, 0, wasi::RIGHTS_FD_READ)?);
    prepared(unsafe { wasi::fd_close(second) }, "a closed descriptor")?;
    let tries = [(first, second), (second, first), (first, 1 << 30), (first, u32::MAX), (u32::MAX, first)];
    let answers: Vec<_> = tries.map(|(from, to)| unsafe { wasi::fd_renumber(from, to) }.is_ok()).into();
    let again = open(path, 0, wasi::RIGHTS_FD_READ)?;
    Ok(format!("{answers:?}, then opened {again}, and the host survived"))
}

fn renumber_leak(args: &[String]) -> Verdict {
    let (path, n) = (text(args, 0)?, number(args, 1)?);
    let mut kept = open(path, 0, wasi::RIGHTS_FD_READ)?;
    for i in 0..n {
        let fresh = open(path, 0, wasi::RIGHTS_FD_READ).map_err(|stop| after(stop, i))?;
        unsafe { wasi::fd_renumber(fresh, kept) }.map_err(|error| after(error.into(), i))?;
        // Some hosts keep the number of the target, some of the source; either must be usable.
        if unsafe { wasi::fd_fdstat_get(kept) }.is_err() {
            kept = fresh;
        }
    }
    Ok(format!("{n} times, one descriptor left"))
}

fn after(stop: Stop, n: u64) -> Stop {
    match stop {
        Stop::Refused(why) => Stop::Refused(format!("after {n}: {why}")),
        other => other,
    }
}

/// A mount replaced by a file, or a file put where stdout was: both are the guest's own affair, if the host survives.
fn renumber_mount(args: &[String]) -> Verdict {
    let path = text(args, 0)?;
    let (mount, _) = locate(path)?;
    let file = open(path, 0, wasi::RIGHTS_FD_READ)?;
    any_of(
        [
            ("over the mount", unsafe { wasi::fd_renumber(file, mount) }),
            ("the mount away", unsafe { wasi::fd_renumber(mount, 2) }),
            ("over stdin", unsafe { wasi::fd_renumber(2, 0) }),
        ]
        .map(|(name, done)| (name, done.map(|()| "done".to_owned()).map_err(Stop::from))),
    )
}

fn guess_descriptors(_: &[String]) -> Verdict {
    let n_mounts = n_mounts();
    let known = 3 + n_mounts;
    let guesses = (known..1024).chain([i32::MAX as u32, u32::MAX, u32::MAX - 1]);
    let found: Vec<Fd> = guesses.filter(|fd| unsafe { wasi::fd_fdstat_get(*fd) }.is_ok()).collect();
    if found.is_empty() {
        return Err(Stop::Refused(format!("nothing beyond the {n_mounts} mounts")));
    }
    Ok(format!("{found:?}"))
}

fn n_mounts() -> u32 {
    (3..1024).take_while(|fd| unsafe { wasi::fd_prestat_get(*fd) }.is_ok()).count() as u32
}

fn mounts_listed(args: &[String]) -> Verdict {
    let (granted, n) = (number(args, 0)?, n_mounts());
    if u64::from(n) <= granted {
        return Err(Stop::Refused(format!("{n} mounts")));
    }
    Ok(format!("{n} mounts where {granted} are granted"))
}

fn close_twice(args: &[String]) -> Verdict {
    let fd = open(text(args, 0)?, 0, wasi::RIGHTS_FD_READ)?;
    prepared(unsafe { wasi::fd_close(fd) }, "a closed descriptor")?;
    let mut byte = [0u8; 1];
    let iovec = [wasi::Iovec { buf: byte.as_mut_ptr(), buf_len: 1 }];
    any_of(
        [
            ("close", unsafe { wasi::fd_close(fd) }.map_err(Stop::from)),
            ("read", unsafe { wasi::fd_read(fd, &iovec) }.map(drop).map_err(Stop::from)),
            ("stat", unsafe { wasi::fd_filestat_get(fd) }.map(drop).map_err(Stop::from)),
        ]
        .map(|(name, done)| (name, done.map(|()| "still works".to_owned()))),
    )
}

fn open_many(args: &[String]) -> Verdict {
    let (path, n) = (text(args, 0)?, number(args, 1)?);
    for i in 0..n {
        open(path, 0, wasi::RIGHTS_FD_READ).map_err(|stop| after(stop, i))?;
    }
    Ok(format!("{n} open files"))
}

/// Rights may shrink, never grow: a file opened for reading is asked to become writable.
fn rights_widen(args: &[String]) -> Verdict {
    let fd = open(text(args, 0)?, 0, wasi::RIGHTS_FD_READ)?;
    let widened = unsafe { wasi::fd_fdstat_set_rights(fd, ALL, ALL) };
    let ciovec = [wasi::Ciovec { buf: c"!".as_ptr().cast(), buf_len: 1 }];
    let written = unsafe { wasi::fd_write(fd, &ciovec) };
    let wide = open(text(args, 0)?, 0, FILE).and_then(|fd| Ok(unsafe { wasi::fd_write(fd, &ciovec) }?));
    any_of(
        [
            ("set rights, write", widened.and(written).map_err(Stop::from)),
            ("write anyway", written.map_err(Stop::from)),
            ("open with all rights", wide),
        ]
        .map(|(name, done)| (name, done.map(|n| format!("wrote {n} byte")))),
    )
}

fn sock_accept(_: &[String]) -> Verdict {
    any_of((0..64).map(|fd| {
        let accepted = unsafe { wasi::sock_accept(fd, wasi::FDFLAGS_NONBLOCK) };
        (fd.to_string(), accepted.map(|fd| format!("connection {fd}")).map_err(Stop::from))
    }))
}

fn sock_use(_: &[String]) -> Verdict {
    let mut bytes = [0u8; 16];
    let iovec = [wasi::Iovec { buf: bytes.as_mut_ptr(), buf_len: 16 }];
    let ciovec = [wasi::Ciovec { buf: c"probe".as_ptr().cast(), buf_len: 5 }];
    any_of((0..16).flat_map(|fd| {
        [
            (format!("recv {fd}"), unsafe { wasi::sock_recv(fd, &iovec, 0) }.map(drop)),
            (format!("send {fd}"), unsafe { wasi::sock_send(fd, &ciovec, 0) }.map(drop)),
            (format!("shutdown {fd}"), unsafe { wasi::sock_shutdown(fd, wasi::SDFLAGS_RD | wasi::SDFLAGS_WR) }),
        ]
        .map(|(name, done)| (name, done.map(|()| "done".to_owned()).map_err(Stop::from)))
    }))
}

fn proc_raise(_: &[String]) -> Verdict {
    unsafe { wasi::proc_raise(wasi::SIGNAL_TERM) }?;
    Ok("raised".to_owned())
}
