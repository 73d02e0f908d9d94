//! Text that must not be seen: wiped when dropped, silent in `Debug`.
//!
//! There is no `Display` and no `Serialize`: whoever needs the value says [`SecretText::expose`], so that every place
//! where a secret is read can be found.

use std::fmt;
use std::hash::{Hash, Hasher};

use zeroize::Zeroizing;

/// A secret value. `Debug` shows asterisks, dropping it overwrites the memory.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Takes the value over.
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Hash for SecretText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.expose().hash(state);
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("********")
    }
}

/// A value that a script handed out: open, or marked sensitive by the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// May be stored and shown; whoever logs it masks it first, as it can contain another secret.
    Plain(String),
    /// Encrypted at rest, never shown, already masked in all later output.
    Sensitive(SecretText),
}

impl Value {
    pub(super) fn new(value: String, is_sensitive: bool) -> Self {
        if is_sensitive {
            Self::Sensitive(SecretText::new(value))
        } else {
            Self::Plain(value)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_value() {
        let value = Value::new("hunter2-hunter2".into(), true);
        assert_eq!(format!("{value:?}"), "Sensitive(********)");
    }
}
