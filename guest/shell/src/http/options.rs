//! curl's command line, parsed once into [`Options`].

use std::time::Duration;

use super::failure::Failure;

/// One `-d`, `-F` or `-T` as written; read only when the request is made.
#[derive(Debug, Clone)]
pub enum Part {
    /// `-d`: `@file` is read with line ends removed.
    Data(String),
    Raw(String),
    /// `--data-binary`: `@file` is read as it is.
    Binary(String),
    UrlEncode(String),
    Json(String),
}

#[derive(Debug, Default, Clone)]
pub struct Options {
    pub urls: Vec<String>,
    /// One for each URL, in order: `-o FILE`, or `None` for `-O`.
    pub outputs: Vec<Option<String>>,
    pub method: Option<String>,
    pub headers: Vec<String>,
    pub parts: Vec<Part>,
    pub forms: Vec<(String, bool)>,
    pub upload: Option<String>,
    pub user: Option<String>,
    pub agent: Option<String>,
    pub referer: Option<String>,
    pub cookie: Option<String>,
    pub cookie_jar: Option<String>,
    pub write_out: Option<String>,
    pub dump_headers: Option<String>,
    pub output_folder: Option<String>,
    pub is_get: bool,
    pub is_head: bool,
    pub is_silent: bool,
    pub shows_errors: bool,
    pub follows: bool,
    pub keeps_post: bool,
    pub trusts_redirects: bool,
    pub fails: bool,
    pub fails_with_body: bool,
    pub includes_headers: bool,
    pub is_verbose: bool,
    pub is_compressed: bool,
    pub creates_folders: bool,
    pub retries: u32,
    pub retry_delay: Option<Duration>,
    pub retry_max_time: Option<Duration>,
    pub retries_all: bool,
    pub retries_refused: bool,
    pub max_time: Option<Duration>,
    pub connect_timeout: Option<Duration>,
    pub max_redirects: Option<u32>,
    pub wants_version: bool,
}

/// Long names of the short options that are understood.
fn long_name(short: char) -> Option<&'static str> {
    Some(match short {
        'X' => "request",
        'H' => "header",
        'd' => "data",
        'G' => "get",
        'f' => "fail",
        's' => "silent",
        'S' => "show-error",
        'L' => "location",
        'o' => "output",
        'O' => "remote-name",
        'w' => "write-out",
        'i' => "include",
        'I' => "head",
        'u' => "user",
        'A' => "user-agent",
        'e' => "referer",
        'k' => "insecure",
        'm' => "max-time",
        'T' => "upload-file",
        'F' => "form",
        'v' => "verbose",
        'b' => "cookie",
        'c' => "cookie-jar",
        'D' => "dump-header",
        'V' => "version",
        'K' => "config",
        'x' => "proxy",
        'E' => "cert",
        'g' => "globoff",
        'N' => "no-buffer",
        'q' => "disable",
        '#' => "progress-bar",
        '4' => "ipv4",
        '6' => "ipv6",
        'Z' => "parallel",
        'J' => "remote-header-name",
        'C' => "continue-at",
        'r' => "range",
        _ => return None,
    })
}

fn takes_value(long: &str) -> bool {
    matches!(
        long,
        "request"
            | "header"
            | "data"
            | "data-ascii"
            | "data-raw"
            | "data-binary"
            | "data-urlencode"
            | "json"
            | "output"
            | "write-out"
            | "user"
            | "user-agent"
            | "referer"
            | "max-time"
            | "connect-timeout"
            | "upload-file"
            | "form"
            | "form-string"
            | "cookie"
            | "cookie-jar"
            | "dump-header"
            | "retry"
            | "retry-delay"
            | "retry-max-time"
            | "max-redirs"
            | "url"
            | "config"
            | "proxy"
            | "cert"
            | "key"
            | "cacert"
            | "capath"
            | "resolve"
            | "connect-to"
            | "output-dir"
            | "oauth2-bearer"
            | "proto"
            | "proto-redir"
            | "limit-rate"
            | "speed-limit"
            | "speed-time"
            | "noproxy"
            | "continue-at"
            | "range"
            | "keepalive-time"
            | "ciphers"
            | "tls-max"
            | "interface"
            | "unix-socket"
    )
}

/// Parses curl's arguments.
pub fn parse(args: &[String]) -> Result<Options, Failure> {
    let mut options = Options::default();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        if let Some(long) = arg.strip_prefix("--").filter(|long| !long.is_empty()) {
            let value = match takes_value(long) {
                true => Some(rest.next().cloned().ok_or_else(|| missing(arg))?),
                false => None,
            };
            set(&mut options, long, arg, value)?;
        } else if let Some(cluster) = arg
            .strip_prefix('-')
            .filter(|cluster| !cluster.is_empty() && *cluster != "-")
        {
            let letters = cluster.char_indices();
            for (at, letter) in letters {
                let shown = format!("-{letter}");
                let long = long_name(letter).ok_or_else(|| unknown(&shown))?;
                if takes_value(long) {
                    let inline = &cluster[at + letter.len_utf8()..];
                    let value = if inline.is_empty() {
                        rest.next().cloned()
                    } else {
                        Some(inline.to_owned())
                    };
                    set(
                        &mut options,
                        long,
                        &shown,
                        Some(value.ok_or_else(|| missing(&shown))?),
                    )?;
                    break;
                }
                set(&mut options, long, &shown, None)?;
            }
        } else if arg != "--" {
            options.urls.push(arg.clone());
        }
    }
    Ok(options)
}

