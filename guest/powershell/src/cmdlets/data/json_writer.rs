//! Values to JSON.

use crate::cmdlets::objects::selector::all_properties;
use crate::eval::Engine;
use crate::format::view::properties;
use crate::types::datetime::DateTime;
use crate::types::enumeration::EnumValue;
use crate::value::{Ctl, Num, R, Value, fail};

/// How JSON is written.
pub struct Layout {
    pub depth: usize,
    pub is_compressed: bool,
    pub enums_as_text: bool,
    pub escapes: Escapes,
}

/// `-EscapeHandling`: what is escaped beside what JSON demands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Escapes {
    Default,
    NonAscii,
    Html,
}

struct Writer<'a> {
    engine: &'a mut Engine,
    layout: &'a Layout,
    text: String,
    is_truncated: bool,
}

impl Writer<'_> {
    fn line(&mut self, level: usize) {
        if !self.layout.is_compressed {
            self.text.push('\n');
            self.text.push_str(&"  ".repeat(level));
        }
    }

    fn escapes(&self, c: char) -> bool {
        match self.layout.escapes {
            Escapes::Default => false,
            Escapes::NonAscii => !c.is_ascii(),
            Escapes::Html => matches!(c, '<' | '>' | '&' | '\'' | '"'),
        }
    }

    fn string(&mut self, text: &str) {
        self.text.push('"');
        for c in text.chars() {
            match c {
                '"' if !self.escapes(c) => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                '\u{8}' => self.text.push_str("\\b"),
                '\u{c}' => self.text.push_str("\\f"),
                c if (c as u32) < 0x20 => self.text.push_str(&format!("\\u{:04x}", c as u32)),
                c if self.escapes(c) => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        self.text.push_str(&format!("\\u{unit:04x}"));
                    }
                }
                c => self.text.push(c),
            }
        }
        self.text.push('"');
    }

    fn value(&mut self, value: &Value, level: usize) -> R<()> {
        match value {
            Value::Null | Value::Nothing => self.text.push_str("null"),
            Value::Bool(claim) => self.text.push_str(if *claim { "true" } else { "false" }),
            Value::Double(n) if !n.is_finite() => self.string(&value.text()),
            Value::Num(Num::Float(n)) if !n.is_finite() => self.string(&value.text()),
            // A number that may have a fraction shows it (JsonConvert.EnsureDecimalPlace).
            Value::Double(_) | Value::Num(Num::Float(_) | Num::Decimal(_)) => {
                let text = value.text();
                let is_whole = !text.contains(['.', 'E']);
                self.text.push_str(&text);
                if is_whole {
                    self.text.push_str(".0");
                }
            }
            _ if value.is_number() => self.text.push_str(&value.text()),
            Value::Str(text) => self.string(text),
            Value::Char(c) => self.string(&c.to_string()),
            Value::Array(_) | Value::List(_) => self.array(&value.to_items(), level)?,
            Value::Hash(hash) => {
                let entries = hash.entries().into_iter();
                let entries = entries
                    .map(|(key, item)| match key {
                        Value::Str(key) => Ok((key.to_string(), item)),
                        _ => Err(not_a_name(value)),
                    })
                    .collect::<R<_>>()?;
                self.object(entries, value, level)?;
            }
            Value::Object(_) => {
                let entries = all_properties(self.engine, value)?
                    .into_iter()
                    .map(|(name, value)| (name.to_string(), value))
                    .collect();
                self.object(entries, value, level)?;
            }
            Value::Net(object) => self.net(object.as_ref(), value, level)?,
            other => self.string(&other.text()),
        }
        Ok(())
    }

    fn net(&mut self, object: &dyn crate::value::Net, value: &Value, level: usize) -> R<()> {
        if let Some(time) = value.downcast::<DateTime>() {
            let text = crate::types::datetime_format::custom(time, "yyyy-MM-ddTHH:mm:ss.FFFFFFFK");
            self.string(&text);
            return Ok(());
        }
        if value.downcast::<crate::types::bigint::Integer>().is_some() {
            self.text.push_str(&object.text());
            return Ok(());
        }
        if let Some(value) = value.downcast::<EnumValue>() {
            if self.layout.enums_as_text {
                self.string(&crate::value::Net::text(value));
            } else {
                self.text.push_str(&value.n.to_string());
            }
            return Ok(());
        }
        if let Some(Value::Bool(claim)) = object.get("ispresent") {
            let entries = vec![("IsPresent".to_owned(), Value::Bool(claim))];
            return self.object(entries, value, level);
        }
        if let Some(items) = object.items() {
            return self.array(&items, level);
        }
        if let Some(written) = object.get("originalstring") {
            self.string(&written.text());
            return Ok(());
        }
        let listed = properties(value);
        if listed.is_empty() || object.type_name() == "System.Guid" {
            self.string(&object.text());
            return Ok(());
        }
        let entries = listed
            .into_iter()
            .map(|(name, value)| (name.to_string(), value))
            .collect();
        self.object(entries, value, level)
    }

    fn array(&mut self, items: &[Value], level: usize) -> R<()> {
        if level > self.layout.depth {
            self.is_truncated = true;
            let parts: Vec<String> = items.iter().map(Value::text).collect();
            self.string(&parts.join(" "));
            return Ok(());
        }
        if items.is_empty() {
            self.text.push_str("[]");
            return Ok(());
        }
        self.text.push('[');
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            self.line(level + 1);
            self.value(item, level + 1)?;
        }
        self.line(level);
        self.text.push(']');
        Ok(())
    }

    fn object(&mut self, entries: Vec<(String, Value)>, value: &Value, level: usize) -> R<()> {
        if level > self.layout.depth {
            self.is_truncated = true;
            self.string(&value.text());
            return Ok(());
        }
        if entries.is_empty() {
            self.text.push_str("{}");
            return Ok(());
        }
        self.text.push('{');
        for (at, (name, value)) in entries.iter().enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            self.line(level + 1);
            self.string(name);
            self.text
                .push_str(if self.layout.is_compressed { ":" } else { ": " });
            self.value(value, level + 1)?;
        }
        self.line(level);
        self.text.push('}');
        Ok(())
    }
}

/// The names of a JSON object are texts; PowerShell 7.4 makes none of a key that isn't.
fn not_a_name(table: &Value) -> Ctl {
    fail(
        "System.InvalidOperationException",
        "NonStringKeyInDictionary",
        format!(
            "The type '{}' is not supported for serialization or deserialization of a dictionary. Keys must be strings.",
            table.type_name()
        ),
    )
}

/// A value as JSON; whether the depth cut something off.
pub fn write(engine: &mut Engine, value: &Value, layout: &Layout) -> R<(String, bool)> {
    let mut writer = Writer {
        engine,
        layout,
        text: String::new(),
        is_truncated: false,
    };
    writer.value(value, 0)?;
    Ok((writer.text, writer.is_truncated))
}
