//! A certificate with the chain and the key that came with it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use p12_keystore::{
    Certificate, KeyStore, KeyStoreEntry, Pkcs12Archive, PrivateKey, PrivateKeyChain,
};
use pkcs8::der::Encode as _;
use pkcs8::der::asn1::{AnyRef, OctetStringRef};
use pkcs8::{AlgorithmIdentifierRef, ObjectIdentifier, PrivateKeyInfoRef};
use rustls::pki_types::pem::{SectionKind, from_buf};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Error, Facts};

/// More than any chain has.
const MAX_BYTES: usize = 256 * 1024;

/// More certificates than any chain has.
const MAX_CERTIFICATES: usize = 20;

/// `rsaEncryption` (RFC 8017, appendix C).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// How a certificate came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    #[default]
    Pem,
    Der,
    Pkcs12,
}

/// A certificate, those that vouch for it, and its private key.
pub struct Bundle {
    pub format: Format,
    /// DER, the certificate itself first, each vouched for by the next as far as the file has them.
    certificates: Vec<(Vec<u8>, Facts)>,
    /// PKCS#8 in DER.
    key: Option<Zeroizing<Vec<u8>>>,
}

/// Never the key.
impl fmt::Debug for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bundle")
            .field("format", &self.format)
            .field("certificate", &self.facts().subject)
            .field("has_key", &self.key.is_some())
            .finish_non_exhaustive()
    }
}

/// What a file has, in the order of the file.
#[derive(Default)]
struct Parts {
    certificates: Vec<Vec<u8>>,
    keys: Vec<Zeroizing<Vec<u8>>>,
}

impl Bundle {
    /// Reads what is in a file. `password` is for PKCS#12 alone.
    ///
    /// The certificate is the one that the private key belongs to, or else the first that vouches for no other.
    ///
    /// # Errors
    /// [`Error`].
    pub fn read(bytes: &[u8], password: &str) -> Result<Self, Error> {
        if bytes.len() > MAX_BYTES {
            return Err(Error::TooLarge(MAX_BYTES / 1024));
        }
        let is_pem = bytes.windows(11).any(|window| window == b"-----BEGIN ");
        let (format, parts) = if is_pem {
            (Format::Pem, pem(bytes)?)
        } else if Facts::read(bytes).is_ok() {
            let certificates = vec![bytes.to_vec()];
            let parts = Parts {
                certificates,
                ..Parts::default()
            };
            (Format::Der, parts)
        } else if bytes.first() == Some(&0x30) {
            (Format::Pkcs12, pkcs12(bytes, password)?)
        } else {
            return Err(Error::Unknown);
        };
        Self::assemble(format, parts)
    }

    fn assemble(format: Format, parts: Parts) -> Result<Self, Error> {
        let Parts {
            certificates,
            mut keys,
        } = parts;
        if keys.len() > 1 {
            return Err(Error::ManyKeys);
        }
        if certificates.len() > MAX_CERTIFICATES {
            return Err(Error::Certificate(format!(
                "there are more than {MAX_CERTIFICATES}"
            )));
        }
        let key = keys.pop();
        let mut rest = Vec::new();
        for der in certificates {
            let facts = Facts::read(&der)?;
            rest.push((der, facts));
        }
        let of_key = key.as_ref().and_then(|key| public_key(key));
        let is_of_key = |facts: &Facts| of_key.as_ref() == Some(&facts.public_key);
        let vouches = |facts: &Facts| {
            let is_other = |other: &Facts| other.public_key != facts.public_key;
            rest.iter()
                .any(|(_, other)| other.issuer == facts.subject && is_other(other))
        };
        let first = rest.iter().position(|(_, facts)| is_of_key(facts));
        let first = first.or_else(|| rest.iter().position(|(_, facts)| !vouches(facts)));
        if rest.is_empty() {
            return Err(Error::NoCertificate);
        }
        let mut chain = vec![rest.remove(first.unwrap_or(0))];
        while let Some((_, last)) = chain.last() {
            if last.is_self_issued() {
                break;
            }
            let next = rest
                .iter()
                .position(|(_, other)| other.subject == last.issuer);
            match next {
                Some(next) => chain.push(rest.remove(next)),
                None => break,
            }
        }
        Ok(Self {
            format,
            certificates: chain,
            key,
        })
    }

    /// What the certificate says.
    pub fn facts(&self) -> &Facts {
        &self.certificates[0].1
    }

    /// What those say that vouch for it, the nearest first.
    pub fn chain(&self) -> impl Iterator<Item = &Facts> {
        self.certificates[1..].iter().map(|(_, facts)| facts)
    }

    /// The certificate and those that vouch for it, in DER.
    pub fn ders(&self) -> impl Iterator<Item = &[u8]> {
        self.certificates.iter().map(|(der, _)| der.as_slice())
    }

    pub fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// Whether the private key is the certificate's; `None` if there is none, or its kind isn't known.
    pub fn is_key_right(&self) -> Option<bool> {
        let public = public_key(self.key.as_ref()?)?;
        Some(public == self.facts().public_key)
    }

