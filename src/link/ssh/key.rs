//! Private keys, as people have them: OpenSSH's format, PEM or PuTTY's; as text, or that in base64.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use russh::keys::{Error, PrivateKey, decode_secret_key, ssh_key};
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
    #[error(
        "the private key is cut short, or one of the few for ECDSA's curve P-256 (1 in 512) that this server can't read in OpenSSH's format: run `ssh-keygen -p -m PEM -f FILE` on a copy of it, and give what that writes"
    )]
    ShortScalar,
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
        Err(Error::SshKey(ssh_key::Error::Encoding(_))) if names_p256(&text) => {
            Err(KeyError::ShortScalar)
        }
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

/// Whether this is OpenSSH's format with a key for P-256: the algorithm stands in clear at its
/// beginning. `ssh-key` takes a scalar of 32 bytes and no fewer there, but the format writes none
/// of its leading zeros (RFC 5656, 3.1.2, and `mpint` in RFC 4251, 5).
fn names_p256(text: &str) -> bool {
    const NAME: &[u8] = b"ecdsa-sha2-nistp256";
    let body: Zeroizing<String> =
        Zeroizing::new(text.lines().filter(|line| !line.starts_with('-')).collect());
    BASE64
        .decode(body.as_bytes())
        .map(Zeroizing::new)
        .is_ok_and(|bytes| bytes.windows(NAME.len()).any(|window| window == NAME))
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

    /// A key of nobody's, made until one had a scalar of 31 bytes.
    const SHORT: &str = "-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAaAAAABNlY2RzYS
1zaGEyLW5pc3RwMjU2AAAACG5pc3RwMjU2AAAAQQSifNnp7F5IFm53/fsEp/e4KUVE9OwH
1/qaSB12ZENaYoDTpjIhKu7HWWS8RZmTA5WSnzJQSNtexRWlhdryQirWAAAAoPADIDPwAy
AzAAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBKJ82ensXkgWbnf9
+wSn97gpRUT07AfX+ppIHXZkQ1pigNOmMiEq7sdZZLxFmZMDlZKfMlBI217FFaWF2vJCKt
YAAAAfOUfoZul1pknkV9QI/4hRxqOrHte2zieT6lMeS96kvAAAAAdzZWF3YWxsAQI=
-----END OPENSSH PRIVATE KEY-----
";

    /// The same key, as `ssh-keygen -p -m PEM` wrote it.
    const SHORT_AS_PEM: &str = "-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIAA5R+hm6XWmSeRX1Aj/iFHGo6se17bOJ5PqUx5L3qS8oAoGCCqGSM49
AwEHoUQDQgAEonzZ6exeSBZud/37BKf3uClFRPTsB9f6mkgddmRDWmKA06YyISru
x1lkvEWZkwOVkp8yUEjbXsUVpYXa8kIq1g==
-----END EC PRIVATE KEY-----
";

    #[test]
    fn a_scalar_of_31_bytes_is_read_from_pem_and_otherwise_says_so() {
        assert_eq!(
            private_key(SHORT, None).map(drop),
            Err(KeyError::ShortScalar)
        );
        let read = private_key(SHORT_AS_PEM, None).expect("a key");
        let public = read.public_key().to_openssh().expect("a line");
        assert!(public.starts_with("ecdsa-sha2-nistp256 "), "{public}");
    }

    #[test]
    fn what_ssh_keygen_writes_is_read_as_it_is_and_in_base64() {
        // Of P-256, one key in 512 would be the one of the test above.
        for kind in [
            &["-t", "ed25519"][..],
            &["-t", "ecdsa", "-b", "384"],
            &["-t", "ecdsa", "-b", "256", "-m", "PEM"],
            &["-t", "rsa"],
        ] {
            let Some(plain) = made(&[kind, &["-N", ""]].concat()) else {
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
