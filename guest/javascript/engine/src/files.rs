//! Files over `wasi:filesystem`. Paths arrive absolute and normalised (`js/fs/paths.js`); the longest mount that holds one
//! is asked. What is refused, and how, is the host's answer: nothing is decided here.

use std::cell::RefCell;

use rquickjs::{Ctx, Result, TypedArray, Value};
use wasip2::clocks::wall_clock::Datetime;
use wasip2::filesystem::preopens;
use wasip2::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorStat, DescriptorType, ErrorCode, NewTimestamp, OpenFlags, PathFlags,
};
use wasip2::io::streams::OutputStream;

use crate::bytes;
use crate::system::{Answer, thrown};

/// An open file; `appender` when each write goes to the end.
struct Open {
    appender: Option<OutputStream>,
    descriptor: Descriptor,
}

thread_local! {
    static MOUNTS: Vec<(Descriptor, String)> = mounts_longest_first();
    static OPEN: RefCell<Vec<Option<Open>>> = const { RefCell::new(Vec::new()) };
}

/// 0, 1 and 2 are the standard streams.
const FIRST_DESCRIPTOR: usize = 3;

/// One read asks for no more than this; the host may give less.
const READ_BYTES: u64 = 1 << 20;

fn mounts_longest_first() -> Vec<(Descriptor, String)> {
    let mut mounts = preopens::get_directories();
    mounts.sort_by_key(|(_, path)| std::cmp::Reverse(path.trim_end_matches('/').len()));
    mounts
}

/// Calls `ask` with the mount that holds `path` and the rest of the path.
fn at<'js, T>(path: &str, ask: impl Fn(&Descriptor, &str) -> core::result::Result<T, ErrorCode>) -> Answer<'js, T> {
    MOUNTS.with(|mounts| {
        for (descriptor, mount) in mounts {
            let Some(rest) = path.strip_prefix(mount.trim_end_matches('/')) else { continue };
            if rest.is_empty() || rest.starts_with('/') {
                let rest = rest.trim_start_matches('/');
                return ask(descriptor, if rest.is_empty() { "." } else { rest }).map_err(name);
            }
        }
        Err("ENOENT")
    })
}

/// Opens a file. `mode` is made of `r`, `w`, `a` (append), `c` (create), `x` (exclusive), `t` (truncate).
pub fn open<'js>(ctx: Ctx<'js>, path: String, mode: String) -> Result<u32> {
    let has = |letter: char| mode.contains(letter);
    let flag = |letter, flag: OpenFlags| if has(letter) { flag } else { OpenFlags::empty() };
    let open_flags = flag('c', OpenFlags::CREATE) | flag('x', OpenFlags::EXCLUSIVE) | flag('t', OpenFlags::TRUNCATE);
    let mut flags = DescriptorFlags::empty();
    flags.set(DescriptorFlags::READ, has('r'));
    flags.set(DescriptorFlags::WRITE, has('w') || has('a'));
    let answer = at(&path, |mount, rest| {
        let descriptor = mount.open_at(PathFlags::SYMLINK_FOLLOW, rest, open_flags, flags)?;
        let appender = if has('a') { Some(descriptor.append_via_stream()?) } else { None };
        Ok(Open { appender, descriptor })
    });
    let file = thrown(&ctx, answer)?;
    Ok(OPEN.with(|open| {
        let mut open = open.borrow_mut();
        let slot = open.iter().position(Option::is_none).unwrap_or(open.len());
        if slot == open.len() {
            open.push(None);
        }
        open[slot] = Some(file);
        (slot + FIRST_DESCRIPTOR) as u32
    }))
}

fn with_open<'js, T>(descriptor: u32, ask: impl FnOnce(&Open) -> Answer<'js, T>) -> Answer<'js, T> {
    OPEN.with(|open| {
        let open = open.borrow();
        let slot = (descriptor as usize).checked_sub(FIRST_DESCRIPTOR).ok_or("EBADF")?;
        ask(open.get(slot).and_then(Option::as_ref).ok_or("EBADF")?)
    })
}

pub fn close<'js>(ctx: Ctx<'js>, descriptor: u32) -> Result<()> {
    let slot = (descriptor as usize).wrapping_sub(FIRST_DESCRIPTOR);
    let closed = OPEN.with(|open| open.borrow_mut().get_mut(slot).and_then(Option::take));
    thrown(&ctx, closed.map(drop).ok_or("EBADF"))
}

