//! Who a server or a worker is to the other side: a key of its own, a certificate that it signed itself, and the
//! thumbprint by which the other side knows it.
//!
//! There is no authority to trust and none to lose: a certificate counts because its SHA-256 was written down when
//! the two sides met, and only as long as it is valid.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// A certificate is valid for this long.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 730);

/// With less than this left it is time for the next one.
const RENEW_BEFORE: SignedDuration = SignedDuration::from_hours(24 * 180);

/// SHA-256 of a certificate, in 64 upper-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Thumbprint(String);

/// Text that is no thumbprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a thumbprint is the SHA-256 of a certificate: 64 hexadecimal digits, with or without colons"
)]
pub struct NoThumbprint;

impl Thumbprint {
    /// Of these bytes of DER.
    pub fn of(certificate: &CertificateDer<'_>) -> Self {
        let digest = Sha256::digest(certificate.as_ref());
        Self(digest.iter().map(|byte| format!("{byte:02X}")).collect())
    }

    /// Read as people write it: in any case, with or without colons.
    ///
    /// # Errors
    /// [`NoThumbprint`].
    pub fn parse(text: &str) -> Result<Self, NoThumbprint> {
        let digits: String = text.trim().chars().filter(|c| *c != ':').collect();
        let is_one = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_one
            .then(|| Self(digits.to_ascii_uppercase()))
            .ok_or(NoThumbprint)
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Thumbprint {
    type Error = NoThumbprint;

    fn try_from(text: String) -> Result<Self, NoThumbprint> {
        Self::parse(&text)
    }
}

impl From<Thumbprint> for String {
    fn from(thumbprint: Thumbprint) -> Self {
        thumbprint.0
    }
}

impl fmt::Display for Thumbprint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Why there is no identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error("a certificate can't be made")]
    Make(#[from] rcgen::Error),
    #[error("`{0}` can't be read or written")]
    File(String, #[source] io::Error),
    #[error("`{0}` holds no certificate and key in PEM")]
    Pem(String, #[source] rustls::pki_types::pem::Error),
}

/// Why a certificate isn't accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCertificate {
    #[error("it is no X.509 certificate")]
    Broken,
    #[error("it has expired")]
    Expired,
    #[error("it is not valid yet: is a clock wrong?")]
    NotYet,
}

/// A certificate and its key.
pub struct Identity {
    pub certificate: CertificateDer<'static>,
    pub thumbprint: Thumbprint,
    pub(super) key: PrivateKeyDer<'static>,
    pem: String,
}

/// The thumbprint: a key has no business in a log.
impl fmt::Debug for Identity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Identity").field(&self.thumbprint).finish()
    }
}

impl Clone for Identity {
    fn clone(&self) -> Self {
        Self {
            certificate: self.certificate.clone(),
            thumbprint: self.thumbprint.clone(),
            key: self.key.clone_key(),
            pem: self.pem.clone(),
        }
    }
}

