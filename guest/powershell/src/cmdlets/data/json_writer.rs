//! Values to JSON.

use crate::format::view::properties;
use crate::types::datetime::DateTime;
use crate::types::enumeration::EnumValue;
use crate::value::Value;

pub struct Writer {
    text: String,
    is_compressed: bool,
    depth: usize,
    enums_as_text: bool,
    is_truncated: bool,
}

impl Writer {
    fn line(&mut self, level: usize) {
        if !self.is_compressed {
            self.text.push('\n');
            self.text.push_str(&"  ".repeat(level));
        }
    }

    fn string(&mut self, text: &str) {
        self.text.push('"');
        for c in text.chars() {
            match c {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                '\u{8}' => self.text.push_str("\\b"),
                '\u{c}' => self.text.push_str("\\f"),
                c if (c as u32) < 0x20 => self.text.push_str(&format!("\\u{:04x}", c as u32)),
                c => self.text.push(c),
            }
        }
        self.text.push('"');
    }

    fn value(&mut self, value: &Value, level: usize) {
        match value {
            Value::Null | Value::Nothing => self.text.push_str("null"),
            Value::Bool(claim) => self.text.push_str(if *claim { "true" } else { "false" }),
            Value::Double(n) if n.is_finite() => {
                let text = value.text();
                let is_whole = !text.contains(['.', 'E']);
                self.text.push_str(&text);
                if is_whole {
                    self.text.push_str(".0");
                }
            }
            Value::Double(_) => self.string(&value.text()),
            _ if value.is_number() => self.text.push_str(&value.text()),
            Value::Str(text) => self.string(text),
            Value::Char(c) => self.string(&c.to_string()),
            Value::Array(_) | Value::List(_) => self.array(&value.to_items(), level),
            Value::Hash(hash) => {
                let entries = hash
                    .entries()
                    .into_iter()
                    .map(|(key, value)| (key.text(), value))
                    .collect();
                self.object(entries, value, level);
            }
            Value::Object(_) => {
                let entries = properties(value)
                    .into_iter()
                    .map(|(name, value)| (name.to_string(), value))
                    .collect();
                self.object(entries, value, level);
            }
            Value::Net(object) => self.net(object.as_ref(), value, level),
            other => self.string(&other.text()),
        }
    }

    fn net(&mut self, object: &dyn crate::value::Net, value: &Value, level: usize) {
        if let Some(time) = value.downcast::<DateTime>() {
            let text = crate::types::datetime_format::custom(time, "yyyy-MM-ddTHH:mm:ss.FFFFFFFK");
            return self.string(&text);
        }
        if let Some(value) = value.downcast::<EnumValue>() {
            if self.enums_as_text {
                return self.string(&crate::value::Net::text(value));
            }
            return self.text.push_str(&value.n.to_string());
        }
        if let Some(Value::Bool(claim)) = object.get("ispresent") {
            let entries = vec![("IsPresent".to_owned(), Value::Bool(claim))];
            return self.object(entries, value, level);
        }
        if let Some(items) = object.items() {
            return self.array(&items, level);
        }
        let listed = properties(value);
        if listed.is_empty() || matches!(object.type_name(), "System.Guid" | "System.Uri") {
            return self.string(&object.text());
        }
        let entries = listed
            .into_iter()
            .map(|(name, value)| (name.to_string(), value))
            .collect();
        self.object(entries, value, level);
    }

    fn array(&mut self, items: &[Value], level: usize) {
        if level > self.depth {
            self.is_truncated = true;
            let parts: Vec<String> = items.iter().map(Value::text).collect();
            return self.string(&parts.join(" "));
        }
        if items.is_empty() {
            return self.text.push_str("[]");
        }
        self.text.push('[');
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            self.line(level + 1);
            self.value(item, level + 1);
        }
        self.line(level);
        self.text.push(']');
    }

    fn object(&mut self, entries: Vec<(String, Value)>, value: &Value, level: usize) {
        if level > self.depth {
            self.is_truncated = true;
            return self.string(&value.text());
        }
        if entries.is_empty() {
            return self.text.push_str("{}");
        }
        self.text.push('{');
        for (at, (name, value)) in entries.iter().enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            self.line(level + 1);
            self.string(name);
            self.text
                .push_str(if self.is_compressed { ":" } else { ": " });
            self.value(value, level + 1);
        }
        self.line(level);
        self.text.push('}');
    }
}

/// A value as JSON; whether the depth cut something off.
pub fn write(
    value: &Value,
    depth: usize,
    is_compressed: bool,
    enums_as_text: bool,
) -> (String, bool) {
    let mut writer = Writer {
        text: String::new(),
        is_compressed,
        depth,
        enums_as_text,
        is_truncated: false,
    };
    writer.value(value, 0);
    (writer.text, writer.is_truncated)
}
