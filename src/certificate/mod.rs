//! X.509 certificates as people keep them: PEM, DER or PKCS#12 in; what they say, whether they hold, and PEM or
//! PKCS#12 out.
//!
//! ```text
//!  bytes, password ─► Bundle::read ─► facts (who, until when) ─► Bundle::to_pem, Bundle::to_pkcs12
//!                                 └─► report (validity, chain, key)
//! ```
//!
//! Parsing and crypto are `x509-parser`'s, `rustls-pki-types`', `p12-keystore`'s and `ring`'s. Nothing here reads a
//! file or a clock, trusts anything, or prints a key.

mod bundle;
mod facts;
mod report;
#[cfg(test)]
mod tests;

pub use bundle::{Bundle, Format};
pub use facts::Facts;
pub use report::{Finding, report};

/// Why bytes are no certificate that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("it is neither PEM, DER nor PKCS#12")]
    Unknown,
    #[error("it has no certificate")]
    NoCertificate,
    #[error("it has more than one private key")]
    ManyKeys,
    #[error("its certificate can't be read: {0}")]
    Certificate(String),
    #[error("its PKCS#12 can't be opened: {0}; is the password right?")]
    Pkcs12(String),
    #[error(
        "its private key is encrypted or of a kind that can't be read: write it as PKCS#8 (openssl pkcs8 -topk8 -nocrypt)"
    )]
    Key,
    #[error("it is larger than {0} KiB")]
    TooLarge(usize),
    #[error("it has no private key, and PKCS#12 needs one")]
    NoKey,
}
