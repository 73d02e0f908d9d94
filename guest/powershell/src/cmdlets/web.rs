//! `Invoke-RestMethod` and `Invoke-WebRequest`.

use std::rc::Rc;
use std::time::Duration;

use url::Url;

use super::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::http::{Patience, Request, Response, fetch};
use crate::place;
use crate::types::credential::{Credential, SecureString};
use crate::types::enumeration::EnumValue;
use crate::value::{Ctl, ErrorRecord, Exception, Hash, HashKind, Object, R, Value, fail};

pub const REST: Cmdlet = Cmdlet {
    name: "Invoke-RestMethod",
    aliases: &["irm"],
    params: "Uri@0! Method Headers Body| ContentType OutFile InFile Form TimeoutSec/ConnectionTimeoutSeconds UserAgent UseBasicParsing? \
             SkipHttpErrorCheck? StatusCodeVariable ResponseHeadersVariable/RHV MaximumRetryCount RetryIntervalSec MaximumRedirection Credential \
             Authentication Token AllowUnencryptedAuthentication? DisableKeepAlive? SkipHeaderValidation? CustomMethod PassThru? NoProxy?",
    run: Run::Each(rest),
};
pub const WEB: Cmdlet = Cmdlet {
    name: "Invoke-WebRequest",
    aliases: &["iwr"],
    params: "Uri@0! Method Headers Body| ContentType OutFile InFile Form TimeoutSec/ConnectionTimeoutSeconds UserAgent UseBasicParsing? \
             SkipHttpErrorCheck? MaximumRetryCount RetryIntervalSec MaximumRedirection Credential Authentication Token \
             AllowUnencryptedAuthentication? DisableKeepAlive? SkipHeaderValidation? CustomMethod PassThru? NoProxy?",
    run: Run::Each(web),
};

/// A request as the parameters have it.
fn request(engine: &mut Engine, args: &Args, item: Option<Value>) -> R<Request> {
    let written = args.text("Uri").unwrap_or_default();
    let with_scheme = if written.contains("://") {
        written.clone()
    } else {
        format!("http://{written}")
    };
    let url = Url::parse(&with_scheme).map_err(|error| {
        fail(
            "System.UriFormatException",
            "UriFormatException",
            format!("Invalid URI: '{written}': {error}"),
        )
    })?;
    let method = args
        .text("CustomMethod")
        .or_else(|| args.text("Method"))
        .unwrap_or_else(|| "GET".to_owned())
        .to_ascii_uppercase();
    let timeout = args
        .double("TimeoutSec")?
        .filter(|seconds| *seconds > 0.0)
        .map(Duration::from_secs_f64);
    let mut made = Request {
        method: if method == "DEFAULT" {
            "GET".into()
        } else {
            method
        },
        url,
        headers: Vec::new(),
        body: None,
        timeout,
    };
    if let Some(Value::Hash(headers)) = args.value("Headers") {
        for (name, value) in headers.entries() {
            let parts: Vec<String> = value.to_items().iter().map(Value::text).collect();
            made.headers.push((name.text(), parts.join(", ")));
        }
    }
    authorize(args, &mut made)?;
    let agent = args
        .text("UserAgent")
        .unwrap_or_else(|| "Mozilla/5.0 (WASI; en-US) PowerShell/7.4.0".to_owned());
    set_default(&mut made, "User-Agent", &agent);
    body(engine, args, item, &mut made)?;
    Ok(made)
}

fn set_default(request: &mut Request, name: &str, value: &str) {
    if !request
        .headers
        .iter()
        .any(|(own, _)| own.eq_ignore_ascii_case(name))
    {
        request.headers.push((name.to_owned(), value.to_owned()));
    }
}

fn authorize(args: &Args, request: &mut Request) -> R<()> {
    let scheme = args
        .text("Authentication")
        .unwrap_or_default()
        .to_ascii_lowercase();
    match scheme.as_str() {
        "bearer" | "oauth" => {
            let token = args.value("Token").unwrap_or_default();
            let plain = token
                .downcast::<SecureString>()
                .map_or_else(|| token.text(), SecureString::plain);
            request
                .headers
                .push(("Authorization".into(), format!("Bearer {plain}")));
        }
        "" | "none" | "basic" => {
            if let Some(value) = args.value("Credential") {
                let Some(credential) = value.downcast::<Credential>() else {
                    return Err(crate::value::argument_error(
                        "Credential",
                        "A [pscredential] is expected.",
                    ));
                };
                let pair = format!("{}:{}", credential.user, credential.password);
                request.headers.push((
                    "Authorization".into(),
                    format!("Basic {}", crate::base64::encode(pair.as_bytes())),
                ));
            }
        }
        other => {
            return Err(crate::value::refuse(format!(
                "-Authentication {other} is not supported. Use Basic, Bearer or a header."
            )));
        }
    }
    Ok(())
}