/// Reads up to `n` bytes (all that is left when `n` is negative) at `position`.
pub fn read_at<'js>(ctx: Ctx<'js>, descriptor: u32, n: f64, position: f64) -> Result<TypedArray<'js, u8>> {
    let answer = with_open(descriptor, |file| {
        let (mut bytes, limit) = (Vec::new(), if n < 0.0 { u64::MAX } else { n as u64 });
        while (bytes.len() as u64) < limit {
            let n_wanted = (limit - bytes.len() as u64).min(READ_BYTES);
            let (chunk, is_end) = file.descriptor.read(n_wanted, position as u64 + bytes.len() as u64).map_err(name)?;
            let is_empty = chunk.is_empty();
            if bytes.is_empty() { bytes = chunk } else { bytes.extend_from_slice(&chunk) }
            if is_end || is_empty {
                break;
            }
        }
        Ok(bytes)
    });
    TypedArray::new(ctx.clone(), thrown(&ctx, answer)?)
}

/// Writes all of `data` at `position`, or at the end of a file opened with `a`.
pub fn write_at<'js>(ctx: Ctx<'js>, descriptor: u32, data: Value<'js>, position: f64) -> Result<()> {
    let answer = bytes::with(&data, |data| {
        with_open(descriptor, |file| {
            if let Some(stream) = &file.appender {
                return crate::stdio::write_all(stream, data);
            }
            let mut n_written = 0;
            while n_written < data.len() {
                let n = file.descriptor.write(&data[n_written..], position as u64 + n_written as u64).map_err(name)?;
                n_written += n as usize;
            }
            Ok(())
        })
    })?;
    thrown(&ctx, answer)
}

/// `[type, size, access, modification, change, links]`, times in milliseconds.
pub fn stat(ctx: Ctx<'_>, path: String, follow: bool) -> Result<Vec<f64>> {
    let flags = if follow { PathFlags::SYMLINK_FOLLOW } else { PathFlags::empty() };
    let stat = at(&path, |mount, rest| mount.stat_at(flags, rest));
    Ok(numbers(&thrown(&ctx, stat)?))
}

pub fn stat_open(ctx: Ctx<'_>, descriptor: u32) -> Result<Vec<f64>> {
    let stat = with_open(descriptor, |file| file.descriptor.stat().map_err(name));
    Ok(numbers(&thrown(&ctx, stat)?))
}

fn numbers(stat: &DescriptorStat) -> Vec<f64> {
    let time = |time: Option<Datetime>| {
        time.map_or(0.0, |time| time.seconds as f64 * 1e3 + f64::from(time.nanoseconds) / 1e6)
    };
    vec![
        f64::from(kind(stat.type_)),
        stat.size as f64,
        time(stat.data_access_timestamp),
        time(stat.data_modification_timestamp),
        time(stat.status_change_timestamp),
        stat.link_count as f64,
    ]
}

/// The file types as POSIX numbers them in a mode's upper bits.
fn kind(kind: DescriptorType) -> u8 {
    match kind {
        DescriptorType::Directory => 0o04,
        DescriptorType::RegularFile => 0o10,
        DescriptorType::SymbolicLink => 0o12,
        DescriptorType::Socket => 0o14,
        DescriptorType::Fifo => 0o01,
        DescriptorType::CharacterDevice => 0o02,
        DescriptorType::BlockDevice => 0o06,
        DescriptorType::Unknown => 0,
    }
}

pub fn truncate(ctx: Ctx<'_>, descriptor: u32, size: f64) -> Result<()> {
    thrown(&ctx, with_open(descriptor, |file| file.descriptor.set_size(size as u64).map_err(name)))
}

/// Sets access and modification time, in seconds.
pub fn times(ctx: Ctx<'_>, path: String, access: f64, modification: f64, follow: bool) -> Result<()> {
    let flags = if follow { PathFlags::SYMLINK_FOLLOW } else { PathFlags::empty() };
    let time = |seconds: f64| {
        let nanoseconds = ((seconds - seconds.floor()) * 1e9) as u32;
        NewTimestamp::Timestamp(Datetime { seconds: seconds.floor() as u64, nanoseconds })
    };
    thrown(&ctx, at(&path, |mount, rest| mount.set_times_at(flags, rest, time(access), time(modification))))
}

