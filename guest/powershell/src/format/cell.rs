//! One value in a table or list.

use std::cell::Cell;
use std::rc::Rc;

use crate::eval::Engine;
use crate::eval::pattern::wildcard;
use crate::types::datetime::DateTime;
use crate::types::enumeration::EnumValue;
use crate::types::regex;
use crate::value::{Num, Object, R, Value, intern, to_int};

thread_local! {
    /// How many items of a collection are shown (`$FormatEnumerationLimit`).
    static LIMIT: Cell<usize> = const { Cell::new(4) };
}

/// Shows as many items from here on as the global `$FormatEnumerationLimit` says; all if it is negative.
pub fn heed_limit(engine: &mut Engine) {
    let given = engine.global.get_here(intern("FormatEnumerationLimit"));
    let limit = given.and_then(|value| to_int(&value).ok()).unwrap_or(4);
    LIMIT.set(usize::try_from(limit).unwrap_or(usize::MAX));
}

pub fn cell(value: &Value) -> String {
    let limit = LIMIT.get();
    match value {
        _ if value.is_collection() => {
            let items = value.to_items();
            let mut parts: Vec<String> = items.iter().take(limit).map(inner).collect();
            if items.len() > limit
                && let Some(last) = parts.last_mut()
            {
                last.push('…');
            }
            format!("{{{}}}", parts.join(", "))
        }
        Value::Hash(hash) => {
            let entries = hash.entries();
            let mut parts: Vec<String> = entries
                .iter()
                .take(limit)
                .map(|(key, value)| format!("[{}, {}]", key.text(), of_pair(value)))
                .collect();
            if entries.len() > limit
                && let Some(last) = parts.last_mut()
            {
                last.push('…');
            }
            format!("{{{}}}", parts.join(", "))
        }
        other => match regex::group_names(other) {
            Some(names) => format!("{{{}}}", names.join(", ")),
            None => one(other),
        },
    }
}

/// A collection or an object as the text that it is now: it may be laid out only later, when the script has changed
/// it, and a class's own `ToString` runs in the script. Anything else stays as it is.
pub fn fixed(engine: &mut Engine, value: Value) -> R<Value> {
    let is_own = |item: &Value| matches!(item, Value::Object(object) if object.class.is_some());
    Ok(Value::from(match &value {
        _ if value.is_collection() && value.to_items().iter().any(is_own) => {
            let mut items = Vec::new();
            for item in value.to_items() {
                items.push(match &item {
                    Value::Object(object) => Value::from(name_of(engine, object)?),
                    _ => item,
                });
            }
            cell(&Value::from(items))
        }
        Value::Object(object) => match engine.class_text(object)? {
            Some(text) => text,
            None => cell(&value),
        },
        Value::Hash(_) => cell(&value),
        _ if value.is_collection() => cell(&value),
        _ => return Ok(value),
    }))
}

/// An object among others: by its `ToString`, else by what names it (`PSObjectHelper.GetDisplayNameExpression`).
fn name_of(engine: &mut Engine, object: &Rc<Object>) -> R<String> {
    if let Some(text) = engine.class_text(object)? {
        return Ok(text);
    }
    let value = Value::Object(Rc::clone(object));
    if object.class.is_some() {
        let names = object.names();
        for pattern in ["name", "id", "key", "*key", "*name", "*id"] {
            let found = names.iter().find(|name| wildcard(pattern, name, false));
            if let Some(name) = found {
                let named = engine.object_get(object, name)?.unwrap_or_default();
                return engine.text(&named);
            }
        }
    }
    engine.text(&value)
}

/// What .NET's pair says of its value.
fn of_pair(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::List(_) => value.type_name(),
        value => value.text(),
    }
}

fn inner(value: &Value) -> String {
    if value.is_null() {
        return "$null".to_owned();
    }
    // A match or group among others goes by its name.
    regex::group_name(value).unwrap_or_else(|| one(value))
}

fn one(value: &Value) -> String {
    if let Value::Type(of) = value {
        return of.full_name();
    }
    match value.downcast::<DateTime>() {
        Some(time) => {
            let format = match time.offset {
                Some(_) => "M/d/yyyy h:mm:ss tt zzz",
                None => "M/d/yyyy h:mm:ss tt",
            };
            crate::types::datetime_format::custom(time, format)
        }
        None => value.text(),
    }
}

/// One value in a table: as in a list, but fractions have two digits (`SmartToString` formats them with "F").
pub fn table_cell(value: &Value) -> String {
    match value {
        Value::Double(_) | Value::Num(Num::Float(_) | Num::Decimal(_)) => {
            super::number::fixed(value, 2).unwrap_or_else(|_| cell(value))
        }
        other => cell(other),
    }
}

/// Whether a column is aligned to the right: what .NET has as plain values does, strings don't.
pub fn is_right(value: &Value) -> bool {
    match value {
        Value::Bool(_) | Value::Char(_) => true,
        Value::Net(object) => {
            value.downcast::<EnumValue>().is_some()
                || object.type_name() == "System.Security.SecureString"
        }
        other => other.is_number(),
    }
}
