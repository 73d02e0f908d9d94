//! What curl prints about a transfer: `-w`, header blocks, `-v`, cookie jars.

use url::Url;

use super::options::Options;
use super::transfer::Arrived;

/// What `-w` can ask for.
#[derive(Debug, Default)]
pub struct Facts {
    pub status: u16,
    pub n_bytes: usize,
    pub n_redirects: u32,
    pub url: String,
    pub method: String,
    pub content_type: String,
    pub redirect_url: String,
    pub seconds: f64,
    pub exit_code: i32,
    pub error: String,
    headers: Vec<(String, String)>,
}

impl Facts {
    pub fn new(url: &str) -> Self {
        let url = super::transfer::parse_url(url).map_or_else(|_| url.to_owned(), String::from);
        Self {
            url,
            method: "GET".to_owned(),
            ..Self::default()
        }
    }

    pub fn take(&mut self, arrived: &Arrived) {
        self.status = arrived.sent.status;
        self.n_bytes = 0;
        self.n_redirects = arrived.n_redirects;
        self.url = arrived.url.to_string();
        self.method = arrived.method.clone();
        self.content_type = arrived.sent.header("content-type").unwrap_or_default();
        let target = arrived
            .sent
            .header("location")
            .filter(|_| (300..400).contains(&self.status));
        self.redirect_url = target
            .and_then(|to| arrived.url.join(&to).ok())
            .map(String::from)
            .unwrap_or_default();
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        self.headers = arrived
            .sent
            .headers
            .iter()
            .map(|(name, value)| (name.to_lowercase(), text(value)))
            .collect();
    }

    fn value(&self, name: &str) -> String {
        if let Some(header) = name
            .strip_prefix("header{")
            .and_then(|rest| rest.strip_suffix('}'))
        {
            let found = self
                .headers
                .iter()
                .find(|(seen, _)| *seen == header.to_lowercase());
            return found.map(|(_, value)| value.clone()).unwrap_or_default();
        }
        match name {
            "http_code" | "response_code" => format!("{:03}", self.status),
            "size_download" => self.n_bytes.to_string(),
            "num_redirects" => self.n_redirects.to_string(),
            "url_effective" | "url" => self.url.clone(),
            "method" => self.method.clone(),
            "content_type" => self.content_type.clone(),
            "redirect_url" => self.redirect_url.clone(),
            "scheme" => self.url.split(':').next().unwrap_or_default().to_owned(),
            "http_version" => "1.1".to_owned(),
            "exitcode" => self.exit_code.to_string(),
            "errormsg" => self.error.clone(),
            "speed_download" => format!("{:.0}", self.n_bytes as f64 / self.seconds.max(0.000_001)),
            name if name.starts_with("time_") => format!("{:.6}", self.seconds),
            "num_connects" => "1".to_owned(),
            name if name.starts_with("size_") || name.starts_with("speed_") => "0".to_owned(),
            _ => String::new(),
        }
    }
}

/// Fills in a `-w` format: `%{name}`, `%%`, `%header{name}` and the escapes `\n`, `\t`, `\r`.
pub fn written(format: &str, facts: &Facts) -> String {
    let mut text = String::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        if let Some((name, tail)) = after
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'))
            .filter(|_| first == '%')
        {
            text.push_str(&facts.value(name));
            rest = tail;
        } else if let (true, Some((name, tail))) = (
            first == '%',
            after
                .strip_prefix("header{")
                .and_then(|x| x.split_once('}')),
        ) {
            text.push_str(&facts.value(&format!("header{{{name}}}")));
            rest = tail;
        } else if first == '%' && after.starts_with('%') {
            text.push('%');
            rest = &after[1..];
        } else if let (true, Some(escaped)) = (first == '\\', after.chars().next()) {
            match escaped {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'r' => text.push('\r'),
                other => text.extend(['\\', other]),
            }
            rest = &after[escaped.len_utf8()..];
        } else {
            text.push(first);
            rest = after;
        }
    }
    text
}

/// A response's header block as `-i` shows it.
pub fn head(status: u16, headers: &[(String, Vec<u8>)]) -> String {
    let mut text = format!("HTTP/1.1 {status} {}\r\n", reason(status));
    for (name, value) in headers {
        text.push_str(&format!("{name}: {}\r\n", String::from_utf8_lossy(value)));
    }
    text + "\r\n"
}

/// The request line that `-v` shows; header values may be secrets and stay out.
pub fn request_head(url: &Url, options: &Options) -> String {
    let method = options
        .method
        .as_deref()
        .unwrap_or(if options.is_head { "HEAD" } else { "GET" });
    format!(
        "> {method} {} HTTP/1.1\r\n> Host: {}\r\n> \r\n",
        url.path(),
        url.host_str().unwrap_or_default()
    )
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        413 => "Content Too Large",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

/// The cookies in Netscape's file format, all for the host they came from and for this session.
pub fn jar(arrived: &Arrived) -> String {
    let host = arrived.url.host_str().unwrap_or_default();
    let mut text = "# Netscape HTTP Cookie File\n\n".to_owned();
    for (name, value) in &arrived.cookies {
        text.push_str(&format!("{host}\tFALSE\t/\tFALSE\t0\t{name}\t{value}\n"));
    }
    text
}

/// Name and value of each line of a jar.
pub fn read_jar(bytes: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(bytes);
    text.lines()
        .filter(|line| !line.starts_with("# ") && !line.is_empty())
        .filter_map(|line| {
            let mut fields = line.split('\t').skip(5);
            Some((fields.next()?.to_owned(), fields.next()?.to_owned()))
        })
        .collect()
}