/// `[name, type, name, type, …]`, unsorted.
pub fn list(ctx: Ctx<'_>, path: String) -> Result<Vec<String>> {
    let answer = at(&path, |mount, rest| {
        let directory = mount.open_at(PathFlags::SYMLINK_FOLLOW, rest, OpenFlags::DIRECTORY, DescriptorFlags::READ)?;
        let entries = directory.read_directory()?;
        let mut names = Vec::new();
        while let Some(entry) = entries.read_directory_entry()? {
            names.push(entry.name);
            names.push(kind(entry.type_).to_string());
        }
        Ok(names)
    });
    thrown(&ctx, answer)
}

pub fn make_directory(ctx: Ctx<'_>, path: String) -> Result<()> {
    thrown(&ctx, at(&path, |mount, rest| mount.create_directory_at(rest)))
}

pub fn remove_directory(ctx: Ctx<'_>, path: String) -> Result<()> {
    thrown(&ctx, at(&path, |mount, rest| mount.remove_directory_at(rest)))
}

pub fn remove_file(ctx: Ctx<'_>, path: String) -> Result<()> {
    thrown(&ctx, at(&path, |mount, rest| mount.unlink_file_at(rest)))
}

pub fn rename(ctx: Ctx<'_>, from: String, to: String) -> Result<()> {
    let answer = at(&from, |mount, rest| {
        at(&to, |to_mount, to_rest| Ok(mount.rename_at(rest, to_mount, to_rest))).unwrap_or(Err(ErrorCode::NoEntry))
    });
    thrown(&ctx, answer)
}

pub fn link(ctx: Ctx<'_>, from: String, to: String) -> Result<()> {
    let answer = at(&from, |mount, rest| {
        at(&to, |to_mount, to_rest| Ok(mount.link_at(PathFlags::empty(), rest, to_mount, to_rest)))
            .unwrap_or(Err(ErrorCode::NoEntry))
    });
    thrown(&ctx, answer)
}

pub fn symlink(ctx: Ctx<'_>, target: String, path: String) -> Result<()> {
    thrown(&ctx, at(&path, |mount, rest| mount.symlink_at(&target, rest)))
}

pub fn read_link(ctx: Ctx<'_>, path: String) -> Result<String> {
    thrown(&ctx, at(&path, |mount, rest| mount.readlink_at(rest)))
}

pub fn mounts() -> Vec<String> {
    MOUNTS.with(|mounts| mounts.iter().map(|(_, path)| path.clone()).collect())
}

fn name(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::Access => "EACCES",
        ErrorCode::WouldBlock => "EAGAIN",
        ErrorCode::Already => "EALREADY",
        ErrorCode::BadDescriptor => "EBADF",
        ErrorCode::Busy => "EBUSY",
        ErrorCode::Deadlock => "EDEADLK",
        ErrorCode::Quota => "EDQUOT",
        ErrorCode::Exist => "EEXIST",
        ErrorCode::FileTooLarge => "EFBIG",
        ErrorCode::IllegalByteSequence => "EILSEQ",
        ErrorCode::InProgress => "EINPROGRESS",
        ErrorCode::Interrupted => "EINTR",
        ErrorCode::Invalid => "EINVAL",
        ErrorCode::Io => "EIO",
        ErrorCode::IsDirectory => "EISDIR",
        ErrorCode::Loop => "ELOOP",
        ErrorCode::TooManyLinks => "EMLINK",
        ErrorCode::MessageSize => "EMSGSIZE",
        ErrorCode::NameTooLong => "ENAMETOOLONG",
        ErrorCode::NoDevice => "ENODEV",
        ErrorCode::NoEntry => "ENOENT",
        ErrorCode::NoLock => "ENOLCK",
        ErrorCode::InsufficientMemory => "ENOMEM",
        ErrorCode::InsufficientSpace => "ENOSPC",
        ErrorCode::NotDirectory => "ENOTDIR",
        ErrorCode::NotEmpty => "ENOTEMPTY",
        ErrorCode::NotRecoverable => "ENOTRECOVERABLE",
        ErrorCode::Unsupported => "ENOTSUP",
        ErrorCode::NoTty => "ENOTTY",
        ErrorCode::NoSuchDevice => "ENXIO",
        ErrorCode::Overflow => "EOVERFLOW",
        ErrorCode::NotPermitted => "EPERM",
        ErrorCode::Pipe => "EPIPE",
        ErrorCode::ReadOnly => "EROFS",
        ErrorCode::InvalidSeek => "ESPIPE",
        ErrorCode::TextFileBusy => "ETXTBSY",
        ErrorCode::CrossDevice => "EXDEV",
    }
}
