//! Bundles: a step for a machine that nothing reaches, with everything that it takes, in one file.
//!
//! ```text
//!  step.tar
//!    README.txt           how to run it
//!    attempt.json         programs, arguments, grants, and the variables that are no secret
//!    secrets.json         the others, under the target's password
//!    packages/<SHA-256>   as they are in the feed
//! ```
//!
//! PBKDF2 makes a key of the password, and AES-256-GCM seals with it, both from `ring`. What is sealed is bound to
//! `attempt.json`: whoever changes the script can't have it read the secrets that were meant for another one.
//!
//! Refuses: files that it doesn't know, packages that aren't what their name says, work factors that nobody would
//! wait for.

use std::fs::File;
use std::io::{self, Read, Write};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::pbkdf2;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::protocol::{Attempt, Variable};

/// What OWASP's "Password Storage Cheat Sheet" asks for with HMAC-SHA-256.
const ITERATIONS: u32 = 600_000;

/// Nobody waits longer than this takes.
const MAX_ITERATIONS: u32 = 10_000_000;

const SALT_BYTES: usize = 16;

/// Scripts and modules with it; packages have their own files.
const MAX_JSON_BYTES: u64 = 256 << 20;

const README: &str = "\
This is a step of a deployment, for a machine that its server can't reach. On that machine:

  seawall offline-drop run THIS-FILE --password-env NAME

NAME is the environment variable with the password of the deployment target. The step runs in a sandbox, and may touch
what the policy in attempt.json grants; --ceiling FILE allows less.
";

/// What is wrong with a bundle, or with writing one.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    #[error("it can't be read or written")]
    File(#[source] io::Error),
    #[error("it is no bundle of this version of seawall: {0}")]
    NoBundle(&'static str),
    #[error("its secrets can't be opened: the password is another one, or the bundle was changed")]
    Closed,
    #[error("the operating system has no random numbers")]
    NoRandom,
}

/// Secrets under a password.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Sealed {
    /// In base64, as the others.
    salt: String,
    iterations: u32,
    nonce: String,
    sealed: String,
}

/// A package that goes along: its SHA-256, and its bytes.
pub type Enclosed = (String, File);

/// Writes a bundle.
///
/// # Errors
/// [`BundleError::File`] and [`BundleError::NoRandom`].
pub fn write(
    into: impl Write,
    attempt: Attempt,
    packages: Vec<Enclosed>,
    password: &str,
) -> Result<(), BundleError> {
    let (secrets, open): (Vec<Variable>, Vec<Variable>) = attempt
        .variables
        .into_iter()
        .partition(|variable| variable.is_sensitive);
    let attempt = Attempt {
        variables: open,
        ..attempt
    };
    let plain = |error: serde_json::Error| BundleError::File(error.into());
    let text = serde_json::to_vec_pretty(&attempt).map_err(plain)?;
    let secrets = Zeroizing::new(serde_json::to_vec(&secrets).map_err(plain)?);
    let sealed = seal(&secrets, password, &text)?;
    let sealed = serde_json::to_vec_pretty(&sealed).map_err(plain)?;
    let mut tar = tar::Builder::new(into);
    for (name, bytes) in [
        ("README.txt", README.as_bytes()),
        ("attempt.json", &text),
        ("secrets.json", &sealed),
    ] {
        let mut header = header(bytes.len() as u64);
        tar.append_data(&mut header, name, bytes)
            .map_err(BundleError::File)?;
    }
    for (sha256, file) in packages {
        let size = file.metadata().map_err(BundleError::File)?.len();
        let mut header = header(size);
        tar.append_data(&mut header, format!("packages/{sha256}"), file)
            .map_err(BundleError::File)?;
    }
    tar.into_inner()
        .and_then(|mut into| into.flush())
        .map_err(BundleError::File)
}

fn header(size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o600);
    header.set_size(size);
    header
}