fn form_encoded(engine: &mut Engine, hash: &Hash) -> R<String> {
    let mut parts = Vec::new();
    for (key, value) in hash.entries() {
        let text = engine.text(&value)?;
        let encode = |text: &str| crate::types::uri::escape(text, b"-_.~");
        parts.push(format!("{}={}", encode(&key.text()), encode(&text)));
    }
    Ok(parts.join("&"))
}

fn body(engine: &mut Engine, args: &Args, item: Option<Value>, request: &mut Request) -> R<()> {
    if let Some(Value::Hash(form)) = args.value("Form") {
        return multipart(engine, &form, request);
    }
    if let Some(path) = args.text("InFile") {
        let full = place::absolute(&engine.location, &path);
        request.body =
            Some(std::fs::read(place::real(&full)).map_err(|error| place::fault(&error, &full))?);
    }
    let has_body = !matches!(request.method.as_str(), "GET" | "HEAD");
    let mut kind = None;
    match item.or_else(|| args.value("Body")) {
        None => {}
        Some(Value::Hash(hash)) => {
            let text = form_encoded(engine, &hash)?;
            if has_body {
                request.body = Some(text.into_bytes());
                kind = Some("application/x-www-form-urlencoded".to_owned());
            } else if !text.is_empty() {
                // With GET a table is the query.
                let before = request
                    .url
                    .query()
                    .map_or_else(String::new, |query| format!("{query}&"));
                request.url.set_query(Some(&format!("{before}{text}")));
            }
        }
        Some(value @ Value::Array(_)) => {
            request.body = Some(crate::types::convert_class::bytes_of(&value)?)
        }
        Some(value) => {
            let text = engine.text(&value)?;
            request.body = Some(text.into_bytes());
            kind = has_body.then(|| "application/x-www-form-urlencoded".to_owned());
        }
    }
    if let Some(kind) = args.text("ContentType").or(kind) {
        request.headers.retain(|(name, _)| {
            !name.eq_ignore_ascii_case("content-type") || !args.has("ContentType")
        });
        set_default(request, "Content-Type", &kind);
    }
    if request.body.is_none() && matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
        request.body = Some(Vec::new());
    }
    Ok(())
}

fn multipart(engine: &mut Engine, form: &Hash, request: &mut Request) -> R<()> {
    let boundary = format!(
        "seawall-{}{}",
        crate::types::path::random_name(),
        crate::types::path::random_name()
    );
    let mut bytes = Vec::new();
    for (key, value) in form.entries() {
        bytes.extend(
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"",
                key.text()
            )
            .bytes(),
        );
        match value.downcast::<crate::types::file_info::FileInfo>() {
            Some(file) => {
                bytes.extend(
                    format!(
                        "; filename=\"{}\"\r\nContent-Type: application/octet-stream\r\n\r\n",
                        file.name()
                    )
                    .bytes(),
                );
                bytes.extend(
                    std::fs::read(place::real(&file.path))
                        .map_err(|error| place::fault(&error, &file.path))?,
                );
            }
            None => bytes.extend(format!("\r\n\r\n{}", engine.text(&value)?).bytes()),
        }
        bytes.extend(b"\r\n");
    }
    bytes.extend(format!("--{boundary}--\r\n").bytes());
    request.body = Some(bytes);
    request.headers.push((
        "Content-Type".into(),
        format!("multipart/form-data; boundary={boundary}"),
    ));
    Ok(())
}

