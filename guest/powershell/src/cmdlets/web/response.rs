//! Sending a request, and what the web cmdlets make of a response.

use std::rc::Rc;
use std::time::Duration;

use crate::cmdlets::content::file::write_bytes;
use crate::cmdlets::web::error_body::formatted;
use crate::cmdlets::web::reason::reason;
use crate::cmdlets::web::request::{basic_of, request};
use crate::eval::{Args, Engine};
use crate::http::{Failure, Patience, Request, Response, fetch};
use crate::place;
use crate::types::encoding::{self, Kind};
use crate::types::enumeration::EnumValue;
use crate::value::{Ctl, ErrorRecord, Exception, Hash, HashKind, Object, R, Value};

/// Sends, and makes an error of a status that isn't success.
pub fn exchange(engine: &mut Engine, args: &Args, item: Option<Value>) -> R<Response> {
    engine.printer.before_waiting(crate::format::PATIENCE);
    let made = request(engine, args, item)?;
    let patience = Patience {
        n_redirects: args.int("MaximumRedirection")?.unwrap_or(5).max(0) as u32,
        n_retries: args.int("MaximumRetryCount")?.unwrap_or(0).max(0) as u32,
        keeps_authorization: args.switch("PreserveAuthorizationOnRedirect"),
        interval: Duration::from_secs_f64(args.double("RetryIntervalSec")?.unwrap_or(5.0).max(0.0)),
        when_asked: basic_of(args)?.filter(|_| !is_sent_unasked(args)),
    };
    let response = fetch(&made, &patience).map_err(|failure| no_response(&made, failure))?;
    if response.status >= 400 && !args.switch("SkipHttpErrorCheck")
        || (300..400).contains(&response.status)
            && !args.switch("SkipHttpErrorCheck")
            && response.status != 304
    {
        return Err(status_error(&response));
    }
    Ok(response)
}

/// What is said where `-MaximumRedirection 0` kept a redirect from being followed, after the response.
pub fn tell_of_redirect(engine: &mut Engine, args: &Args, response: &Response) -> R<()> {
    let is_redirect = matches!(response.status, 300..=303 | 307 | 308);
    if !is_redirect || args.int("MaximumRedirection")? != Some(0) {
        return Ok(());
    }
    engine.soft_error(
        "System.InvalidOperationException",
        "MaximumRedirectExceeded",
        "InvalidOperation",
        "The maximum redirection count has been exceeded. To increase the number of redirections allowed, supply a higher value to the -MaximumRedirection parameter.",
        Value::Null,
    )
}

/// Whether the secret goes with the first request already.
fn is_sent_unasked(args: &Args) -> bool {
    let scheme = args.text("Authentication").unwrap_or_default();
    !scheme.is_empty() && !scheme.eq_ignore_ascii_case("none")
}

/// Why nothing came back, in .NET's words.
fn no_response(made: &Request, failure: Failure) -> Ctl {
    let (kind, message) = match made.timeout.filter(|_| failure.is_timeout) {
        Some(timeout) => (
            "System.Threading.Tasks.TaskCanceledException",
            format!(
                "The request was canceled due to the configured HttpClient.Timeout of {} seconds elapsing.",
                timeout.as_secs_f64()
            ),
        ),
        None => ("System.Net.Http.HttpRequestException", failure.message),
    };
    let mut record = ErrorRecord::new(
        Exception::new(kind, message),
        "WebCmdletWebResponseException",
        "InvalidOperation",
    );
    record.target = Value::from(made.url.as_str());
    Ctl::Throw(Rc::new(record))
}

pub fn status_error(response: &Response) -> Ctl {
    let message = format!(
        "Response status code does not indicate success: {} ({}).",
        response.status,
        reason(response.status)
    );
    let mut exception = Exception::new(
        "Microsoft.PowerShell.Commands.HttpResponseException",
        message,
    );
    exception.props = vec![
        (
            "Response",
            Object::with(
                "System.Net.Http.HttpResponseMessage",
                [
                    (
                        "StatusCode",
                        EnumValue::builtin("System.Net.HttpStatusCode", i64::from(response.status)),
                    ),
                    ("ReasonPhrase", Value::from(reason(response.status))),
                    ("IsSuccessStatusCode", Value::Bool(false)),
                    ("Headers", headers(response)),
                ],
            ),
        ),
        (
            "StatusCode",
            EnumValue::builtin("System.Net.HttpStatusCode", i64::from(response.status)),
        ),
    ];
    let record = ErrorRecord::new(
        exception,
        "WebCmdletWebResponseException",
        "InvalidOperation",
    );
    let kind = response.header("content-type").unwrap_or_default();
    let text = formatted(&text_of(response), kind);
    if !text.is_empty() {
        *record.details.borrow_mut() = Some(text);
    }
    Ctl::Throw(Rc::new(record))
}

pub fn headers(response: &Response) -> Value {
    let mut hash = Hash::new(HashKind::Table);
    hash.minds_case = false;
    for (name, value) in &response.headers {
        let key = Value::from(name.as_str());
        let mut all: Vec<String> = hash
            .get(&key)
            .map(|before| before.to_items().iter().map(Value::text).collect())
            .unwrap_or_default();
        all.push(value.clone());
        hash.insert(key, Value::strings(all));
    }
    Value::Hash(Rc::new(hash))
}

/// `RelationLink`: the addresses of the header `Link` by their relations; what is malformed there is passed over.
pub fn links(response: &Response) -> Value {
    let mut found = Hash::new(HashKind::Table);
    found.minds_case = false;
    let all = response.headers.iter();
    let all = all.filter(|(name, _)| name.eq_ignore_ascii_case("link"));
    for part in all.flat_map(|(_, value)| value.split('<').skip(1)) {
        let Some((address, rest)) = part.split_once('>') else {
            continue;
        };
        let relation = rest.split(';').find_map(|attribute| {
            let value = attribute
                .trim()
                .trim_end_matches(',')
                .strip_prefix("rel=")?;
            Some(value.trim_matches('"').to_owned())
        });
        if let (Some(relation), Ok(url)) = (relation, response.url.join(address)) {
            let key = Value::from(relation);
            if !found.contains(&key) {
                found.insert(key, Value::from(url.as_str()));
            }
        }
    }
    Value::Hash(Rc::new(found))
}

/// The body as text, in the charset that the response names.
pub fn text_of(response: &Response) -> String {
    let kind = response.header("content-type").unwrap_or_default();
    match encoding::charset(kind) {
        Some(of) if of != Kind::Utf8 => {
            let body = response.body.strip_prefix(encoding::mark(of));
            encoding::decode(of, body.unwrap_or(&response.body))
        }
        _ => place::decode(&response.body),
    }
}

/// Whether the body is text, by its type; else `Invoke-WebRequest` gives it as bytes (`ContentHelper.IsText`).
pub fn is_text(response: &Response) -> bool {
    let kind = response
        .header("content-type")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let known = ["xml", "json", "javascript"];
    kind.starts_with("text/") || known.iter().any(|part| kind.ends_with(part))
}

pub fn save(engine: &mut Engine, args: &Args, response: &Response) -> R<bool> {
    let Some(path) = args.text("OutFile") else {
        return Ok(false);
    };
    let full = place::absolute(&engine.location, &path);
    // In a folder the file is called as in the address.
    let name = response.url.path().rsplit('/').next().unwrap_or_default();
    let target = match place::is_folder(&full) && !name.is_empty() {
        true => format!("{}/{name}", full.trim_end_matches('/')),
        false => path,
    };
    write_bytes(engine, &target, &response.body, false)?;
    Ok(true)
}
