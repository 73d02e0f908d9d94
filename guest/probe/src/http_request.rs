//! One outgoing request, put together exactly as asked: nothing is parsed, cleaned or added.

use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    Fields, FutureIncomingResponse, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest,
    RequestOptions, Scheme,
};
use wasip2::io::streams::StreamError;

use crate::probe::{Step, Stop, Verdict, shown};

/// What `wasi:http` says once a resolver was asked or a connection was tried. Where no packet can leave, a hole looks
/// like this and not like an answer.
const CALLED: &[&str] = &[
    "DnsTimeout",
    "DnsError",
    "DestinationUnavailable",
    "DestinationIpUnroutable",
    "ConnectionRefused",
    "ConnectionTerminated",
    "ConnectionTimeout",
    "TlsProtocolError",
    "TlsCertificateError",
    "TlsAlertReceived",
];

pub struct Request {
    pub method: Method,
    pub scheme: Option<Scheme>,
    pub authority: String,
    pub path: String,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
    pub trailers: Vec<(String, Vec<u8>)>,
    /// Connect, first byte and between bytes, in nanoseconds.
    pub timeouts: Option<[u64; 3]>,
}

pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

impl Request {
    /// Splits the URL at `://` and at the first `/`, `?` or `#` behind it, and passes the parts on as they are.
    pub fn new(method: &str, url: &str) -> Result<Request, Stop> {
        let missing = || Stop::Inconclusive(format!("`{url}` has no scheme"));
        let (scheme, rest) = url.split_once("://").ok_or_else(missing)?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let scheme = match scheme {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            other => Scheme::Other(other.to_owned()),
        };
        Ok(Request {
            method: method_named(method),
            scheme: Some(scheme),
            authority: authority.to_owned(),
            path: path.to_owned(),
            headers: vec![],
            body: vec![],
            trailers: vec![],
            timeouts: None,
        })
    }

    pub fn header(mut self, name: &str, value: &str) -> Request {
        self.headers.push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    /// Hands the request to the host; the answer may still be a refusal.
    pub fn start(&self) -> Result<FutureIncomingResponse, Stop> {
        let fields = Fields::from_list(&self.headers).at("headers")?;
        let request = OutgoingRequest::new(fields);
        let refused = |what: &str| Stop::Refused(format!("{what} is not allowed"));
        request.set_method(&self.method).map_err(|()| refused("method"))?;
        request.set_scheme(self.scheme.as_ref()).map_err(|()| refused("scheme"))?;
        request.set_authority(Some(&self.authority)).map_err(|()| refused("authority"))?;
        request.set_path_with_query(Some(&self.path)).map_err(|()| refused("path-with-query"))?;
        let body = request.body().map_err(|()| refused("body"))?;
        let options = self.timeouts.map(options).transpose()?;
        let future = outgoing_handler::handle(request, options)?;
        if !self.body.is_empty() {
            let stream = body.write().map_err(|()| refused("body stream"))?;
            for chunk in self.body.chunks(4096) {
                stream.blocking_write_and_flush(chunk).at("body")?;
            }
        }
        let trailers = match self.trailers.as_slice() {
            [] => None,
            some => Some(Fields::from_list(some).at("trailers")?),
        };
        OutgoingBody::finish(body, trailers).at("finish")?;
        Ok(future)
    }

    pub fn response(&self) -> Result<IncomingResponse, Stop> {
        wait(&self.start()?)
    }

    pub fn send(&self) -> Result<Answer, Stop> {
        let response = self.response()?;
        let (body, _) = read_body(&response, 1 << 20)?;
        Ok(Answer { status: response.status(), headers: response.headers().entries(), body })
    }

    /// Any answer at all shows that the request went through, and so does an error that only who calls can get.
    pub fn verdict(&self) -> Verdict {
        match self.send() {
            Ok(answer) => {
                Ok(format!("status {}, {} bytes \"{}\"", answer.status, answer.body.len(), shown(&answer.body)))
            }
            Err(Stop::Refused(why)) if CALLED.iter().any(|error| why.contains(error)) => {
                Ok(format!("somebody was called: {why}"))
            }
            Err(stop) => Err(stop),
        }
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<String> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(String::from_utf8_lossy(&found.1).into_owned())
    }

    /// Whether the echoing server saw this text anywhere in the request.
    pub fn echoes(&self, text: &str) -> bool {
        String::from_utf8_lossy(&self.body).contains(text)
    }
}

pub fn wait(future: &FutureIncomingResponse) -> Result<IncomingResponse, Stop> {
    future.subscribe().block();
    match future.get() {
        Some(Ok(response)) => Ok(response?),
        Some(Err(())) => Err(Stop::Inconclusive("the response was taken already".to_owned())),
        None => Err(Stop::Inconclusive("ready, yet no response".to_owned())),
    }
}

/// Reads at most `limit` bytes; the second value says whether the body ended there.
pub fn read_body(response: &IncomingResponse, limit: usize) -> Result<(Vec<u8>, bool), Stop> {
    let gone = |()| Stop::Inconclusive("the body was taken already".to_owned());
    let body: IncomingBody = response.consume().map_err(gone)?;
    let stream = body.stream().map_err(gone)?;
    let mut bytes = vec![];
    while bytes.len() < limit {
        match stream.blocking_read(65_536) {
            Ok(chunk) => bytes.extend(chunk),
            Err(StreamError::Closed) => return Ok((bytes, true)),
            Err(error) => return Err(Stop::from(error).at(format!("after {} bytes of body", bytes.len()))),
        }
    }
    Ok((bytes, false))
}

fn options([connect, first_byte, between_bytes]: [u64; 3]) -> Result<RequestOptions, Stop> {
    let options = RequestOptions::new();
    let refused = |()| Stop::Refused("timeout is not allowed".to_owned());
    options.set_connect_timeout(Some(connect)).map_err(refused)?;
    options.set_first_byte_timeout(Some(first_byte)).map_err(refused)?;
    options.set_between_bytes_timeout(Some(between_bytes)).map_err(refused)?;
    Ok(options)
}

fn method_named(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "CONNECT" => Method::Connect,
        "OPTIONS" => Method::Options,
        "TRACE" => Method::Trace,
        "PATCH" => Method::Patch,
        other => Method::Other(other.to_owned()),
    }
}
