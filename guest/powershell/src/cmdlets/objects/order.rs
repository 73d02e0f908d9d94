//! Order and sameness of any two values.

use std::cmp::Ordering;

use crate::format::view::properties;
use crate::value::{Value, compare, compare_texts, equal};

/// Whether two items are the same to `-Unique`: by value, objects by their properties.
pub fn same(a: &Value, b: &Value, minds_case: bool) -> bool {
    match (a, b) {
        (Value::Object(_), Value::Object(_)) => {
            let (a, b) = (properties(a), properties(b));
            a.len() == b.len()
                && a.iter()
                    .zip(&b)
                    .all(|((n, x), (m, y))| n == m && equal(x, y, minds_case))
        }
        _ => equal(a, b, minds_case),
    }
}

/// The order of any two values: what can't be compared is compared as text.
pub fn order(a: &Value, b: &Value, minds_case: bool) -> Ordering {
    match (a.is_null(), b.is_null()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return from_null(b),
        (false, true) => return from_null(a).reverse(),
        (false, false) => {}
    }
    if a.is_number() && !b.is_number() && crate::value::to_number(b).is_none() {
        return compare_texts(&a.text(), &b.text(), minds_case);
    }
    compare(a, b, minds_case).unwrap_or_else(|| compare_texts(&a.text(), &b.text(), minds_case))
}

/// Where null stands from a value: before it, but after negative numbers (LanguagePrimitives.Compare).
fn from_null(value: &Value) -> Ordering {
    let is_negative = value.is_number() && crate::value::to_double(value).is_ok_and(|n| n < 0.0);
    if is_negative {
        Ordering::Greater
    } else {
        Ordering::Less
    }
}

/// What items that are the same have in common, so that only those need comparing.
pub fn likeness(item: &Value) -> String {
    match item {
        Value::Object(_) => {
            let parts: Vec<String> = properties(item)
                .iter()
                .map(|(_, value)| plain_likeness(value))
                .collect();
            parts.join("\0")
        }
        other => plain_likeness(other),
    }
}

/// Numbers are equal whatever their types, texts whatever their case.
fn plain_likeness(value: &Value) -> String {
    if let Value::Char(c) = value {
        return c.to_lowercase().collect();
    }
    match crate::value::to_number(value).map(|n| crate::value::to_double(&n)) {
        Some(Ok(n)) => n.to_string(),
        _ => value.text().to_lowercase(),
    }
}
