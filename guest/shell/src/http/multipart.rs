//! `-F`: `multipart/form-data` with text fields, files (`@`) and file contents as text (`<`).

use bashkit::CommandContext;

use super::body::{self, Body};
use super::failure::Failure;

/// Encodes `name=value`, `name=@file[;type=T][;filename=N]` and `name=<file`; a `true` marks `--form-string`.
pub async fn encode(forms: &[(String, bool)], ctx: &CommandContext<'_>) -> Result<Body, Failure> {
    let boundary = boundary();
    let mut bytes = Vec::new();
    for (form, is_literal) in forms {
        let (name, value) = form
            .split_once('=')
            .ok_or_else(|| Failure::usage(format!("Illegally formatted input field: {form}")))?;
        bytes.extend(
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"").bytes(),
        );
        match value.chars().next().filter(|_| !is_literal) {
            Some('@') => {
                let (file, attributes) = attributes(&value[1..]);
                let shown = attributes
                    .filename
                    .unwrap_or_else(|| file.rsplit('/').next().unwrap_or(file));
                let media = attributes.media.unwrap_or_else(|| media_of(file));
                bytes.extend(
                    format!("; filename=\"{shown}\"\r\nContent-Type: {media}\r\n\r\n").bytes(),
                );
                bytes.extend(body::read(file, ctx).await?);
            }
            Some('<') => {
                bytes.extend(b"\r\n\r\n");
                bytes.extend(body::read(attributes(&value[1..]).0, ctx).await?);
            }
            _ => {
                let (text, media) = match is_literal {
                    true => (value, None),
                    false => (attributes(value).0, attributes(value).1.media),
                };
                if let Some(media) = media {
                    bytes.extend(format!("\r\nContent-Type: {media}").bytes());
                }
                bytes.extend(format!("\r\n\r\n{text}").bytes());
            }
        }
        bytes.extend(b"\r\n");
    }
    bytes.extend(format!("--{boundary}--\r\n").bytes());
    let content_type = format!("multipart/form-data; boundary={boundary}");
    Ok(Body {
        bytes: Some(bytes),
        content_type: Some(content_type),
        is_json: false,
    })
}

#[derive(Default)]
struct Attributes<'a> {
    media: Option<&'a str>,
    filename: Option<&'a str>,
}

fn attributes(value: &str) -> (&str, Attributes<'_>) {
    let mut parts = value.split(';');
    let first = parts.next().unwrap_or_default();
    let mut found = Attributes::default();
    for part in parts {
        if let Some(media) = part.trim().strip_prefix("type=") {
            found.media = Some(media);
        } else if let Some(name) = part.trim().strip_prefix("filename=") {
            found.filename = Some(name.trim_matches('"'));
        }
    }
    (first, found)
}

/// curl's own short list of file types.
fn media_of(file: &str) -> &'static str {
    match file.rsplit('.').next().unwrap_or_default() {
        "gif" => "image/gif",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain",
        "htm" | "html" => "text/html",
        "pdf" => "application/pdf",
        "xml" => "application/xml",
        _ => "application/octet-stream",
    }
}

fn boundary() -> String {
    use std::hash::{BuildHasher, Hasher};
    // Random enough not to occur in a body: std seeds its hasher from the host's random source.
    let number = std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish();
    format!("------------------------{number:016x}")
}
