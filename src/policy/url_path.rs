//! The path of a request, in the one reading it may have.
//!
//! A rule is matched against the decoded path; the server it goes to decodes the path as well. If
//! the two could read it differently, the rule would guard nothing. So [`NormalPath::parse`] decodes
//! once and **refuses, rather than repairs,** every path that some server might read another way:
//! dot segments in any encoding, encoded slashes, backslashes and NULs, text that is still encoded
//! after decoding, empty segments, controls. Clients resolve `..` before they send, so nothing
//! honest is lost, and a path that is accepted can be sent as it was written.

use std::fmt;

/// Longer request targets are refused by most servers too.
pub(super) const MAX_TARGET_BYTES: usize = 8192;

/// A decoded path and the query that came with it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NormalPath {
    decoded: String,
    query: Option<String>,
    /// Which segments may not be shown; `decoded` has [`HIDDEN`] in their place.
    hidden: Vec<usize>,
}

/// What stands for a segment that may not be shown.
const HIDDEN: &str = "********";

/// Why a request target can't be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PathError {
    #[error("it doesn't begin with `/`")]
    NotAbsolute,
    #[error("it is longer than {MAX_TARGET_BYTES} bytes")]
    TooLong,
    #[error("it has a `.` or `..` segment")]
    DotSegment,
    #[error("it has an empty segment (`//`)")]
    EmptySegment,
    #[error("it has a backslash")]
    Backslash,
    #[error("it has an encoded `/`, `\\`, `?`, `#` or NUL")]
    EncodedSeparator,
    #[error("it is percent-encoded twice")]
    EncodedTwice,
    #[error("`%` is not followed by two hexadecimal digits")]
    BadEncoding,
    #[error("it is not UTF-8 once decoded")]
    NotUtf8,
    #[error("it has a control character, a space or `#`")]
    Control,
    #[error("it has characters that must be percent-encoded")]
    NotEncoded,
}

impl NormalPath {
    /// Parses the path and query of a request: `/repos/acme/x?page=2`.
    ///
    /// Nothing, or only a query, is the path `/`, as in `https://example.com?x`.
    ///
    /// # Errors
    /// [`PathError`] for every path that could be read in two ways.
    pub fn parse(target: &str) -> Result<NormalPath, PathError> {
        if target.len() > MAX_TARGET_BYTES {
            return Err(PathError::TooLong);
        }
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        if let Some(query) = query {
            check_written(query)?;
        }
        if path.is_empty() {
            return Ok(NormalPath {
                decoded: "/".to_owned(),
                query: query.map(str::to_owned),
                hidden: Vec::new(),
            });
        }
        if !path.starts_with('/') {
            return Err(PathError::NotAbsolute);
        }
        check_written(path)?;
        let decoded = match path.contains('%') {
            true => decode(path)?,
            false => path.to_owned(),
        };
        check_decoded(&decoded)?;
        Ok(NormalPath {
            decoded,
            query: query.map(str::to_owned),
            hidden: Vec::new(),
        })
    }

    /// The path, decoded.
    pub fn as_str(&self) -> &str {
        &self.decoded
    }

    /// The path alone, for receipts: queries may hold secrets.
    pub fn without_query(&self) -> NormalPath {
        NormalPath {
            decoded: self.decoded.clone(),
            query: None,
            hidden: self.hidden.clone(),
        }
    }

    /// The path alone, without the segments that `mask` changes: they hold a secret.
    ///
    /// A pattern made from it has `*` there. If `mask` changes only the path as a whole, because a
    /// secret has a `/` in it, every segment is left out.
    pub fn hiding(&self, mask: impl Fn(&str) -> String) -> NormalPath {
        if mask(&self.decoded) == self.decoded {
            return self.without_query();
        }
        let holds_secret = |text: &str| mask(text) != text;
        let is_in_one = self.segments().any(holds_secret);
        let mut decoded = String::with_capacity(self.decoded.len());
        let mut hidden = self.hidden.clone();
        for (index, text) in self.segments().enumerate() {
            decoded.push('/');
            if !is_in_one || holds_secret(text) {
                hidden.push(index);
                decoded.push_str(HIDDEN);
            } else {
                decoded.push_str(text);
            }
        }
        NormalPath {
            decoded,
            query: None,
            hidden,
        }
    }

    /// Whether the segment with this index was left out by [`NormalPath::hiding`].
    pub(super) fn is_hidden(&self, segment: usize) -> bool {
        self.hidden.contains(&segment)
    }

    /// The query as written, without `?`. Rules don't look at it.
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    pub(super) fn segments(&self) -> std::str::Split<'_, char> {
        self.decoded[1..].split('/')
    }
}

