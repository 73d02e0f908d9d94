//! Requests and responses that are too many, too big, too slow or never finished.

use wasip2::http::types::{Fields, OutgoingBody, OutgoingRequest};
use wasip2::http::{outgoing_handler, types::Method};

use crate::http_request::{Request, read_body, wait};
use crate::probe::{Args, Probe, Step, Stop, Verdict};

pub const PROBES: &[Probe] = &[
    Probe {
        name: "http-body-endless",
        usage: "URL BYTES",
        threat: "a response without end; chunk bombs",
        run: body_endless,
    },
    Probe { name: "http-bodies", usage: "URL N", threat: "the limit on responses holds for their sum", run: bodies },
    Probe { name: "http-upload", usage: "URL BYTES", threat: "a request body without end", run: upload },
    Probe { name: "http-requests", usage: "N URL", threat: "many requests at once, none consumed", run: requests },
    Probe {
        name: "http-requests-in-turn",
        usage: "N URL",
        threat: "many requests, one after the other",
        run: requests_in_turn,
    },
    Probe { name: "http-slow", usage: "URL", threat: "slowloris: a server that never answers", run: slow },
    Probe {
        name: "http-between-bytes-zero",
        usage: "URL",
        threat: "48.0.x fix 5: a timeout of zero panics the host's timer",
        run: between_bytes_zero,
    },
    Probe {
        name: "http-timeouts-huge",
        usage: "URL",
        threat: "timeouts at the edge of u64, and longer than the host's own",
        run: timeouts_huge,
    },
    Probe {
        name: "http-header-flood",
        usage: "N URL",
        threat: "GHSA-243v-98vx-264h: more than 32k headers panic",
        run: header_flood,
    },
    Probe {
        name: "http-header-huge",
        usage: "BYTES URL",
        threat: "one header sizes a host allocation",
        run: header_huge,
    },
    Probe {
        name: "http-fields-flood",
        usage: "N",
        threat: "GHSA-243v-98vx-264h: fields appended without sending",
        run: fields_flood,
    },
    Probe { name: "http-path-huge", usage: "BYTES URL", threat: "a request target of megabytes", run: path_huge },
    Probe {
        name: "http-abandon",
        usage: "N URL",
        threat: "GHSA-xjhv-v822-pf94: futures dropped in the middle of a call",
        run: abandon,
    },
    Probe {
        name: "http-unfinished",
        usage: "N URL",
        threat: "request bodies that are never finished",
        run: unfinished,
    },
];

fn body_endless(args: &Args) -> Verdict {
    let (url, limit) = (args.text(0)?, args.number(1)? as usize);
    let response = Request::new("GET", url)?.response()?;
    let (bytes, ended) = read_body(&response, limit)?;
    if ended && bytes.len() < limit {
        return Err(Stop::Refused(format!("the body ended after {} bytes", bytes.len())));
    }
    Ok(format!("{} bytes", bytes.len()))
}

/// Reads the beginning of each body and keeps them all open: one after the other they would be within the limit.
fn bodies(args: &Args) -> Verdict {
    let (url, n) = (args.text(0)?, args.number(1)?);
    let gone = |()| Stop::Inconclusive("the body was taken already".to_owned());
    let mut open = vec![];
    let mut total = 0;
    for i in 0..n {
        let response = Request::new("GET", url)?.response().map_err(|stop| stop.at(format!("request {i}")))?;
        let body = response.consume().map_err(gone)?;
        let stream = body.stream().map_err(gone)?;
        let most = total + 100_000;
        while total < most {
            let chunk = stream
                .blocking_read(65_536)
                .map_err(|error| Stop::from(error).at(format!("{total} bytes before it")))?;
            total += chunk.len();
        }
        open.push((stream, body, response));
    }
    Ok(format!("{total} bytes in {} open responses", open.len()))
}

fn upload(args: &Args) -> Verdict {
    let (url, bytes) = (args.text(0)?, args.number(1)?);
    let mut request = Request::new("POST", url)?;
    request.body = vec![b'x'; bytes as usize];
    let status = request.response()?.status();
    Ok(format!("{bytes} bytes sent, status {status}"))
}

