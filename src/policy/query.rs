//! A question to a policy, as people type it.
//!
//! ```text
//! GET https://api.github.com/repos/acme/x      tcp db.example.com:5432
//! read /pkg/a      write /work/x               variable Web.Port      env STAGE
//! limit memory     process                     messages
//! ```

use super::host::{Host, HostError};
use super::limits::limit_keys;
use super::mount::{MountError, MountPath};
use super::network::Scheme;
use super::url_path::{NormalPath, PathError};

/// What somebody wants to know about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    Request {
        scheme: Scheme,
        host: Host,
        port: u16,
        method: String,
        path: NormalPath,
    },
    Tcp {
        host: Host,
        port: u16,
    },
    Read(MountPath),
    Write(MountPath),
    Variable(String),
    Env(String),
    /// The key of a limit that exists.
    Limit(&'static str),
    Process,
    Messages,
}

/// Why text is not a question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    #[error(
        "`{0}` is not a question; ask for example `GET https://example.com/x`, `tcp example.com:5432`, `read /pkg/a`, `write /work/x`, `variable Web.Port`, `env STAGE`, `limit memory`, `process` or `messages`"
    )]
    Unknown(String),
    #[error("a request is a method and a URL with http or https: `GET https://example.com/x`")]
    Url,
    #[error("a port is a number from 1 to 65535")]
    Port,
    #[error("there is no limit `{0}`; there are {list}", list = limit_keys().iter().map(|limit| limit.key).collect::<Vec<_>>().join(", "))]
    Limit(String),
    #[error("every policy refuses this host: {0}")]
    Host(#[from] HostError),
    #[error("every policy refuses this path: {0}")]
    Path(#[from] PathError),
    #[error("this is not a path in the sandbox: {0}")]
    File(#[from] MountError),
}

impl Query {
    pub fn parse(text: &str) -> Result<Query, QueryError> {
        let text = text.trim();
        let unknown = || QueryError::Unknown(text.to_owned());
        let (word, rest) = match text.split_once(char::is_whitespace) {
            Some((word, rest)) => (word, rest.trim()),
            None => (text, ""),
        };
        match (word, rest) {
            ("process", "") => Ok(Query::Process),
            ("messages", "") => Ok(Query::Messages),
            (_, "") => Err(unknown()),
            ("read", path) => Ok(Query::Read(guest_path(path)?)),
            ("write", path) => Ok(Query::Write(guest_path(path)?)),
            ("variable", name) => Ok(Query::Variable(name.to_owned())),
            ("env", name) => Ok(Query::Env(name.to_owned())),
            ("tcp", target) => {
                let (host, port) = authority(target)?;
                let port = port.ok_or(QueryError::Port)?;
                Ok(Query::Tcp { host, port })
            }
            ("limit", key) => limit_keys()
                .into_iter()
                .find(|limit| limit.key == key)
                .map(|limit| Query::Limit(limit.key))
                .ok_or_else(|| QueryError::Limit(key.to_owned())),
            (method, url) if method.bytes().all(|b| b.is_ascii_uppercase()) => request(method, url),
            _ => Err(unknown()),
        }
    }
}

/// People write `/pkg/` for the directory.
fn guest_path(text: &str) -> Result<MountPath, MountError> {
    MountPath::parse(match text.strip_suffix('/') {
        Some(without) if !without.is_empty() => without,
        _ => text,
    })
}

fn request(method: &str, url: &str) -> Result<Query, QueryError> {
    let (scheme, rest) = match url.split_once("://") {
        Some(("https", rest)) => (Scheme::Https, rest),
        Some(("http", rest)) => (Scheme::Http, rest),
        Some(_) | None => return Err(QueryError::Url),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (target, path) = rest.split_at(end);
    let (host, port) = authority(target)?;
    Ok(Query::Request {
        scheme,
        host,
        port: port.unwrap_or_else(|| scheme.default_port()),
        method: method.to_owned(),
        path: NormalPath::parse(path)?,
    })
}

/// Splits `host`, `host:port`, `[v6]`, `[v6]:port`.
fn authority(text: &str) -> Result<(Host, Option<u16>), QueryError> {
    let after_brackets = text.rfind(']').map_or(0, |at| at + 1);
    match text[after_brackets..].rfind(':') {
        // More than one colon outside brackets is an IPv6 address alone.
        Some(at) if after_brackets > 0 || text.matches(':').count() == 1 => {
            let (host, port) = text.split_at(after_brackets + at);
            let digits = &port[1..];
            let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            let port = digits
                .parse()
                .ok()
                .filter(|port| is_number && *port != 0)
                .ok_or(QueryError::Port)?;
            Ok((Host::parse(host)?, Some(port)))
        }
        Some(_) | None => Ok((Host::parse(text)?, None)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn requests_have_hosts_ports_and_paths() {
        for (text, expected) in [
            ("GET https://API.example.com./a?b", "api.example.com 443 /a"),
            ("GET http://example.com", "example.com 80 /"),
            ("GET https://[::1]:8443/x", "[::1] 8443 /x"),
            ("GET https://10.0.0.1:1/", "10.0.0.1 1 /"),
        ] {
            match Query::parse(text) {
                Ok(Query::Request {
                    host, port, path, ..
                }) => assert_eq!(format!("{host} {port} {path}"), expected),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_is_no_question_says_so() {
        for text in [
            "",
            "GET",
            "read",
            "read x",
            "fly /x",
            "GET ftp://x/",
            "GET https://u@h/",
            "tcp h",
            "tcp h:0",
            "tcp h:+1",
            "limit memori",
            "GET https://h/../x",
        ] {
            assert!(Query::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(GET |tcp |read |limit |https://|/|:|\\[|\\]|[a-z0-9.]|\\PC){0,20}") {
            let _ = Query::parse(&text);
        }
    }
}
