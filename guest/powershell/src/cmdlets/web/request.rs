//! A request as the parameters of the web cmdlets have it.

use std::rc::Rc;
use std::time::Duration;

use url::Url;

use crate::eval::{Args, Engine};
use crate::http::Request;
use crate::place;
use crate::types::credential::{Credential, SecureString};
use crate::types::encoding;
use crate::types::uri::{address_of, form_escape};
use crate::types::xml::XmlNode;
use crate::value::{Ctl, ErrorRecord, Exception, Hash, R, Value, fail};

const FORM: &str = "application/x-www-form-urlencoded";

/// A request as the parameters have it.
pub fn request(engine: &mut Engine, args: &Args, item: Option<Value>) -> R<Request> {
    if args.has("Method") && args.has("CustomMethod") {
        return Err(crate::eval::ambiguous());
    }
    let written = args.value("Uri").as_ref().map(address_of);
    let written = written.unwrap_or_default();
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
            // A header without a value isn't sent.
            if value.is_null() {
                continue;
            }
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

pub fn set_default(request: &mut Request, name: &str, value: &str) {
    if request.header(name).is_none() {
        request.set_header(name, value);
    }
}

pub fn authorize(args: &Args, request: &mut Request) -> R<()> {
    let scheme = args
        .text("Authentication")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let sends_secret = !matches!(scheme.as_str(), "" | "none") || args.has("Credential");
    if sends_secret
        && request.url.scheme() != "https"
        && !args.switch("AllowUnencryptedAuthentication")
    {
        return Err(invalid(
            "WebCmdletAllowUnencryptedAuthenticationRequiredException",
            "The cmdlet cannot protect plain text secrets sent over unencrypted connections. To suppress this warning and send plain text secrets over unencrypted networks, reissue the command specifying the AllowUnencryptedAuthentication parameter.",
        ));
    }
    let value = match scheme.as_str() {
        "bearer" | "oauth" => {
            let token = args.value("Token").unwrap_or_default();
            let plain = token
                .downcast::<SecureString>()
                .map_or_else(|| token.text(), SecureString::plain);
            Some(format!("Bearer {plain}"))
        }
        // Without a scheme a credential waits to be asked for.
        "" | "none" => None,
        "basic" => basic_of(args)?,
        other => {
            return Err(crate::value::refuse(format!(
                "-Authentication {other} is not supported. Use Basic, Bearer or a header."
            )));
        }
    };
    if let Some(value) = value {
        request.headers.push(("Authorization".into(), value));
    }
    Ok(())
}

/// What `Authorization` says for the credential, if there is one.
pub fn basic_of(args: &Args) -> R<Option<String>> {
    let Some(value) = args.value("Credential").filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let Some(credential) = value.downcast::<Credential>() else {
        return Err(crate::value::argument_error(
            "Credential",
            "A [pscredential] is expected.",
        ));
    };
    Ok(credential.basic())
}

/// Parameters that don't go together (`WebRequestPSCmdlet.GetValidationError`).
fn invalid(id: &str, message: &str) -> Ctl {
    Ctl::Throw(Rc::new(ErrorRecord::new(
        Exception::new(
            "System.Management.Automation.ValidationMetadataException",
            message,
        ),
        id,
        "InvalidArgument",
    )))
}

pub fn form_encoded(engine: &mut Engine, hash: &Hash) -> R<String> {
    let mut parts = Vec::new();
    for (key, value) in hash.entries() {
        let text = match value {
            Value::Array(_) | Value::List(_) => value.type_name(),
            value => engine.text(&value)?,
        };
        let (key, text) = (form_escape(&key.text()), form_escape(&text));
        parts.push(format!("{key}={text}"));
    }
    Ok(parts.join("&"))
}

pub fn body(engine: &mut Engine, args: &Args, item: Option<Value>, request: &mut Request) -> R<()> {
    if let Some(Value::Hash(form)) = args.value("Form") {
        return multipart(engine, &form, request);
    }
    let is_sent = matches!(request.method.as_str(), "POST" | "PUT");
    if let Some(kind) = args.text("ContentType") {
        request.set_header("Content-Type", kind);
    } else if is_sent {
        // Also where nothing is sent.
        set_default(request, "Content-Type", FORM);
    }
    if let Some(path) = args.text("InFile") {
        let full = place::absolute(&engine.location, &path);
        request.body =
            Some(std::fs::read(place::real(&full)).map_err(|error| place::fault(&error, &full))?);
    }
    if let Some(value) = item
        .or_else(|| args.value("Body"))
        .filter(|value| !value.is_null())
    {
        content(engine, &value, request)?;
    }
    if request.body.is_none() && (is_sent || request.method == "PATCH") {
        request.body = Some(Vec::new());
    }
    Ok(())
}

/// What `-Body` is: a table is a form, or the query of a GET; bytes are bytes; all else is text.
fn content(engine: &mut Engine, value: &Value, request: &mut Request) -> R<()> {
    let text = match value {
        Value::Hash(hash) => {
            let text = form_encoded(engine, hash)?;
            if request.method == "GET" {
                add_query(request, &text);
                return Ok(());
            }
            text
        }
        Value::Array(array) if is_bytes(array) => {
            request.body = Some(crate::types::convert_class::bytes_of(value)?);
            return Ok(());
        }
        value => match value.downcast::<XmlNode>() {
            Some(node) => node.0.outer(),
            None => engine.text(value)?,
        },
    };
    request.body = Some(encoding::encode(charset(request), &text));
    Ok(())
}

fn is_bytes(array: &crate::value::Array) -> bool {
    let of = array.of.as_ref();
    of.is_some_and(|of| of.full_name() == "System.Byte")
}

fn add_query(request: &mut Request, text: &str) {
    if text.is_empty() {
        return;
    }
    let before = request
        .url
        .query()
        .map_or_else(String::new, |query| format!("{query}&"));
    request.url.set_query(Some(&format!("{before}{text}")));
}

/// The encoding that `Content-Type` names; UTF-8 without one.
fn charset(request: &Request) -> encoding::Kind {
    let kind = request.header("Content-Type").unwrap_or_default();
    encoding::charset(kind).unwrap_or(encoding::Kind::Utf8)
}

/// The parts of a form: an array is one for each of its items.
fn parts_of(form: &Hash) -> Vec<(Value, Value)> {
    let parts = |(key, value): (Value, Value)| match value {
        Value::Array(_) | Value::List(_) => {
            let items = value.to_items().into_iter();
            items.map(|item| (key.clone(), item)).collect()
        }
        value => vec![(key, value)],
    };
    form.entries().into_iter().flat_map(parts).collect()
}

pub fn multipart(engine: &mut Engine, form: &Hash, request: &mut Request) -> R<()> {
    let boundary = format!(
        "seawall-{}{}",
        crate::types::path::random_name(),
        crate::types::path::random_name()
    );
    let mut bytes = Vec::new();
    for (key, value) in parts_of(form) {
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
    let kind = format!("multipart/form-data; boundary={boundary}");
    request.set_header("Content-Type", kind);
    Ok(())
}
