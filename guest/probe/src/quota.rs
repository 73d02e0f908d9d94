//! Filling the disk: the bytes, the entries, and the ways to grow a file that look like neither.

use wasip2::filesystem::types::{Descriptor, DescriptorFlags, OpenFlags, PathFlags};

use crate::place::{CREATE, FOLLOW, READ, WRITE, locate, open, write_file};
use crate::probe::{Args, Probe, Step, Stop, Verdict};

pub const PROBES: &[Probe] = &[
    Probe { name: "fill-bytes", usage: "DIR BYTES", threat: "filling the disk", run: fill_bytes },
    Probe { name: "fill-stream", usage: "DIR BYTES", threat: "filling the disk through a stream", run: fill_stream },
    Probe { name: "fill-append", usage: "DIR BYTES", threat: "filling the disk by appending", run: fill_append },
    Probe {
        name: "fill-zeroes",
        usage: "DIR BYTES",
        threat: "write-zeroes: bytes that the guest never sent",
        run: fill_zeroes,
    },
    Probe {
        name: "fill-splice",
        usage: "DIR BYTES",
        threat: "splice: bytes that never pass the guest",
        run: fill_splice,
    },
    Probe { name: "fill-set-size", usage: "DIR BYTES", threat: "a sparse file passes the quota", run: fill_set_size },
    Probe {
        name: "fill-sparse-write",
        usage: "DIR BYTES",
        threat: "one byte at a far offset passes the quota",
        run: fill_sparse_write,
    },
    Probe {
        name: "fill-sparse-stream",
        usage: "DIR BYTES",
        threat: "a stream opened at a far offset passes the quota",
        run: fill_sparse_stream,
    },
    Probe { name: "fill-files", usage: "DIR N", threat: "running out of inodes", run: fill_files },
    Probe { name: "fill-directories", usage: "DIR N", threat: "running out of inodes", run: fill_directories },
    Probe { name: "fill-links", usage: "DIR N", threat: "running out of inodes", run: fill_links },
    Probe { name: "fill-hard-links", usage: "DIR N", threat: "running out of directory entries", run: fill_hard_links },
    Probe { name: "fill-deep", usage: "DIR N", threat: "a tree too deep for whoever removes it", run: fill_deep },
    Probe {
        name: "fill-unlinked",
        usage: "DIR BYTES",
        threat: "deleted but open files pass the quota",
        run: fill_unlinked,
    },
    Probe {
        name: "fill-then-unlink",
        usage: "DIR BYTES",
        threat: "deleting an open file gives its bytes back while the disk still holds them",
        run: fill_then_unlink,
    },
    Probe {
        name: "fill-delete-refill",
        usage: "DIR BYTES ROUNDS",
        threat: "space that is freed must be usable again",
        run: fill_delete_refill,
    },
    Probe {
        name: "fill-grow-truncate",
        usage: "DIR BYTES ROUNDS",
        threat: "a quota that forgets what truncation frees, or counts it twice",
        run: fill_grow_truncate,
    },
    Probe {
        name: "fill-rename-over",
        usage: "DIR N",
        threat: "entries replaced by rename are counted wrongly",
        run: fill_rename_over,
    },
    Probe { name: "fill-long-names", usage: "DIR N", threat: "names take space too", run: fill_long_names },
    Probe { name: "open-files", usage: "DIR N", threat: "running the server out of file descriptors", run: open_files },
];

const CHUNK: usize = 64 * 1024;

fn target(args: &Args) -> Result<(Descriptor, u64), Stop> {
    let path = format!("{}/filler", args.text(0)?);
    Ok((open(&path, CREATE, READ | WRITE).prepared("a file")?, args.number(1)?))
}

/// Writes until `bytes` are there; an error names how far it came.
fn pour(file: &Descriptor, bytes: u64) -> Result<(), Stop> {
    let chunk = vec![b'x'; CHUNK];
    let mut at = 0;
    while at < bytes {
        let n = (bytes - at).min(CHUNK as u64) as usize;
        at += file.write(&chunk[..n], at).map_err(|error| Stop::from(error).at(format!("after {at} bytes")))?;
    }
    Ok(())
}

