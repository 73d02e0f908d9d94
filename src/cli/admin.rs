//! `seawall admin`: a server's data as one file, and back.
//!
//! A backup is a tar archive, compressed with zstd: `manifest.json` with the digest of every other file, the
//! database as it was at one moment, the policies, and the files that the database names. The master key is not
//! in it unless that is asked for: without the key, the secrets in the backup are closed.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::rotate::{RotateKey, Rotated, rotate};
use super::{Exit, Failure};
use crate::blob::Blobs;
use crate::store;

const DATABASE: &str = "seawall.db";
const MANIFEST: &str = "manifest.json";
const MASTER_KEY: &str = "master.key";

/// Raised when an older program could not restore what a newer one backs up.
const FORMAT: u32 = 1;

/// A package may be replaced between the copy of the database and the copy of its file; then it starts again.
const MAX_TRIES: u32 = 3;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write everything that a server keeps into one file, while it runs.
    #[command(
        after_help = "Examples:\n  seawall admin backup --data ./data --to seawall-$(date +%F).backup"
    )]
    Backup(Backup),
    /// Make a data directory from a backup.
    #[command(
        after_help = "Examples:\n  seawall admin restore --from seawall-2026-11-24.backup --data ./restored"
    )]
    Restore(Restore),
    /// Make a new master key and seal every secret with it, while the server doesn't run.
    #[command(
        name = "rotate-key",
        after_help = "Examples:\n  seawall admin rotate-key --data ./data"
    )]
    RotateKey(RotateKey),
}

#[derive(Debug, Args)]
pub struct Backup {
    /// The server's data directory
    #[arg(long, value_name = "DIR")]
    data: PathBuf,

    /// The policy directory, if it isn't `policies` in the data directory
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,

    /// The file to write; it must not exist
    #[arg(long, value_name = "FILE")]
    to: PathBuf,

    /// Put the master key in, too: whoever has the file then has every secret
    #[arg(long)]
    with_master_key: bool,
}

#[derive(Debug, Args)]
pub struct Restore {
    /// The backup
    #[arg(long, value_name = "FILE")]
    from: PathBuf,

    /// The directory to make; it must not exist, or be empty
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    version: String,
    files: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    path: String,
    size_bytes: u64,
    sha256: String,
}

/// Runs the command.
///
/// # Errors
/// [`Exit::Host`] with the reason. Nothing is left half-written.
pub async fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Backup(arguments) => {
            let n_files = backup(&arguments).await?;
            let to = arguments.to.display();
            super::remote::print(&format!("{n_files} files are in {to}.\n"))?;
            if !arguments.with_master_key {
                let key = arguments.data.join(MASTER_KEY);
                super::remote::print(&format!(
                    "The master key is not: keep {} somewhere else. Without it, secrets can't be opened.\n",
                    key.display()
                ))?;
            }
        }
        Command::RotateKey(arguments) => {
            let Rotated { n_sealed, old_keys } = rotate(&arguments).await?;
            super::remote::print(&format!(
                "{n_sealed} secrets are sealed with a new master key. The old one is in {}: backups made before need it; delete it when they are gone.\n",
                old_keys.display()
            ))?;
        }
        Command::Restore(arguments) => {
            let has_key = restore(&arguments)?;
            let data = arguments.data.display();
            let next = match has_key {
                true => format!("Next: seawall serve --data {data}"),
                false => format!(
                    "Next: put the master key into {data}/{MASTER_KEY} (mode 600), then seawall serve --data {data}"
                ),
            };
            super::remote::print(&format!("{data} is ready. {next}\n"))?;
        }
    }
    Ok(Exit::Success)
}

