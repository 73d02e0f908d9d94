//! `[System.Text.Encoding]`

use std::rc::Rc;

use super::TypeInfo;
use super::convert_class::bytes_of;
use crate::eval::Engine;
use crate::net_any;
use crate::value::{Net, R, Value, method_error, refuse, to_int};

pub const INFO: TypeInfo = TypeInfo {
    statics: &[
        "UTF8",
        "ASCII",
        "Unicode",
        "BigEndianUnicode",
        "UTF32",
        "Latin1",
        "Default",
        "GetEncoding",
    ],
    call: Some(|_, name, args| match (name, args) {
        ("getencoding", [name, ..]) => Some(Encoding::named(&name.text()).ok_or_else(|| {
            if is_elsewhere(&name.text()) {
                return refuse(format!("The encoding '{}' is not supported.", name.text()));
            }
            method_error(
                "System.ArgumentException",
                format!("'{}' is not a supported encoding name.", name.text()),
            )
        })),
        _ => None,
    }),
    get: Some(Encoding::named),
    ..TypeInfo::named("System.Text.Encoding", &[])
};
pub const UTF8: TypeInfo = TypeInfo {
    create: Some(|_, args| {
        Some(Ok(Value::net(Encoding {
            kind: Kind::Utf8,
            has_mark: args.first().is_some_and(crate::value::to_bool),
        })))
    }),
    ..TypeInfo::named("System.Text.UTF8Encoding", &[])
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Utf8,
    Ascii,
    Latin1,
    Utf16,
    Utf16Big,
    Utf32,
    Utf32Big,
}

pub struct Encoding {
    pub kind: Kind,
    /// Whether files begin with a byte order mark.
    pub has_mark: bool,
}

pub fn utf8() -> Value {
    Value::net(Encoding {
        kind: Kind::Utf8,
        has_mark: false,
    })
}

impl Encoding {
    pub fn named(name: &str) -> Option<Value> {
        let (kind, has_mark) = Self::parts(name)?;
        Some(Value::net(Self { kind, has_mark }))
    }

    /// Kind and mark of a name, as .NET or `-Encoding` has it.
    pub fn parts(name: &str) -> Option<(Kind, bool)> {
        Some(match name.to_ascii_lowercase().as_str() {
            "utf8" | "utf-8" | "utf8nobom" | "default" | "oem" | "65001" => (Kind::Utf8, false),
            "utf8bom" => (Kind::Utf8, true),
            "ascii" | "us-ascii" => (Kind::Ascii, false),
            "latin1" | "iso-8859-1" | "ansi" | "28591" | "windows-1252" | "1252" => {
                (Kind::Latin1, false)
            }
            "unicode" | "utf-16" | "utf16" | "1200" => (Kind::Utf16, true),
            "bigendianunicode" | "utf-16be" => (Kind::Utf16Big, true),
            "utf32" | "utf-32" => (Kind::Utf32, true),
            "bigendianutf32" | "utf-32be" => (Kind::Utf32Big, true),
            _ => return None,
        })
    }

    /// The encoding that a parameter names, or an object is.
    pub fn of(value: &Value) -> R<(Kind, bool)> {
        if let Some(found) = value.downcast::<Self>() {
            return Ok((found.kind, found.has_mark));
        }
        let name = value.text();
        Self::parts(&name).ok_or_else(|| {
            if is_elsewhere(&name) {
                return refuse(format!("The encoding '{name}' is not supported."));
            }
            crate::value::argument_error(
                "Encoding",
                format!("'{}' is not a supported encoding name.", value.text()),
            )
        })
    }
}

/// Whether .NET has an encoding of that name or number, as far as one can tell.
fn is_elsewhere(name: &str) -> bool {
    const FAMILIES: [&str; 12] = [
        "windows-",
        "iso-8859-",
        "iso-2022-",
        "ibm",
        "cp",
        "dos-",
        "utf-7",
        "utf7",
        "koi8-",
        "gb",
        "big5",
        "euc-",
    ];
    let lower = name.to_ascii_lowercase();
    let is_number = !lower.is_empty() && lower.bytes().all(|byte| byte.is_ascii_digit());
    is_number || lower == "shift_jis" || FAMILIES.iter().any(|family| lower.starts_with(family))
}

