//! One value in a table or list.

use crate::types::datetime::DateTime;
use crate::types::enumeration::EnumValue;
use crate::value::{Num, Value};

/// How many items of a collection are shown (`$FormatEnumerationLimit`).
const LIMIT: usize = 4;

pub fn cell(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::List(_) => {
            let items = value.to_items();
            let mut parts: Vec<String> = items.iter().take(LIMIT).map(inner).collect();
            if items.len() > LIMIT
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
                .take(LIMIT)
                .map(|(key, value)| format!("[{}, {}]", key.text(), value.text()))
                .collect();
            if entries.len() > LIMIT
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
