//! What the server on loopback answers.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{Answer, Request};

/// The key that `/api/releases` wants in `X-Octopus-ApiKey` or as a bearer token.
const KEY: &str = "API-TEST";

#[derive(Default)]
pub struct State {
    n_calls: HashMap<String, u32>,
    releases: Vec<Value>,
}

pub fn answer(request: &Request, state: &mut State) -> Answer {
    let segments: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    match (request.method.as_str(), segments.as_slice()) {
        ("GET" | "HEAD", ["health"]) => text("200 OK", "text/plain", "healthy"),
        ("GET", ["api", "status"]) => {
            ok(json!({"status": "ok", "version": "1.4.0", "checks": ["db", "cache"]}))
        }
        ("GET", ["api", "flaky", name]) => flaky(name, state),
        (_, ["api", "releases", ..]) if !is_known(request) => failed(
            "401 Unauthorized",
            "You must be logged in to request this resource.",
        ),
        ("GET", ["api", "releases"]) => page(request, state),
        ("POST", ["api", "releases"]) => create(request, state),
        ("GET", ["api", "releases", id]) => match find(state, id) {
            Some(at) => ok(state.releases[at].clone()),
            None => failed(
                "404 Not Found",
                &format!("The release '{id}' was not found."),
            ),
        },
        ("DELETE", ["api", "releases", id]) => match find(state, id) {
            Some(at) => {
                state.releases.remove(at);
                text("204 No Content", "text/plain", "")
            }
            None => failed(
                "404 Not Found",
                &format!("The release '{id}' was not found."),
            ),
        },
        (_, ["api", "echo"]) => echo(request),
        ("GET", ["api", "asks"]) if !request.headers.contains_key("authorization") => {
            let mut asking = failed("401 Unauthorized", "Who are you?");
            let challenge = "Basic realm=\"api\"".to_owned();
            asking.headers.push(("WWW-Authenticate", challenge));
            asking
        }
        ("GET", ["api", "asks"]) => echo(request),
        ("GET", ["broken.html"]) => text(
            "500 Internal Server Error",
            "text/html",
            "<html><b>It's</b> down</html>",
        ),
        ("GET", ["api", "broken"]) => failed("500 Internal Server Error", "The database is away."),
        ("GET", ["old", "status"]) => {
            let mut moved = text("302 Found", "text/plain", "");
            moved.headers.push(("Location", "/api/status".to_owned()));
            moved
        }
        (_, ["old", "echo"]) => {
            let mut moved = text("302 Found", "text/plain", "");
            moved.headers.push(("Location", "/api/echo".to_owned()));
            moved
        }
        ("GET", ["pages"]) => {
            let mut page = ok(json!([1]));
            let link = "</pages?n=2>; rel=\"next\", <broken, </pages?n=9>; rel=last";
            page.headers.push(("Link", link.to_owned()));
            page
        }
        // Longer than the shortest timeout that can be asked for, one second.
        ("GET", ["slow"]) => {
            std::thread::sleep(std::time::Duration::from_millis(1500));
            text("200 OK", "text/plain", "late")
        }
        ("GET", ["loop"]) => {
            let mut moved = text("302 Found", "text/plain", "");
            moved.headers.push(("Location", "/loop".to_owned()));
            moved
        }
        ("GET", ["feed.xml"]) => text(
            "200 OK",
            "application/xml",
            "<feed><item id=\"1\">one</item><item id=\"2\">two</item></feed>",
        ),
        ("GET", ["list"]) => ok(json!([1, 2, 3])),
        ("GET" | "HEAD", ["files", "notes.txt"]) => text(
            "200 OK",
            "text/plain; charset=utf-8",
            "first line\nsecond line\n",
        ),
        ("GET" | "HEAD", ["files", "blob.bin"]) => Answer {
            status: "200 OK",
            kind: "application/octet-stream",
            headers: Vec::new(),
            body: (0..=255).collect(),
        },
        _ => failed("404 Not Found", "There is nothing here."),
    }
}

/// 503 twice, then 200: what a service that starts looks like.
fn flaky(name: &str, state: &mut State) -> Answer {
    let n_calls = state.n_calls.entry(name.to_owned()).or_default();
    *n_calls += 1;
    if *n_calls < 3 {
        return failed("503 Service Unavailable", "starting");
    }
    ok(json!({"status": "ready", "calls": *n_calls}))
}

fn is_known(request: &Request) -> bool {
    let header = |name: &str| request.headers.get(name).map(String::as_str);
    header("x-octopus-apikey") == Some(KEY)
        || header("authorization") == Some(&format!("Bearer {KEY}"))
}

fn find(state: &State, id: &str) -> Option<usize> {
    state
        .releases
        .iter()
        .position(|release| release["Id"] == id)
}

fn query_number(request: &Request, name: &str, otherwise: usize) -> usize {
    request
        .query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(own, _)| *own == name)
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(otherwise)
}

fn page(request: &Request, state: &State) -> Answer {
    let skip = query_number(request, "skip", 0);
    let take = query_number(request, "take", 30);
    let items: Vec<&Value> = state.releases.iter().skip(skip).take(take).collect();
    ok(json!({"TotalResults": state.releases.len(), "Items": items}))
}

fn create(request: &Request, state: &mut State) -> Answer {
    let Ok(mut release) = serde_json::from_slice::<Value>(&request.body) else {
        return failed("400 Bad Request", "The body is not JSON.");
    };
    if !release["Version"].is_string() {
        return failed("400 Bad Request", "A release needs a Version.");
    }
    let id = format!("Releases-{}", state.releases.len() + 1);
    release["Id"] = json!(id);
    state.releases.push(release.clone());
    Answer {
        status: "201 Created",
        headers: vec![("Location", format!("/api/releases/{id}"))],
        ..ok(release)
    }
}

/// Method, query, type and body of the request, and the headers that scripts set themselves.
fn echo(request: &Request) -> Answer {
    let body = String::from_utf8_lossy(&request.body).into_owned();
    let own: serde_json::Map<String, Value> = ["x-trace", "authorization", "user-agent"]
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), json!(request.headers.get(*name)?))))
        .collect();
    ok(json!({
        "method": request.method,
        "query": request.query,
        "type": request.headers.get("content-type"),
        "headers": own,
        "body": serde_json::from_str::<Value>(&body).unwrap_or(Value::String(body)),
    }))
}

fn ok(value: Value) -> Answer {
    text(
        "200 OK",
        "application/json; charset=utf-8",
        &value.to_string(),
    )
}

fn failed(status: &'static str, message: &str) -> Answer {
    let body = json!({"ErrorMessage": message}).to_string();
    text(status, "application/json", &body)
}

fn text(status: &'static str, kind: &'static str, body: &str) -> Answer {
    Answer {
        status,
        kind,
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
    }
}