impl Identity {
    /// A new one for `name`, valid for two years from `now` on.
    ///
    /// # Errors
    /// [`IdentityError::Make`].
    pub fn new(name: &str, now: Timestamp) -> Result<Self, IdentityError> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, name);
        let date = |time: Timestamp| {
            let date = time.to_zoned(TimeZone::UTC).date();
            let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
            date_time_ymd(i32::from(date.year()), month, day)
        };
        // A day early: the other side's clock may be slow.
        let yesterday = now.checked_sub(SignedDuration::from_hours(24));
        params.not_before = date(yesterday.unwrap_or(now));
        params.not_after = date(now.checked_add(LIFETIME).unwrap_or(now));
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        let pem = format!("{}{}", key.serialize_pem(), certificate.pem());
        Self::from_pem(pem, name)
    }

    /// The one in the file, or a new one in a new file that only its owner can read.
    ///
    /// # Errors
    /// [`IdentityError`].
    pub fn open_or_make(path: &Path, name: &str, now: Timestamp) -> Result<Self, IdentityError> {
        if path.exists() {
            return Self::open(path);
        }
        let made = Self::new(name, now)?;
        made.save(path)?;
        Ok(made)
    }

    /// The one in the file.
    ///
    /// # Errors
    /// [`IdentityError`].
    pub fn open(path: &Path) -> Result<Self, IdentityError> {
        let place = path.display().to_string();
        let pem = fs::read_to_string(path);
        let pem = pem.map_err(|source| IdentityError::File(place.clone(), source))?;
        Self::from_pem(pem, &place)
    }

    /// Puts it into the file's place, whole or not at all.
    ///
    /// # Errors
    /// [`IdentityError::File`].
    pub fn save(&self, path: &Path) -> Result<(), IdentityError> {
        write_whole(path, self.pem.as_bytes())
            .map_err(|source| IdentityError::File(path.display().to_string(), source))
    }

    fn from_pem(pem: String, place: &str) -> Result<Self, IdentityError> {
        let broken = |source| IdentityError::Pem(place.to_owned(), source);
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(broken)?;
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(broken)?;
        Ok(Self {
            thumbprint: Thumbprint::of(&certificate),
            certificate,
            key,
            pem,
        })
    }

    /// Whether it will expire soon.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let soon = now.checked_add(RENEW_BEFORE).unwrap_or(now);
        check(&self.certificate, soon).is_err()
    }
}

/// Whether a certificate is one, and valid at `now`. Whose it is, is not asked.
///
/// # Errors
/// [`BadCertificate`].
pub fn check(certificate: &CertificateDer<'_>, now: Timestamp) -> Result<(), BadCertificate> {
    let (_, parsed) =
        X509Certificate::from_der(certificate.as_ref()).map_err(|_| BadCertificate::Broken)?;
    let validity = parsed.validity();
    if now.as_second() < validity.not_before.timestamp() {
        return Err(BadCertificate::NotYet);
    }
    if now.as_second() > validity.not_after.timestamp() {
        return Err(BadCertificate::Expired);
    }
    Ok(())
}

/// Puts `bytes` into the file's place, whole or not at all; only its owner can read it.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = Path::new(&new);
    let mut options = File::options();
    let options = options.create(true).truncate(true).write(true).mode(0o600);
    let mut file = options.open(new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(new, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_certificate_counts_while_it_is_valid_and_is_replaced_before_it_ends() {
        let made = Identity::new("a", day("2026-01-10T00:00:00Z")).expect("one is made");
        let at = |text| check(&made.certificate, day(text));
        assert_eq!(at("2026-01-08T12:00:00Z"), Err(BadCertificate::NotYet));
        assert_eq!(at("2026-01-10T00:00:00Z"), Ok(()));
        assert_eq!(at("2028-02-01T00:00:00Z"), Err(BadCertificate::Expired));
        assert!(!made.is_due(day("2027-06-01T00:00:00Z")));
        assert!(made.is_due(day("2027-08-01T00:00:00Z")));
        assert_eq!(
            check(
                &CertificateDer::from(vec![1, 2, 3]),
                day("2026-01-10T00:00:00Z")
            ),
            Err(BadCertificate::Broken)
        );
    }

    #[test]
    fn a_saved_identity_is_the_same_one() {
        let directory = tempfile::TempDir::new().expect("a directory");
        let path = directory.path().join("link.pem");
        let now = day("2026-01-10T00:00:00Z");
        let made = Identity::open_or_make(&path, "a", now).expect("one is made");
        let read = Identity::open_or_make(&path, "b", now).expect("it is read");
        assert_eq!(made.thumbprint, read.thumbprint);
        let colons = made.thumbprint.as_str().to_lowercase();
        assert_eq!(Thumbprint::parse(&colons), Ok(made.thumbprint));
        assert_eq!(Thumbprint::parse("12:34"), Err(NoThumbprint));
    }
}
