//! Enrolment tokens: what a new worker shows once, and how it knows the server before it has met it.
//!
//! ```text
//!  swe1.<24 random bytes, base64url>.<thumbprint of the server's certificate>
//! ```
//!
//! The thumbprint travels with the secret, so that there is no first meeting in which a stranger could stand in for
//! the server. The server keeps the SHA-256 of the secret only.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::rand::{SecureRandom as _, SystemRandom};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::identity::Thumbprint;

const VERSION: &str = "swe1";

const SECRET_BYTES: usize = 24;

/// A token that was just made, or that somebody typed.
pub struct Token {
    secret: Zeroizing<String>,
    pub server: Thumbprint,
}

/// Text that is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no enrolment token: it begins with `swe1.` and is printed by `seawall worker token`"
)]
pub struct NoToken;

impl Token {
    /// A new one for the server with this thumbprint; `None` if there are no random numbers.
    pub fn new(server: Thumbprint) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; SECRET_BYTES]);
        SystemRandom::new().fill(&mut *bytes).ok()?;
        Some(Self {
            secret: Zeroizing::new(BASE64.encode(*bytes)),
            server,
        })
    }

    /// Read as it was printed.
    ///
    /// # Errors
    /// [`NoToken`].
    pub fn parse(text: &str) -> Result<Self, NoToken> {
        let mut parts = text.trim().split('.');
        let (version, secret, server) = (parts.next(), parts.next(), parts.next());
        let (Some(VERSION), Some(secret), Some(server), None) =
            (version, secret, server, parts.next())
        else {
            return Err(NoToken);
        };
        let is_secret = BASE64
            .decode(secret)
            .is_ok_and(|bytes| bytes.len() == SECRET_BYTES);
        if !is_secret {
            return Err(NoToken);
        }
        Ok(Self {
            secret: Zeroizing::new(secret.to_owned()),
            server: Thumbprint::parse(server).map_err(|_| NoToken)?,
        })
    }

    /// The whole token, to be shown once.
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{VERSION}.{}.{}", *self.secret, self.server))
    }

    /// What is sent to the server, over a connection to the server that the token names.
    pub fn secret(&self) -> &str {
        &self.secret
    }
}

/// What the server keeps of a secret, in lower-case hexadecimal digits.
pub fn digest(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Token")
            .field("server", &self.server)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_being_printed_and_nothing_else_is_one() {
        let server = Thumbprint::parse(&"ab".repeat(32)).expect("a thumbprint");
        let token = Token::new(server.clone()).expect("random numbers");
        let read = Token::parse(&format!(" {} \n", *token.text())).expect("it is one");
        assert_eq!((read.secret(), &read.server), (token.secret(), &server));
        let text = token.text();
        for other in [
            "",
            "swe1",
            "swe1.a.b",
            &text.replace("swe1", "swe2"),
            &format!("{}.x", *text),
        ] {
            assert_eq!(Token::parse(other).err(), Some(NoToken), "{other}");
        }
        assert!(!format!("{token:?}").contains(token.secret()));
    }
}
