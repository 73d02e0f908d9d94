//! `[uri]`

use std::rc::Rc;

use url::Url;

use super::{TypeInfo, enumeration};
use crate::eval::Engine;
use crate::net_any;
use crate::value::{Net, R, Value, method_error};

pub const INFO: TypeInfo = TypeInfo {
    statics: &[
        "EscapeDataString",
        "UnescapeDataString",
        "EscapeUriString",
        "IsWellFormedUriString",
        "TryCreate",
    ],
    convert: Some(|value| match value {
        Value::Net(_) if value.downcast::<Uri>().is_some() => Ok(value.clone()),
        other => Ok(Uri::value(&other.text())),
    }),
    create: Some(create),
    call: Some(|_, name, args| match (name, args) {
        ("escapedatastring", [text]) => Some(Ok(Value::from(escape(&text.text(), b"-_.~")))),
        ("escapeuristring", [text]) => Some(Ok(Value::from(escape(
            &text.text(),
            b"-_.~!*'();:@&=+$,/?#[]",
        )))),
        ("unescapedatastring", [text]) => Some(Ok(Value::from(unescape(&text.text(), false)))),
        ("iswellformeduristring", [text, kind]) => {
            Some(kind_of(kind).map(|kind| Value::Bool(kind.takes(&text.text()))))
        }
        ("trycreate", [text, kind, reference]) => Some(kind_of(kind).and_then(|kind| {
            let is_one = kind.takes(&text.text());
            let made = match is_one {
                true => Uri::value(&text.text()),
                false => Value::Null,
            };
            super::numbers::set_reference(reference, made)?;
            Ok(Value::Bool(is_one))
        })),
        _ => None,
    }),
    ..TypeInfo::named("System.Uri", &["uri"])
};

pub struct Uri {
    written: String,
    url: Option<Url>,
}

/// Percent-encodes all but letters, digits and `kept`.
pub fn escape(text: &str, kept: &[u8]) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// As `WebUtility.UrlEncode` does it: a blank becomes a plus.
pub fn form_escape(text: &str) -> String {
    escape(text, b"-_.!*() ").replace(' ', "+")
}

pub fn unescape(text: &str, plus_is_space: bool) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes
            .get(at + 1..at + 3)
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match (bytes[at], hex) {
            (b'%', Some(byte)) => {
                plain.push(byte);
                at += 2;
            }
            (b'+', _) if plus_is_space => plain.push(b' '),
            (byte, _) => plain.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// The address as it is asked for: of a `[uri]` the escaped one, whatever it is as text.
pub fn address_of(value: &Value) -> String {
    let url = value.downcast::<Uri>().and_then(|uri| uri.url.as_ref());
    url.map_or_else(|| value.text(), ToString::to_string)
}

/// As `ToString()` has it: unescaped where that can't change what is meant (`UriHelper.IsNotSafeForUnescape`).
fn readable(escaped: &str) -> String {
    let mut text = String::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some(at) = rest.find('%') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        // One character's bytes, escaped one by one.
        let n = (1..=4).find_map(|n| one_character(rest.get(..n * 3)?).map(|c| (c, n)));
        match n {
            Some((c, n)) if !c.is_control() && !";/?:@&=+$,#[]!'()*%\\".contains(c) => {
                text.push(c);
                rest = &rest[n * 3..];
            }
            _ => {
                text.push('%');
                rest = &rest[1..];
            }
        }
    }
    text + rest
}

/// The character that `%C3%A4` stands for, and nothing else.
fn one_character(escaped: &str) -> Option<char> {
    let bytes: Option<Vec<u8>> = escaped
        .as_bytes()
        .chunks(3)
        .map(|part| match part {
            [b'%', hex @ ..] => u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok(),
            _ => None,
        })
        .collect();
    let text = String::from_utf8(bytes?).ok()?;
    let mut all = text.chars();
    all.next().filter(|_| all.next().is_none())
}

impl Uri {
    pub fn value(text: &str) -> Value {
        Value::net(Self {
            written: text.to_owned(),
            url: Url::parse(text).ok(),
        })
    }
}

/// `[UriKind]`
enum Kind {
    Either,
    Absolute,
    Relative,
}

fn kind_of(value: &Value) -> R<Kind> {
    let name = enumeration::argument("System.UriKind", value)?;
    Ok(match name.as_str() {
        "Absolute" => Kind::Absolute,
        "Relative" => Kind::Relative,
        _ => Kind::Either,
    })
}

impl Kind {
    fn takes(&self, text: &str) -> bool {
        let is_absolute = Url::parse(text).is_ok();
        match self {
            Kind::Either => true,
            Kind::Absolute => is_absolute,
            Kind::Relative => !is_absolute,
        }
    }
}

