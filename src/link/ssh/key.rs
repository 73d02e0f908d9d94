//! Private keys, as people have them: OpenSSH's format, PEM or PuTTY's; as text, or that in base64.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use russh::keys::{Error, PrivateKey, decode_secret_key};
use zeroize::Zeroizing;

/// Why a key can't be used. Never says anything of the key.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KeyError {
    #[error("the private key is encrypted: give what opens it as PrivateKeyPassphrase")]
    Encrypted,
    #[error("the private key can't be opened with this PrivateKeyPassphrase")]
    Passphrase,
    #[error(
        "the private key is in no format that this server reads: OpenSSH, PEM or PuTTY, with a key for Ed25519, ECDSA or RSA"
    )]
    Format,
}

/// Reads a private key.
///
/// # Errors
/// [`KeyError`].
pub fn private_key(file: &str, passphrase: Option<&str>) -> Result<Arc<PrivateKey>, KeyError> {
    let text = text(file);
    // OpenSSH's files end with a line.
    let text = Zeroizing::new(format!("{}\n", text.trim()));
    match decode_secret_key(&text, passphrase) {
        Ok(key) => Ok(Arc::new(key)),
        Err(Error::KeyIsEncrypted) => Err(KeyError::Encrypted),
        Err(_) if passphrase.is_some() && is_encrypted(&text) => Err(KeyError::Passphrase),
        Err(_) => Err(KeyError::Format),
    }
}

/// What clients send is the file in base64, or the file.
fn text(file: &str) -> Zeroizing<String> {
    let compact: Zeroizing<String> = Zeroizing::new(file.split_whitespace().collect());
    let decoded = BASE64.decode(compact.as_bytes()).map(Zeroizing::new);
    let decoded = decoded.ok().and_then(|bytes| {
        let text = std::str::from_utf8(&bytes).ok()?;
        Some(Zeroizing::new(text.to_owned()))
    });
    decoded.unwrap_or_else(|| Zeroizing::new(file.to_owned()))
}

fn is_encrypted(text: &str) -> bool {
    matches!(decode_secret_key(text, None), Err(Error::KeyIsEncrypted))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// A key that `ssh-keygen` made.
    fn made(arguments: &[&str]) -> Option<String> {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("key");
        let made = Command::new("ssh-keygen")
            .args(["-q", "-f"])
            .arg(&file)
            .args(arguments)
            .status();
        if made.is_err() {
            println!("NOT RUN: there is no ssh-keygen here");
            return None;
        }
        Some(std::fs::read_to_string(file).expect("a key"))
    }

    #[test]
    fn what_ssh_keygen_writes_is_read_as_it_is_and_in_base64() {
        for kind in [["-t", "ed25519"], ["-t", "ecdsa"], ["-t", "rsa"]] {
            let Some(plain) = made(&[&kind[..], &["-N", ""]].concat()) else {
                return;
            };
            assert!(private_key(&plain, None).is_ok(), "{kind:?}");
            assert!(
                private_key(&BASE64.encode(&plain), None).is_ok(),
                "{kind:?}"
            );
        }
    }

    #[test]
    fn an_encrypted_key_needs_its_passphrase() {
        let Some(file) = made(&["-t", "ed25519", "-N", "sesame"]) else {
            return;
        };
        let opened = |passphrase| private_key(&file, passphrase).map(drop);
        assert_eq!(opened(Some("sesame")), Ok(()));
        assert_eq!(opened(Some("barley")), Err(KeyError::Passphrase));
        assert_eq!(opened(None), Err(KeyError::Encrypted));
        assert_eq!(private_key("x", None).map(drop), Err(KeyError::Format));
    }
}
