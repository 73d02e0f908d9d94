//! Ids that nobody has given out before.

use ring::rand::{SecureRandom as _, SystemRandom};

use super::Error;

/// A random UUID, version 4.
///
/// # Errors
/// [`Error::Conflict`] if the operating system has no random numbers.
pub fn uuid() -> Result<String, Error> {
    let mut bytes = [0_u8; 16];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| Error::Conflict("the operating system has no random numbers".into()))?;
    // RFC 9562, section 5.4: the version, and the variant.
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = hex::encode(bytes);
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    Ok(parts.join("-"))
}
