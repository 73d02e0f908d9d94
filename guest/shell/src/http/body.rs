//! What is sent: `-d` and its relatives joined, files read, forms encoded.

use std::path::Path;

use bashkit::{CommandContext, FileSystem};

use super::failure::Failure;
use super::multipart;
use super::options::{Options, Part};

/// A request's body and the headers that come with it.
#[derive(Debug, Default, Clone)]
pub struct Body {
    pub bytes: Option<Vec<u8>>,
    pub content_type: Option<String>,
    pub is_json: bool,
}

/// The text of all `-d` parts, or the multipart form, or the uploaded file.
pub async fn assemble(options: &Options, ctx: &CommandContext<'_>) -> Result<Body, Failure> {
    if !options.forms.is_empty() {
        return multipart::encode(&options.forms, ctx).await;
    }
    if let Some(file) = &options.upload {
        return Ok(Body {
            bytes: Some(read(file, ctx).await?),
            ..Body::default()
        });
    }
    if options.parts.is_empty() {
        return Ok(Body::default());
    }
    let is_json = options
        .parts
        .iter()
        .any(|part| matches!(part, Part::Json(_)));
    let mut bytes = Vec::new();
    for part in &options.parts {
        if !bytes.is_empty() && !is_json {
            bytes.push(b'&');
        }
        bytes.extend(encode(part, ctx).await?);
    }
    let content_type = if is_json {
        "application/json"
    } else {
        "application/x-www-form-urlencoded"
    };
    Ok(Body {
        bytes: Some(bytes),
        content_type: Some(content_type.to_owned()),
        is_json,
    })
}

async fn encode(part: &Part, ctx: &CommandContext<'_>) -> Result<Vec<u8>, Failure> {
    Ok(match part {
        Part::Raw(text) => text.clone().into_bytes(),
        Part::Data(text) => match text.strip_prefix('@') {
            Some(file) => read(file, ctx)
                .await?
                .into_iter()
                .filter(|b| !matches!(b, b'\n' | b'\r' | 0))
                .collect(),
            None => text.clone().into_bytes(),
        },
        Part::Binary(text) | Part::Json(text) => match text.strip_prefix('@') {
            Some(file) => read(file, ctx).await?,
            None => text.clone().into_bytes(),
        },
        Part::UrlEncode(text) => url_encoded(text, ctx).await?,
    })
}

/// `content`, `=content`, `name=content`, `@file` or `name@file`.
async fn url_encoded(text: &str, ctx: &CommandContext<'_>) -> Result<Vec<u8>, Failure> {
    let (name, content) = match text.find(['=', '@']) {
        Some(at) if text.as_bytes()[at] == b'=' => {
            (&text[..at], text.as_bytes()[at + 1..].to_vec())
        }
        Some(at) => (&text[..at], read(&text[at + 1..], ctx).await?),
        None => ("", text.as_bytes().to_vec()),
    };
    let mut out = name.as_bytes().to_vec();
    if !name.is_empty() {
        out.push(b'=');
    }
    for byte in content {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte),
            _ => out.extend(format!("%{byte:02X}").bytes()),
        }
    }
    Ok(out)
}

/// A file's bytes, or all of stdin for `-`.
pub async fn read(file: &str, ctx: &CommandContext<'_>) -> Result<Vec<u8>, Failure> {
    if file == "-" || file == "." {
        let mut all = Vec::new();
        while let Ok(Some(chunk)) = ctx.stdin.read_chunk().await {
            all.extend(chunk);
        }
        return Ok(all);
    }
    let path = ctx.cwd.join(Path::new(file));
    let fs: &dyn FileSystem = &*ctx.fs;
    fs.read_file(&path)
        .await
        .map_err(|_| Failure::new(26, format!("Failed to open {file}")))
}
