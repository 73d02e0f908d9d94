//! The name or address a request is for, in its one canonical form.
//!
//! A filter is beaten by a second spelling, so there is none: what [`Host::parse`] returns is what
//! is compared, resolved, connected to and sent as `Host`. Spellings that clients and servers
//! read differently (`0x7f.1`, `2130706433`, `a%2eb`, `user@host`, `[fe80::1%eth0]`) are refused,
//! not interpreted.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use serde::{Deserialize, Serialize};

/// A host as it is compared and connected to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Host {
    /// Lower case, ASCII (IDNA, UTS #46), no trailing dot, never an address.
    Name(HostName),
    /// IPv4-mapped IPv6 addresses are IPv4 addresses here, as they are to the network.
    Ip(IpAddr),
}

/// A canonical host name. Only [`Host::parse`] makes one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(String);

/// Why text is not a host.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum HostError {
    #[error("the host is empty")]
    Empty,
    #[error("`@` names a user, not a host")]
    UserInfo,
    #[error("percent-encoding is not allowed in a host")]
    PercentEncoded,
    #[error("IPv6 zones (`%eth0`) are not allowed")]
    Zone,
    #[error("{0:?} can't be part of a host")]
    Character(char),
    #[error("this spells the address {means}: write it so")]
    NotCanonical { means: IpAddr },
    #[error("this looks like an address but isn't one")]
    BadAddress,
    #[error("a label is empty, or longer than 63 bytes, or begins or ends with `-`")]
    Label,
    #[error("the name is longer than 253 bytes")]
    TooLong,
    #[error("this is not a valid internationalised name")]
    Idna,
}

impl Host {
    /// Parses a host as it stands in a URL: no port, IPv6 in brackets (bare is accepted too).
    ///
    /// # Errors
    /// [`HostError`] for everything that has more than one reading.
    pub fn parse(text: &str) -> Result<Host, HostError> {
        if text.is_empty() {
            return Err(HostError::Empty);
        }
        // Bounds the work below; no canonical name is longer, however it is spelled in Unicode.
        if text.len() > 1024 {
            return Err(HostError::TooLong);
        }
        if let Some(inner) = text.strip_prefix('[') {
            let inner = inner.strip_suffix(']').ok_or(HostError::BadAddress)?;
            return ipv6(inner);
        }
        if text.matches(':').count() > 1
            && text
                .bytes()
                .all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.' | b'%'))
        {
            return ipv6(text);
        }
        for character in text.chars() {
            match character {
                '@' => return Err(HostError::UserInfo),
                '%' => return Err(HostError::PercentEncoded),
                c if c.is_ascii()
                    && !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')) =>
                {
                    return Err(HostError::Character(c));
                }
                _ => {}
            }
        }
        let ascii = match is_plain(text) {
            true => text.to_owned(),
            // `url` follows the WHATWG standard: UTS #46, then the address spellings of inet_aton.
            false => match url::Host::parse(text).map_err(|_| HostError::Idna)? {
                url::Host::Domain(name) => name,
                url::Host::Ipv4(address) => address.to_string(),
                url::Host::Ipv6(_) => return Err(HostError::BadAddress),
            },
        };
        if ends_in_a_number(&ascii) {
            return ipv4(text, &ascii);
        }
        name(ascii).map(Host::Name)
    }

    pub fn from_ip(ip: IpAddr) -> Host {
        Host::Ip(ip.to_canonical())
    }

    pub fn as_ip(&self) -> Option<IpAddr> {
        match self {
            Host::Name(_) => None,
            Host::Ip(ip) => Some(*ip),
        }
    }
}

impl HostName {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns everything after the first label: `example.com` for `api.example.com`.
    pub fn parent(&self) -> Option<&str> {
        self.0.split_once('.').map(|(_, parent)| parent)
    }
}

/// Already canonical, as nearly every host is: nothing for IDNA to do. Labels that begin with
/// `xn--` are left to IDNA, which checks them.
fn is_plain(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_'))
        && !text.contains("xn--")
}

/// The WHATWG rule: a host whose last label is a number is an address, whatever came before.
fn ends_in_a_number(text: &str) -> bool {
    let text = text.strip_suffix('.').unwrap_or(text);
    let last = text.rsplit('.').next().unwrap_or(text);
    let is_decimal = !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit());
    let is_hex = last
        .strip_prefix("0x")
        .is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    is_decimal || is_hex
}

fn ipv4(written: &str, ascii: &str) -> Result<Host, HostError> {
    match url::Host::parse(ascii) {
        Ok(url::Host::Ipv4(address)) if address.to_string() == written => {
            Ok(Host::Ip(address.into()))
        }
        Ok(url::Host::Ipv4(address)) => Err(HostError::NotCanonical {
            means: address.into(),
        }),
        _ => Err(HostError::BadAddress),
    }
}

fn ipv6(text: &str) -> Result<Host, HostError> {
    if text.contains('%') {
        return Err(HostError::Zone);
    }
    let address: Ipv6Addr = text.parse().map_err(|_| HostError::BadAddress)?;
    Ok(Host::from_ip(address.into()))
}

