//! Files, variables and standard input that probes are pointed at, fresh for each attack.
//!
//! What each keyword of the table's `setup` gives is described at the head of the table.

use std::collections::HashMap;
use std::fs::{self, File, FileTimes};
use std::io;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::worker::Stdin;

/// A value that must never come out of a sandbox that isn't granted it.
const SECRET: &str = "Sw4ProbeSecret9cK2";

/// What one attack finds on the host.
pub struct Fixture {
    directory: tempfile::TempDir,
    keywords: Vec<String>,
    /// Keeps the socket in the host directory alive.
    _socket: Option<UnixListener>,
}

impl Fixture {
    /// Makes what `setup` names.
    ///
    /// # Errors
    /// If a file can't be made, or a keyword is not known.
    pub fn create(setup: &[String]) -> io::Result<Self> {
        let directory = tempfile::tempdir()?;
        let mut socket = None;
        for keyword in setup {
            match keyword.as_str() {
                "host-dir" => socket = Some(host_directory(directory.path())?),
                "secret" | "server-env" | "stdin-open" | "stdin-text" => {}
                // Always there: see `Servers`.
                "http-server" | "http-server-2" | "tcp-server" => {}
                unknown => {
                    let what = format!("the table's setup names `{unknown}`, which is nothing");
                    return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
                }
            }
        }
        Ok(Self {
            directory,
            keywords: setup.to_vec(),
            _socket: socket,
        })
    }

    /// The secret variable of the run, if it has one: name and value.
    pub fn secret(&self) -> Option<(&'static str, &'static str)> {
        self.has("secret").then_some(("Probe.Secret", SECRET))
    }

    /// Standard input, and what keeps it open.
    pub fn stdin(&self) -> (Stdin, Option<tokio::io::DuplexStream>) {
        if self.has("stdin-text") {
            return (Stdin::Bytes(b"text\n".to_vec()), None);
        }
        if self.has("stdin-open") {
            let (silent, keep) = tokio::io::duplex(64);
            return (Stdin::Stream(Box::new(silent)), Some(keep));
        }
        (Stdin::Empty, None)
    }

    /// What `{name}` stands for in policies and arguments.
    pub fn places(&self) -> HashMap<&'static str, String> {
        let root = self.directory.path();
        let server_env = std::env::var("PROBE_SERVER_ENV").unwrap_or_else(|_| "unset-4711".into());
        HashMap::from([
            ("host-root", root.display().to_string()),
            ("host-dir", data(root).display().to_string()),
            ("secret", SECRET.to_owned()),
            ("server-env", server_env),
        ])
    }

    fn has(&self, keyword: &str) -> bool {
        self.keywords.iter().any(|known| known == keyword)
    }
}

fn data(root: &Path) -> PathBuf {
    root.join("host-dir")
}

/// `host-dir/` is what gets mounted; `outside/` lies beside it and must stay out of reach.
fn host_directory(root: &Path) -> io::Result<UnixListener> {
    let data = data(root);
    let outside = root.join("outside");
    fs::create_dir_all(data.join("sub"))?;
    fs::create_dir_all(data.join("empty"))?;
    fs::create_dir_all(&outside)?;
    fs::write(outside.join("secret.txt"), "outside the wall")?;
    fs::write(data.join("a.txt"), "inside")?;
    fs::write(data.join("caf\u{e9}.txt"), "inside")?;
    fs::write(data.join("sub/b.txt"), "sub")?;
    let old = File::create(data.join("old.txt"))?;
    // 34-bit seconds are what ext4 can keep.
    let far = SystemTime::UNIX_EPOCH + Duration::from_secs((1 << 34) - 1 - (1 << 31));
    old.set_times(FileTimes::new().set_modified(far))?;
    for (target, link) in [
        ("sub", "inner"),
        ("../outside", "secret"),
        ("../", "up"),
        ("/etc", "out"),
        ("loop", "loop"),
        ("../outside/new.txt", "dangling"),
        ("chain-2", "chain"),
        ("chain-3", "chain-2"),
        ("../outside/secret.txt", "chain-3"),
        ("fifo", "fifo-link"),
    ] {
        symlink(target, data.join(link))?;
    }
    mknodat(
        CWD,
        data.join("fifo"),
        FileType::Fifo,
        Mode::from_raw_mode(0o600),
        0,
    )?;
    UnixListener::bind(data.join("sock"))
}