async fn backup(arguments: &Backup) -> Result<usize> {
    let Backup {
        data,
        policies,
        to,
        with_master_key,
    } = arguments;
    if to.exists() {
        bail!("`{}` exists already: choose another name", to.display());
    }
    let policies = policies.clone().unwrap_or_else(|| data.join("policies"));
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    let scratch = tempfile::TempDir::new_in(parent)
        .with_context(|| format!("`{}` can't be written", parent.display()))?;
    let mut last = anyhow!("the backup was not tried");
    for number in 0..MAX_TRIES {
        let database = scratch.path().join(format!("database-{number}"));
        store::snapshot(data, &database)
            .await
            .with_context(|| format!("`{}` has no database that can be read", data.display()))?;
        let digests = store::snapshot_digests(&database).await?;
        let mut files = vec![(DATABASE.to_owned(), database)];
        let blobs = data.join("blobs");
        for sha256 in &digests {
            let path = blobs.join(&sha256[..2]).join(sha256);
            files.push((format!("blobs/{}/{sha256}", &sha256[..2]), path));
        }
        files.extend(policy_files(&policies)?);
        if *with_master_key {
            files.push((MASTER_KEY.to_owned(), data.join(MASTER_KEY)));
        }
        match write(scratch.path(), &files, to) {
            Ok(()) => return Ok(files.len()),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn policy_files(directory: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(files),
        entries => entries.with_context(|| format!("`{}` can't be read", directory.display()))?,
    };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if let Some(name) = name.filter(|name| name.ends_with(".toml")) {
            files.push((format!("policies/{name}"), path.clone()));
        }
    }
    Ok(files)
}

/// Writes the archive beside its place, and puts it there when it is whole.
fn write(scratch: &Path, files: &[(String, PathBuf)], to: &Path) -> Result<()> {
    let part = scratch.join("backup");
    let file = File::create(&part)?;
    let encoder = zstd::stream::Encoder::new(BufWriter::new(file), 3)?;
    let mut archive = tar::Builder::new(encoder);
    let mut entries = Vec::new();
    for (name, path) in files {
        let mut from =
            File::open(path).with_context(|| format!("`{}` can't be read", path.display()))?;
        let size_bytes = from.metadata()?.len();
        let mut hashing = Hashing::new(&mut from);
        let mut header = header(size_bytes);
        archive.append_data(&mut header, name, &mut hashing)?;
        entries.push(Entry {
            path: name.clone(),
            size_bytes,
            sha256: hashing.digest(),
        });
    }
    let manifest = Manifest {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        files: entries,
    };
    let manifest = serde_json::to_vec_pretty(&manifest)?;
    let mut header = header(manifest.len() as u64);
    archive.append_data(&mut header, MANIFEST, manifest.as_slice())?;
    let mut out = archive.into_inner()?.finish()?;
    out.flush()?;
    out.get_ref().sync_all()?;
    fs::rename(&part, to).with_context(|| format!("`{}` can't be written", to.display()))?;
    Ok(())
}

fn header(size_bytes: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(size_bytes);
    header.set_mode(0o600);
    header
}

/// Whether the master key was in the backup.
fn restore(arguments: &Restore) -> Result<bool> {
    let Restore { from, data } = arguments;
    let is_empty = match fs::read_dir(data) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => {
            return Err(error).with_context(|| format!("`{}` can't be read", data.display()));
        }
    };
    if !is_empty {
        bail!(
            "`{}` is not empty: restore into a new directory",
            data.display()
        );
    }
    let parent = data
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let scratch = tempfile::TempDir::new_in(parent.unwrap_or(Path::new(".")))
        .with_context(|| format!("`{}` can't be made", data.display()))?;
    let file = File::open(from).with_context(|| format!("`{}` can't be read", from.display()))?;
    let broken = || format!("`{}` is no backup, or is broken", from.display());
    let found = unpack(file, scratch.path()).with_context(broken)?;
    let manifest = fs::read(scratch.path().join(MANIFEST)).with_context(broken)?;
    let manifest: Manifest = serde_json::from_slice(&manifest).with_context(broken)?;
    if manifest.format > FORMAT {
        bail!(
            "`{}` was made by Seawall {}, which is newer than this one",
            from.display(),
            manifest.version
        );
    }
    for entry in &manifest.files {
        let is_same = found
            .iter()
            .any(|(path, sha256)| *path == entry.path && *sha256 == entry.sha256);
        if !is_same {
            bail!(
                "{}: `{}` is missing, or is not what was backed up",
                broken(),
                entry.path
            );
        }
    }
    if !manifest.files.iter().any(|entry| entry.path == DATABASE) {
        bail!("{}: it has no database", broken());
    }
    fs::remove_file(scratch.path().join(MANIFEST))?;
    if data.exists() {
        fs::remove_dir(data)?;
    }
    fs::rename(scratch.path(), data)?;
    // It is at its place: there is nothing left to remove.
    let _ = scratch.keep();
    Blobs::open(&data.join("blobs"))?;
    Ok(data.join(MASTER_KEY).exists())
}

/// Unpacks files, and says which digest each has. Nothing is written anywhere but beneath `into`.
fn unpack(file: File, into: &Path) -> Result<Vec<(String, String)>> {
    let into = cap_std::fs::Dir::open_ambient_dir(into, cap_std::ambient_authority())?;
    let decoder = zstd::stream::Decoder::new(BufReader::new(file))?;
    let mut archive = tar::Archive::new(decoder);
    let mut found = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        if !entry.header().entry_type().is_file() {
            bail!("it has something that is no file");
        }
        let path = entry.path()?.to_string_lossy().into_owned();
        if let Some((parent, _)) = path.rsplit_once('/') {
            into.create_dir_all(parent)?;
        }
        let mut options = cap_std::fs::OpenOptions::new();
        cap_std::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let out = into.open_with(&path, options.write(true).create_new(true))?;
        let mut out = out.into_std();
        let mut hashing = Hashing::new(&mut entry);
        io::copy(&mut hashing, &mut out)?;
        out.sync_all()?;
        found.push((path, hashing.digest()));
    }
    Ok(found)
}

/// Reads on, and knows the digest of what was read.
struct Hashing<'a, R> {
    from: &'a mut R,
    hasher: Sha256,
}

impl<'a, R> Hashing<'a, R> {
    fn new(from: &'a mut R) -> Self {
        Self {
            from,
            hasher: Sha256::new(),
        }
    }

    fn digest(self) -> String {
        hex::encode(self.hasher.finalize())
    }
}

impl<R: Read> Read for Hashing<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_read = self.from.read(buffer)?;
        self.hasher.update(&buffer[..n_read]);
        Ok(n_read)
    }
}