/// A bundle that was read; its secrets are still closed.
pub struct Bundle {
    text: Vec<u8>,
    sealed: Sealed,
    /// Where its packages are, by SHA-256.
    directory: PathBuf,
}

impl Bundle {
    /// Reads a bundle, and puts its packages into `directory`.
    ///
    /// # Errors
    /// [`BundleError::File`] and [`BundleError::NoBundle`].
    pub fn read(from: impl Read, directory: &Path) -> Result<Self, BundleError> {
        let mut text = None;
        let mut sealed = None;
        let mut tar = tar::Archive::new(from);
        for entry in tar.entries().map_err(BundleError::File)? {
            let mut entry = entry.map_err(BundleError::File)?;
            let path = entry.path().map_err(BundleError::File)?;
            let name = path
                .to_str()
                .ok_or(BundleError::NoBundle("a name is no text"))?
                .to_owned();
            if !entry.header().entry_type().is_file() {
                return Err(BundleError::NoBundle("it has something else than files"));
            }
            match name.as_str() {
                "README.txt" => {}
                "attempt.json" => text = Some(bounded(&mut entry)?),
                "secrets.json" => sealed = Some(bounded(&mut entry)?),
                _ => keep_package(&name, &mut entry, directory)?,
            }
        }
        let (Some(text), Some(sealed)) = (text, sealed) else {
            return Err(BundleError::NoBundle("a file is missing"));
        };
        let sealed = serde_json::from_slice(&sealed);
        Ok(Self {
            text,
            sealed: sealed.map_err(|_| BundleError::NoBundle("secrets.json is something else"))?,
            directory: directory.to_owned(),
        })
    }

    /// The step, with its secrets.
    ///
    /// # Errors
    /// [`BundleError::Closed`] and [`BundleError::NoBundle`].
    pub fn open(self, password: &str) -> Result<Attempt, BundleError> {
        let secrets = open(&self.sealed, password, &self.text)?;
        let secrets: Vec<Variable> = serde_json::from_slice(&secrets)
            .map_err(|_| BundleError::NoBundle("its secrets are something else"))?;
        let mut attempt: Attempt = serde_json::from_slice(&self.text)
            .map_err(|_| BundleError::NoBundle("attempt.json is something else"))?;
        attempt.variables.extend(secrets);
        for package in &attempt.packages {
            if !self.directory.join(&package.sha256).is_file() {
                return Err(BundleError::NoBundle("a package is missing"));
            }
        }
        Ok(attempt)
    }
}

fn bounded(entry: &mut impl Read) -> Result<Vec<u8>, BundleError> {
    let mut bytes = Vec::new();
    entry
        .take(MAX_JSON_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(BundleError::File)?;
    match bytes.len() as u64 > MAX_JSON_BYTES {
        true => Err(BundleError::NoBundle("a file is too large")),
        false => Ok(bytes),
    }
}

/// Keeps a package that is what its name says. The name is a digest, so that it leads nowhere else.
fn keep_package(name: &str, entry: &mut impl Read, directory: &Path) -> Result<(), BundleError> {
    let sha256 = name.strip_prefix("packages/").filter(|name| {
        name.len() == 64
            && name
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    });
    let sha256 = sha256.ok_or(BundleError::NoBundle("it has a file that is not known"))?;
    let mut file = File::create_new(directory.join(sha256)).map_err(BundleError::File)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let n_read = entry.read(&mut buffer).map_err(BundleError::File)?;
        if n_read == 0 {
            break;
        }
        hasher.update(&buffer[..n_read]);
        file.write_all(&buffer[..n_read])
            .map_err(BundleError::File)?;
    }
    match hex::encode(hasher.finalize()) == sha256 {
        true => Ok(()),
        false => Err(BundleError::NoBundle("a package is not what its name says")),
    }
}

