//! A request as the parameters of the web cmdlets have it.

use std::time::Duration;

use url::Url;

use crate::eval::{Args, Engine};
use crate::http::Request;
use crate::place;
use crate::types::credential::{Credential, SecureString};
use crate::types::uri::form_escape;
use crate::value::{Hash, R, Value, fail};

/// A request as the parameters have it.
pub fn request(engine: &mut Engine, args: &Args, item: Option<Value>) -> R<Request> {
    if args.has("Method") && args.has("CustomMethod") {
        return Err(crate::eval::ambiguous());
    }
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

pub fn set_default(request: &mut Request, name: &str, value: &str) {
    if !request
        .headers
        .iter()
        .any(|(own, _)| own.eq_ignore_ascii_case(name))
    {
        request.headers.push((name.to_owned(), value.to_owned()));
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
        return Err(fail(
            "System.InvalidOperationException",
            "WebCmdletAllowUnencryptedAuthenticationRequiredException",
            "The cmdlet cannot protect plain text secrets sent over unencrypted connections. To suppress this warning and send plain text secrets over unencrypted networks, reissue the command specifying the AllowUnencryptedAuthentication parameter.",
        ));
    }
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
                    format!("Basic {}", ::octopus::base64::encode(pair.as_bytes())),
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

pub fn form_encoded(engine: &mut Engine, hash: &Hash) -> R<String> {
    let mut parts = Vec::new();
    for (key, value) in hash.entries() {
        let text = engine.text(&value)?;
        let (key, text) = (form_escape(&key.text()), form_escape(&text));
        parts.push(format!("{key}={text}"));
    }
    Ok(parts.join("&"))
}

pub fn body(engine: &mut Engine, args: &Args, item: Option<Value>, request: &mut Request) -> R<()> {
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

pub fn multipart(engine: &mut Engine, form: &Hash, request: &mut Request) -> R<()> {
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
