//! What scripts that are native processes are pointed at: things of the server's, things of everybody's, and a neighbour.

use std::collections::HashMap;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use rustix::io::{FdFlags, fcntl_setfd};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::native::{attempt, policy_of};
use super::server::Servers;
use crate::worker::event::Event;
use crate::worker::{Language, Worker, channel};

/// Files and sockets of the server's. Gone when dropped.
pub struct NativeFixture {
    directory: TempDir,
    /// Open, and not to be closed on exec: the launcher has to see to it.
    key: File,
    _socket: UnixListener,
    servers: Servers,
}

impl NativeFixture {
    /// Makes it below `base`, where the account can get to.
    ///
    /// # Errors
    /// If the disk or the network won't.
    pub async fn create(base: &Path) -> anyhow::Result<Self> {
        let directory = tempfile::Builder::new()
            .prefix("doctor-")
            .tempdir_in(base)?;
        mode(directory.path(), 0o755)?;
        let (data, shared) = (
            directory.path().join("data"),
            directory.path().join("shared"),
        );
        fs::create_dir(&data)?;
        mode(&data, 0o700)?;
        fs::write(data.join("master.key"), "the key")?;
        fs::create_dir(&shared)?;
        mode(&shared, 0o777)?;
        fs::copy("/usr/bin/id", shared.join("id")).context("there is no /usr/bin/id")?;
        mode(&shared.join("id"), 0o4755)?;
        let key = File::open(data.join("master.key"))?;
        fcntl_setfd(&key, FdFlags::empty()).map_err(io::Error::from)?;
        let address = SocketAddr::from_abstract_name(socket_name())?;
        Ok(Self {
            directory,
            key,
            _socket: UnixListener::bind_addr(&address)?,
            servers: Servers::start().await?,
        })
    }

    /// Puts back what an attack may have changed.
    ///
    /// # Errors
    /// If the disk won't.
    pub fn restore(&self) -> io::Result<()> {
        let shared = self.shared();
        match fs::remove_file(shared.join("new.txt")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        fs::write(shared.join("a.txt"), "shared")?;
        mode(&shared.join("a.txt"), 0o666)
    }

    /// What the table's names stand for.
    pub fn places(&self, neighbour: &Neighbour) -> HashMap<&'static str, String> {
        let text = |path: PathBuf| path.to_string_lossy().into_owned();
        let mut places = self.servers.places();
        places.extend([
            ("data", text(self.directory.path().join("data"))),
            ("shared", text(self.shared())),
            ("pid", std::process::id().to_string()),
            ("neighbour", neighbour.pid.clone()),
            ("neighbour-work", neighbour.work.clone()),
            ("socket", socket_name()),
            ("descriptor", self.key.as_raw_fd().to_string()),
        ]);
        places
    }

    fn shared(&self) -> PathBuf {
        self.directory.path().join("shared")
    }
}

fn socket_name() -> String {
    format!("seawall-doctor-{}", std::process::id())
}

fn mode(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, Permissions::from_mode(mode))
}

/// Another run of the same account, which waits.
pub struct Neighbour {
    pid: String,
    work: String,
    cancel: watch::Sender<bool>,
    running: JoinHandle<()>,
}

/// Says who and where it is, and waits.
const SCRIPT: &str =
    "echo 'a secret of the neighbour' > secret.txt; echo \"$$ $PWD\"; exec sleep 3600";

impl Neighbour {
    /// Starts it.
    ///
    /// # Errors
    /// If it didn't say who it is.
    pub async fn start(worker: &Worker) -> anyhow::Result<Self> {
        let policy = "schema = 1\nname = \"neighbour\"\n[process]\nallow = true\n[env]\nNEIGHBOUR = \"its own\"\n";
        let grants = policy_of(policy)?;
        let attempt = attempt(Language::Shell, SCRIPT.to_owned(), grants);
        let (sender, mut events) = channel();
        let (cancel, cancelled) = watch::channel(false);
        let worker = worker.clone();
        let running = tokio::spawn(async move {
            let ended = worker.run(attempt, sender, cancelled, None, &|_| {}).await;
            if let Err(error) = ended {
                tracing::error!(error = ?error, "the neighbour could not run");
            }
        });
        let mut said = String::new();
        while let Some(numbered) = events.next().await {
            if let Event::Output { bytes, .. } = numbered.event {
                said.push_str(&String::from_utf8_lossy(&bytes));
            }
            if let Some((pid, work)) = said.trim_end().split_once(' ')
                && said.ends_with('\n')
            {
                let (pid, work) = (pid.to_owned(), work.to_owned());
                // It says nothing more until it is ended.
                tokio::spawn(async move { while events.next().await.is_some() {} });
                return Ok(Self {
                    pid,
                    work,
                    cancel,
                    running,
                });
            }
        }
        Err(anyhow!(
            "a process of the account can't be started: it said {said:?}"
        ))
    }

    /// Ends it.
    pub async fn end(self) {
        self.cancel.send_replace(true);
        self.running.await.ok();
    }
}
