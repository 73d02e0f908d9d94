//! Sealing: secrets leave this module encrypted, and come back only for whoever runs a step.
//!
//! ChaCha20-Poly1305 from `ring`, a fresh random nonce for each value. Sealed text is
//! `v1.<key>.<base64 of nonce and ciphertext>`; the middle part says which master key opens it, so that a new
//! key can be put in front of the old one without touching the database.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// What the ciphertext is bound to: our own format, nobody else's.
const CONTEXT: &[u8] = b"seawall sealed value v1";

const KEY_BYTES: usize = 32;

/// The master keys. The first seals; any opens.
pub struct Vault {
    keys: Vec<Key>,
    random: SystemRandom,
}

struct Key {
    name: String,
    key: LessSafeKey,
}

/// Never a key.
impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.keys.iter().map(|key| key.name.as_str()).collect();
        f.debug_struct("Vault").field("keys", &names).finish()
    }
}

/// Why a secret can't be sealed or opened. Never says anything of the secret.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The file with the master keys.
    #[error("cannot use the master key file `{path}`")]
    File {
        /// The file.
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// A line that is no key.
    #[error("a master key is 32 bytes in base64; {0} has something else")]
    NoKey(&'static str),
    /// Others can read the file.
    #[error("the master key file `{path}` can be read by other users: its mode must be 600")]
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// Sealed with a key that isn't there, or changed since.
    #[error("a sealed value can't be opened: its master key `{key}` is missing, or it was changed")]
    Closed {
        /// The name of the key.
        key: String,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system has no random numbers")]
    NoRandom,
}

impl Vault {
    /// The keys from `text`: one a line, 32 bytes in base64, the newest first.
    ///
    /// # Errors
    /// [`VaultError::NoKey`] if there is none, or a line is something else. `origin` says where it came from.
    pub fn from_text(text: &str, origin: &'static str) -> Result<Self, VaultError> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let keys = lines
            .map(|line| {
                let bytes = BASE64.decode(line).map(Zeroizing::new);
                let bytes = bytes.map_err(|_| VaultError::NoKey(origin))?;
                let key = UnboundKey::new(&CHACHA20_POLY1305, &bytes);
                let key = key.map_err(|_| VaultError::NoKey(origin))?;
                let digest = Sha256::digest(&*bytes);
                Ok(Key {
                    name: hex::encode(&digest[..4]),
                    key: LessSafeKey::new(key),
                })
            })
            .collect::<Result<Vec<_>, VaultError>>()?;
        if keys.is_empty() {
            return Err(VaultError::NoKey(origin));
        }
        Ok(Self {
            keys,
            random: SystemRandom::new(),
        })
    }

    /// The keys in the file; a new one, in a new file that only its owner can read, if there is none.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn from_file(path: &Path) -> Result<Self, VaultError> {
        use std::os::unix::fs::PermissionsExt as _;
        let failed = |source| VaultError::File {
            path: path.into(),
            source,
        };
        match fs::metadata(path) {
            Ok(metadata) if metadata.permissions().mode() & 0o077 != 0 => {
                return Err(VaultError::Exposed { path: path.into() });
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(path)?,
            Err(error) => return Err(failed(error)),
        }
        let text = Zeroizing::new(fs::read_to_string(path).map_err(failed)?);
        Self::from_text(&text, "the master key file")
    }

    /// A key of its own, as a line of a key file.
    ///
    /// # Errors
    /// [`VaultError::NoRandom`].
    pub fn new_key() -> Result<Zeroizing<String>, VaultError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        let random = SystemRandom::new();
        random.fill(&mut *bytes).map_err(|_| VaultError::NoRandom)?;
        Ok(Zeroizing::new(format!("{}\n", BASE64.encode(*bytes))))
    }

    /// The name of the key that seals: eight hexadecimal digits.
    pub fn newest(&self) -> &str {
        self.keys.first().map_or("", |key| key.name.as_str())
    }

    /// Sealed text, sealed again with the newest key; `None` if it is already, or no key opens it.
    pub fn resealed(&self, sealed: &str) -> Option<String> {
        let is_new = sealed
            .split('.')
            .nth(1)
            .is_some_and(|name| name == self.newest());
        if is_new {
            return None;
        }
        let secret = self.open(sealed).ok()?;
        self.seal(&secret).ok()
    }

    /// The secret, sealed.
    ///
    /// # Errors
    /// [`VaultError::NoRandom`].
    pub fn seal(&self, secret: &str) -> Result<String, VaultError> {
        let mut nonce = [0; NONCE_LEN];
        self.random
            .fill(&mut nonce)
            .map_err(|_| VaultError::NoRandom)?;
        let key = self.keys.first().ok_or(VaultError::NoKey("the vault"))?;
        let mut bytes = secret.as_bytes().to_vec();
        key.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(CONTEXT),
                &mut bytes,
            )
            .map_err(|_| VaultError::NoKey("the vault"))?;
        let sealed = BASE64.encode([&nonce[..], &bytes].concat());
        Ok(format!("v1.{}.{sealed}", key.name))
    }

    /// The secret in sealed text. Overwritten when it is dropped.
    ///
    /// # Errors
    /// [`VaultError::Closed`] if none of the keys opens it.
    pub fn open(&self, sealed: &str) -> Result<Zeroizing<String>, VaultError> {
        let mut parts = sealed.splitn(3, '.');
        let (version, name, text) = (parts.next(), parts.next(), parts.next());
        let name = name.unwrap_or_default();
        let closed = || VaultError::Closed { key: name.into() };
        let key = self.keys.iter().find(|key| key.name == name);
        let (Some("v1"), Some(key), Some(text)) = (version, key, text) else {
            return Err(closed());
        };
        let mut bytes = Zeroizing::new(BASE64.decode(text).map_err(|_| closed())?);
        if bytes.len() < NONCE_LEN {
            return Err(closed());
        }
        let (nonce, ciphertext) = bytes.split_at_mut(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| closed())?;
        let plain = key.key.open_in_place(nonce, Aad::from(CONTEXT), ciphertext);
        let plain = plain.map_err(|_| closed())?.to_vec();
        String::from_utf8(plain)
            .map(Zeroizing::new)
            .map_err(|_| closed())
    }
}

