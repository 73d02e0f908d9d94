//! JSON to values.

use std::rc::Rc;

use serde_json::Value as Json;

use crate::types::datetime::DateTime;
use crate::value::{Hash, HashKind, Object, R, Value, fail};

/// How deep a document may be where nothing else is said.
pub const MAX_DEPTH: usize = 1024;

/// Reads a document whose arrays and objects are nested at most `max_depth` deep.
pub fn parse(text: &str, as_hash: bool, max_depth: usize) -> R<Value> {
    let text = text.trim_start_matches('\u{feff}');
    let strict = serde_json::from_str(text);
    let json: Json = strict
        .or_else(|error| serde_json::from_str(&plain(text)).map_err(|_| error))
        .map_err(|error| {
            fail(
                "System.ArgumentException",
                "System.ArgumentException",
                format!("Conversion from JSON failed with error: {error}"),
            )
        })?;
    if depth(&json) > max_depth {
        return Err(fail(
            "System.ArgumentException",
            "System.ArgumentException",
            format!(
                "Conversion from JSON failed with error: The reader's MaxDepth of {max_depth} has been exceeded."
            ),
        ));
    }
    value_of(json, as_hash)
}

/// How many arrays and objects are within each other; the parser bounds it, so this can recurse.
fn depth(json: &Json) -> usize {
    match json {
        Json::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Json::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => 0,
    }
}

/// JSON without what ConvertFrom-Json takes beyond it: comments, commas before a closing bracket, single quotes,
/// names without quotes.
fn plain(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('/', Some('/')) => while chars.next_if(|c| *c != '\n').is_some() {},
            ('/', Some('*')) => {
                chars.next();
                let mut before = ' ';
                for c in chars.by_ref() {
                    if before == '*' && c == '/' {
                        break;
                    }
                    before = c;
                }
            }
            ('"' | '\'', _) => {
                made.push('"');
                while let Some(inner) = chars.next() {
                    match inner {
                        '\\' => {
                            let next = chars.next().unwrap_or_default();
                            if next != '\'' {
                                made.push('\\');
                            }
                            made.push(next);
                        }
                        inner if inner == c => break,
                        '"' => made.push_str("\\\""),
                        inner => made.push(inner),
                    }
                }
                made.push('"');
            }
            (c, _) if c.is_alphabetic() || matches!(c, '_' | '$') => {
                let mut word = String::from(c);
                while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
                {
                    word.push(c);
                }
                let mut after = chars.clone().skip_while(|c| c.is_whitespace());
                match after.next() {
                    Some(':') => made.push_str(&format!("\"{word}\"")),
                    _ => made.push_str(&word),
                }
            }
            (']' | '}', _) => {
                let kept = made.trim_end();
                if let Some(kept) = kept.strip_suffix(',') {
                    made.truncate(kept.len());
                }
                made.push(c);
            }
            _ => made.push(c),
        }
    }
    made
}

fn value_of(json: Json, as_hash: bool) -> R<Value> {
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(claim) => Value::Bool(claim),
        Json::Number(n) => match (n.as_i64(), n.as_u64()) {
            // Numbers without a fraction are Int64 in PowerShell 7.
            (Some(n), _) => Value::Long(n),
            (_, Some(n)) => crate::types::bigint::value(n.into()),
            _ => Value::Double(n.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => date(&text).unwrap_or_else(|| Value::from(text)),
        Json::Array(items) => Value::from(
            items
                .into_iter()
                .map(|item| value_of(item, as_hash))
                .collect::<R<Vec<_>>>()?,
        ),
        Json::Object(map) if as_hash => {
            let hash = Hash::new(HashKind::Json);
            for (key, item) in map {
                hash.insert(Value::from(key), value_of(item, as_hash)?);
            }
            Value::Hash(Rc::new(hash))
        }
        Json::Object(map) => {
            let object = Object::custom();
            for (key, item) in map {
                check_key(&object, &key)?;
                object.push(&key, value_of(item, as_hash)?);
            }
            Value::Object(Rc::new(object))
        }
    })
}

/// An object's properties have names, and none differs from another by case alone; a table has no such bound.
fn check_key(object: &Object, key: &str) -> R<()> {
    if key.is_empty() {
        return Err(fail(
            "System.InvalidOperationException",
            "EmptyKeyInJsonString",
            "The provided JSON includes a property whose name is an empty string, this is only supported using the \
             -AsHashTable switch.",
        ));
    }
    if object.find(key).is_none() {
        return Ok(());
    }
    let names = object.names();
    let seen = names.iter().find(|name| name.eq_ignore_ascii_case(key));
    Err(fail(
        "System.InvalidOperationException",
        "KeysWithDifferentCasingInJsonString",
        format!(
            "Cannot convert the JSON string because it contains keys with different casing. Please use the -AsHashTable \
             switch instead. The key that was attempted to be added to the existing key '{}' was '{key}'.",
            seen.map_or(key, |seen| seen)
        ),
    ))
}

/// ISO 8601 times become dates, as PowerShell 7 reads them.
pub fn date(text: &str) -> Option<Value> {
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