fn key(password: &str, salt: &[u8], iterations: NonZeroU32) -> Result<LessSafeKey, BundleError> {
    let mut bytes = Zeroizing::new([0; 32]);
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA256,
        iterations,
        salt,
        password.as_bytes(),
        &mut *bytes,
    );
    let key = UnboundKey::new(&AES_256_GCM, &*bytes);
    key.map(LessSafeKey::new).map_err(|_| BundleError::Closed)
}

fn seal(secrets: &[u8], password: &str, bound_to: &[u8]) -> Result<Sealed, BundleError> {
    let random = SystemRandom::new();
    let (mut salt, mut nonce) = ([0; SALT_BYTES], [0; NONCE_LEN]);
    random.fill(&mut salt).map_err(|_| BundleError::NoRandom)?;
    random.fill(&mut nonce).map_err(|_| BundleError::NoRandom)?;
    let iterations = NonZeroU32::new(ITERATIONS).ok_or(BundleError::Closed)?;
    let key = key(password, &salt, iterations)?;
    let mut bytes = Zeroizing::new(secrets.to_vec());
    let tag = key.seal_in_place_separate_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::from(Sha256::digest(bound_to)),
        &mut bytes,
    );
    let tag = tag.map_err(|_| BundleError::Closed)?;
    Ok(Sealed {
        salt: BASE64.encode(salt),
        iterations: ITERATIONS,
        nonce: BASE64.encode(nonce),
        sealed: BASE64.encode([bytes.as_slice(), tag.as_ref()].concat()),
    })
}

fn open(
    sealed: &Sealed,
    password: &str,
    bound_to: &[u8],
) -> Result<Zeroizing<Vec<u8>>, BundleError> {
    let decoded = |text: &String| BASE64.decode(text).map_err(|_| BundleError::Closed);
    let iterations = NonZeroU32::new(sealed.iterations).filter(|n| n.get() <= MAX_ITERATIONS);
    let iterations = iterations.ok_or(BundleError::NoBundle("its work factor is out of reason"))?;
    let key = key(password, &decoded(&sealed.salt)?, iterations)?;
    let nonce = Nonce::try_assume_unique_for_key(&decoded(&sealed.nonce)?);
    let nonce = nonce.map_err(|_| BundleError::Closed)?;
    let mut bytes = Zeroizing::new(decoded(&sealed.sealed)?);
    let plain = key.open_in_place(nonce, Aad::from(Sha256::digest(bound_to)), &mut bytes);
    let n_plain = plain.map_err(|_| BundleError::Closed)?.len();
    bytes.truncate(n_plain);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_opens_and_only_for_the_same_step() {
        let sealed = seal(b"hunter2", "sesame", b"the step").expect("sealed");
        let opened = |password, step: &[u8]| {
            open(&sealed, password, step)
                .ok()
                .map(|bytes| bytes.to_vec())
        };
        assert_eq!(opened("sesame", b"the step"), Some(b"hunter2".to_vec()));
        assert_eq!(opened("barley", b"the step"), None);
        assert_eq!(opened("sesame", b"another step"), None);
    }

    #[test]
    fn what_is_not_a_bundle_is_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        let read = |files: &[(&str, &str)]| {
            let mut tar = tar::Builder::new(Vec::new());
            for (name, bytes) in files {
                let mut header = header(bytes.len() as u64);
                tar.append_data(&mut header, name, bytes.as_bytes())
                    .expect("a file");
            }
            let bytes = tar.into_inner().expect("an archive");
            Bundle::read(bytes.as_slice(), directory.path()).map(drop)
        };
        let digest = format!("packages/{}", "0".repeat(64));
        for files in [
            &[][..],
            &[("attempt.json", "{}")],
            &[("etc/passwd", "x")],
            &[("packages/x", "x")],
            &[(digest.as_str(), "x")],
        ] {
            let refused = read(files);
            assert!(
                matches!(refused, Err(BundleError::NoBundle(_))),
                "{files:?}: {refused:?}"
            );
        }
    }
}
