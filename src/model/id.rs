//! Ids as Octopus writes them: `Projects-12`, `Spaces-1`, `feeds-builtin`.
//!
//! An [`Id`] knows at compile time what it is the id of; it refuses text that could not be one. Ids compare
//! without regard to case, because Octopus's routes do.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longer text is no id. The longest real ones are package ids with a version.
const MAX_BYTES: usize = 200;

/// The id of a `T`.
pub struct Id<T> {
    text: String,
    of: PhantomData<fn() -> T>,
}

impl<T> Id<T> {
    /// The id with `number` among those that begin with `prefix`.
    pub fn numbered(prefix: &str, number: u64) -> Self {
        Self::from_text(format!("{prefix}-{number}"))
    }

    fn from_text(text: String) -> Self {
        Self {
            text,
            of: PhantomData,
        }
    }

    /// The id as clients see it.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Text that is no id: empty, too long, or with characters that ids don't have.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an id")]
pub struct NoId(String);

impl<T> FromStr for Id<T> {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        let is_valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '+');
        if text.is_empty() || text.len() > MAX_BYTES || !text.chars().all(is_valid) {
            return Err(NoId(text.chars().take(60).collect()));
        }
        Ok(Self::from_text(text.to_owned()))
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        Self::from_text(self.text.clone())
    }
}

impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text.eq_ignore_ascii_case(&other.text)
    }
}

impl<T> Eq for Id<T> {}

impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.to_ascii_lowercase().hash(state);
    }
}

impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let own = self.text.bytes().map(|byte| byte.to_ascii_lowercase());
        own.cmp(other.text.bytes().map(|byte| byte.to_ascii_lowercase()))
    }
}

impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<T> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, T> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What an unset id looks like on the wire: absent, `null` or `""`. Clients send all three.
pub fn optional<'de, D: Deserializer<'de>, T>(deserializer: D) -> Result<Option<Id<T>>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    match text.as_deref() {
        None | Some("") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(serde::de::Error::custom),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thing;

    #[test]
    fn ids_compare_without_case() {
        let upper: Id<Thing> = "Projects-12".parse().expect("an id");
        let lower: Id<Thing> = "projects-12".parse().expect("an id");
        assert_eq!(upper, lower);
        assert_eq!(upper.to_string(), "Projects-12");
    }

    #[test]
    fn text_that_could_not_be_an_id_is_refused() {
        for text in ["", "a b", "../x", "a/b", "é", &"x".repeat(201)] {
            assert!(text.parse::<Id<Thing>>().is_err(), "{text:?}");
        }
    }
}
