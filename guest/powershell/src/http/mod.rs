//! Requests over `wasi:http`: one hop at a time, redirects and retries on top. What may be reached is the host's.

mod transfer;
mod wire;

use std::time::Duration;

use url::Url;

pub use transfer::{Patience, fetch};

/// One request.
#[derive(Clone)]
pub struct Request {
    pub method: String,
    pub url: Url,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
    pub timeout: Option<Duration>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// Sets a header in place of any other of that name.
    pub fn set_header(&mut self, name: &str, value: impl Into<String>) {
        self.remove_header(name);
        self.headers.push((name.to_owned(), value.into()));
    }

    pub fn remove_header(&mut self, name: &str) {
        let headers = &mut self.headers;
        headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
    }
}

/// A whole response.
pub struct Response {
    /// Where it came from, after redirects.
    pub url: Url,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut named = headers
        .iter()
        .filter(|(own, _)| own.eq_ignore_ascii_case(name));
    named.next().map(|(_, value)| value.as_str())
}

/// Why there is no response.
#[derive(Debug)]
pub struct Failure {
    pub message: String,
    pub is_timeout: bool,
    /// Trying again doesn't help: the policy says no.
    pub is_denied: bool,
}

impl Failure {
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            is_timeout: false,
            is_denied: false,
        }
    }

    pub fn timeout() -> Self {
        Self {
            is_timeout: true,
            ..Self::new("The operation has timed out.")
        }
    }

    pub fn denied(authority: &str) -> Self {
        Self {
            is_denied: true,
            ..Self::new(format!("The request to {authority} was denied by policy."))
        }
    }
}
