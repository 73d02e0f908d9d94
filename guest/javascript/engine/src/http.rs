//! Requests over `wasi:http/outgoing-handler`, and the one place where a script waits.
//!
//! A request is a number. The bundle sends it, waits, asks for the answer, and reads the body chunk by chunk. Redirects,
//! decoding and everything that `fetch` promises are the bundle's (`js/fetch`); resolving, TLS and policy are the host's.

use std::cell::RefCell;

use rquickjs::{Array, Ctx, Result, TypedArray, Value};
use wasip2::clocks::monotonic_clock;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest, Scheme,
};
use wasip2::io::poll::{Pollable, poll};
use wasip2::io::streams::{InputStream, StreamError};

use crate::{bytes, stdio};

enum Request {
    Waiting(FutureIncomingResponse),
    /// Fields are dropped in this order: WASI wants children gone before their parents.
    Answered { stream: InputStream, _body: IncomingBody, _response: IncomingResponse },
}

thread_local! {
    static REQUESTS: RefCell<Vec<Option<Request>>> = const { RefCell::new(Vec::new()) };
}

/// Bytes of a body asked for at once.
const BODY_BYTES: u64 = 64 << 10;

fn refuse<'js>(ctx: &Ctx<'js>, message: &str) -> rquickjs::Error {
    match rquickjs::String::from_str(ctx.clone(), message) {
        Ok(message) => ctx.throw(message.into_value()),
        Err(error) => error,
    }
}

/// Sends a request with its whole body and gives its number. `headers` is `[name, value, …]`.
pub fn send<'js>(
    ctx: Ctx<'js>,
    method: String,
    scheme: String,
    authority: String,
    path: String,
    headers: Vec<String>,
    body: Value<'js>,
) -> Result<u32> {
    let fields = Fields::new();
    for pair in headers.chunks_exact(2) {
        // Latin-1, as the Fetch standard has it; anything else was refused by `Headers`.
        let value: Vec<u8> = pair[1].chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
        fields.append(&pair[0], &value).map_err(|error| refuse(&ctx, &format!("header {}: {error:?}", pair[0])))?;
    }
    let request = OutgoingRequest::new(fields);
    let scheme = match scheme.as_str() {
        "https" => Scheme::Https,
        "http" => Scheme::Http,
        _ => Scheme::Other(scheme),
    };
    let is_set = request.set_method(&self::method(method)).is_ok()
        && request.set_scheme(Some(&scheme)).is_ok()
        && request.set_authority(Some(&authority)).is_ok()
        && request.set_path_with_query(Some(&path)).is_ok();
    if !is_set {
        return Err(refuse(&ctx, "HTTP-request-URI-invalid"));
    }
    let outgoing = request.body().map_err(|()| refuse(&ctx, "no body"))?;
    let future = outgoing_handler::handle(request, None).map_err(|error| refuse(&ctx, &describe(&error)))?;
    let written = if body.is_null() || body.is_undefined() {
        Ok(())
    } else {
        let stream = outgoing.write().map_err(|()| refuse(&ctx, "no body stream"))?;
        // A server may answer without reading all of it: a stream that closed is no error here.
        bytes::with(&body, |bytes| stdio::write_all(&stream, bytes))?
    };
    if written.is_ok() {
        // An error shows in the answer as well, and says more there.
        let _ = OutgoingBody::finish(outgoing, None);
    }
    Ok(REQUESTS.with(|requests| {
        let mut requests = requests.borrow_mut();
        requests.push(Some(Request::Waiting(future)));
        (requests.len() - 1) as u32
    }))
}

fn method(method: String) -> Method {
    match method.as_str() {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "CONNECT" => Method::Connect,
        "OPTIONS" => Method::Options,
        "TRACE" => Method::Trace,
        "PATCH" => Method::Patch,
        _ => Method::Other(method),
    }
}

