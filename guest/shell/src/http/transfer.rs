//! One URL from request to last response: redirects hop by hop, retries, cookies, what `-f` makes of a status.

use std::time::Instant;

use outgoing::Request;
use url::Url;

use super::body::Body;
use super::failure::Failure;
use super::options::Options;
use super::wire::{self, Incoming};

/// curl's default for `--max-redirs`.
const MAX_REDIRECTS: u32 = 50;

/// Header fields as they came.
pub type Headers = Vec<(String, Vec<u8>)>;

/// A response whose body has not been read.
pub struct Sent {
    pub status: u16,
    pub headers: Headers,
    pub body: Incoming,
}

impl Sent {
    pub fn header(&self, name: &str) -> Option<String> {
        let (_, value) = self
            .headers
            .iter()
            .rev()
            .find(|(seen, _)| seen.eq_ignore_ascii_case(name))?;
        Some(String::from_utf8_lossy(value).into_owned())
    }
}

/// The response that counts, and the way to it.
pub struct Arrived {
    pub sent: Sent,
    pub url: Url,
    pub method: String,
    pub n_redirects: u32,
    /// Header blocks of every hop for `-i` and `-v`, the last one included.
    pub heads: Vec<(u16, Headers)>,
    pub cookies: Vec<(String, String)>,
}

/// Parses a URL as curl does: a missing scheme is `http`.
pub fn parse_url(text: &str) -> Result<Url, Failure> {
    let bad = || Failure::new(3, "URL using bad/illegal format or missing URL");
    let whole = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    let url = Url::parse(&whole).map_err(|_| bad())?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        other => Err(Failure::new(
            1,
            format!("Protocol \"{other}\" not supported or disabled in libcurl"),
        )),
    }
}

/// Follows `url` to the response that is shown.
pub fn run(
    options: &Options,
    url: Url,
    body: &Body,
    mut cookies: Vec<(String, String)>,
) -> Result<Arrived, Failure> {
    let deadline = options.max_time.map(|limit| Instant::now() + limit);
    let mut body = body.clone();
    let mut method = method(options, &body);
    let first_origin = url.origin();
    let mut url = url;
    let mut heads = Vec::new();
    for n_redirects in 0.. {
        // Credentials are for one scheme, host and port, as curl has it since 7.83.
        let is_trusted = options.trusts_redirects || url.origin() == first_origin;
        let sent = wire::send(&Request {
            method: &method,
            headers: &headers(options, &url, &body, &cookies, is_trusted),
            url: &url,
            body: body.bytes.as_deref(),
            connect_timeout: options.connect_timeout,
            deadline,
        })?;
        keep_cookies(&sent, &mut cookies);
        heads.push((sent.status, sent.headers.clone()));
        let target = match sent.header("location") {
            Some(location) if options.follows && (300..400).contains(&sent.status) => location,
            _ => {
                return Ok(Arrived {
                    sent,
                    url,
                    method,
                    n_redirects,
                    heads,
                    cookies,
                });
            }
        };
        let limit = options.max_redirects.unwrap_or(MAX_REDIRECTS);
        if n_redirects >= limit {
            return Err(Failure::new(
                47,
                format!("Maximum ({limit}) redirects followed"),
            ));
        }
        url = url
            .join(&target)
            .map_err(|_| Failure::new(3, "URL using bad/illegal format or missing URL"))?;
        let drops_body = match sent.status {
            303 => method != "HEAD",
            301 | 302 => method == "POST" && !options.keeps_post,
            _ => false,
        };
        if drops_body {
            body = Body::default();
            if options.method.is_none() {
                method = "GET".to_owned();
            }
        }
    }
    unreachable!("the loop returns")
}

fn method(options: &Options, body: &Body) -> String {
    let implied = if options.is_head {
        "HEAD"
    } else if options.upload.is_some() {
        "PUT"
    } else if body.bytes.is_some() {
        "POST"
    } else {
        "GET"
    };
    options.method.clone().unwrap_or_else(|| implied.to_owned())
}

/// The request's headers: curl's own, then `-H`, which replaces by name (`Name:` removes, `Name;` sends it empty).
fn headers(
    options: &Options,
    url: &Url,
    body: &Body,
    cookies: &[(String, String)],
    is_trusted: bool,
) -> Vec<(String, String)> {
    let mut headers = vec![
        (
            "User-Agent".to_owned(),
            options
                .agent
                .clone()
                .unwrap_or_else(|| "curl/8.5.0".to_owned()),
        ),
        (
            "Accept".to_owned(),
            if body.is_json {
                "application/json"
            } else {
                "*/*"
            }
            .to_owned(),
        ),
    ];
    let in_url = (!url.username().is_empty())
        .then(|| format!("{}:{}", url.username(), url.password().unwrap_or("")));
    if let Some(user) = options.user.clone().or(in_url).filter(|_| is_trusted) {
        headers.push((
            "Authorization".to_owned(),
            format!("Basic {}", ::octopus::base64::encode(user.as_bytes())),
        ));
    }
    if let Some(referer) = &options.referer {
        headers.push(("Referer".to_owned(), referer.clone()));
    }
    if options.is_compressed {
        headers.push(("Accept-Encoding".to_owned(), "gzip".to_owned()));
    }
    if let Some(content_type) = &body.content_type {
        headers.push(("Content-Type".to_owned(), content_type.clone()));
    }
    if !cookies.is_empty() && is_trusted {
        let all: Vec<String> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        headers.push(("Cookie".to_owned(), all.join("; ")));
    }
    for header in &options.headers {
        let (name, value) = match header.split_once(':') {
            Some((name, value)) => (name, Some(value.trim())),
            None => (
                header.trim_end_matches(';'),
                header.ends_with(';').then_some(""),
            ),
        };
        let is_secret = ["authorization", "cookie"].contains(&name.to_ascii_lowercase().as_str());
        // The host sets both itself, from the URL and from the body.
        let is_hosts = ["host", "content-length"].contains(&name.to_ascii_lowercase().as_str());
        if is_hosts || (is_secret && !is_trusted) {
            continue;
        }
        let is_own = |seen: &(String, String)| {
            seen.0.eq_ignore_ascii_case(name) && !is_listed(options, &seen.1)
        };
        headers.retain(|seen| !is_own(seen));
        match value {
            Some("") if header.contains(':') => {}
            Some(value) => headers.push((name.to_owned(), value.to_owned())),
            None => {}
        }
    }
    headers
}

/// Whether this value came from another `-H`: those add up, they don't replace each other.
fn is_listed(options: &Options, value: &str) -> bool {
    options.headers.iter().any(|header| {
        header
            .split_once(':')
            .is_some_and(|(_, seen)| seen.trim() == value)
    })
}

fn keep_cookies(sent: &Sent, cookies: &mut Vec<(String, String)>) {
    for (name, value) in &sent.headers {
        if !name.eq_ignore_ascii_case("set-cookie") {
            continue;
        }
        let text = String::from_utf8_lossy(value);
        if let Some((name, value)) = text.split(';').next().and_then(|pair| pair.split_once('=')) {
            cookies.retain(|(seen, _)| seen != name.trim());
            cookies.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
}