    /// The certificate in PEM.
    pub fn certificate_pem(&self) -> String {
        armor("CERTIFICATE", &self.certificates[0].0)
    }

    /// Those that vouch for it in PEM, the nearest first.
    pub fn chain_pem(&self) -> String {
        let others = self.certificates[1..].iter();
        others.map(|(der, _)| armor("CERTIFICATE", der)).collect()
    }

    /// The private key in PEM, as PKCS#8.
    pub fn key_pem(&self) -> Option<Zeroizing<String>> {
        let key = self.key.as_ref()?;
        Some(Zeroizing::new(armor("PRIVATE KEY", key)))
    }

    /// Everything in PEM: the key first, then the certificate and its chain, as servers want it.
    pub fn to_pem(&self) -> Zeroizing<String> {
        let key = self.key_pem();
        let key = key.as_ref().map_or("", |key| key.as_str());
        Zeroizing::new(format!(
            "{key}{}{}",
            self.certificate_pem(),
            self.chain_pem()
        ))
    }

    /// Everything in PKCS#12, encrypted with `password` (PBES2 with AES-256, HMAC with SHA-256).
    ///
    /// # Errors
    /// [`Error::NoKey`], and [`Error::Pkcs12`] if it can't be written.
    pub fn to_pkcs12(&self, password: &str) -> Result<Vec<u8>, Error> {
        let failed = |error: p12_keystore::error::Error| Error::Pkcs12(error.to_string());
        let key = self.key.as_ref().ok_or(Error::NoKey)?;
        let key = PrivateKey::from_der(key).map_err(failed)?;
        let certificates = self.ders().map(Certificate::from_der);
        let certificates = certificates
            .collect::<Result<Vec<_>, _>>()
            .map_err(failed)?;
        let id = self.facts().thumbprint.as_str();
        let chain = PrivateKeyChain::new(id, key, certificates);
        let mut store = KeyStore::new();
        let alias = &self.facts().subject;
        store.add_entry(alias, KeyStoreEntry::PrivateKeyChain(chain));
        store.writer(password).write().map_err(failed)
    }
}

fn pem(bytes: &[u8]) -> Result<Parts, Error> {
    // Sections that aren't known are passed over; one that holds an encrypted key must not be.
    if bytes
        .windows(21)
        .any(|window| window == b"ENCRYPTED PRIVATE KEY")
    {
        return Err(Error::Key);
    }
    let mut parts = Parts::default();
    let mut reader = bytes;
    loop {
        let section = from_buf(&mut reader);
        let section = section.map_err(|error| Error::Certificate(format!("{error:?}")))?;
        match section {
            None => return Ok(parts),
            Some((SectionKind::Certificate, der)) => parts.certificates.push(der),
            Some((SectionKind::PrivateKey, der)) => parts.keys.push(Zeroizing::new(der)),
            Some((SectionKind::RsaPrivateKey, der)) => {
                parts.keys.push(pkcs8_of_rsa(&Zeroizing::new(der))?);
            }
            Some((SectionKind::EcPrivateKey, _)) => return Err(Error::Key),
            Some(_) => {}
        }
    }
}

fn pkcs12(bytes: &[u8], password: &str) -> Result<Parts, Error> {
    let archive = Pkcs12Archive::from_pkcs12(bytes, password);
    let archive = archive.map_err(|error| Error::Pkcs12(error.to_string()))?;
    let keys = archive.keys.into_iter();
    let certificates = archive.certs.into_iter();
    Ok(Parts {
        certificates: certificates.map(|bag| bag.cert.as_der().to_vec()).collect(),
        keys: keys
            .map(|bag| Zeroizing::new(bag.key.as_der().to_vec()))
            .collect(),
    })
}

/// An RSA key of PKCS#1 in PKCS#8 (RFC 5208).
fn pkcs8_of_rsa(key: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let algorithm = AlgorithmIdentifierRef {
        oid: RSA,
        parameters: Some(AnyRef::NULL),
    };
    let key = OctetStringRef::new(key).map_err(|_| Error::Key)?;
    let info = PrivateKeyInfoRef::new(algorithm, key);
    info.to_der().map(Zeroizing::new).map_err(|_| Error::Key)
}

/// The public key of a private one, as certificates carry it; `None` for kinds that `ring` doesn't know.
fn public_key(key: &[u8]) -> Option<Vec<u8>> {
    let pair = rcgen::KeyPair::try_from(key).ok()?;
    Some(rcgen::PublicKeyData::subject_public_key_info(&pair))
}

/// RFC 7468.
fn armor(label: &str, der: &[u8]) -> String {
    let text = Zeroizing::new(BASE64.encode(der));
    let mut armored = format!("-----BEGIN {label}-----\n");
    for line in text.as_bytes().chunks(64) {
        armored.push_str(&String::from_utf8_lossy(line));
        armored.push('\n');
    }
    armored.push_str(&format!("-----END {label}-----\n"));
    armored
}
