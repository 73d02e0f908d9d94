//! `seawall admin rotate-key`: a new master key, and every secret sealed with it.
//!
//! At every instant the key file opens everything in the database: the new key comes in front of the old ones first,
//! then the secrets are sealed again, and only then do the old keys leave the file, for one beside it.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use zeroize::Zeroizing;

use crate::app::vault::Vault;
use crate::store;

#[derive(Debug, Args)]
pub struct RotateKey {
    /// The data directory of a server that doesn't run
    #[arg(long, value_name = "DIR")]
    data: PathBuf,

    /// The file with the master keys, if it isn't `master.key` in the data directory
    #[arg(long, value_name = "FILE")]
    master_key: Option<PathBuf>,
}

/// What was done.
pub struct Rotated {
    pub n_sealed: u64,
    /// Where the old keys are now.
    pub old_keys: PathBuf,
}

/// Replaces the master key.
///
/// # Errors
/// What stood in the way. Whatever happens, the key file opens everything.
pub async fn rotate(arguments: &RotateKey) -> Result<Rotated> {
    let RotateKey { data, master_key } = arguments;
    let path = match master_key {
        Some(path) => path.clone(),
        None => data.join("master.key"),
    };
    if !path.exists() {
        bail!(
            "there is no master key in `{}`: name the file with --master-key. A key in SEAWALL_MASTER_KEY belongs into a file while it is rotated",
            path.display()
        );
    }
    // Before anything changes: no server may run, and nothing may be broken.
    let opened = Vault::from_file(&path).context("the master key can't be used")?;
    store::reseal(data, |_| None)
        .await
        .context("the secrets can't be read")?;
    let old = Zeroizing::new(fs::read_to_string(&path)?);
    let key = Vault::new_key()?;
    let both = Zeroizing::new(format!("{}\n{}", key.trim_end(), old.trim_start()));
    write(&path, &both)?;
    let vault = Vault::from_file(&path).context("the new master key can't be used")?;
    let n_sealed = store::reseal(data, |sealed| vault.resealed(sealed))
        .await
        .context("the secrets can't be sealed again; the old keys are still in the file")?;
    let old_keys = beside(&path, opened.newest());
    write(&old_keys, &old)?;
    write(&path, &key)?;
    Ok(Rotated { n_sealed, old_keys })
}

/// `master.key.1a2b3c4d`, after the name of the newest key in it.
fn beside(path: &Path, name: &str) -> PathBuf {
    let mut file = path.as_os_str().to_owned();
    file.push(format!(".{name}"));
    file.into()
}

/// Puts `text` into the file's place, whole or not at all.
fn write(path: &Path, text: &str) -> Result<()> {
    let new = beside(path, "new");
    let written = (|| {
        let mut options = File::options();
        let options = options.create(true).truncate(true).write(true).mode(0o600);
        let mut file = options.open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
    })();
    written.with_context(|| format!("`{}` can't be written", path.display()))
}
