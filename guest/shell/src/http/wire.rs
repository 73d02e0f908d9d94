//! One request by `outgoing`, in curl's words where it fails.

use outgoing::{Failure as Reason, Request, authority};

use super::failure::Failure;
use super::transfer::Sent;

/// A response's body, as it arrives.
pub struct Incoming {
    body: outgoing::Incoming,
    authority: String,
}

impl Incoming {
    /// The next piece; empty at the end.
    pub fn read(&mut self) -> Result<Vec<u8>, Failure> {
        self.body
            .read()
            .map_err(|reason| worded(reason, &self.authority))
    }
}

/// Sends `request` and returns the response once its headers are there.
pub fn send(request: &Request<'_>) -> Result<Sent, Failure> {
    let authority = authority(request.url);
    let response = outgoing::send(request).map_err(|reason| worded(reason, &authority))?;
    Ok(Sent {
        status: response.status,
        headers: response.headers,
        body: Incoming {
            body: response.body,
            authority,
        },
    })
}

fn worded(reason: Reason, authority: &str) -> Failure {
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host);
    match reason {
        Reason::Invalid => Failure::new(3, "URL using bad/illegal format or missing URL"),
        Reason::Denied => Failure::denied(authority),
        Reason::UnknownHost => Failure::new(6, format!("Could not resolve host: {host}")),
        Reason::ConnectTimeout => Failure::new(28, "Connection timed out"),
        Reason::Timeout => Failure::new(28, "Operation timed out"),
        Reason::Refused => Failure::new(
            7,
            format!("Failed to connect to {authority}: Could not connect to server"),
        ),
        Reason::Tls => Failure::new(35, "TLS connect error"),
        Reason::Certificate => Failure::new(
            60,
            "SSL certificate problem: the host could not verify the server's certificate",
        ),
        Reason::Empty => Failure::new(52, "Empty reply from server"),
        Reason::TooLarge => Failure::new(63, "Maximum file size exceeded"),
        Reason::Cut(why) | Reason::Other(why) => Failure::new(56, format!("Recv failure: {why}")),
    }
}
