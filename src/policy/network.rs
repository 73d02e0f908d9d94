//! Network rules: what one rule grants, before any index.

use std::fmt;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::host::{Host, HostName};
use super::origin::Origin;
use super::path_pattern::PathPattern;
use super::url_path::NormalPath;
use crate::template::Template;

/// One `[[network]]` table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkRule {
    pub hosts: HostPattern,
    /// Never empty, never 0.
    pub ports: Vec<u16>,
    pub traffic: Traffic,
    pub origin: Origin,
}

/// Which hosts a rule is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum HostPattern {
    /// One name.
    Exact(HostName),
    /// `*.example.com`: exactly one label before the parent.
    Wildcard { parent: HostName },
    /// Addresses. Grants requests to the addresses themselves (`https://10.0.0.5/`), and lifts the
    /// refusal of inner addresses for names that another rule grants. IPv4 is never IPv4-mapped.
    Cidr(IpNet),
    /// `*`: any name, no address. For ceilings only.
    AnyName,
}

/// What may be sent to those hosts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Traffic {
    Http {
        scheme: Scheme,
        /// Never empty.
        methods: Vec<Method>,
        /// Never empty.
        paths: Vec<PathPattern>,
        inject: Option<Injection>,
    },
    /// Bytes over TCP, unseen by us.
    Tcp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    Http,
    Https,
}

/// An HTTP method, as it is sent: methods are case-sensitive. Never `CONNECT` or `TRACE`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Method(String);

/// Why text is not a method that a rule can grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum MethodError {
    #[error("methods are written in upper case")]
    LowerCase,
    #[error("this method can't be granted: it makes a proxy or echoes credentials")]
    Dangerous,
    #[error("methods are listed one by one")]
    Wildcard,
    #[error("this is not a method")]
    NotAToken,
}

/// A credential that the host adds to each request. The script never sees the value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Injection {
    /// `header = "Authorization"`, `value = "Bearer #{Token}"`. Replaces the script's own header.
    Header { name: HeaderName, value: Template },
    /// `basic = { username = "#{User}", password = "#{Password}" }`.
    Basic {
        username: Template,
        password: Template,
    },
    /// `query = "api_key"`, `value = "#{Key}"`. Replaces the script's own parameter.
    Query { name: String, value: Template },
}

/// A header that a rule may set, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HeaderName(String);

/// Why text is not a header that a rule may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum HeaderError {
    #[error("this is not a header's name")]
    NotAToken,
    #[error("this header belongs to the connection: the server sets it")]
    Forbidden,
}

/// Why text is not a host pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum HostPatternError {
    #[error("`*` would be every host there is")]
    Everything,
    #[error("a wildcard is the whole first label: `*.example.com`")]
    Wildcard,
    #[error("addresses are written as `cidr`")]
    Address(IpNet),
    #[error("`host` is a name alone, without scheme, port or path")]
    Url,
    #[error("{0}")]
    Host(#[from] super::host::HostError),
}

/// A request as it is judged.
#[derive(Clone, Copy, Debug)]
pub struct HttpRequest<'r> {
    pub scheme: Scheme,
    pub host: &'r Host,
    pub port: u16,
    pub method: &'r str,
    pub path: &'r NormalPath,
}

impl HttpRequest<'_> {
    /// The method for messages: it is the guest's own text.
    pub(super) fn method_shown(&self) -> String {
        let shown = self.method.chars().take(32);
        shown.flat_map(char::escape_debug).collect()
    }
}

impl HostPattern {
    /// Parses what stands after `host =`.
    pub fn parse(text: &str) -> Result<HostPattern, HostPatternError> {
        if text == "*" {
            return Err(HostPatternError::Everything);
        }
        if text.contains("://") || (text.contains('/') && !text.starts_with('/')) {
            return Err(HostPatternError::Url);
        }
        let (rest, is_wildcard) = match text.strip_prefix("*.") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        if rest.contains('*') {
            return Err(HostPatternError::Wildcard);
        }
        if !rest.starts_with('[')
            && let Some((_, port)) = rest.split_once(':')
            && port.bytes().all(|b| b.is_ascii_digit())
        {
            return Err(HostPatternError::Url);
        }
        match Host::parse(rest)? {
            Host::Name(parent) if is_wildcard => Ok(HostPattern::Wildcard { parent }),
            Host::Name(name) => Ok(HostPattern::Exact(name)),
            Host::Ip(_) if is_wildcard => Err(HostPatternError::Wildcard),
            Host::Ip(ip) => Err(HostPatternError::Address(ip.into())),
        }
    }

    /// The pattern for one host: a name, or an address as a range of one.
    pub fn exactly(host: &Host) -> HostPattern {
        match host {
            Host::Name(name) => HostPattern::Exact(name.clone()),
            Host::Ip(ip) => HostPattern::Cidr((*ip).into()),
        }
    }