fn make(path: &Path) -> Result<(), VaultError> {
    let text = Vault::new_key()?;
    let written = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            // A key that is lost in a power cut takes every secret with it.
            file.sync_all()
        });
    written.map_err(|source| VaultError::File {
        path: path.into(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const NEW: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    fn vault(text: &str) -> Vault {
        Vault::from_text(text, "a test").expect("the keys are well-formed")
    }

    #[test]
    fn what_is_sealed_opens_and_never_looks_the_same() {
        let vault = vault(NEW);
        let (one, two) = (vault.seal("hunter2"), vault.seal("hunter2"));
        let (one, two) = (one.expect("sealed"), two.expect("sealed"));
        assert_ne!(one, two);
        assert!(!one.contains("hunter2"));
        assert_eq!(&**vault.open(&one).expect("opened"), "hunter2");
    }

    #[test]
    fn a_new_key_in_front_still_opens_what_the_old_one_sealed() {
        let sealed = vault(OLD).seal("hunter2").expect("sealed");
        let rotated = vault(&format!("{NEW}\n{OLD}\n"));
        assert_eq!(&**rotated.open(&sealed).expect("opened"), "hunter2");
        assert!(vault(NEW).open(&sealed).is_err());
    }

    #[test]
    fn changed_text_does_not_open() {
        let vault = vault(NEW);
        let sealed = vault.seal("hunter2").expect("sealed");
        for text in [
            "",
            "v1",
            "v1..",
            "v2.x.y",
            &sealed[..sealed.len() - 4],
            &sealed.replace("v1.", "v1.0"),
        ] {
            assert!(vault.open(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        for text in ["", "AAAA", "not base64!"] {
            assert!(Vault::from_text(text, "a test").is_err(), "{text:?}");
        }
    }
}
