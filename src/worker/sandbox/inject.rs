//! Credentials that a request carries and its script never sees.
//!
//! A rule's `[network.inject]` names a header, HTTP basic credentials or a query parameter, and a
//! template for the value. It is added here, after the request was admitted by that very rule; what
//! the guest put in the same place is dropped. Responses to such requests are scrubbed: a value
//! that is echoed back in a header or a body arrives as asterisks of the same length, so that
//! `content-length` stays true.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use wasmtime_wasi_http::Error;
use zeroize::Zeroizing;

use crate::policy::{NetworkRule, Origin};

/// What is encoded in a query: all but RFC 3986's unreserved characters, which some servers compare
/// before they decode.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A credential with its value filled in. Deliberately without `Debug`.
#[derive(Clone)]
pub enum Credential {
    Header {
        name: HeaderName,
        value: Zeroizing<String>,
    },
    Basic {
        username: Zeroizing<String>,
        password: Zeroizing<String>,
    },
    Query {
        name: String,
        value: Zeroizing<String>,
    },
}

impl Credential {
    /// A header, unless its name or value can't be one.
    pub fn header(name: &str, value: Zeroizing<String>) -> Option<Self> {
        HeaderValue::from_str(&value).ok()?;
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some(Self::Header { name, value })
    }
}

/// The credentials of a run, by the rule that asks for them.
#[derive(Clone, Default)]
pub struct Injections(HashMap<Origin, Credential>);

impl Injections {
    /// Remembers that requests admitted by the rule at `origin` carry `credential`.
    pub fn add(&mut self, origin: Origin, credential: Credential) {
        self.0.insert(origin, credential);
    }

    /// Adds the credential of `rule` to a request, if the rule has one.
    ///
    /// Returns what has to be hidden in the response.
    ///
    /// # Errors
    /// [`Error::ConfigurationError`] if the value can't stand in a header or URL.
    pub fn apply(
        &self,
        rule: &NetworkRule,
        headers: &mut HeaderMap,
        target: &mut PathAndQuery,
    ) -> Result<Scrub, Error> {
        let Some(credential) = self.0.get(&rule.origin) else {
            return Ok(Scrub::nothing());
        };
        // A compressed echo could not be scrubbed.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        match credential {
            Credential::Header { name, value } => {
                headers.insert(name.clone(), sensitive(value)?);
            }
            Credential::Basic { username, password } => {
                let encoded =
                    BASE64_STANDARD.encode(format!("{}:{}", username.as_str(), password.as_str()));
                headers.insert(AUTHORIZATION, sensitive(&format!("Basic {encoded}"))?);
            }
            Credential::Query { name, value } => {
                *target = with_parameter(target, name, value)?;
            }
        }
        Ok(Scrub::new(&secrets(credential)))
    }

    /// Every injected value, so that logs can be masked as well.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.0.values().flat_map(|credential| match credential {
            Credential::Header { value, .. } | Credential::Query { value, .. } => {
                vec![value.as_str()]
            }
            Credential::Basic {
                username: _,
                password,
            } => vec![password.as_str()],
        })
    }
}

