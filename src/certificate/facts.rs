//! What one certificate says of itself.

use jiff::Timestamp;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;
use x509_parser::x509::X509Name;

use super::Error;

/// The fields that people look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// `CN=web.example.com, O=Example`.
    pub subject: String,
    pub subject_common_name: String,
    pub subject_organization: String,
    pub issuer: String,
    pub issuer_common_name: String,
    pub issuer_organization: String,
    /// SHA-1 of the DER in upper-case hexadecimal: a name, as Windows and Octopus use it, and no proof.
    pub thumbprint: String,
    pub serial_number: String,
    pub signature_algorithm: String,
    pub version: u32,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    /// DNS names, addresses and e-mail addresses that it is also for.
    pub alternative_names: Vec<String>,
    pub is_authority: bool,
    /// SubjectPublicKeyInfo in DER.
    pub public_key: Vec<u8>,
}

impl Facts {
    /// Reads one certificate in DER.
    ///
    /// # Errors
    /// [`Error::Certificate`].
    pub fn read(der: &[u8]) -> Result<Self, Error> {
        let (rest, certificate) = X509Certificate::from_der(der)
            .map_err(|error| Error::Certificate(error.to_string()))?;
        if !rest.is_empty() {
            return Err(Error::Certificate("something follows it".into()));
        }
        let time = |seconds: i64| {
            Timestamp::from_second(seconds)
                .map_err(|_| Error::Certificate("its dates are out of range".into()))
        };
        let validity = certificate.validity();
        Ok(Self {
            subject: certificate.subject().to_string(),
            subject_common_name: first(certificate.subject(), Part::CommonName),
            subject_organization: first(certificate.subject(), Part::Organization),
            issuer: certificate.issuer().to_string(),
            issuer_common_name: first(certificate.issuer(), Part::CommonName),
            issuer_organization: first(certificate.issuer(), Part::Organization),
            thumbprint: digest(&SHA1_FOR_LEGACY_USE_ONLY, der)
                .as_ref()
                .iter()
                .map(|byte| format!("{byte:02X}"))
                .collect(),
            serial_number: certificate
                .raw_serial_as_string()
                .replace(':', "")
                .to_uppercase(),
            signature_algorithm: signature_algorithm(&certificate),
            version: certificate.version().0 + 1,
            not_before: time(validity.not_before.timestamp())?,
            not_after: time(validity.not_after.timestamp())?,
            alternative_names: alternative_names(&certificate),
            is_authority: certificate.is_ca(),
            public_key: certificate.public_key().raw.to_vec(),
        })
    }

    /// Whether it names itself as its issuer.
    pub fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }
}

#[derive(Clone, Copy)]
enum Part {
    CommonName,
    Organization,
}

fn first(name: &X509Name<'_>, part: Part) -> String {
    let found = match part {
        Part::CommonName => name.iter_common_name().next(),
        Part::Organization => name.iter_organization().next(),
    };
    let text = found.and_then(|found| found.as_str().ok());
    text.unwrap_or_default().to_owned()
}

/// The names of the algorithms in use; the object identifier of any other.
fn signature_algorithm(certificate: &X509Certificate<'_>) -> String {
    let oid = certificate.signature_algorithm.algorithm.to_id_string();
    let name = match oid.as_str() {
        "1.2.840.113549.1.1.5" => "sha1RSA",
        "1.2.840.113549.1.1.10" => "RSASSA-PSS",
        "1.2.840.113549.1.1.11" => "sha256RSA",
        "1.2.840.113549.1.1.12" => "sha384RSA",
        "1.2.840.113549.1.1.13" => "sha512RSA",
        "1.2.840.10045.4.3.2" => "sha256ECDSA",
        "1.2.840.10045.4.3.3" => "sha384ECDSA",
        "1.3.101.112" => "Ed25519",
        _ => return oid,
    };
    name.to_owned()
}

fn alternative_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let names = extension.value.general_names.iter();
    let text = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) | GeneralName::RFC822Name(name) | GeneralName::URI(name) => {
            Some((*name).to_owned())
        }
        GeneralName::IPAddress(bytes) => {
            let four: Option<[u8; 4]> = (*bytes).try_into().ok();
            let sixteen: Option<[u8; 16]> = (*bytes).try_into().ok();
            four.map(|bytes| std::net::IpAddr::from(bytes).to_string())
                .or_else(|| sixteen.map(|bytes| std::net::IpAddr::from(bytes).to_string()))
        }
        _ => None,
    };
    names.filter_map(text).collect()
}
