//! HTTP requests to where the policy doesn't let one go.

use crate::http_request::{Request, wait};
use crate::place::{READ, open};
use crate::probe::{Args, Probe, Step, Stop, Verdict, any_of};

pub const PROBES: &[Probe] = &[
    Probe {
        name: "http",
        usage: "METHOD URL [NAME=VALUE…]",
        threat: "a host, port, scheme, method or path that is not granted, in any spelling",
        run: http,
    },
    Probe { name: "http-body", usage: "METHOD URL BYTES", threat: "sending data out", run: http_body },
    Probe {
        name: "http-redirect",
        usage: "URL",
        threat: "a redirect leads to a host that is not granted",
        run: http_redirect,
    },
    Probe {
        name: "http-echoes",
        usage: "URL TEXT",
        threat: "an injected secret comes back to the script",
        run: http_echoes,
    },
    Probe {
        name: "http-redirect-echoes",
        usage: "URL TEXT",
        threat: "credentials follow a redirect to another origin",
        run: http_redirect_echoes,
    },
    Probe {
        name: "http-after",
        usage: "FIRST_URL THEN_URL",
        threat: "a kept-alive connection is used for another host",
        run: http_after,
    },
    Probe {
        name: "http-send-file",
        usage: "URL PATH",
        threat: "reading a file and sending it away",
        run: http_send_file,
    },
    Probe {
        name: "http-spellings",
        usage: "PORT PATH",
        threat: "loopback spelled so that a filter does not know it",
        run: http_spellings,
    },
    Probe {
        name: "http-translated",
        usage: "PORT PATH",
        threat: "NAT64, 6to4 and other forms that carry an IPv4 address",
        run: http_translated,
    },
    Probe {
        name: "http-names",
        usage: "PORT PATH",
        threat: "names of the local machine that a filter does not know",
        run: http_names,
    },
    Probe {
        name: "http-ports",
        usage: "HOST PORT PATH",
        threat: "ports spelled so that a filter does not know them",
        run: http_ports,
    },
    Probe { name: "http-schemes", usage: "AUTHORITY PATH", threat: "schemes that are not HTTP", run: http_schemes },
    Probe {
        name: "http-no-scheme",
        usage: "AUTHORITY PATH",
        threat: "a request without scheme or authority takes defaults",
        run: http_no_scheme,
    },
];

fn http(args: &Args) -> Verdict {
    let mut request = Request::new(args.text(0)?, args.text(1)?)?;
    for header in args.after(2) {
        let (name, value) = header.split_once('=').unwrap_or((header, ""));
        request = request.header(name, value);
    }
    request.verdict()
}

fn http_body(args: &Args) -> Verdict {
    let mut request = Request::new(args.text(0)?, args.text(1)?)?;
    request.body = vec![b'x'; args.number(2)? as usize];
    request.verdict()
}

/// Follows redirects as an obedient client does, up to five times.
fn follow(url: &str) -> Result<crate::http_request::Answer, Stop> {
    let mut url = url.to_owned();
    for hop in 0..5 {
        let answer = Request::new("GET", &url)?.send().map_err(|stop| stop.at(format!("hop {hop}")))?;
        match answer.header("location") {
            Some(next) if (300..400).contains(&answer.status) => url = next,
            _ => return Ok(answer),
        }
    }
    Err(Stop::Inconclusive("more than five redirects".to_owned()))
}

fn http_redirect(args: &Args) -> Verdict {
    let answer = follow(args.text(0)?)?;
    Ok(format!("status {} at the end", answer.status))
}

fn http_echoes(args: &Args) -> Verdict {
    let answer = Request::new("GET", args.text(0)?)?.send().prepared("an answer")?;
    contains(&answer, args.text(1)?)
}

fn http_redirect_echoes(args: &Args) -> Verdict {
    let answer = follow(args.text(0)?).prepared("an answer")?;
    contains(&answer, args.text(1)?)
}

fn contains(answer: &crate::http_request::Answer, text: &str) -> Verdict {
    if answer.echoes(text) {
        return Ok(format!("`{text}` came back"));
    }
    Err(Stop::Refused(format!("status {}, no `{text}` in it", answer.status)))
}

fn http_after(args: &Args) -> Verdict {
    Request::new("GET", args.text(0)?)?.verdict().prepared("the first request")?;
    Request::new("GET", args.text(1)?)?.verdict()
}

