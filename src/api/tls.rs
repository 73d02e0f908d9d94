//! TLS: a certificate of one's own, read again on demand, or one that the server signs itself for development.
//!
//! rustls with the same cryptography as the rest of the program. A new certificate that is broken or doesn't belong
//! to its key changes nothing.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use sha2::{Digest as _, Sha256};
use tokio_rustls::TlsAcceptor;

/// Names that a self-signed certificate is for.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("`{path}` is no certificate in PEM")]
    Certificate {
        path: PathBuf,
        source: rustls::pki_types::pem::Error,
    },
    #[error("`{path}` has no certificate")]
    Empty { path: PathBuf },
    #[error("`{path}` is no private key in PEM")]
    Key {
        path: PathBuf,
        source: rustls::pki_types::pem::Error,
    },
    #[error("the key `{key}` doesn't belong to the certificate `{certificate}`")]
    Mismatch {
        certificate: PathBuf,
        key: PathBuf,
        source: rustls::Error,
    },
    #[error("a certificate can't be made")]
    Sign(#[from] rcgen::Error),
    #[error("the self-signed certificate can't be kept in `{path}`")]
    Keep { path: PathBuf, source: io::Error },
    #[error("TLS can't be set up")]
    Setup(#[from] rustls::Error),
}

/// The files of a certificate, and what was read from them last.
#[derive(Debug)]
pub struct Certificate {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Certificate {
    /// Reads a certificate chain and its key, both in PEM.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn open(certificate: &Path, key: &Path) -> Result<Arc<Self>, TlsError> {
        Ok(Arc::new(Self {
            current: RwLock::new(Arc::new(read(certificate, key)?)),
            certificate: certificate.to_owned(),
            key: key.to_owned(),
        }))
    }

    /// The certificate that this server signed itself, kept in `directory`; made at the first start.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn self_signed(directory: &Path) -> Result<Arc<Self>, TlsError> {
        let (certificate, key) = (directory.join("tls.crt"), directory.join("tls.key"));
        if !certificate.exists() || !key.exists() {
            let names: Vec<String> = LOCAL.iter().map(|name| (*name).to_owned()).collect();
            let made = rcgen::generate_simple_self_signed(names)?;
            keep(&key, made.signing_key.serialize_pem().as_bytes(), 0o600)?;
            keep(&certificate, made.cert.pem().as_bytes(), 0o644)?;
        }
        Self::open(&certificate, &key)
    }

    /// Reads the files again. With a problem, the certificate stays what it was.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn reload(&self) -> Result<(), TlsError> {
        let read = read(&self.certificate, &self.key)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(read);
        Ok(())
    }

    /// SHA-256 of the certificate, as clients show it.
    pub fn fingerprint(&self) -> String {
        let digest = self
            .current()
            .cert
            .first()
            .map(|own| Sha256::digest(own.as_ref()));
        let bytes = digest.iter().flatten().map(|byte| format!("{byte:02X}"));
        bytes.collect::<Vec<_>>().join(":")
    }

    /// What accepts connections with this certificate.
    ///
    /// # Errors
    /// [`TlsError::Setup`].
    pub fn acceptor(self: &Arc<Self>) -> Result<TlsAcceptor, TlsError> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    fn current(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

fn read(certificate: &Path, key: &Path) -> Result<CertifiedKey, TlsError> {
    let of_certificate = |source| TlsError::Certificate {
        path: certificate.to_owned(),
        source,
    };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(of_certificate)?;
    if chain.is_empty() {
        return Err(TlsError::Empty {
            path: certificate.to_owned(),
        });
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|source| TlsError::Key {
        path: key.to_owned(),
        source,
    })?;
    let mismatch = |source| TlsError::Mismatch {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
        source,
    };
    // Says too whether the key is the certificate's.
    CertifiedKey::from_der(chain, private, &ring::default_provider()).map_err(mismatch)
}

fn keep(path: &Path, bytes: &[u8], mode: u32) -> Result<(), TlsError> {
    let failed = |source| TlsError::Keep {
        path: path.to_owned(),
        source,
    };
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(path)
        .map_err(failed)?;
    file.write_all(bytes).map_err(failed)
}
