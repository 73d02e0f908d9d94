//! One request by `outgoing`, read whole, in .NET's words where it fails.

use std::time::Instant;

use outgoing::Failure as Reason;

use super::{Failure, Request, Response};

pub fn send(request: &Request) -> Result<Response, Failure> {
    let receive = || {
        let sent = outgoing::Request {
            method: &request.method,
            url: &request.url,
            headers: &request.headers,
            body: request.body.as_deref(),
            connect_timeout: None,
            deadline: request.timeout.map(|timeout| Instant::now() + timeout),
        };
        let mut response = outgoing::send(&sent)?;
        let mut body = Vec::new();
        loop {
            let part = response.body.read()?;
            if part.is_empty() {
                return Ok((response, body));
            }
            body.extend(part);
        }
    };
    let (response, body) = receive().map_err(|reason| worded(reason, request))?;
    let text = |value: Vec<u8>| String::from_utf8_lossy(&value).into_owned();
    let headers = response.headers.into_iter();
    Ok(Response {
        url: request.url.clone(),
        status: response.status,
        headers: headers.map(|(name, value)| (name, text(value))).collect(),
        body,
    })
}

fn worded(reason: Reason, request: &Request) -> Failure {
    let authority = outgoing::authority(&request.url);
    Failure::new(match reason {
        Reason::Invalid => format!("Invalid request to '{}'.", request.url),
        Reason::Denied => return Failure::denied(&authority),
        Reason::UnknownHost => format!("Name or service not known ({authority})"),
        Reason::ConnectTimeout | Reason::Timeout => return Failure::timeout(),
        Reason::Refused => format!("Connection refused ({authority})"),
        Reason::Tls | Reason::Certificate => {
            "The SSL connection could not be established, see inner exception.".to_owned()
        }
        Reason::Empty => "The response ended prematurely.".to_owned(),
        Reason::Cut(why) => format!("The response ended prematurely: {why}"),
        Reason::TooLarge => "The response is larger than may be read.".to_owned(),
        Reason::Other(why) => format!("An error occurred while sending the request: {why}"),
    })
}
