//! Where Seawall keeps what it can make again: compiled guests, and the directories of runs.
//!
//! `$SEAWALL_HOME`, else `$XDG_CACHE_HOME/seawall`, else `~/.cache/seawall`. Nothing of value is
//! ever stored there; it may be removed while nothing runs.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use crate::worker::Worker;
use crate::worker::sandbox::{Compiler, Trust};

/// The directory, whether or not it exists.
pub fn directory() -> Result<PathBuf> {
    if let Some(home) = env::var_os("SEAWALL_HOME").filter(|value| !value.is_empty()) {
        return Ok(PathBuf::from(home));
    }
    if let Some(cache) = env::var_os("XDG_CACHE_HOME").filter(|value| !value.is_empty()) {
        return Ok(PathBuf::from(cache).join("seawall"));
    }
    let home = env::home_dir().filter(|home| !home.as_os_str().is_empty());
    home.map(|home| home.join(".cache/seawall")).ok_or_else(|| {
        anyhow!("no home directory is known; set SEAWALL_HOME to a directory of your own")
    })
}

/// Where runs have their directories.
pub fn runs() -> Result<PathBuf> {
    Ok(directory()?.join("runs"))
}

/// The worker of a server with this data directory: runs are inside it, and so is the cache when there is no home.
pub fn server_worker(data: &Path) -> Result<Worker> {
    let program = env::current_exe()?;
    let cache = directory().unwrap_or_else(|_| data.join("cache"));
    Ok(Worker::new(
        &cache.join("compiled"),
        &data.join("runs"),
        Compiler::new(program),
        Trust::new(Vec::new()),
    )?)
}

/// A worker that keeps its cache and runs in [`directory`], trusting the PEM files `trust` as well.
pub fn worker(trust: Vec<PathBuf>) -> Result<Worker> {
    let home = directory()?;
    let program = env::current_exe()?;
    Ok(Worker::new(
        &home.join("compiled"),
        &runs()?,
        Compiler::new(program),
        Trust::new(trust),
    )?)
}
