//! One value in a table or list.

use std::cell::Cell;

use crate::eval::Engine;
use crate::types::datetime::DateTime;
use crate::types::enumeration::EnumValue;
use crate::value::{Num, Value, to_int};

thread_local! {
    /// How many items of a collection are shown (`$FormatEnumerationLimit`).
    static LIMIT: Cell<usize> = const { Cell::new(4) };
}

/// Shows as many items from here on as the script's `$FormatEnumerationLimit` says; all if it is negative.
pub fn heed_limit(engine: &mut Engine) {
    let given = engine.variable_by_name("FormatEnumerationLimit");
    let limit = given.and_then(|value| to_int(&value).ok()).unwrap_or(4);
    LIMIT.set(usize::try_from(limit).unwrap_or(usize::MAX));
}

pub fn cell(value: &Value) -> String {
    let limit = LIMIT.get();
    match value {
        Value::Array(_) | Value::List(_) => {
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
                .map(|(key, value)| format!("[{}, {}]", key.text(), value.text()))
                .collect();
            if entries.len() > limit
                && let Some(last) = parts.last_mut()
            {
                last.push('…');
            }
            format!("{{{}}}", parts.join(", "))
        }
        other => inner(other),
    }
}

fn inner(value: &Value) -> String {
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