fn fill_bytes(args: &Args) -> Verdict {
    let (file, bytes) = target(args)?;
    pour(&file, bytes)?;
    Ok(format!("{bytes} bytes"))
}

fn fill_stream(args: &Args) -> Verdict {
    let (file, bytes) = target(args)?;
    let stream = file.write_via_stream(0).at("stream")?;
    for at in (0..bytes).step_by(4096) {
        stream
            .blocking_write_and_flush(&[b'x'; 4096])
            .map_err(|error| Stop::from(error).at(format!("after {at} bytes")))?;
    }
    Ok(format!("{} bytes on the disk", file.stat()?.size))
}

fn fill_append(args: &Args) -> Verdict {
    let (file, bytes) = target(args)?;
    let stream = file.append_via_stream().at("stream")?;
    for at in (0..bytes).step_by(4096) {
        stream
            .blocking_write_and_flush(&[b'x'; 4096])
            .map_err(|error| Stop::from(error).at(format!("after {at} bytes")))?;
    }
    Ok(format!("{} bytes on the disk", file.stat()?.size))
}

fn fill_zeroes(args: &Args) -> Verdict {
    let (file, bytes) = target(args)?;
    let stream = file.write_via_stream(0).at("stream")?;
    for at in (0..bytes).step_by(4096) {
        stream
            .blocking_write_zeroes_and_flush(4096)
            .map_err(|error| Stop::from(error).at(format!("after {at} bytes")))?;
    }
    Ok(format!("{} bytes on the disk", file.stat()?.size))
}

fn fill_splice(args: &Args) -> Verdict {
    let (file, bytes) = target(args)?;
    let source = write_file(&format!("{}/source", args.text(0)?), &[b'x'; 4096]).prepared("a source")?;
    let mut at = 0;
    let stream = file.write_via_stream(0).at("stream")?;
    while at < bytes {
        let input = source.read_via_stream(0).at("source stream")?;
        at +=
            stream.blocking_splice(&input, 4096).map_err(|error| Stop::from(error).at(format!("after {at} bytes")))?;
    }
    stream.blocking_flush().at("flush")?;
    Ok(format!("{} bytes on the disk", file.stat()?.size))
}

fn fill_set_size(args: &Args) -> Verdict {
    let (file, bytes) = target(args)?;
    file.set_size(bytes)?;
    Ok(format!("{} bytes", file.stat()?.size))
}

fn fill_sparse_write(args: &Args) -> Verdict {
    let (file, bytes) = target(args)?;
    file.write(b"x", bytes - 1)?;
    Ok(format!("{} bytes", file.stat()?.size))
}

fn fill_sparse_stream(args: &Args) -> Verdict {
    let (file, bytes) = target(args)?;
    let stream = file.write_via_stream(bytes - 1).at("stream")?;
    stream.blocking_write_and_flush(b"x")?;
    Ok(format!("{} bytes", file.stat()?.size))
}

/// Makes N entries with `make`, which gets the directory and a fresh name.
fn entries(args: &Args, make: impl Fn(&Descriptor, &str) -> Result<(), Stop>) -> Verdict {
    let place = locate(args.text(0)?)?;
    let flags = READ | DescriptorFlags::MUTATE_DIRECTORY;
    let directory = place.open(OpenFlags::DIRECTORY, flags).prepared("a writable directory")?;
    let n = args.number(1)?;
    for i in 0..n {
        make(&directory, &format!("entry-{i}")).map_err(|stop| stop.at(format!("after {i} entries")))?;
    }
    Ok(format!("{n} entries"))
}

fn fill_files(args: &Args) -> Verdict {
    entries(args, |directory, name| Ok(directory.open_at(FOLLOW, name, CREATE, WRITE).map(drop)?))
}

fn fill_directories(args: &Args) -> Verdict {
    entries(args, |directory, name| Ok(directory.create_directory_at(name)?))
}

fn fill_links(args: &Args) -> Verdict {
    entries(args, |directory, name| Ok(directory.symlink_at("nowhere", name)?))
}