pub fn encode(kind: Kind, text: &str) -> Vec<u8> {
    match kind {
        Kind::Utf8 => text.as_bytes().to_vec(),
        Kind::Ascii => text
            .chars()
            .map(|c| if c.is_ascii() { c as u8 } else { b'?' })
            .collect(),
        Kind::Latin1 => text
            .chars()
            .map(|c| u8::try_from(c as u32).unwrap_or(b'?'))
            .collect(),
        Kind::Utf16 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Kind::Utf16Big => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        Kind::Utf32 => text
            .chars()
            .flat_map(|c| (c as u32).to_le_bytes())
            .collect(),
        Kind::Utf32Big => text
            .chars()
            .flat_map(|c| (c as u32).to_be_bytes())
            .collect(),
    }
}

/// The encoding that a `Content-Type` names, if we have it.
pub fn charset(content_type: &str) -> Option<Kind> {
    let lower = content_type.to_ascii_lowercase();
    let (_, name) = lower.split_once("charset=")?;
    let name = name.split(';').next().unwrap_or_default();
    let (kind, _) = Encoding::parts(name.trim().trim_matches('"'))?;
    Some(kind)
}

/// What stands before a text in a file.
pub fn mark(kind: Kind) -> &'static [u8] {
    match kind {
        Kind::Utf8 => &[0xef, 0xbb, 0xbf],
        Kind::Utf16 => &[0xff, 0xfe],
        Kind::Utf16Big => &[0xfe, 0xff],
        Kind::Utf32 => &[0xff, 0xfe, 0, 0],
        Kind::Utf32Big => &[0, 0, 0xfe, 0xff],
        Kind::Ascii | Kind::Latin1 => &[],
    }
}

pub fn decode(kind: Kind, bytes: &[u8]) -> String {
    match kind {
        Kind::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
        Kind::Ascii => bytes
            .iter()
            .map(|byte| {
                if byte.is_ascii() {
                    char::from(*byte)
                } else {
                    '?'
                }
            })
            .collect(),
        Kind::Latin1 => bytes.iter().map(|byte| char::from(*byte)).collect(),
        Kind::Utf16 => crate::place::utf16(bytes, u16::from_le_bytes),
        Kind::Utf16Big => crate::place::utf16(bytes, u16::from_be_bytes),
        Kind::Utf32 => utf32(bytes, u32::from_le_bytes),
        Kind::Utf32Big => utf32(bytes, u32::from_be_bytes),
    }
}

pub fn utf32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> String {
    bytes
        .chunks_exact(4)
        .filter_map(|four| char::from_u32(unit([four[0], four[1], four[2], four[3]])))
        .collect()
}

impl Net for Encoding {
    net_any!();

    fn type_name(&self) -> &str {
        match self.kind {
            Kind::Utf8 => "System.Text.UTF8Encoding",
            Kind::Ascii => "System.Text.ASCIIEncoding",
            Kind::Utf16 | Kind::Utf16Big => "System.Text.UnicodeEncoding",
            Kind::Utf32 | Kind::Utf32Big => "System.Text.UTF32Encoding",
            Kind::Latin1 => "System.Text.Latin1Encoding",
        }
    }

    fn bases(&self) -> Vec<String> {
        vec!["System.Text.Encoding".into()]
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "webname" | "bodyname" | "headername" => Some(Value::from(match self.kind {
                Kind::Utf8 => "utf-8",
                Kind::Ascii => "us-ascii",
                Kind::Latin1 => "iso-8859-1",
                Kind::Utf16 => "utf-16",
                Kind::Utf16Big => "utf-16BE",
                Kind::Utf32 => "utf-32",
                Kind::Utf32Big => "utf-32BE",
            })),
            "encodingname" => Some(Value::from("Unicode (UTF-8)")),
            _ => None,
        }
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        match (name, args) {
            ("getbytes", [text]) => Some(Ok(Value::bytes(&encode(self.kind, &text.text())))),
            ("getstring", [bytes]) => {
                Some(bytes_of(bytes).map(|bytes| Value::from(decode(self.kind, &bytes))))
            }
            ("getstring", [bytes, at, n]) => Some((|| {
                let (bytes, at, n) = (
                    bytes_of(bytes)?,
                    to_int(at)?.max(0) as usize,
                    to_int(n)?.max(0) as usize,
                );
                let part = bytes.get(at..at + n).ok_or_else(|| {
                    method_error(
                        "System.ArgumentOutOfRangeException",
                        "Index and count must refer to a location within the buffer.",
                    )
                })?;
                Ok(Value::from(decode(self.kind, part)))
            })()),
            ("getbytecount", [text]) => {
                Some(Ok(Value::from(encode(self.kind, &text.text()).len())))
            }
            ("getpreamble", []) => Some(Ok(Value::bytes(if self.has_mark {
                mark(self.kind)
            } else {
                &[]
            }))),
            _ => None,
        }
    }
}
