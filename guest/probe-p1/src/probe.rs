//! What a probe is, and the three ways in which it can end; the same words as the other probes use.

use wasi::{Errno, Fd};

pub struct Probe {
    pub name: &'static str,
    pub usage: &'static str,
    pub threat: &'static str,
    pub run: fn(&[String]) -> Verdict,
}

pub type Verdict = Result<String, Stop>;

pub enum Stop {
    Refused(String),
    Inconclusive(String),
}

impl From<Errno> for Stop {
    fn from(error: Errno) -> Stop {
        Stop::Refused(error.name().to_owned())
    }
}

/// Steps that only prepare the attack: a refusal there proves nothing.
pub fn prepared<T>(result: Result<T, Errno>, what: &str) -> Result<T, Stop> {
    result.map_err(|error| Stop::Inconclusive(format!("cannot prepare {what}: {}", error.name())))
}

pub fn text(args: &[String], n: usize) -> Result<&str, Stop> {
    args.get(n).map(String::as_str).ok_or_else(|| Stop::Inconclusive(format!("argument {} is missing", n + 1)))
}

pub fn number(args: &[String], n: usize) -> Result<u64, Stop> {
    let word = text(args, n)?;
    word.replace('_', "").parse().map_err(|_| Stop::Inconclusive(format!("`{word}` is not a number")))
}

pub fn any_of<N: AsRef<str>>(tries: impl IntoIterator<Item = (N, Verdict)>) -> Verdict {
    let (mut got, mut refused, mut n_refused) = (vec![], None, 0);
    for (name, verdict) in tries {
        match verdict {
            Ok(what) => got.push(format!("{}: {what}", name.as_ref())),
            Err(Stop::Refused(why) | Stop::Inconclusive(why)) => {
                n_refused += 1;
                refused.get_or_insert(format!("{}: {why}", name.as_ref()));
            }
        }
    }
    match refused {
        _ if !got.is_empty() => Ok(got.join("; ")),
        Some(why) => Err(Stop::Refused(format!("{n_refused} ways, {why}"))),
        None => Err(Stop::Inconclusive("nothing was tried".to_owned())),
    }
}

/// The mount a path is in, and the rest of the path as it was written.
pub fn locate(path: &str) -> Result<(Fd, String), Stop> {
    let mut best: Option<(Fd, String)> = None;
    for fd in 3..64 {
        let Some(name) = mount_name(fd) else { break };
        let Some(rest) = path.strip_prefix(name.as_str()) else { continue };
        let is_whole_name = name.ends_with('/') || rest.is_empty() || rest.starts_with('/');
        if is_whole_name && best.as_ref().is_none_or(|(_, longest)| longest.len() >= rest.len()) {
            best = Some((fd, rest.to_owned()));
        }
    }
    let (fd, rest) = best.unwrap_or((3, path.to_owned()));
    let rest =
        if mount_name(fd).is_some_and(|name| path.starts_with(&name)) { rest.trim_start_matches('/') } else { &rest };
    Ok((fd, if rest.is_empty() { ".".to_owned() } else { rest.to_owned() }))
}

fn mount_name(fd: Fd) -> Option<String> {
    // SAFETY: the buffer is as long as the host has just said the name is.
    unsafe {
        let wasi::Prestat { u, .. } = wasi::fd_prestat_get(fd).ok()?;
        let mut name = vec![0; u.dir.pr_name_len];
        wasi::fd_prestat_dir_name(fd, name.as_mut_ptr(), name.len()).ok()?;
        String::from_utf8(name).ok()
    }
}

/// The rights that every caller asks for here: all of them.
pub const ALL: wasi::Rights = (1 << 30) - 1;

/// What a file may be asked for; directories refuse some of `ALL` on some hosts.
pub const FILE: wasi::Rights = wasi::RIGHTS_FD_READ
    | wasi::RIGHTS_FD_WRITE
    | wasi::RIGHTS_FD_SEEK
    | wasi::RIGHTS_FD_TELL
    | wasi::RIGHTS_FD_FILESTAT_SET_SIZE
    | wasi::RIGHTS_FD_FILESTAT_SET_TIMES
    | wasi::RIGHTS_FD_ALLOCATE
    | wasi::RIGHTS_FD_ADVISE;

pub fn open(path: &str, flags: wasi::Oflags, rights: wasi::Rights) -> Result<Fd, Stop> {
    let (fd, rest) = locate(path)?;
    // SAFETY: plain values and a string that outlives the call.
    Ok(unsafe { wasi::path_open(fd, wasi::LOOKUPFLAGS_SYMLINK_FOLLOW, &rest, flags, rights, 0, 0) }?)
}
