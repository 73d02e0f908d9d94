//! The request target: paths and authorities that read one way to the filter and another way to the server.

use crate::http_request::Request;
use crate::probe::{Args, Probe, Stop, Verdict, any_of};

pub const PROBES: &[Probe] = &[
    Probe {
        name: "http-absolute-form",
        usage: "BASE OTHER",
        threat: "48.0.x fix 1: absolute-form request target passes the host allowlist through a proxy",
        run: absolute_form,
    },
    Probe {
        name: "http-path-tricks",
        usage: "ALLOWED TARGET",
        threat: "dot segments and percent-encoding leave the allowed path",
        run: path_tricks,
    },
    Probe {
        name: "http-path-control",
        usage: "BASE",
        threat: "CR, LF and spaces in the target split the request",
        run: path_control,
    },
    Probe { name: "http-userinfo", usage: "ALLOWED OTHER PATH", threat: "`http://allowed@evil`", run: userinfo },
    Probe {
        name: "http-authority-tricks",
        usage: "ALLOWED OTHER PATH",
        threat: "delimiters that parsers of authorities disagree on",
        run: authority_tricks,
    },
    Probe {
        name: "http-suffix",
        usage: "ALLOWED OTHER PATH",
        threat: "the allowed name as prefix or suffix of another",
        run: suffix,
    },
    Probe {
        name: "http-method-tricks",
        usage: "URL",
        threat: "methods that are not granted, in odd spellings",
        run: method_tricks,
    },
];

fn with_path(base: &str, path: &str) -> Verdict {
    let mut request = Request::new("GET", base)?;
    path.clone_into(&mut request.path);
    request.verdict()
}

fn absolute_form(args: &Args) -> Verdict {
    let (base, other) = (args.text(0)?, args.text(1)?);
    let authority = other.split_once("://").map_or(other, |(_, rest)| rest);
    let targets = [
        other.to_owned(),
        other.to_uppercase(),
        format!("//{authority}"),
        authority.to_owned(),
        "*".to_owned(),
        format!("@{authority}"),
        format!(":80@{authority}"),
        format!("\\\\{authority}"),
    ];
    any_of(targets.map(|target| {
        let verdict = with_path(base, &target);
        // Behind a slash the target is an ordinary path on the allowed host.
        let verdict = if target.starts_with('/') {
            verdict.and_then(|_| Err(Stop::Refused("a path on the allowed host".to_owned())))
        } else {
            verdict
        };
        (target, verdict)
    }))
}

/// ALLOWED is a granted URL ending in `/`; TARGET a path on the same server that isn't granted.
fn path_tricks(args: &Args) -> Verdict {
    let (allowed, target) = (args.text(0)?, args.text(1)?);
    let base = Request::new("GET", allowed)?.path;
    let rest = target.trim_start_matches('/');
    let up = base.matches('/').count() - 1;
    let climbs = [
        "../",
        "%2e%2e/",
        "%2E%2E/",
        ".%2e/",
        "%2e./",
        "..%2f",
        "..%2F",
        "%2e%2e%2f",
        "x/../../",
        "./../",
        "/../../",
        "%2e/../",
    ];
    let spelled = climbs.map(|climb| format!("{base}{}{rest}", climb.repeat(up)));
    let direct = [
        target.to_owned(),
        format!("/%{:02x}{}", rest.as_bytes()[0], &rest[1..]),
        format!("/./{rest}"),
        format!("/x/../{rest}"),
        format!("/?/{rest}"),
        format!("{target}?{base}"),
        format!("{target}#{base}"),
        format!("{target};{base}"),
    ];
    any_of(spelled.into_iter().chain(direct).map(|path| (path.clone(), with_path(allowed, &path))))
}

fn path_control(args: &Args) -> Verdict {
    let base = args.text(0)?;
    let paths = [
        "/ HTTP/1.1\r\nHost: other.test\r\n\r\nGET /x",
        "/a\r\nx-injected: 1",
        "/a\nx-injected: 1",
        "/a\rb",
        "/a b",
        "/a\tb",
        "/a\0b",
        "/a\u{7f}b",
        "/\u{1b}[2J",
        "/a\u{85}b",
        "/\u{2028}x",
    ];
    any_of(paths.map(|path| (path.escape_default().to_string(), with_path(base, path))))
}

fn get_each(urls: impl IntoIterator<Item = String>) -> Verdict {
    any_of(urls.into_iter().map(|url| {
        let verdict = Request::new("GET", &url).and_then(|request| request.verdict());
        (url.escape_default().to_string(), verdict)
    }))
}

fn userinfo(args: &Args) -> Verdict {
    let (allowed, other, path) = (args.text(0)?, args.text(1)?, args.text_or(2, "/"));
    get_each([
        format!("http://{allowed}@{other}{path}"),
        format!("http://{allowed}:80@{other}{path}"),
        format!("http://user:secret@{other}{path}"),
        format!("http://{allowed}%40{other}{path}"),
        format!("http://@{other}{path}"),
        format!("http://{allowed}@{allowed}@{other}{path}"),
    ])
}

fn authority_tricks(args: &Args) -> Verdict {
    let (allowed, other, path) = (args.text(0)?, args.text(1)?, args.text_or(2, "/"));
    get_each([
        format!("http://{other}\\@{allowed}{path}"),
        format!("http://{other},{allowed}{path}"),
        format!("http://{other};{allowed}{path}"),
        format!("http://{other} {allowed}{path}"),
        format!("http://{other}\t.{allowed}{path}"),
        format!("http://{other}%23.{allowed}{path}"),
        format!("http://{other}%2f.{allowed}{path}"),
        format!("http://{other}\\.{allowed}{path}"),
        format!("http://{other}\0.{allowed}{path}"),
        format!("http://{other}\r\nhost: {allowed}{path}"),
        format!("http://[{other}]{path}"),
    ])
}

fn suffix(args: &Args) -> Verdict {
    let (allowed, other, path) = (args.text(0)?, args.text(1)?, args.text_or(2, "/"));
    get_each([
        format!("http://{allowed}.{other}{path}"),
        format!("http://x{allowed}{path}"),
        format!("http://sub.{allowed}{path}"),
        format!("http://a.b.{allowed}{path}"),
        format!("http://.{allowed}{path}"),
        format!("http://*.{allowed}{path}"),
        format!("http://{allowed}..{path}"),
    ])
}

fn method_tricks(args: &Args) -> Verdict {
    let url = args.text(0)?;
    let methods = [
        "DELETE",
        "PUT",
        "PATCH",
        "TRACE",
        "CONNECT",
        "OPTIONS",
        "get",
        "Get",
        "GET ",
        "GET / HTTP/1.1\r\nx: y\r\n",
        "",
        "PROPFIND",
        "G\u{400}T",
    ];
    any_of(methods.map(|method| {
        let verdict = Request::new(method, url).and_then(|request| request.verdict());
        (method.escape_default().to_string(), verdict)
    }))
}
