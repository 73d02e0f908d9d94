//! `ConvertFrom-Json`, `ConvertTo-Json`, `Test-Json`.

use std::rc::Rc;

use serde_json::Value as Json;

use super::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::format::view::properties;
use crate::types::datetime::DateTime;
use crate::types::enumeration::EnumValue;
use crate::value::{Hash, HashKind, Object, R, Value, fail};

pub const FROM: Cmdlet = Cmdlet {
    name: "ConvertFrom-Json",
    aliases: &[],
    params: "InputObject@0| AsHashtable? Depth NoEnumerate?",
    run: Run::Whole(from_json),
};
pub const TO: Cmdlet = Cmdlet {
    name: "ConvertTo-Json",
    aliases: &[],
    params: "InputObject@0| Depth Compress? AsArray? EnumsAsStrings? EscapeHandling",
    run: Run::Whole(to_json),
};
pub const TEST: Cmdlet = Cmdlet {
    name: "Test-Json",
    aliases: &[],
    params: "Json@0|",
    run: Run::Whole(test_json),
};

/// Reads a document.
pub fn parse(text: &str, as_hash: bool) -> R<Value> {
    let text = text.trim_start_matches('\u{feff}');
    let json: Json = serde_json::from_str(text).map_err(|error| {
        fail(
            "System.ArgumentException",
            "System.ArgumentException,Microsoft.PowerShell.Commands.ConvertFromJsonCommand",
            format!("Conversion from JSON failed with error: {error}"),
        )
    })?;
    Ok(value_of(json, as_hash))
}

fn value_of(json: Json, as_hash: bool) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(claim) => Value::Bool(claim),
        Json::Number(n) => match (n.as_i64(), n.as_u64()) {
            // Numbers without a fraction are Int64 in PowerShell 7.
            (Some(n), _) => Value::Long(n),
            (_, Some(n)) => crate::lex::number::parse(&n.to_string()).unwrap_or_default(),
            _ => Value::Double(n.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => date(&text).unwrap_or_else(|| Value::from(text)),
        Json::Array(items) => Value::from(
            items
                .into_iter()
                .map(|item| value_of(item, as_hash))
                .collect::<Vec<_>>(),
        ),
        Json::Object(map) if as_hash => {
            let mut hash = Hash::new(HashKind::Ordered);
            hash.minds_case = true;
            for (key, item) in map {
                hash.insert(Value::from(key), value_of(item, as_hash));
            }
            Value::Hash(Rc::new(hash))
        }
        Json::Object(map) => {
            let object = Object::custom();
            for (key, item) in map {
                object.push(&key, value_of(item, as_hash));
            }
            Value::Object(Rc::new(object))
        }
    }
}

/// ISO 8601 times become dates, as PowerShell 7 reads them.
fn date(text: &str) -> Option<Value> {
    let bytes = text.as_bytes();
    let is_iso = bytes.len() >= 19
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && bytes[10] == b'T'
        && bytes[13] == b':'
        && bytes[16] == b':';
    if !is_iso || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = crate::types::datetime_parse::parse(text)?;
    let ticks = value.downcast::<DateTime>()?.ticks;
    let kind = if text.ends_with('Z') {
        crate::types::datetime::Kind::Utc
    } else {
        value.downcast::<DateTime>()?.kind
    };
    Some(DateTime::value(ticks, kind))
}

fn from_json(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let items = super::inputs(args, input);
    // Lines of one document, or one document a line.
    let texts: Vec<String> = items.iter().map(Value::text).collect();
    let whole = texts.join("\n");
    if whole.trim().is_empty() {
        if texts.is_empty() {
            return Ok(());
        }
        return Err(crate::value::argument_error(
            "InputObject",
            "Cannot bind argument to parameter 'InputObject' because it is an empty string.",
        ));
    }
    let as_hash = args.switch("AsHashtable");
    let values = match parse(&whole, as_hash) {
        Ok(value) => vec![value],
        Err(ctl) if texts.len() == 1 => return Err(ctl),
        Err(ctl) => {
            let each: R<Vec<Value>> = texts.iter().map(|text| parse(text, as_hash)).collect();
            each.map_err(|_| ctl)?
        }
    };
    for value in values {
        if args.switch("NoEnumerate") {
            out.put(engine, value)?;
        } else {
            engine.put_value(value, out)?;
        }
    }
    Ok(())
}

struct Writer {
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

fn to_json(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let value = if args.has_input {
        if input.is_empty() {
            return Ok(());
        }
        if args.switch("AsArray") || input.len() > 1 {
            Value::from(input)
        } else {
            input[0].clone()
        }
    } else {
        let value = args.get("InputObject").cloned().unwrap_or_default();
        if args.switch("AsArray") && value.enumerate().is_none() {
            Value::from(vec![value])
        } else {
            value
        }
    };
    let depth = args.int("Depth")?.unwrap_or(2).max(0) as usize;
    let (text, is_truncated) = write(
        &value,
        depth,
        args.switch("Compress"),
        args.switch("EnumsAsStrings"),
    );
    if is_truncated {
        engine.warning(&format!(
            "Resulting JSON is truncated as serialization has exceeded the set depth of {depth}."
        ))?;
    }
    out.put(engine, Value::from(text))
}

fn test_json(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let items = if args.has_input {
        input
    } else {
        vec![args.required("Json")?]
    };
    for item in items {
        let is_json = serde_json::from_str::<Json>(&item.text()).is_ok();
        if !is_json {
            engine.soft_error(
                "System.Exception",
                "InvalidJsonAgainstSchema",
                "InvalidData",
                "The JSON is not valid.",
                item,
            )?;
        }
        out.put(engine, Value::Bool(is_json))?;
    }
    Ok(())
}
