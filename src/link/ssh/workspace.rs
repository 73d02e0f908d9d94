//! A directory on the machine: made, filled, run in, read from, removed.
//!
//! ```text
//!  ~/.seawall/run-…   0700
//!    script/          the scripts, without any secret
//!    work/            where they run, unless that is a package
//!    artifacts/       what a policy mounts as such
//!    packages/0 …     unpacked here, sent as an archive; without permission to write
//!    pid              what to end: a process, or with a minus its group
//!    stop             nothing starts any more
//! ```
//!
//! Whatever a script starts has `SEAWALL_RUN` in its environment, which is how it is found wherever there is /proc,
//! whichever group or session it has moved to.

use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use super::connection::{Connection, Running, SshError};
use super::shell::{
    BECOME, CLEAN_UP, LAUNCH, MAKE, PRINT, PROTECT, REMOVE, SIGNAL, UNPACK, quoted,
};
use crate::link::protocol::AttemptId;
use crate::link::random_name;
use crate::model::worker::SshEndpoint;
use crate::policy::{FileSource, Grants, Limits};
use crate::worker::Sources;
use crate::worker::elsewhere::{Reads, Start};

/// An archive that takes longer to get there doesn't.
const UPLOAD_TIME: Duration = Duration::from_secs(1800);

/// The name of an attempt's directory: nobody guesses it, and people find it.
pub fn directory_name(id: &AttemptId) -> String {
    format!(
        "run-{}-{}-{}-{}",
        id.task_id,
        id.index,
        id.attempt,
        random_name()
    )
}

/// An attempt's directory on a machine.
pub struct Workspace {
    /// Without any link in it.
    path: String,
    /// Where scripts run.
    work: String,
}

impl Workspace {
    /// Makes it, for its owner alone.
    ///
    /// # Errors
    /// [`SshError`].
    pub async fn make(
        connection: &Connection,
        endpoint: &SshEndpoint,
        name: &str,
    ) -> Result<Self, SshError> {
        let said = connection
            .ask_quickly(MAKE, &[&endpoint.directory, name])
            .await?;
        let said = said.fine("making a directory")?;
        let path = String::from_utf8_lossy(&said)
            .trim_end_matches('\n')
            .to_owned();
        if !path.starts_with('/') || !path.ends_with(name) {
            return Err(SshError::Failed {
                what: "making a directory",
                said: "it says something else than where it is".to_owned(),
            });
        }
        Ok(Self {
            work: format!("{path}/work"),
            path,
        })
    }

    /// Scripts run in this package from now on.
    pub fn work_in_package(&mut self, number: usize) {
        self.work = self.package(number);
    }

    /// Where a package is.
    pub fn package(&self, number: usize) -> String {
        format!("{}/packages/{number}", self.path)
    }

    /// Where the mounts of a policy are, with each package by its id. A directory of the host is that machine's.
    pub fn sources(&self, grants: &Grants, packages: &[&str]) -> Sources {
        let at = |source: &FileSource| match source {
            FileSource::Workspace => Some(format!("{}/work", self.path)),
            FileSource::Artifacts => Some(format!("{}/artifacts", self.path)),
            FileSource::Host(path) => Some(path.as_str().to_owned()),
            FileSource::Package(_) => {
                let number = packages.iter().position(|id| source.is_package(id))?;
                Some(self.package(number))
            }
        };
        let rules = grants.files.rules.iter();
        let mounts = rules.filter_map(|rule| Some((rule.mount.clone(), at(&rule.source)?.into())));
        Sources {
            mounts: mounts.collect(),
            // The attempt's directory has one.
            workspace: None,
        }
    }

    /// Where artifacts may be: everywhere in it.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Where scripts run.
    pub(super) fn work(&self) -> &str {
        &self.work
    }

    /// Where scripts are.
    pub(super) fn scripts(&self) -> String {
        format!("{}/script", self.path)
    }

    /// Sends directories that are here, as packages by number. `scratch` has room for an archive of them. Nobody has
    /// permission to write into them, which their owner can change.
    ///
    /// # Errors
    /// [`SshError`].
    pub async fn send_packages(
        &self,
        connection: &Connection,
        folders: Vec<std::path::PathBuf>,
        scratch: &Path,
    ) -> Result<(), SshError> {
        let archive = scratch.join("packages.tar");
        let into = archive.clone();
        let pack = move || {
            let mut tar = builder(std::fs::File::create_new(&into)?);
            for (number, folder) in folders.iter().enumerate() {
                tar.append_dir_all(format!("packages/{number}"), folder)?;
            }
            tar.into_inner().map(drop)
        };
        let here = |error: &dyn std::fmt::Display| {
            SshError::Here(format!("the packages can't be packed: {error}"))
        };
        let packed = tokio::task::spawn_blocking(pack)
            .await
            .map_err(|error| here(&error))?;
        packed.map_err(|error| here(&error))?;
        let file = File::open(&archive).await.map_err(|error| here(&error))?;
        let said = connection
            .ask(UNPACK, &[&self.path], file, UPLOAD_TIME)
            .await?;
        said.fine("unpacking")?;
        let said = connection.ask_quickly(PROTECT, &[self.path()]).await?;
        said.fine("protecting the packages").map(drop)
    }