fn name(ascii: String) -> Result<HostName, HostError> {
    let ascii = match ascii.strip_suffix('.') {
        Some(without_root) => without_root.to_owned(),
        None => ascii,
    };
    if ascii.len() > 253 {
        return Err(HostError::TooLong);
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'))
    };
    if !ascii.split('.').all(is_label) {
        return Err(HostError::Label);
    }
    Ok(HostName(ascii))
}

impl TryFrom<String> for Host {
    type Error = HostError;

    fn try_from(text: String) -> Result<Host, HostError> {
        Host::parse(&text)
    }
}

impl From<Host> for String {
    fn from(host: Host) -> String {
        host.to_string()
    }
}

/// As in a URL: IPv6 addresses in brackets.
impl fmt::Display for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Name(name) => out.write_str(&name.0),
            Host::Ip(IpAddr::V4(address)) => write!(out, "{address}"),
            Host::Ip(IpAddr::V6(address)) => write!(out, "[{address}]"),
        }
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Host({self})")
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for HostName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "HostName({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_name_are_one_host() {
        for (text, expected) in [
            ("api.github.com", "api.github.com"),
            ("API.GitHub.Com", "api.github.com"),
            ("api.github.com.", "api.github.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("BÜCHER.example", "xn--bcher-kva.example"),
            ("example。com", "example.com"),
            ("ｅｘａｍｐｌｅ.com", "example.com"),
            ("_dmarc.example.com", "_dmarc.example.com"),
            ("localhost", "localhost"),
            ("10.0.0.1", "10.0.0.1"),
            ("[::1]", "[::1]"),
            ("::1", "[::1]"),
            ("[2001:DB8:0::1]", "[2001:db8::1]"),
            ("[::ffff:10.0.0.1]", "10.0.0.1"),
            ("[::ffff:a9fe:a9fe]", "169.254.169.254"),
        ] {
            assert_eq!(
                Host::parse(text).map(|host| host.to_string()),
                Ok(expected.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn disguised_addresses_are_refused_and_unmasked() {
        for (text, means) in [
            ("127.1", "127.0.0.1"),
            ("0x7f.1", "127.0.0.1"),
            ("0x7F000001", "127.0.0.1"),
            ("2130706433", "127.0.0.1"),
            ("0177.0.0.1", "127.0.0.1"),
            ("0", "0.0.0.0"),
            ("127.0.0.1.", "127.0.0.1"),
            ("127.0.0.01", "127.0.0.1"),
            ("１２７.０.０.１", "127.0.0.1"),
            ("127。0。0。1", "127.0.0.1"),
            ("169.254.43518", "169.254.169.254"),
        ] {
            let means = means.parse().unwrap();
            assert_eq!(
                Host::parse(text),
                Err(HostError::NotCanonical { means }),
                "{text}"
            );
        }
    }

    #[test]
    fn what_has_two_readings_is_refused() {
        for (text, expected) in [
            ("", HostError::Empty),
            ("allowed@evil", HostError::UserInfo),
            ("a%2eb", HostError::PercentEncoded),
            ("[fe80::1%eth0]", HostError::Zone),
            ("fe80::1%1", HostError::Zone),
            ("a/b", HostError::Character('/')),
            ("a:80", HostError::Character(':')),
            ("a b", HostError::Character(' ')),
            ("a\\b", HostError::Character('\\')),
            ("*.com", HostError::Character('*')),
            ("a\0", HostError::Character('\0')),
            ("a..b", HostError::Label),
            (".", HostError::Label),
            (".a", HostError::Label),
            ("-a.b", HostError::Label),
            ("1.2.3.4.5", HostError::BadAddress),
            ("256.0.0.1", HostError::BadAddress),
            ("a.1", HostError::BadAddress),
            ("[::1", HostError::BadAddress),
            ("[1.2.3.4]", HostError::BadAddress),
            ("xn--a", HostError::Idna),
            ("a\u{ad}..b", HostError::Label),
        ] {
            assert_eq!(Host::parse(text), Err(expected), "{text}");
        }
        assert!(Host::parse(&"a.".repeat(127)).is_ok());
        assert_eq!(Host::parse(&"a.".repeat(128)), Err(HostError::TooLong));
    }

    proptest! {
        #[test]
        fn any_text_has_one_form_or_none(text in "([a-zA-Z0-9.:%@\\[\\]_-]|0x|\\PC){0,24}") {
            if let Ok(host) = Host::parse(&text) {
                prop_assert_eq!(Host::parse(&host.to_string()), Ok(host));
            }
        }

        #[test]
        fn every_address_survives(bits in any::<u128>(), v4 in any::<u32>()) {
            for ip in [IpAddr::from(Ipv6Addr::from(bits)), IpAddr::from(std::net::Ipv4Addr::from(v4))] {
                let host = Host::from_ip(ip);
                prop_assert_eq!(Host::parse(&host.to_string()), Ok(host));
            }
        }
    }
}