fn sensitive(value: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(value).map_err(|_| Error::ConfigurationError)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Replaces every `name` parameter of the query by one with `value`.
fn with_parameter(target: &PathAndQuery, name: &str, value: &str) -> Result<PathAndQuery, Error> {
    let encode = |text: &str| utf8_percent_encode(text, QUERY).to_string();
    let kept = target
        .query()
        .into_iter()
        .flat_map(|query| query.split('&'))
        .filter(|pair| {
            let key = pair.split_once('=').map_or(*pair, |(key, _)| key);
            let key = key.replace('+', " ");
            let decoded = percent_encoding::percent_decode_str(&key).decode_utf8_lossy();
            !pair.is_empty() && decoded != name
        });
    let injected = format!("{}={}", encode(name), encode(value));
    let query = kept
        .map(str::to_owned)
        .chain([injected])
        .collect::<Vec<_>>()
        .join("&");
    PathAndQuery::try_from(format!("{}?{query}", target.path()))
        .map_err(|_| Error::ConfigurationError)
}

/// All spellings in which a server is likely to echo a credential.
fn secrets(credential: &Credential) -> Vec<Zeroizing<String>> {
    let raw: Vec<&str> = match credential {
        Credential::Header { value, .. } | Credential::Query { value, .. } => vec![value],
        Credential::Basic {
            username: _,
            password,
        } => vec![password],
    };
    let mut found = Vec::new();
    for value in raw {
        // `Bearer abc`: the token is the secret, with or without its scheme.
        let token = value.rsplit(' ').next().unwrap_or(value);
        for text in [value, token] {
            found.push(Zeroizing::new(text.to_owned()));
            found.push(Zeroizing::new(BASE64_STANDARD.encode(text)));
            for encoded in [QUERY, NON_ALPHANUMERIC] {
                found.push(Zeroizing::new(
                    utf8_percent_encode(text, encoded).to_string(),
                ));
            }
        }
    }
    if let Credential::Basic { username, password } = credential {
        let pair = format!("{}:{}", username.as_str(), password.as_str());
        found.push(Zeroizing::new(BASE64_STANDARD.encode(pair)));
    }
    found.retain(|text| !text.is_empty());
    found.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
    found.dedup();
    found
}

/// Hides secrets in one response, wherever its body is cut.
#[derive(Default)]
pub struct Scrub {
    matcher: Option<AhoCorasick>,
    longest: usize,
    held: Vec<u8>,
    /// Which of the held bytes belong to a secret.
    hidden: Vec<bool>,
}

impl Scrub {
    fn nothing() -> Self {
        Self::default()
    }

    fn new(secrets: &[Zeroizing<String>]) -> Self {
        let patterns: Vec<&[u8]> = secrets.iter().map(|text| text.as_bytes()).collect();
        let matcher = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(&patterns)
            .expect("a handful of short patterns is far below the automaton's limits");
        Self {
            matcher: Some(matcher),
            longest: patterns.iter().map(|text| text.len()).max().unwrap_or(0),
            held: Vec::new(),
            hidden: Vec::new(),
        }
    }

    /// Hides secrets in header values.
    pub fn headers(&self, headers: &mut HeaderMap) {
        let Some(matcher) = &self.matcher else { return };
        for value in headers.values_mut() {
            if matcher.is_match(value.as_bytes()) {
                let mut bytes = value.as_bytes().to_vec();
                mask(matcher, &mut bytes);
                *value = HeaderValue::from_bytes(&bytes).expect("asterisks can stand in a header");
            }
        }
    }

    /// Takes the next piece of the body and returns what can't be part of a secret any more.
    pub fn body(&mut self, piece: Bytes) -> Bytes {
        let Some(matcher) = &self.matcher else {
            return piece;
        };
        self.held.extend_from_slice(&piece);
        self.hidden.resize(self.held.len(), false);
        for found in matcher.find_overlapping_iter(&self.held) {
            self.hidden[found.range()].fill(true);
        }
        let ready = self
            .held
            .len()
            .saturating_sub(self.longest.saturating_sub(1));
        self.release(ready)
    }

    /// The rest, once the body has ended.
    pub fn finish(&mut self) -> Bytes {
        self.release(self.held.len())
    }

    /// What is held stays as it came, since it may be the middle of a second secret; it is masked on
    /// its way out.
    fn release(&mut self, n_bytes: usize) -> Bytes {
        let bytes = self.held.drain(..n_bytes);
        let hidden = self.hidden.drain(..n_bytes);
        bytes
            .zip(hidden)
            .map(|(byte, is_hidden)| if is_hidden { b'*' } else { byte })
            .collect::<Vec<u8>>()
            .into()
    }
}

fn mask(matcher: &AhoCorasick, bytes: &mut [u8]) {
    let found: Vec<_> = matcher
        .find_overlapping_iter(&*bytes)
        .map(|found| found.range())
        .collect();
    for range in found {
        bytes[range].fill(b'*');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrub_in_pieces(secrets: &[&str], body: &[u8], size: usize) -> Vec<u8> {
        let secrets: Vec<_> = secrets
            .iter()
            .map(|text| Zeroizing::new((*text).to_owned()))
            .collect();
        let mut scrub = Scrub::new(&secrets);
        let mut out = Vec::new();
        for piece in body.chunks(size) {
            out.extend_from_slice(&scrub.body(Bytes::copy_from_slice(piece)));
        }
        out.extend_from_slice(&scrub.finish());
        out
    }

    #[test]
    fn an_echoed_secret_is_hidden_wherever_the_body_is_cut() {
        let body = b"token=hunter22 and hunter22hunter22 and hunter";
        let expected = b"token=******** and **************** and hunter";
        for size in 1..body.len() {
            assert_eq!(
                scrub_in_pieces(&["hunter22"], body, size),
                expected,
                "pieces of {size}"
            );
        }
    }

    #[test]
    fn overlapping_secrets_are_both_hidden() {
        for size in 1..7 {
            assert_eq!(
                scrub_in_pieces(&["abcd", "cdef"], b"xabcdefx", size),
                b"x******x"
            );
        }
    }

    #[test]
    fn an_injected_parameter_replaces_every_spelling_of_the_guests_own() {
        let target = PathAndQuery::from_static("/a?key=1&k%65y=2&other=3");
        let changed = with_parameter(&target, "key", "s&c-_.~").unwrap();
        assert_eq!(changed.as_str(), "/a?other=3&key=s%26c-_.~");
    }
}
