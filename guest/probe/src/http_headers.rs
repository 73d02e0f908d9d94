//! Header fields that belong to the host, or that two servers read differently.

use wasip2::http::types::Fields;

use crate::http_request::Request;
use crate::probe::{Args, Probe, Stop, Verdict, any_of};

pub const PROBES: &[Probe] = &[
    Probe {
        name: "http-host-header",
        usage: "URL HOST",
        threat: "Host header differs from where the connection goes",
        run: host_header,
    },
    Probe {
        name: "http-forbidden-headers",
        usage: "URL",
        threat: "hop-by-hop and framing headers set by the guest",
        run: forbidden_headers,
    },
    Probe {
        name: "http-header-control",
        usage: "URL",
        threat: "CR and LF in a header split the request",
        run: header_control,
    },
    Probe {
        name: "http-content-length-twice",
        usage: "URL",
        threat: "48.0.x fix 3: several Content-Length values (smuggling)",
        run: content_length_twice,
    },
    Probe {
        name: "http-content-length-mismatch",
        usage: "URL",
        threat: "48.0.x fix 3: Content-Length is not the body's",
        run: content_length_mismatch,
    },
    Probe {
        name: "http-content-length-odd",
        usage: "URL",
        threat: "Content-Length values that parsers read differently",
        run: content_length_odd,
    },
    Probe {
        name: "http-transfer-encoding",
        usage: "URL",
        threat: "Transfer-Encoding beside Content-Length (smuggling)",
        run: transfer_encoding,
    },
    Probe {
        name: "http-trailers-forbidden",
        usage: "URL",
        threat: "48.0.x fix 4: forbidden headers in trailers",
        run: trailers_forbidden,
    },
    Probe {
        name: "http-inject-override",
        usage: "URL NAME",
        threat: "the guest sets the header that the policy injects",
        run: inject_override,
    },
    Probe {
        name: "http-inject-append",
        usage: "URL NAME",
        threat: "the guest's value goes out beside the injected one",
        run: inject_append,
    },
    Probe {
        name: "http-proxy-headers",
        usage: "URL",
        threat: "headers that make a proxy forward elsewhere",
        run: proxy_headers,
    },
];

/// A header that the echoing server then saw is the breach; one silently dropped is a refusal.
fn sends(url: &str, name: &str, value: &str) -> Verdict {
    let fields = Fields::new();
    fields.append(name, value.as_bytes())?;
    let answer = Request::new("POST", url)?.header(name, value).send()?;
    if answer.echoes(value) {
        return Ok(format!("the server saw `{value}`"));
    }
    Err(Stop::Refused(format!("status {}, the server did not see it", answer.status)))
}

fn host_header(args: &Args) -> Verdict {
    let (url, host) = (args.text(0)?, args.text(1)?);
    any_of(
        ["host", "Host", "HOST", ":authority", "host ", "x-forwarded-host\r\nhost"]
            .map(|name| (name, sends(url, name, host))),
    )
}

fn forbidden_headers(args: &Args) -> Verdict {
    let url = args.text(0)?;
    let headers = [
        ("connection", "keep-alive, x-probe"),
        ("keep-alive", "timeout=77777"),
        ("proxy-authenticate", "Basic probe-77777"),
        ("proxy-authorization", "Basic probe-77777"),
        ("proxy-connection", "probe-77777"),
        ("te", "trailers, probe-77777"),
        ("transfer-encoding", "probe-77777"),
        ("upgrade", "probe-77777"),
        ("http2-settings", "probe-77777"),
        ("host", "probe-77777.test"),
    ];
    any_of(headers.map(|(name, value)| (name, sends(url, name, value))))
}

fn header_control(args: &Args) -> Verdict {
    let url = args.text(0)?;
    let values =
        ["a\r\nx-injected: 77777", "a\nx-injected: 77777", "a\rx-injected: 77777", "a\0b77777", "a\u{1b}[2Jb77777"];
    let names = ["x-a\r\nx-injected", "x-a:", "x a", "", "x-a\0", "x-\u{e9}"];
    let by_value = values.map(|value| (value, sends(url, "x-probe", value)));
    let by_name = names.map(|name| (name, sends(url, name, "77777")));
    any_of(by_value.into_iter().chain(by_name).map(|(what, verdict)| (what.escape_default().to_string(), verdict)))
}

fn with_lengths(url: &str, lengths: &[&str], body: &[u8]) -> Verdict {
    let mut request = Request::new("POST", url)?;
    for length in lengths {
        request = request.header("content-length", length);
    }
    request.body = body.to_vec();
    request.verdict()
}

fn content_length_twice(args: &Args) -> Verdict {
    let url = args.text(0)?;
    let pairs: [&[&str]; 4] = [&["5", "6"], &["5", "5"], &["5, 6"], &["0", "5"]];
    any_of(pairs.map(|lengths| (format!("{lengths:?}"), with_lengths(url, lengths, b"hello"))))
}

fn content_length_mismatch(args: &Args) -> Verdict {
    let url = args.text(0)?;
    any_of([
        ("too long", with_lengths(url, &["4"], b"hello")),
        ("too short", with_lengths(url, &["50"], b"hello")),
        ("no body", with_lengths(url, &["5"], b"")),
        ("zero", with_lengths(url, &["0"], b"hello")),
    ])
}

fn content_length_odd(args: &Args) -> Verdict {
    let url = args.text(0)?;
    any_of(
        ["+5", "-5", "0x5", "5 ", "05", "5.0", "", "99999999999999999999999", "5\u{b}", "five"]
            .map(|length| (length, with_lengths(url, &[length], b"hello"))),
    )
}

fn transfer_encoding(args: &Args) -> Verdict {
    let url = args.text(0)?;
    any_of(["chunked", "identity", "chunked, identity", "xchunked", " chunked", "chunked\u{b}"].map(|value| {
        let mut request = match Request::new("POST", url) {
            Ok(request) => request.header("transfer-encoding", value).header("content-length", "5"),
            Err(stop) => return (value, Err(stop)),
        };
        request.body = b"hello".to_vec();
        (value, request.verdict())
    }))
}

fn trailers_forbidden(args: &Args) -> Verdict {
    let url = args.text(0)?;
    any_of(["host", "transfer-encoding", "content-length", "connection", "te", "upgrade"].map(|name| {
        let sent = Request::new("POST", url).and_then(|mut request| {
            request.body = b"hello".to_vec();
            request.trailers = vec![(name.to_owned(), b"77777".to_vec())];
            request.verdict()
        });
        (name, sent)
    }))
}

fn inject_override(args: &Args) -> Verdict {
    sends(args.text(0)?, args.text(1)?, "set-by-the-guest")
}

fn inject_append(args: &Args) -> Verdict {
    let (url, name) = (args.text(0)?, args.text(1)?);
    any_of([name.to_uppercase(), name.to_lowercase(), format!("{name} "), name.replace('-', "_")].map(|name| {
        let verdict = sends(url, &name, "set-by-the-guest");
        (name, verdict)
    }))
}

/// Allowed by the specification: whether the wall lets them pass is worth knowing, not a hole by itself.
fn proxy_headers(args: &Args) -> Verdict {
    let url = args.text(0)?;
    let headers = [
        ("forwarded", "host=probe-77777.test"),
        ("x-forwarded-host", "probe-77777.test"),
        ("x-original-url", "/probe-77777"),
        ("x-rewrite-url", "/probe-77777"),
        ("x-http-method-override", "DELETE77777"),
    ];
    any_of(headers.map(|(name, value)| (name, sends(url, name, value))))
}
