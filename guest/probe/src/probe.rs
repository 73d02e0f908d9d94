//! What a probe is, and the three ways in which it can end.

use std::fmt::Debug;

use wasip2::filesystem::types as filesystem;
use wasip2::http::types as http;
use wasip2::io::streams::StreamError;
use wasip2::sockets::network as sockets;

/// One attack.
pub struct Probe {
    pub name: &'static str,
    /// What follows the name on the command line.
    pub usage: &'static str,
    /// The advisory or the pitfall that this re-enacts.
    pub threat: &'static str,
    pub run: fn(&Args) -> Verdict,
}

/// `Ok` says what the attack got: the wall has a hole, or the policy grants this.
pub type Verdict = Result<String, Stop>;

/// Why an attack got nothing.
pub enum Stop {
    /// The host said no, in these words.
    Refused(String),
    /// The attack could not be tried at all, which proves nothing either way.
    Inconclusive(String),
}

/// The words after the probe's name.
pub struct Args(pub Vec<String>);

impl Args {
    pub fn text(&self, n: usize) -> Result<&str, Stop> {
        let word = self.0.get(n).map(String::as_str);
        word.ok_or_else(|| Stop::Inconclusive(format!("argument {} is missing", n + 1)))
    }

    pub fn number(&self, n: usize) -> Result<u64, Stop> {
        let word = self.text(n)?;
        let value = word.replace('_', "").parse();
        value.map_err(|_| Stop::Inconclusive(format!("`{word}` is not a number")))
    }

    pub fn text_or<'a>(&'a self, n: usize, default: &'a str) -> &'a str {
        self.0.get(n).map_or(default, String::as_str)
    }

    pub fn number_or(&self, n: usize, default: u64) -> Result<u64, Stop> {
        if n < self.0.len() { self.number(n) } else { Ok(default) }
    }

    pub fn after(&self, n: usize) -> &[String] {
        self.0.get(n..).unwrap_or(&[])
    }
}

impl Stop {
    pub fn refused(error: impl Debug) -> Stop {
        Stop::Refused(format!("{error:?}"))
    }

    /// The same, with what was tried before the host's answer.
    pub fn at(self, what: impl std::fmt::Display) -> Stop {
        match self {
            Stop::Refused(why) => Stop::Refused(format!("{what}: {why}")),
            Stop::Inconclusive(why) => Stop::Inconclusive(format!("{what}: {why}")),
        }
    }
}

/// Names the step that failed; for steps that only prepare the attack, a refusal proves nothing.
pub trait Step<T> {
    fn at(self, what: &str) -> Result<T, Stop>;
    fn prepared(self, what: &str) -> Result<T, Stop>;
}

impl<T, E: Into<Stop>> Step<T> for Result<T, E> {
    fn at(self, what: &str) -> Result<T, Stop> {
        self.map_err(|error| error.into().at(what))
    }

    fn prepared(self, what: &str) -> Result<T, Stop> {
        self.map_err(|error| match error.into() {
            Stop::Refused(why) | Stop::Inconclusive(why) => Stop::Inconclusive(format!("cannot prepare {what}: {why}")),
        })
    }
}

/// Runs several spellings of one attack: any that works is a breach, and the first refusal stands for all.
pub fn any_of<N: AsRef<str>>(tries: impl IntoIterator<Item = (N, Verdict)>) -> Verdict {
    let (mut got, mut refused, mut unclear, mut n_refused) = (vec![], None, None, 0);
    for (name, verdict) in tries {
        match verdict {
            Ok(what) => got.push(format!("{}: {what}", name.as_ref())),
            Err(Stop::Refused(why)) => {
                n_refused += 1;
                refused.get_or_insert(format!("{}: {why}", name.as_ref()));
            }
            Err(Stop::Inconclusive(why)) => {
                unclear.get_or_insert(format!("{}: {why}", name.as_ref()));
            }
        }
    }
    if !got.is_empty() {
        return Ok(got.join("; "));
    }
    match (refused, unclear) {
        (Some(why), _) => Err(Stop::Refused(format!("{n_refused} spellings, {why}"))),
        (None, Some(why)) => Err(Stop::Inconclusive(why)),
        (None, None) => Err(Stop::Inconclusive("nothing was tried".to_owned())),
    }
}

/// Bytes from outside, fit for one line of output.
pub fn shown(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(160)];
    String::from_utf8_lossy(head).escape_default().to_string()
}

impl From<filesystem::ErrorCode> for Stop {
    fn from(error: filesystem::ErrorCode) -> Stop {
        Stop::Refused(error.name().to_owned())
    }
}

impl From<sockets::ErrorCode> for Stop {
    fn from(error: sockets::ErrorCode) -> Stop {
        Stop::Refused(error.name().to_owned())
    }
}

impl From<http::ErrorCode> for Stop {
    fn from(error: http::ErrorCode) -> Stop {
        Stop::refused(error)
    }
}

impl From<http::HeaderError> for Stop {
    fn from(error: http::HeaderError) -> Stop {
        Stop::refused(error)
    }
}

impl From<StreamError> for Stop {
    fn from(error: StreamError) -> Stop {
        match error {
            StreamError::Closed => Stop::Refused("stream closed".to_owned()),
            StreamError::LastOperationFailed(error) => {
                if let Some(code) = filesystem::filesystem_error_code(&error) {
                    code.into()
                } else if let Some(code) = http::http_error_code(&error) {
                    code.into()
                } else {
                    Stop::Refused(error.to_debug_string())
                }
            }
        }
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Stop {
        Stop::Refused(error.to_string())
    }
}