fn fill_hard_links(args: &Args) -> Verdict {
    write_file(&format!("{}/source", args.text(0)?), b"x").prepared("a source")?;
    entries(args, |directory, name| Ok(directory.link_at(PathFlags::empty(), "source", directory, name)?))
}

fn fill_deep(args: &Args) -> Verdict {
    let place = locate(args.text(0)?)?;
    let flags = READ | DescriptorFlags::MUTATE_DIRECTORY;
    let mut here = place.open(OpenFlags::DIRECTORY, flags).prepared("a writable directory")?;
    let n = args.number(1)?;
    for i in 0..n {
        here.create_directory_at("d").map_err(|error| Stop::from(error).at(format!("after {i} levels")))?;
        here = here.open_at(FOLLOW, "d", OpenFlags::DIRECTORY, flags)?;
    }
    Ok(format!("{n} levels"))
}

fn fill_unlinked(args: &Args) -> Verdict {
    let (directory, bytes) = (locate(args.text(0)?)?, args.number(1)?);
    let mut kept = vec![];
    let mut total = 0;
    while total < bytes {
        let name = format!("{}/ghost-{}", directory.path, kept.len());
        let file = directory.directory.open_at(FOLLOW, &name, CREATE, READ | WRITE).prepared("a file")?;
        directory.directory.unlink_file_at(&name).prepared("deleting it")?;
        pour(&file, 1 << 20).map_err(|stop| stop.at(format!("after {total} bytes")))?;
        total += 1 << 20;
        kept.push(file);
    }
    Ok(format!("{total} bytes in {} deleted files", kept.len()))
}

fn fill_then_unlink(args: &Args) -> Verdict {
    let (directory, bytes) = (locate(args.text(0)?)?, args.number(1)?);
    let mut kept = vec![];
    let mut total = 0;
    while total < bytes {
        let name = format!("{}/ghost-{}", directory.path, kept.len());
        let file = directory.directory.open_at(FOLLOW, &name, CREATE, READ | WRITE).prepared("a file")?;
        pour(&file, 1 << 20).map_err(|stop| stop.at(format!("after {total} bytes")))?;
        directory.directory.unlink_file_at(&name).prepared("deleting it")?;
        total += 1 << 20;
        kept.push(file);
    }
    Ok(format!("{total} bytes in {} deleted files", kept.len()))
}

fn fill_delete_refill(args: &Args) -> Verdict {
    let (place, bytes) = (locate(args.text(0)?)?, args.number(1)?);
    let rounds = args.number(2)?;
    for round in 0..rounds {
        let name = format!("{}/again", place.path);
        let file = place.directory.open_at(FOLLOW, &name, CREATE, READ | WRITE).prepared("a file")?;
        pour(&file, bytes).map_err(|stop| stop.at(format!("round {round}")))?;
        drop(file);
        place.directory.unlink_file_at(&name).at("delete")?;
    }
    Ok(format!("{rounds} rounds of {bytes} bytes"))
}

fn fill_grow_truncate(args: &Args) -> Verdict {
    let (file, bytes) = target(args)?;
    let rounds = args.number(2)?;
    for round in 0..rounds {
        pour(&file, bytes).map_err(|stop| stop.at(format!("round {round}")))?;
        file.set_size(0).at("truncate")?;
    }
    Ok(format!("{rounds} rounds of {bytes} bytes"))
}

fn fill_rename_over(args: &Args) -> Verdict {
    entries(args, |directory, _| {
        directory.open_at(FOLLOW, "new", CREATE, WRITE)?;
        Ok(directory.rename_at("new", directory, "old")?)
    })
}

fn fill_long_names(args: &Args) -> Verdict {
    entries(args, |directory, name| {
        let name = format!("{name}-{}", "n".repeat(200));
        Ok(directory.open_at(FOLLOW, &name, CREATE, WRITE).map(drop)?)
    })
}

fn open_files(args: &Args) -> Verdict {
    let (path, n) = (format!("{}/held", args.text(0)?), args.number(1)?);
    let mut held = vec![];
    for i in 0..n {
        held.push(open(&path, CREATE, READ | WRITE).map_err(|stop| stop.at(format!("after {i} files")))?);
    }
    Ok(format!("{} open files", held.len()))
}