fn of_kind(text: &str, kind: &Kind) -> R<Value> {
    if kind.takes(text) {
        return Ok(Uri::value(text));
    }
    Err(method_error(
        "System.UriFormatException",
        match kind {
            Kind::Relative => {
                "A relative URI cannot be created because the 'uriString' parameter represents an absolute URI."
            }
            _ => "Invalid URI: The format of the URI could not be determined.",
        },
    ))
}

fn create(_: &mut Engine, args: &[Value]) -> Option<R<Value>> {
    match args {
        [text] => Some(of_kind(&text.text(), &Kind::Absolute)),
        // A string and a kind, or a base and what is below it.
        [Value::Str(text), kind] if kind_of(kind).is_ok() => {
            Some(kind_of(kind).and_then(|kind| of_kind(text, &kind)))
        }
        [base, relative] => Some(joined(&base.text(), &relative.text())),
        _ => None,
    }
}

fn joined(base: &str, relative: &str) -> R<Value> {
    let Ok(base) = Url::parse(base) else {
        return Err(method_error(
            "System.ArgumentOutOfRangeException",
            "The URI is not an absolute URI. (Parameter 'baseUri')",
        ));
    };
    let joined = base.join(relative).map_err(|error| {
        method_error("System.UriFormatException", format!("Invalid URI: {error}"))
    })?;
    Ok(Uri::value(joined.as_str()))
}

impl Net for Uri {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Uri"
    }

    fn text(&self) -> String {
        self.url
            .as_ref()
            .map_or_else(|| self.written.clone(), |url| readable(url.as_str()))
    }

    fn get(&self, name: &str) -> Option<Value> {
        let Some(url) = &self.url else {
            return match name {
                "isabsoluteuri" => Some(Value::Bool(false)),
                "originalstring" => Some(Value::from(self.written.as_str())),
                _ => None,
            };
        };
        let port = url.port_or_known_default().map_or(-1, i32::from);
        let authority = url.port().map_or_else(
            || url.host_str().unwrap_or_default().to_owned(),
            |port| format!("{}:{port}", url.host_str().unwrap_or_default()),
        );
        Some(match name {
            "absoluteuri" => Value::from(url.as_str()),
            "originalstring" => Value::from(self.written.as_str()),
            "scheme" => Value::from(url.scheme()),
            "host" | "dnssafehost" | "idnhost" => Value::from(url.host_str().unwrap_or_default()),
            "port" => Value::Int(port),
            "isdefaultport" => Value::Bool(url.port().is_none()),
            "authority" => Value::from(authority),
            "absolutepath" | "localpath" => Value::from(url.path()),
            "pathandquery" => Value::from(url.query().map_or_else(
                || url.path().to_owned(),
                |query| format!("{}?{query}", url.path()),
            )),
            "query" => Value::from(
                url.query()
                    .map_or_else(String::new, |query| format!("?{query}")),
            ),
            "fragment" => Value::from(
                url.fragment()
                    .map_or_else(String::new, |fragment| format!("#{fragment}")),
            ),
            "userinfo" => Value::from(url.password().map_or_else(
                || url.username().to_owned(),
                |password| format!("{}:{password}", url.username()),
            )),
            "isabsoluteuri" => Value::Bool(true),
            "isfile" => Value::Bool(url.scheme() == "file"),
            "isloopback" => Value::Bool(matches!(
                url.host_str(),
                Some("localhost" | "127.0.0.1" | "[::1]")
            )),
            "segments" => {
                let parts: Vec<&str> = url.path().split_inclusive('/').collect();
                Value::strings(parts)
            }
            _ => return None,
        })
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        match (name, args) {
            ("getleftpart", [part]) => {
                let url = self.url.as_ref()?;
                let host = url.host_str().unwrap_or_default();
                let port = url
                    .port()
                    .map_or_else(String::new, |port| format!(":{port}"));
                let authority = format!("{}://{host}{port}", url.scheme());
                Some(Ok(Value::from(
                    match part.text().to_ascii_lowercase().as_str() {
                        "scheme" => format!("{}://", url.scheme()),
                        "path" => format!("{authority}{}", url.path()),
                        _ => authority,
                    },
                )))
            }
            _ => None,
        }
    }

    fn properties(&self) -> Vec<String> {
        [
            "AbsolutePath",
            "AbsoluteUri",
            "LocalPath",
            "Authority",
            "Host",
            "Port",
            "Query",
            "Fragment",
            "Scheme",
            "OriginalString",
            "IsAbsoluteUri",
        ]
        .map(String::from)
        .to_vec()
    }

    fn equal(&self, other: &Value) -> Option<bool> {
        Some(self.text().trim_end_matches('/') == other.text().trim_end_matches('/'))
    }

    fn hash_key(&self) -> Option<String> {
        Some(self.text())
    }
}
