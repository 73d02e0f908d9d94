//! Paths in the guest and on the host, as rules write them. Lexical only: what a path *is* (links,
//! devices) is for the enforcement point, which opens beneath the mount and never by name.

use std::fmt;

use serde::{Deserialize, Serialize};

const MAX_PATH_BYTES: usize = 4096;

/// Where the guest sees a mount, or a path in the guest: absolute and normal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MountPath(String);

/// A directory or file on the host: absolute and normal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostPath(String);

/// Why text is not such a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum MountError {
    #[error("it is not absolute: it must begin with `/`")]
    NotAbsolute,
    #[error("it has a `.` or `..` segment")]
    DotSegment,
    #[error("it has `//` or ends with `/`")]
    EmptySegment,
    #[error("it has a backslash")]
    Backslash,
    #[error("it has a control character")]
    Control,
    #[error("it is longer than {MAX_PATH_BYTES} bytes")]
    TooLong,
}

impl MountPath {
    /// Where the server puts variables and helpers. No rule may mount there or below.
    pub const RESERVED: &'static str = "/seawall";

    /// Parses a path in the guest: `/work`, `/pkg/lib`. `/` is one too.
    pub fn parse(text: &str) -> Result<MountPath, MountError> {
        check(text).map(|()| MountPath(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether `path` is this path or beneath it. `/pkg` doesn't contain `/pkg2`.
    pub fn contains(&self, path: &MountPath) -> bool {
        contains(&self.0, &path.0)
    }

    pub fn is_reserved(&self) -> bool {
        contains(Self::RESERVED, &self.0)
    }

    pub fn parent(&self) -> Option<MountPath> {
        parent(&self.0).map(|text| MountPath(text.to_owned()))
    }
}

impl HostPath {
    pub fn parse(text: &str) -> Result<HostPath, MountError> {
        check(text).map(|()| HostPath(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn contains(&self, path: &HostPath) -> bool {
        contains(&self.0, &path.0)
    }

    /// Tells whether this path is `directory` or beneath it.
    pub(super) fn is_within(&self, directory: &str) -> bool {
        contains(directory, &self.0)
    }
}

fn check(text: &str) -> Result<(), MountError> {
    if !text.starts_with('/') {
        return Err(MountError::NotAbsolute);
    }
    if text.len() > MAX_PATH_BYTES {
        return Err(MountError::TooLong);
    }
    if text.contains('\\') {
        return Err(MountError::Backslash);
    }
    if text.chars().any(char::is_control) {
        return Err(MountError::Control);
    }
    if text == "/" {
        return Ok(());
    }
    for segment in text[1..].split('/') {
        match segment {
            "" => return Err(MountError::EmptySegment),
            "." | ".." => return Err(MountError::DotSegment),
            _ => {}
        }
    }
    Ok(())
}

fn contains(outer: &str, inner: &str) -> bool {
    match inner.strip_prefix(outer) {
        Some(rest) => rest.is_empty() || rest.starts_with('/') || outer == "/",
        None => false,
    }
}

fn parent(text: &str) -> Option<&str> {
    match text.rsplit_once('/') {
        Some(("", "")) | None => None,
        Some(("", _)) => Some("/"),
        Some((parent, _)) => Some(parent),
    }
}

impl TryFrom<String> for MountPath {
    type Error = MountError;

    fn try_from(text: String) -> Result<MountPath, MountError> {
        MountPath::parse(&text)
    }
}

impl From<MountPath> for String {
    fn from(path: MountPath) -> String {
        path.0
    }
}

impl TryFrom<String> for HostPath {
    type Error = MountError;

    fn try_from(text: String) -> Result<HostPath, MountError> {
        HostPath::parse(&text)
    }
}

impl From<HostPath> for String {
    fn from(path: HostPath) -> String {
        path.0
    }
}

impl fmt::Display for MountPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for MountPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "MountPath({})", self.0)
    }
}

impl fmt::Display for HostPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for HostPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "HostPath({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_absolute_normal_paths_are_paths() {
        use MountError::*;
        for (text, expected) in [
            ("", NotAbsolute),
            ("work", NotAbsolute),
            ("/a/../b", DotSegment),
            ("/.", DotSegment),
            ("/a//b", EmptySegment),
            ("/a/", EmptySegment),
            ("//", EmptySegment),
            ("/a\\b", Backslash),
            ("/a\0", Control),
        ] {
            assert_eq!(MountPath::parse(text), Err(expected), "{text}");
        }
        for text in ["/", "/work", "/a/b", "/...", "/ü"] {
            assert!(MountPath::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn the_reserved_directory_is_reserved_and_its_neighbours_are_not() {
        for (text, expected) in [
            ("/seawall", true),
            ("/seawall/x", true),
            ("/seawalls", false),
            ("/", false),
        ] {
            assert_eq!(
                MountPath::parse(text).unwrap().is_reserved(),
                expected,
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn containment_is_by_whole_segments(
            outer in prop::collection::vec("[ab]{1,2}", 0..4),
            inner in prop::collection::vec("[ab]{1,2}", 0..4),
        ) {
            let path = |parts: &[String]| MountPath::parse(&format!("/{}", parts.join("/"))).unwrap();
            prop_assert_eq!(path(&outer).contains(&path(&inner)), inner.starts_with(&outer));
        }

        #[test]
        fn any_text_is_normal_or_refused(text in "(/|\\.|\\\\|[a-z]|\\PC){0,16}") {
            if let Ok(path) = MountPath::parse(&text) {
                prop_assert!(path.as_str().split('/').all(|segment| segment != ".." && segment != "."));
                prop_assert!(MountPath::parse("/").unwrap().contains(&path));
            }
        }
    }
}