    pub fn matches(&self, host: &Host) -> bool {
        match (self, host) {
            (HostPattern::Exact(name), Host::Name(host)) => name == host,
            (HostPattern::Wildcard { parent }, Host::Name(host)) => {
                host.parent() == Some(parent.as_str())
            }
            (HostPattern::Cidr(range), Host::Ip(ip)) => range.contains(ip),
            (HostPattern::AnyName, Host::Name(_)) => true,
            (
                HostPattern::Exact(_) | HostPattern::Wildcard { .. } | HostPattern::AnyName,
                Host::Ip(_),
            ) => false,
            (HostPattern::Cidr(_), Host::Name(_)) => false,
        }
    }

    /// Tells whether every host that `narrower` matches, this matches too.
    pub fn covers(&self, narrower: &HostPattern) -> bool {
        use HostPattern::{AnyName, Cidr, Exact, Wildcard};
        match (self, narrower) {
            (AnyName, Exact(_) | Wildcard { .. } | AnyName) => true,
            (Wildcard { parent }, Exact(name)) => name.parent() == Some(parent.as_str()),
            (Wildcard { parent: wide }, Wildcard { parent: narrow }) => wide == narrow,
            (Exact(wide), Exact(narrow)) => wide == narrow,
            (Cidr(wide), Cidr(narrow)) => wide.contains(narrow),
            (AnyName | Wildcard { .. } | Exact(_) | Cidr(_), _) => false,
        }
    }
}

impl Traffic {
    /// The word for it in a policy file.
    pub fn scheme_word(&self) -> &'static str {
        match self {
            Traffic::Http { scheme, .. } => scheme.as_str(),
            Traffic::Tcp => "tcp",
        }
    }
}

impl Scheme {
    pub fn as_str(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    pub fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

impl Method {
    pub fn parse(text: &str) -> Result<Method, MethodError> {
        if text == "*" {
            return Err(MethodError::Wildcard);
        }
        if text.is_empty() || text.len() > 64 || !text.bytes().all(is_token) {
            return Err(MethodError::NotAToken);
        }
        if text.bytes().any(|b| b.is_ascii_lowercase()) {
            return Err(MethodError::LowerCase);
        }
        match text {
            "CONNECT" | "TRACE" | "TRACK" => Err(MethodError::Dangerous),
            _ => Ok(Method(text.to_owned())),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl HeaderName {
    /// Parses a header's name.
    ///
    /// # Errors
    /// Headers that frame the message or name its target are [`HeaderError::Forbidden`]: setting
    /// them makes two servers read one request as two.
    pub fn parse(text: &str) -> Result<HeaderName, HeaderError> {
        if text.is_empty() || text.len() > 256 || !text.bytes().all(is_token) {
            return Err(HeaderError::NotAToken);
        }
        let name = text.to_ascii_lowercase();
        match name.as_str() {
            "host" | "content-length" | "transfer-encoding" | "connection" | "keep-alive"
            | "te" | "trailer" | "upgrade" | "expect" | "http2-settings" => {
                Err(HeaderError::Forbidden)
            }
            name if name.starts_with("proxy-") => Err(HeaderError::Forbidden),
            _ => Ok(HeaderName(name)),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A character of an HTTP token (RFC 9110, 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

impl Injection {
    /// Returns the templates in it, for their references.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Injection::Header { name: _, value } | Injection::Query { name: _, value } => {
                vec![value]
            }
            Injection::Basic { username, password } => vec![username, password],
        }
    }
}

/// As people write a request. Without the query, which may carry secrets.
impl fmt::Display for HttpRequest<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let HttpRequest {
            scheme,
            host,
            port,
            method: _,
            path,
        } = *self;
        write!(out, "{} {}://{host}", self.method_shown(), scheme.as_str())?;
        if port != scheme.default_port() {
            write!(out, ":{port}")?;
        }
        write!(out, "{path}")
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HostPattern::Exact(name) => write!(out, "{name}"),
            HostPattern::Wildcard { parent } => write!(out, "*.{parent}"),
            HostPattern::Cidr(range) => write!(out, "{range}"),
            HostPattern::AnyName => out.write_str("*"),
        }
    }
}

impl TryFrom<String> for HostPattern {
    type Error = HostPatternError;

    fn try_from(text: String) -> Result<HostPattern, HostPatternError> {
        match text.parse::<IpNet>() {
            Ok(range) => Ok(HostPattern::Cidr(range)),
            Err(_) if text == "*" => Ok(HostPattern::AnyName),
            Err(_) => HostPattern::parse(&text),
        }
    }
}

impl From<HostPattern> for String {
    fn from(pattern: HostPattern) -> String {
        pattern.to_string()
    }
}

impl TryFrom<String> for Method {
    type Error = MethodError;

    fn try_from(text: String) -> Result<Method, MethodError> {
        Method::parse(&text)
    }
}

impl From<Method> for String {
    fn from(method: Method) -> String {
        method.0
    }
}

impl TryFrom<String> for HeaderName {
    type Error = HeaderError;

    fn try_from(text: String) -> Result<HeaderName, HeaderError> {
        HeaderName::parse(&text)
    }
}

impl From<HeaderName> for String {
    fn from(name: HeaderName) -> String {
        name.0
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Display for Method {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Display for HeaderName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