fn requests(args: &Args) -> Verdict {
    let (n, request) = (args.number(0)?, Request::new("GET", args.text(1)?)?);
    let mut open = vec![];
    for i in 0..n {
        open.push(request.start().map_err(|stop| stop.at(format!("after {i} requests")))?);
    }
    let mut n_answered = 0;
    for future in &open {
        wait(future).map_err(|stop| stop.at(format!("after {n_answered} answers")))?;
        n_answered += 1;
    }
    Ok(format!("{n_answered} requests open at once"))
}

fn requests_in_turn(args: &Args) -> Verdict {
    let (n, request) = (args.number(0)?, Request::new("GET", args.text(1)?)?);
    for i in 0..n {
        request.send().map_err(|stop| stop.at(format!("after {i} requests")))?;
    }
    Ok(format!("{n} requests"))
}

fn slow(args: &Args) -> Verdict {
    let started = std::time::Instant::now();
    let answer = Request::new("GET", args.text(0)?)?.send()?;
    Ok(format!("status {} after {} ms", answer.status, started.elapsed().as_millis()))
}

/// A zero may be refused, time out at once, or mean nothing: the host's panic is what must not happen.
fn between_bytes_zero(args: &Args) -> Verdict {
    let mut request = Request::new("GET", args.text(0)?)?;
    let second = 1_000_000_000;
    for timeouts in [[second, second, 0], [second, 0, second], [0, second, second], [0, 0, 0]] {
        request.timeouts = Some(timeouts);
        let _ = request.send();
    }
    request.timeouts = None;
    request.verdict().at("an ordinary request afterwards")
}

fn timeouts_huge(args: &Args) -> Verdict {
    let mut request = Request::new("GET", args.text(0)?)?;
    request.timeouts = Some([u64::MAX; 3]);
    request.verdict()
}

fn header_flood(args: &Args) -> Verdict {
    let (n, mut request) = (args.number(0)?, Request::new("GET", args.text(1)?)?);
    request.headers = (0..n).map(|i| (format!("x-{i}"), b"y".to_vec())).collect();
    request.verdict()
}

fn header_huge(args: &Args) -> Verdict {
    let (bytes, request) = (args.number(0)? as usize, Request::new("GET", args.text(1)?)?);
    request.header("x-huge", &"y".repeat(bytes)).verdict()
}

fn fields_flood(args: &Args) -> Verdict {
    let (n, fields) = (args.number(0)?, Fields::new());
    for i in 0..n {
        fields.append("x-same", b"y").map_err(|error| Stop::from(error).at(format!("after {i} fields")))?;
        if i % 1000 == 0 {
            fields.append(&format!("x-{i}"), b"y").map_err(|error| Stop::from(error).at(format!("after {i} names")))?;
        }
    }
    Ok(format!("{} fields", fields.entries().len()))
}

fn path_huge(args: &Args) -> Verdict {
    let (bytes, mut request) = (args.number(0)? as usize, Request::new("GET", args.text(1)?)?);
    request.path = format!("{}?{}", request.path, "y".repeat(bytes));
    request.verdict()
}

fn abandon(args: &Args) -> Verdict {
    let (n, request) = (args.number(0)?, Request::new("GET", args.text(1)?)?);
    for i in 0..n {
        let future = request.start().map_err(|stop| stop.at(format!("after {i} requests")))?;
        let pollable = future.subscribe();
        if i % 2 == 0 {
            pollable.ready();
        }
    }
    request.verdict().at("an ordinary request afterwards")
}

fn unfinished(args: &Args) -> Verdict {
    let (n, template) = (args.number(0)?, Request::new("POST", args.text(1)?)?);
    let mut held: Vec<(_, OutgoingBody)> = vec![];
    for i in 0..n {
        let request = OutgoingRequest::new(Fields::new());
        let set = request.set_method(&Method::Post).and(request.set_scheme(template.scheme.as_ref()));
        let set = set
            .and(request.set_authority(Some(&template.authority)))
            .and(request.set_path_with_query(Some(&template.path)));
        set.map_err(|()| Stop::Refused("not a request".to_owned()))?;
        let body = request.body().map_err(|()| Stop::Refused("body".to_owned()))?;
        let future = outgoing_handler::handle(request, None)
            .map_err(|error| Stop::from(error).at(format!("after {i} requests")))?;
        // A refusal can also wait in the future; a request that is under way has no answer yet.
        if let Some(Ok(Err(error))) = future.get() {
            return Err(Stop::from(error).at(format!("after {i} requests")));
        }
        held.push((future, body));
    }
    Ok(format!("{} requests without an end", held.len()))
}
