//! TLS 1.3 with both sides known by their thumbprints: nothing older is spoken, and no authority is asked.
//!
//! Whether the other side has the certificate's key is checked by the handshake itself, with rustls's own code;
//! whose certificate it is, by whoever holds the list of thumbprints.

use std::sync::Arc;

use jiff::Timestamp;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::version::TLS13;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, ServerConfig,
    SignatureScheme,
};

use super::identity::{BadCertificate, Identity, Thumbprint, check};

/// What one side expects of the other's certificate.
#[derive(Debug, Clone)]
pub enum Expected {
    /// One of these.
    Pinned(Vec<Thumbprint>),
    /// Any that is valid: who it is, is looked up after the handshake and before anything is said.
    Anybody,
}

#[derive(Debug)]
struct Verifier {
    expected: Expected,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    fn new(expected: Expected) -> Arc<Self> {
        Arc::new(Self {
            expected,
            provider: Arc::new(ring::default_provider()),
        })
    }

    fn check(&self, certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), rustls::Error> {
        let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        let now = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
        let refused = |error: CertificateError| Err(rustls::Error::InvalidCertificate(error));
        match check(certificate, now) {
            Ok(()) => {}
            Err(BadCertificate::Broken) => return refused(CertificateError::BadEncoding),
            Err(BadCertificate::Expired) => return refused(CertificateError::Expired),
            Err(BadCertificate::NotYet) => return refused(CertificateError::NotValidYet),
        }
        match &self.expected {
            Expected::Anybody => Ok(()),
            Expected::Pinned(known) if known.contains(&Thumbprint::of(certificate)) => Ok(()),
            Expected::Pinned(_) => refused(CertificateError::ApplicationVerificationFailure),
        }
    }

    fn signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// Nothing is signed in the way of TLS 1.2: it is not spoken.
fn too_old() -> Result<HandshakeSignatureValid, rustls::Error> {
    Err(rustls::Error::PeerIncompatible(
        rustls::PeerIncompatible::Tls13RequiredForQuic,
    ))
}

/// What both of rustls's traits ask of signatures, in the same words.
macro_rules! signatures {
    () => {
        fn verify_tls12_signature(
            &self,
            _message: &[u8],
            _certificate: &CertificateDer<'_>,
            _signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            too_old()
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            self.signature(message, certificate, signed)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.schemes()
        }
    };
}

impl ClientCertVerifier for Verifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        self.check(end_entity, now)?;
        Ok(ClientCertVerified::assertion())
    }

    signatures!();
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.check(end_entity, now)?;
        Ok(ServerCertVerified::assertion())
    }

    signatures!();
}

/// What dials: it shows `own`, and expects `expected` of whoever answers.
///
/// # Errors
/// If `own` can't be used.
pub fn dialler(
    own: &Identity,
    expected: Expected,
    protocol: &[u8],
) -> Result<Arc<ClientConfig>, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Verifier::new(expected))
        .with_client_auth_cert(vec![own.certificate.clone()], own.key.clone_key())?;
    config.alpn_protocols = vec![protocol.to_vec()];
    // What was said in one session is no reason to trust the next.
    config.resumption = rustls::client::Resumption::disabled();
    Ok(Arc::new(config))
}

/// What answers: it shows `own`, and expects `expected` of whoever dials.
///
/// # Errors
/// If `own` can't be used.
pub fn answerer(
    own: &Identity,
    expected: Expected,
    protocols: &[&[u8]],
) -> Result<Arc<ServerConfig>, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(Verifier::new(expected))
        .with_single_cert(vec![own.certificate.clone()], own.key.clone_key())?;
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    Ok(Arc::new(config))
}

/// The name that a handshake needs and nobody reads: certificates are known by their thumbprints.
pub fn any_name() -> ServerName<'static> {
    ServerName::try_from("seawall").expect("it is a name")
}