/// `[status, [name, value, …]]` once the answer is there, `null` before; throws the error code's name.
pub fn answer<'js>(ctx: Ctx<'js>, id: u32) -> Result<Option<Array<'js>>> {
    REQUESTS.with(|requests| {
        let mut requests = requests.borrow_mut();
        let Some(Some(Request::Waiting(future))) = requests.get(id as usize) else {
            return Err(refuse(&ctx, "no such request"));
        };
        let Some(answer) = future.get() else { return Ok(None) };
        let response = match answer {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(refuse(&ctx, &describe(&error))),
            Err(()) => return Err(refuse(&ctx, "answer taken twice")),
        };
        let headers = Array::new(ctx.clone())?;
        for (i, (name, value)) in response.headers().entries().into_iter().enumerate() {
            let value: String = value.into_iter().map(char::from).collect();
            headers.set(2 * i, name)?;
            headers.set(2 * i + 1, value)?;
        }
        let result = Array::new(ctx.clone())?;
        result.set(0, response.status())?;
        result.set(1, headers)?;
        let body = response.consume().map_err(|()| refuse(&ctx, "body taken twice"))?;
        let stream = body.stream().map_err(|()| refuse(&ctx, "body taken twice"))?;
        requests[id as usize] = Some(Request::Answered { stream, _body: body, _response: response });
        Ok(Some(result))
    })
}

/// The next bytes of a body: empty when there are none yet, `null` at the end; throws the error code's name.
pub fn body<'js>(ctx: Ctx<'js>, id: u32) -> Result<Option<TypedArray<'js, u8>>> {
    REQUESTS.with(|requests| {
        let requests = requests.borrow();
        let Some(Some(Request::Answered { stream, .. })) = requests.get(id as usize) else {
            return Err(refuse(&ctx, "no such request"));
        };
        match stream.read(BODY_BYTES) {
            Ok(bytes) => TypedArray::new(ctx.clone(), bytes).map(Some),
            Err(StreamError::Closed) => Ok(None),
            Err(StreamError::LastOperationFailed(error)) => {
                let code = wasip2::http::types::http_error_code(&error);
                Err(refuse(&ctx, &code.map_or_else(|| error.to_debug_string(), |code| describe(&code))))
            }
        }
    })
}

pub fn drop_request(id: u32) {
    REQUESTS.with(|requests| requests.borrow_mut().get_mut(id as usize).map(Option::take));
}

/// Waits until one of the requests has news, standard input has (`stdin`), or `milliseconds` passed (negative: no limit).
pub fn wait(milliseconds: f64, ids: Vec<u32>, stdin: bool) {
    REQUESTS.with(|requests| {
        let requests = requests.borrow();
        let mut pollables: Vec<Pollable> = ids
            .iter()
            .filter_map(|id| match requests.get(*id as usize)?.as_ref()? {
                Request::Waiting(future) => Some(future.subscribe()),
                Request::Answered { stream, .. } => Some(stream.subscribe()),
            })
            .collect();
        if stdin {
            pollables.push(stdio::stdin_pollable());
        }
        if milliseconds >= 0.0 {
            pollables.push(monotonic_clock::subscribe_duration((milliseconds * 1e6) as u64));
        }
        if !pollables.is_empty() {
            poll(&pollables.iter().collect::<Vec<_>>());
        }
    });
}

/// The WIT name of the code, so that the bundle (and a script) can tell a refusal from a failure.
fn describe(code: &ErrorCode) -> String {
    match code {
        ErrorCode::DnsError(payload) => format!("DNS-error {}", payload.rcode.as_deref().unwrap_or("")),
        ErrorCode::InternalError(Some(text)) => format!("internal-error {text}"),
        other => {
            let text = format!("{other:?}");
            let text = text.trim_start_matches("ErrorCode::");
            let mut name = String::new();
            for (i, letter) in text.chars().enumerate() {
                if letter == '(' {
                    break;
                }
                if letter.is_uppercase() && i > 0 {
                    name.push('-');
                }
                name.push(letter.to_ascii_lowercase());
            }
            name
        }
    }
}