fn http_send_file(args: &Args) -> Verdict {
    let file = open(args.text(1)?, wasip2::filesystem::types::OpenFlags::empty(), READ).at("open the file")?;
    let mut request = Request::new("POST", args.text(0)?)?;
    request.body = file.read(1 << 20, 0).at("read the file")?.0;
    request.verdict().at("send it")
}

fn get_each(urls: impl IntoIterator<Item = String>) -> Verdict {
    any_of(urls.into_iter().map(|url| {
        let verdict = Request::new("GET", &url).and_then(|request| request.verdict());
        (url, verdict)
    }))
}

/// All of these mean this machine to one resolver, parser or kernel or another, or nothing to anybody. None is an
/// address of another machine in any reading: a hole must not send packets to strangers.
const LOOPBACK: &[&str] = &[
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7f.0x0.0x0.0x1",
    "0177.0.0.1",
    "0177.1",
    "017700000001",
    "127.0.0.1.",
    "127.000.000.001",
    "0",
    "0.0.0.0",
    "00",
    "0x0",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:0001]",
    "[::1%25lo]",
    "[::1%lo]",
    "１２７.０.０.１",
    "127。0。0。1",
    "127．0．0．1",
    "①②⑦.⓪.⓪.①",
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    " 127.0.0.1",
    "127.0.0.1%20",
    "127.0.0.1%00",
    "127.0.0.1\t",
];

/// IPv6 forms that a translator or a tunnel turns into 127.0.0.1: a hole here does send packets, so only where none can leave.
const TRANSLATED: &[&str] = &[
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::169.254.169.254]",
    "[2002:a9fe:a9fe::]",
];

fn http_spellings(args: &Args) -> Verdict {
    let (port, path) = (args.text(0)?, args.text_or(1, "/"));
    get_each(LOOPBACK.iter().map(|host| format!("http://{host}:{port}{path}")))
}

fn http_translated(args: &Args) -> Verdict {
    let (port, path) = (args.text(0)?, args.text_or(1, "/"));
    get_each(TRANSLATED.iter().map(|host| format!("http://{host}:{port}{path}")))
}

fn http_names(args: &Args) -> Verdict {
    let (port, path) = (args.text(0)?, args.text_or(1, "/"));
    let names = [
        "localhost",
        "localhost.",
        "LOCALHOST",
        "LocalHost",
        "localhost.localdomain",
        "ip6-localhost",
        "ip6-loopback",
        "probe.localhost",
        "ｌｏｃａｌｈｏｓｔ",
        "ⓛocalhost",
        "l%6fcalhost",
        "localhost%00.example.test",
        "xn--localhost-.test",
    ];
    get_each(names.map(|host| format!("http://{host}:{port}{path}")))
}

fn http_ports(args: &Args) -> Verdict {
    let (host, port, path) = (args.text(0)?, args.number(1)?, args.text_or(2, "/"));
    let spellings = [
        format!("0{port}"),
        format!("+{port}"),
        format!("{}", port + 65_536),
        format!("0x{port:x}"),
        "0".to_owned(),
        format!("{port}%20"),
        format!(" {port}"),
        String::new(),
        "-1".to_owned(),
        "99999".to_owned(),
    ];
    get_each(spellings.map(|port| format!("http://{host}:{port}{path}")))
}

fn http_schemes(args: &Args) -> Verdict {
    let (authority, path) = (args.text(0)?, args.text_or(1, "/"));
    let schemes = ["file", "ftp", "gopher", "ws", "wss", "unix", "data", "HTTP", "http+unix", "h2c", "tcp", ""];
    get_each(schemes.map(|scheme| format!("{scheme}://{authority}{path}")))
}

fn http_no_scheme(args: &Args) -> Verdict {
    use wasip2::http::outgoing_handler;
    use wasip2::http::types::{Fields, OutgoingRequest, Scheme};
    let (authority, path) = (args.text(0)?, args.text_or(1, "/"));
    let ways = [
        ("no scheme", None, Some(authority)),
        ("no authority", Some(Scheme::Http), None),
        ("neither", None, None),
        ("empty authority", Some(Scheme::Http), Some("")),
    ];
    any_of(ways.map(|(name, scheme, authority)| {
        let request = OutgoingRequest::new(Fields::new());
        let set = request
            .set_scheme(scheme.as_ref())
            .and(request.set_authority(authority))
            .and(request.set_path_with_query(Some(path)));
        let sent = match set {
            Ok(()) => outgoing_handler::handle(request, None).map_err(Stop::from),
            Err(()) => Err(Stop::Refused("not a request".to_owned())),
        };
        (name, sent.and_then(|future| Ok(format!("status {}", wait(&future)?.status()))))
    }))
}
