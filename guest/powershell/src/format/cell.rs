//! One value in a table or list.

use crate::types::datetime::DateTime;
use crate::value::Value;

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
        Some(time) => crate::types::datetime_format::custom(time, "M/d/yyyy h:mm:ss tt"),
        None => value.text(),
    }
}

/// Whether a column of such values is aligned to the right.
pub fn is_right(value: &Value) -> bool {
    value.is_number()
}
