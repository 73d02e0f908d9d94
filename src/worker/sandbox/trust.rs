//! Whom TLS trusts: the machine's certificate authorities, and those the operator adds.
//!
//! Decided by the operator alone; no policy and no guest can add a root or turn checking off.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// TLS client settings, built when the first `https` request needs them.
///
/// Reading the machine's roots takes about 10 ms, which most runs should not pay.
pub struct Trust {
    additional: Vec<PathBuf>,
    config: OnceLock<Result<Arc<ClientConfig>, String>>,
}

impl Trust {
    /// Trusts the machine's roots and every certificate in the PEM files `additional`.
    pub fn new(additional: Vec<PathBuf>) -> Self {
        Self {
            additional,
            config: OnceLock::new(),
        }
    }

    /// The client settings.
    ///
    /// # Errors
    /// A sentence for the operator, if there is no root to trust or a file can't be read.
    pub fn config(&self) -> Result<Arc<ClientConfig>, String> {
        self.config.get_or_init(|| self.build()).clone()
    }

    fn build(&self) -> Result<Arc<ClientConfig>, String> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        for path in &self.additional {
            let certificates = CertificateDer::pem_file_iter(path)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                .map_err(|error| {
                    format!("cannot read certificates from {}: {error}", path.display())
                })?;
            for certificate in certificates {
                roots.add(certificate).map_err(|error| {
                    format!(
                        "{} holds a certificate that can't be a root: {error}",
                        path.display()
                    )
                })?;
            }
        }
        if roots.is_empty() {
            return Err(
                "this machine has no trusted certificate authorities; install its \
                        `ca-certificates` package or name a file with `--trust`"
                    .into(),
            );
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("TLS can't be set up: {error}"))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Arc::new(config))
    }
}
