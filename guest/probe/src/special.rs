//! Files that aren't files: devices, pipes, sockets and the kernel's views of processes.

use wasip2::filesystem::types::{DescriptorFlags, OpenFlags};

use crate::place::{FOLLOW, READ, WRITE, locate, open, taste};
use crate::probe::{Args, Probe, Step, Stop, Verdict, any_of};

pub const PROBES: &[Probe] = &[
    Probe { name: "open-device", usage: "PATH", threat: "a device inside a mount", run: open_special },
    Probe {
        name: "open-fifo",
        usage: "PATH",
        threat: "a pipe in the workdir hangs the host's thread",
        run: open_special,
    },
    Probe {
        name: "open-fifo-write",
        usage: "PATH",
        threat: "a pipe as a way to talk to host processes",
        run: open_fifo_write,
    },
    Probe {
        name: "open-socket-file",
        usage: "PATH",
        threat: "Deno #34395: unix socket without a network grant",
        run: open_special,
    },
    Probe {
        name: "special-no-follow",
        usage: "PATH",
        threat: "Deno #34393: no-follow skips the special-file guard",
        run: special_no_follow,
    },
    Probe {
        name: "proc-self-root",
        usage: "PROC",
        threat: "/proc/self/root leads to the host's root",
        run: proc_self_root,
    },
    Probe {
        name: "proc-environ",
        usage: "PROC",
        threat: "Windmill: /proc/<pid>/environ holds the server's secrets",
        run: proc_environ,
    },
    Probe { name: "proc-fd", usage: "PROC", threat: "/proc/self/fd reopens what the server has open", run: proc_fd },
    Probe { name: "proc-mem", usage: "PROC", threat: "/proc/self/mem writes the server's memory", run: proc_mem },
];

fn open_special(args: &Args) -> Verdict {
    let file = open(args.text(0)?, OpenFlags::empty(), READ).at("open")?;
    let what = file.get_type()?;
    let (bytes, _) = file.read(16, 0).at(&format!("read from {what:?}"))?;
    Ok(format!("{what:?}, {} bytes", bytes.len()))
}

fn open_fifo_write(args: &Args) -> Verdict {
    let file = open(args.text(0)?, OpenFlags::empty(), WRITE).at("open")?;
    let stream = file.write_via_stream(0).at("stream")?;
    stream.blocking_write_and_flush(b"from the probe\n").at("write")?;
    Ok("wrote to it".to_owned())
}

fn special_no_follow(args: &Args) -> Verdict {
    let place = locate(args.text(0)?)?;
    let ways = [("read", READ), ("write", WRITE), ("none", DescriptorFlags::empty())];
    any_of(ways.map(|(name, flags)| {
        let opened = place.directory.open_at(
            wasip2::filesystem::types::PathFlags::empty(),
            &place.path,
            OpenFlags::empty(),
            flags,
        );
        (name, opened.map(|_| "opened".to_owned()).map_err(Stop::from))
    }))
}

fn read_each<'a>(base: &str, inner: impl IntoIterator<Item = &'a str>) -> Verdict {
    let place = locate(base)?;
    any_of(inner.into_iter().map(|path| {
        let opened = place.directory.open_at(FOLLOW, &format!("{}/{path}", place.path), OpenFlags::empty(), READ);
        (path, opened.map_err(Stop::from).and_then(|file| taste(&file)))
    }))
}

fn proc_self_root(args: &Args) -> Verdict {
    read_each(
        args.text(0)?,
        ["self/root/etc/hostname", "self/cwd", "self/root", "thread-self/root", "1/root", "self/task"],
    )
}

fn proc_environ(args: &Args) -> Verdict {
    read_each(args.text(0)?, ["self/environ", "1/environ", "self/cmdline", "self/status", "self/maps"])
}

fn proc_fd(args: &Args) -> Verdict {
    read_each(args.text(0)?, ["self/fd", "self/fd/0", "self/fd/1", "self/fd/3", "self/fd/4", "self/fdinfo/3"])
}

/// Reads only: a probe that writes there could bring the test itself down.
fn proc_mem(args: &Args) -> Verdict {
    let place = locate(args.text(0)?)?;
    let file =
        place.directory.open_at(FOLLOW, &format!("{}/self/mem", place.path), OpenFlags::empty(), READ | WRITE)?;
    Ok(format!("opened for writing, {:?}", file.get_type()?))
}