    /// Sends small files into the directory of scripts.
    ///
    /// # Errors
    /// [`SshError`].
    pub(super) async fn send_scripts(
        &self,
        connection: &Connection,
        files: &[(String, Vec<u8>)],
    ) -> Result<(), SshError> {
        let pack = || {
            let mut tar = builder(Vec::new());
            for (name, bytes) in files {
                let mut header = tar::Header::new_gnu();
                header.set_mode(0o600);
                header.set_size(bytes.len() as u64);
                tar.append_data(&mut header, format!("script/{name}"), bytes.as_slice())?;
            }
            tar.into_inner()
        };
        let packed: std::io::Result<Vec<u8>> = pack();
        let packed = packed
            .map_err(|error| SshError::Here(format!("the script can't be packed: {error}")))?;
        let said = connection
            .ask(UNPACK, &[&self.path], Cursor::new(packed), UPLOAD_TIME)
            .await?;
        said.fine("unpacking").map(drop)
    }

    /// Starts a script under `limits`.
    ///
    /// # Errors
    /// [`SshError`]; then it didn't start.
    pub(super) async fn launch(
        &self,
        connection: &Connection,
        start: &Start,
        limits: &Limits,
    ) -> Result<Running, SshError> {
        let seconds = limits.cpu_time.value.as_secs().max(1).to_string();
        let memory_kib = (limits.memory.value.0 >> 10).to_string();
        let file_blocks = (limits.disk.value.0 >> 9).to_string();
        let handles = limits.handles.value.to_string();
        // Whoever reserves more than it uses is held to what it writes to.
        let kind = match start.uses_what_it_reserves {
            true => "-v",
            false => "-d",
        };
        let pipe = match &start.reads {
            Reads::Stdin => "",
            Reads::Pipe(path) => path,
        };
        let mut words = vec![
            BECOME,
            self.path(),
            self.work(),
            &seconds,
            kind,
            &memory_kib,
        ];
        words.extend([&file_blocks, &handles, pipe]);
        words.extend(start.command.iter().map(String::as_str));
        connection.start(LAUNCH, &words).await
    }

    /// The environment, as the line that [`Self::launch`] takes first. Every value is one word, whatever is in it.
    pub(super) fn environment(&self, start: &Start) -> zeroize::Zeroizing<String> {
        let mut line = zeroize::Zeroizing::new(String::new());
        // A package that scripts run in may be for reading only.
        let scratch = format!("{}/work", self.path);
        let own = [
            ("TMPDIR", scratch.as_str()),
            ("PWD", self.work()),
            ("SEAWALL_RUN", self.path()),
        ];
        let given = start
            .environment
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in given.chain(own) {
            let value = quoted(value).replace('\n', "'\"$n\"'");
            line.push_str(&format!("export {name}={value};"));
        }
        line.push('\n');
        line
    }

    /// Sends a signal to the script and everything that it started.
    ///
    /// # Errors
    /// [`SshError`].
    pub(super) async fn signal(
        &self,
        connection: &Connection,
        signal: &str,
    ) -> Result<(), SshError> {
        let said = connection
            .ask_quickly(SIGNAL, &[&self.path, signal])
            .await?;
        said.fine("ending the script").map(drop)
    }

    /// Ends what is left and removes it.
    ///
    /// # Errors
    /// [`SshError`].
    pub async fn remove(&self, connection: &Connection) -> Result<(), SshError> {
        let said = connection.ask_quickly(REMOVE, &[&self.path]).await?;
        said.fine("removing the directory").map(drop)
    }

    /// Copies a file that a script made into `file`, which was made for it.
    ///
    /// # Errors
    /// [`SshError`], also if it is larger than `max_bytes`.
    pub(super) async fn fetch(
        &self,
        connection: &Connection,
        path: &str,
        file: std::fs::File,
        max_bytes: u64,
    ) -> Result<(), SshError> {
        let path = match path.starts_with('/') {
            true => path.to_owned(),
            false => format!("{}/{path}", self.work),
        };
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let mut running = connection
            .start(PRINT, &[&self.path, &format!("{folder}/"), name])
            .await?;
        running.writing.eof().await.ok();
        let mut file = File::from_std(file);
        let mut left = max_bytes;
        let mut code = None;
        while let Some(message) = running.reading.wait().await {
            match message {
                russh::ChannelMsg::Data { data } => {
                    left = left
                        .checked_sub(data.len() as u64)
                        .ok_or_else(|| SshError::Here("it is too large".to_owned()))?;
                    file.write_all(&data)
                        .await
                        .map_err(|error| SshError::Here(error.to_string()))?;
                }
                russh::ChannelMsg::ExitStatus { exit_status } => code = Some(exit_status),
                russh::ChannelMsg::Close => break,
                _ => {}
            }
        }
        file.flush()
            .await
            .map_err(|error| SshError::Here(error.to_string()))?;
        let failed = |said: &str| Err(SshError::Here(said.to_owned()));
        match code {
            Some(0) => Ok(()),
            Some(97) => failed("it is not in the step's directory"),
            Some(98) => failed("it is not a regular file"),
            Some(_) => failed("it can't be read"),
            None => Err(SshError::Lost),
        }
    }
}

/// Removes the directory of an attempt that nobody waits for any more, and ends its script.
///
/// # Errors
/// [`SshError`].
pub async fn clean_up(
    connection: &Connection,
    endpoint: &SshEndpoint,
    name: &str,
) -> Result<(), SshError> {
    let said = connection
        .ask_quickly(CLEAN_UP, &[&endpoint.directory, name])
        .await?;
    said.fine("cleaning up").map(drop)
}

fn builder<W: std::io::Write>(into: W) -> tar::Builder<W> {
    let mut tar = tar::Builder::new(into);
    tar.follow_symlinks(false);
    tar.mode(tar::HeaderMode::Deterministic);
    tar
}
