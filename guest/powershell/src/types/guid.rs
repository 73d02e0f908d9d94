//! `[guid]`

use std::rc::Rc;

use super::TypeInfo;
use super::convert_class::bytes_of;
use crate::net_any;
use crate::value::{Net, R, Value, fail, method_error};

pub const INFO: TypeInfo = TypeInfo {
    statics: &["NewGuid", "Parse", "TryParse", "Empty"],
    convert: Some(|value| {
        match value {
        Value::Net(_) if value.downcast::<Guid>().is_some() => Ok(value.clone()),
        bytes @ Value::Array(_) => Guid::of_bytes(bytes),
        other => Guid::parse(&other.text()).ok_or_else(|| {
            fail(
                "System.Management.Automation.PSInvalidCastException",
                "InvalidCastParseTargetInvocation",
                format!("Cannot convert value \"{}\" to type \"System.Guid\". Error: \"Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).\"", other.text()),
            )
        }),
    }
    }),
    create: Some(|_, args| {
        match args {
        [] => Some(Ok(Value::net(Guid([0; 16])))),
        [bytes @ (Value::Array(_) | Value::List(_))] => Some(Guid::of_bytes(bytes)),
        [text] => Some(
            Guid::parse(&text.text())
                .ok_or_else(|| method_error("System.FormatException", "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).")),
        ),
        _ => None,
    }
    }),
    call: Some(|_, name, args| {
        match (name, args) {
        ("newguid", []) => Some(Ok(Guid::random())),
        ("parse", [text]) => Some(
            Guid::parse(&text.text())
                .ok_or_else(|| method_error("System.FormatException", "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).")),
        ),
        ("tryparse", [text, reference]) => {
            let found = Guid::parse(&text.text());
            let value = found.clone().unwrap_or_else(|| Value::net(Guid([0; 16])));
            Some(
                super::numbers::set_reference(reference, value)
                    .map(|()| Value::Bool(found.is_some())),
            )
        }
        _ => None,
    }
    }),
    get: Some(|name| (name == "empty").then(|| Value::net(Guid([0; 16])))),
    ..TypeInfo::named("System.Guid", &["guid"])
};

pub struct Guid([u8; 16]);

impl Guid {
    /// In the order of `ToByteArray`: the first three groups have their last byte first.
    fn of_bytes(bytes: &Value) -> R<Value> {
        let bytes: Result<[u8; 16], _> = bytes_of(bytes)?.try_into();
        let mut bytes = bytes.map_err(|_| {
            let why = "Byte array for Guid must be exactly 16 bytes long. (Parameter 'b')";
            method_error("System.ArgumentException", why)
        })?;
        for group in [0..4, 4..6, 6..8] {
            bytes[group].reverse();
        }
        Ok(Value::net(Self(bytes)))
    }

    pub fn random() -> Value {
        let mut bytes = crate::host::random_bytes::<16>();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Value::net(Self(bytes))
    }

    pub fn parse(text: &str) -> Option<Value> {
        let text = text.trim();
        let inner = text
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
            .or_else(|| {
                text.strip_prefix('(')
                    .and_then(|rest| rest.strip_suffix(')'))
            })
            .unwrap_or(text);
        let digits: String = inner.chars().filter(|c| *c != '-').collect();
        let has_form = inner.len() == 32
            || (inner.len() == 36
                && [8, 13, 18, 23]
                    .iter()
                    .all(|at| inner.as_bytes()[*at] == b'-'));
        if !has_form || digits.len() != 32 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0; 16];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).ok()?;
        }
        Some(Value::net(Self(bytes)))
    }

    fn format(&self, format: &str) -> String {
        let hex: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        let dashed = format!(
            "{}-{}-{}-{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..]
        );
        match format {
            "N" | "n" => hex,
            "B" | "b" => format!("{{{dashed}}}"),
            "P" | "p" => format!("({dashed})"),
            _ => dashed,
        }
    }
}

impl Net for Guid {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Guid"
    }

    fn bases(&self) -> Vec<String> {
        vec!["System.ValueType".into()]
    }

    fn text(&self) -> String {
        self.format("D")
    }

    fn get(&self, name: &str) -> Option<Value> {
        (name == "guid").then(|| Value::from(self.text()))
    }

    fn call(
        self: Rc<Self>,
        _: &mut crate::eval::Engine,
        name: &str,
        args: &[Value],
    ) -> Option<R<Value>> {
        match (name, args) {
            ("tostring", []) => Some(Ok(Value::from(self.text()))),
            ("tostring", [format]) => Some(Ok(Value::from(self.format(&format.text())))),
            ("tobytearray", []) => {
                // .NET keeps the first three groups little-endian.
                let mut bytes = self.0;
                bytes[..4].reverse();
                bytes[4..6].reverse();
                bytes[6..8].reverse();
                Some(Ok(Value::bytes(&bytes)))
            }
            _ => None,
        }
    }

    fn properties(&self) -> Vec<String> {
        vec!["Guid".into()]
    }

    fn equal(&self, other: &Value) -> Option<bool> {
        match other {
            Value::Str(text) => Some(Self::parse(text)?.downcast::<Self>()?.0 == self.0),
            other => other.downcast::<Self>().map(|other| other.0 == self.0),
        }
    }

    fn compare(&self, other: &Value) -> Option<std::cmp::Ordering> {
        other.downcast::<Self>().map(|other| self.0.cmp(&other.0))
    }

    fn hash_key(&self) -> Option<String> {
        Some(self.text())
    }
}