/// Sends, and makes an error of a status that isn't success.
fn run(engine: &mut Engine, args: &Args, item: Option<Value>) -> R<(Request, Response)> {
    engine.printer.flush_pending()?;
    let made = request(engine, args, item)?;
    let patience = Patience {
        n_redirects: args.int("MaximumRedirection")?.unwrap_or(5).max(0) as u32,
        n_retries: args.int("MaximumRetryCount")?.unwrap_or(0).max(0) as u32,
        interval: Duration::from_secs_f64(args.double("RetryIntervalSec")?.unwrap_or(5.0).max(0.0)),
    };
    let response = fetch(&made, &patience).map_err(|failure| {
        let kind = if failure.is_timeout {
            "System.OperationCanceledException"
        } else {
            "System.Net.Http.HttpRequestException"
        };
        let mut record = ErrorRecord::new(
            Exception::new(kind, failure.message),
            "WebCmdletWebResponseException",
            "InvalidOperation",
        );
        record.target = Value::from(made.url.as_str());
        Ctl::Throw(Rc::new(record))
    })?;
    if response.status >= 400 && !args.switch("SkipHttpErrorCheck")
        || (300..400).contains(&response.status)
            && !args.switch("SkipHttpErrorCheck")
            && response.status != 304
    {
        return Err(status_error(&response));
    }
    Ok((made, response))
}

fn status_error(response: &Response) -> Ctl {
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
            "StatusCode",
            EnumValue::builtin("System.Net.HttpStatusCode", i64::from(response.status)),
        ),
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
    ];
    let record = ErrorRecord::new(
        exception,
        "WebCmdletWebResponseException",
        "InvalidOperation",
    );
    let text = String::from_utf8_lossy(&response.body).into_owned();
    if !text.is_empty() {
        *record.details.borrow_mut() = Some(text);
    }
    Ctl::Throw(Rc::new(record))
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

fn headers(response: &Response) -> Value {
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

/// The body as text, in the charset that the response names.
fn text(response: &Response) -> String {
    let kind = response
        .header("content-type")
        .unwrap_or_default()
        .to_ascii_lowercase();
    if kind.contains("iso-8859-1") {
        return response.body.iter().map(|byte| char::from(*byte)).collect();
    }
    place::decode(&response.body)
}

fn save(engine: &mut Engine, args: &Args, response: &Response) -> R<bool> {
    let Some(path) = args.text("OutFile") else {
        return Ok(false);
    };
    super::out_file::write_bytes(engine, &path, &response.body, false)?;
    Ok(true)
}

fn rest(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let (_, response) = run(engine, args, item)?;
    if let Some(name) = args.text("StatusCodeVariable") {
        engine.set_here(&name, Value::Int(i32::from(response.status)));
    }
    if let Some(name) = args.text("ResponseHeadersVariable") {
        engine.set_here(&name, headers(&response));
    }
    if save(engine, args, &response)? && !args.switch("PassThru") {
        return Ok(());
    }
    let text = text(&response);
    let kind = response
        .header("content-type")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let trimmed = text.trim_start();
    if trimmed.is_empty() {
        return out.put(engine, Value::from(""));
    }
    if (kind.contains("json") || trimmed.starts_with(['{', '[']))
        && let Ok(value) = super::json::parse(&text, false)
    {
        // An array comes as one object, as Invoke-RestMethod puts it out; what it is assigned to enumerates it.
        return engine.put_value(value, out);
    }
    if kind.contains("xml")
        && trimmed.starts_with('<')
        && let Ok(value) = crate::types::xml::parse(&text)
    {
        return out.put(engine, value);
    }
    out.put(engine, Value::from(text))
}

fn web(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let (made, response) = run(engine, args, item)?;
    if save(engine, args, &response)? && !args.switch("PassThru") {
        return Ok(());
    }
    let text = text(&response);
    let raw: String = response
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect();
    let found = Object::with(
        "Microsoft.PowerShell.Commands.WebResponseObject",
        [
            ("StatusCode", Value::Int(i32::from(response.status))),
            ("StatusDescription", Value::from(reason(response.status))),
            ("Content", Value::from(text.as_str())),
            (
                "RawContent",
                Value::from(format!(
                    "HTTP/1.1 {} {}\n{raw}\n{text}",
                    response.status,
                    reason(response.status)
                )),
            ),
            ("Headers", headers(&response)),
            ("RawContentLength", Value::from(response.body.len())),
            (
                "BaseResponse",
                Object::custom_with([(
                    "RequestMessage",
                    Object::custom_with([(
                        "RequestUri",
                        crate::types::uri::Uri::value(made.url.as_str()),
                    )]),
                )]),
            ),
        ],
    );
    out.put(engine, found)
}