fn unknown(shown: &str) -> Failure {
    Failure::usage(format!("option {shown}: is unknown"))
}

fn missing(shown: &str) -> Failure {
    Failure::usage(format!("option {shown}: requires parameter"))
}

fn refused(shown: &str, why: &str) -> Failure {
    Failure::usage(format!(
        "option {shown}: not available in the sandbox: {why}"
    ))
}

fn seconds(shown: &str, value: &str) -> Result<Duration, Failure> {
    let seconds = value
        .parse::<f64>()
        .ok()
        .and_then(|n| Duration::try_from_secs_f64(n).ok());
    seconds.ok_or_else(|| {
        Failure::usage(format!(
            "option {shown}: expected a proper numerical parameter"
        ))
    })
}

fn count(shown: &str, value: &str) -> Result<u32, Failure> {
    value.parse().map_err(|_| {
        Failure::usage(format!(
            "option {shown}: expected a proper numerical parameter"
        ))
    })
}

fn set(
    options: &mut Options,
    long: &str,
    shown: &str,
    value: Option<String>,
) -> Result<(), Failure> {
    let value = value.unwrap_or_default();
    match long {
        "request" => options.method = Some(value),
        "header" => options.headers.push(value),
        "data" | "data-ascii" => options.parts.push(Part::Data(value)),
        "data-raw" => options.parts.push(Part::Raw(value)),
        "data-binary" => options.parts.push(Part::Binary(value)),
        "data-urlencode" => options.parts.push(Part::UrlEncode(value)),
        "json" => options.parts.push(Part::Json(value)),
        "form" => options.forms.push((value, false)),
        "form-string" => options.forms.push((value, true)),
        "upload-file" => options.upload = Some(value),
        "output" => options.outputs.push(Some(value)),
        "remote-name" => options.outputs.push(None),
        "output-dir" => options.output_folder = Some(value),
        "create-dirs" => options.creates_folders = true,
        "write-out" => options.write_out = Some(value),
        "dump-header" => options.dump_headers = Some(value),
        "user" => options.user = Some(value),
        "oauth2-bearer" => options
            .headers
            .push(format!("Authorization: Bearer {value}")),
        "user-agent" => options.agent = Some(value),
        "referer" => options.referer = Some(value),
        "cookie" => options.cookie = Some(value),
        "cookie-jar" => options.cookie_jar = Some(value),
        "url" => options.urls.push(value),
        "get" => options.is_get = true,
        "head" => options.is_head = true,
        "silent" => options.is_silent = true,
        "show-error" => options.shows_errors = true,
        "location" => options.follows = true,
        "location-trusted" => (options.follows, options.trusts_redirects) = (true, true),
        "post301" | "post302" | "post303" => options.keeps_post = true,
        "fail" => options.fails = true,
        "fail-with-body" => options.fails_with_body = true,
        "include" => options.includes_headers = true,
        "verbose" => options.is_verbose = true,
        "compressed" => options.is_compressed = true,
        "retry" => options.retries = count(shown, &value)?,
        "retry-delay" => options.retry_delay = Some(seconds(shown, &value)?),
        "retry-max-time" => options.retry_max_time = Some(seconds(shown, &value)?),
        "retry-all-errors" => options.retries_all = true,
        "retry-connrefused" => options.retries_refused = true,
        "max-time" => options.max_time = Some(seconds(shown, &value)?),
        "connect-timeout" => options.connect_timeout = Some(seconds(shown, &value)?),
        "max-redirs" => options.max_redirects = value.parse().ok(),
        "range" => options.headers.push(format!("Range: bytes={value}")),
        "version" => options.wants_version = true,
        "insecure" => return Err(refused(shown, "the host checks certificates")),
        "proxy" | "noproxy" | "resolve" | "connect-to" | "interface" | "unix-socket" => {
            return Err(refused(shown, "the host resolves and connects"));
        }
        "cert" | "key" | "cacert" | "capath" | "ciphers" => {
            return Err(refused(shown, "TLS is the host's"));
        }
        "config" => return Err(refused(shown, "give the options on the command line")),
        "continue-at" => return Err(refused(shown, "transfers start at the beginning")),
        // No effect here: one connection, no progress meter, and the host picks protocol and address family.
        "globoff" | "no-buffer" | "disable" | "progress-bar" | "no-progress-meter" | "ipv4"
        | "ipv6" | "http1.1" | "http1.0" | "http2" | "tlsv1.2" | "tlsv1.3" | "tls-max"
        | "proto" | "proto-redir" | "limit-rate" | "speed-limit" | "speed-time"
        | "keepalive-time" | "no-keepalive" | "parallel" | "basic" | "anyauth" | "tcp-nodelay"
        | "path-as-is" | "ssl-reqd" | "remote-header-name" | "no-fail" | "fail-early" => {}
        _ => return Err(unknown(shown)),
    }
    Ok(())
}