/// What may stand in a request target as written.
fn check_written(text: &str) -> Result<(), PathError> {
    for byte in text.bytes() {
        match byte {
            0..=0x20 | 0x7f | b'#' => return Err(PathError::Control),
            b'\\' => return Err(PathError::Backslash),
            0x80.. => return Err(PathError::NotEncoded),
            _ => {}
        }
    }
    Ok(())
}

fn decode(path: &str) -> Result<String, PathError> {
    let mut decoded = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let mut digit = || {
            bytes
                .next()
                .and_then(|b| char::from(b).to_digit(16))
                .ok_or(PathError::BadEncoding)
        };
        let value = digit()? * 16 + digit()?;
        match u8::try_from(value).expect("two hexadecimal digits are one byte") {
            b'/' | b'\\' | b'?' | b'#' | 0 => return Err(PathError::EncodedSeparator),
            byte => decoded.push(byte),
        }
    }
    let decoded = String::from_utf8(decoded).map_err(|_| PathError::NotUtf8)?;
    if is_encoded_again(&decoded) {
        return Err(PathError::EncodedTwice);
    }
    if decoded.chars().any(char::is_control) {
        return Err(PathError::Control);
    }
    Ok(decoded)
}

/// Text that a server which decodes twice would read as something else.
pub(super) fn is_encoded_again(decoded: &str) -> bool {
    decoded.match_indices('%').any(|(at, _)| {
        let digits = decoded.as_bytes().get(at + 1..at + 3);
        digits.is_some_and(|d| d.iter().all(u8::is_ascii_hexdigit))
    })
}

fn check_decoded(path: &str) -> Result<(), PathError> {
    let mut segments = path[1..].split('/').peekable();
    while let Some(segment) = segments.next() {
        // Some servers cut `;parameters` off before they look for dots.
        let (name, _) = segment.split_once(';').unwrap_or((segment, ""));
        let is_last = segments.peek().is_none();
        match name {
            "." | ".." => return Err(PathError::DotSegment),
            "" if !is_last || !segment.is_empty() => return Err(PathError::EmptySegment),
            _ => {}
        }
    }
    Ok(())
}

/// As decoded, without the query: queries carry secrets.
impl fmt::Display for NormalPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.decoded)
    }
}

impl fmt::Debug for NormalPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "NormalPath({})", self.decoded)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_is_decoded_once_and_the_query_split_off() {
        for (target, path, query) in [
            ("/", "/", None),
            ("", "/", None),
            ("?a=1", "/", Some("a=1")),
            ("/a/b?c=d?e", "/a/b", Some("c=d?e")),
            ("/a%20b/%C3%BC", "/a b/ü", None),
            ("/a/", "/a/", None),
            ("/a?x=%2e%2e/", "/a", Some("x=%2e%2e/")),
            ("/100%25", "/100%", None),
            ("/...", "/...", None),
            ("/a;v=1/b", "/a;v=1/b", None),
        ] {
            let parsed = NormalPath::parse(target).unwrap();
            assert_eq!((parsed.as_str(), parsed.query()), (path, query), "{target}");
        }
    }

    #[test]
    fn a_path_with_two_readings_is_refused() {
        use PathError::*;
        for (target, expected) in [
            ("http://other/", NotAbsolute),
            ("*", NotAbsolute),
            ("a", NotAbsolute),
            ("/a/..", DotSegment),
            ("/a/../b", DotSegment),
            ("/./a", DotSegment),
            ("/a/%2e%2E/b", DotSegment),
            ("/a/.%2e", DotSegment),
            ("/a/..;/b", DotSegment),
            ("/a/.;x=1/b", DotSegment),
            ("//", EmptySegment),
            ("//a", EmptySegment),
            ("/a//b", EmptySegment),
            ("/a/;x", EmptySegment),
            ("/a\\b", Backslash),
            ("/a%2fb", EncodedSeparator),
            ("/a%5Cb", EncodedSeparator),
            ("/a%00", EncodedSeparator),
            ("/a%3fb", EncodedSeparator),
            ("/a%252e%252e/b", EncodedTwice),
            ("/a%2541", EncodedTwice),
            ("/a%", BadEncoding),
            ("/a%zz", BadEncoding),
            ("/a%c0%af", NotUtf8),
            ("/a%0d%0aX: y", Control),
            ("/a%0d%0aX", Control),
            ("/a b", Control),
            ("/a\r\n", Control),
            ("/a#b", Control),
            ("/a?b c", Control),
            ("/ü", NotEncoded),
        ] {
            assert_eq!(NormalPath::parse(target), Err(expected), "{target}");
        }
    }

    proptest! {
        #[test]
        fn any_target_is_normal_or_refused(target in "(/|%2e|%2f|%25|\\.|;|\\?|[a-z%]|\\PC){0,20}") {
            if let Ok(path) = NormalPath::parse(&target) {
                prop_assert!(path.as_str().starts_with('/'));
                prop_assert!(path.segments().all(|segment| segment != ".." && segment != "."));
            }
        }
    }
}
