//! Why a validation attribute doesn't take a value (about_Functions_Advanced_Parameters), and the ids that PowerShell has
//! for it (ValidationMetadataException in `Attributes.cs`).

use std::cmp::Ordering;

use super::pattern;
use crate::value::{R, Value, compare, equal, to_number};

pub struct Objection {
    pub id: &'static str,
    pub reason: String,
}

pub fn objection(id: &'static str, reason: impl Into<String>) -> Objection {
    let reason = reason.into();
    Objection { id, reason }
}

pub fn texts(values: &[Value]) -> Vec<String> {
    values.iter().map(Value::text).collect()
}

/// `ValidateNotNull`, `…OrEmpty`, `…OrWhiteSpace`; of a collection its items count, too.
pub fn emptiness(kind: &str, value: &Value) -> Option<Objection> {
    const OF_ITEMS: &str = "The argument is null, empty, or an element of the argument collection contains a null value. Supply a collection that does not contain any null values and then try the command again.";
    let minds_empty = kind != "notnull";
    let items = match value {
        Value::Array(_) | Value::List(_) => value.to_items(),
        Value::Hash(hash) => {
            let is_empty = minds_empty && hash.is_empty();
            return is_empty.then(|| objection("ArgumentIsEmpty", OF_ITEMS));
        }
        one => return refused_item(kind, one),
    };
    if items.iter().any(Value::is_null) {
        return Some(objection("ArgumentIsNull", OF_ITEMS));
    }
    if minds_empty && items.is_empty() {
        return Some(objection("ArgumentIsEmpty", OF_ITEMS));
    }
    items
        .iter()
        .find_map(|item| minds_empty.then(|| refused_item(kind, item)).flatten())
}

fn refused_item(kind: &str, item: &Value) -> Option<Objection> {
    const NULL: &str = "The argument is null. Provide a valid value for the argument, and then try running the command again.";
    const EMPTY: &str = "The argument is null or empty. Provide an argument that is not null or empty, and then try the command again.";
    const BLANK: &str = "The argument is null, empty, or consists of only white-space characters. Provide an argument that contains non white-space characters, and then try the command again.";
    match (kind, item) {
        ("notnull", item) => item.is_null().then(|| objection("ArgumentIsNull", NULL)),
        ("notnullorwhitespace", Value::Str(text)) if !text.is_empty() => {
            let is_blank = text.trim().is_empty();
            is_blank.then(|| objection("ArgumentIsWhiteSpace", BLANK))
        }
        (_, Value::Str(text)) => text.is_empty().then(|| objection("ArgumentIsEmpty", EMPTY)),
        (_, item) => item.is_null().then(|| objection("ArgumentIsNull", EMPTY)),
    }
}

/// Null, or a null among the items, to an attribute that looks at each item.
pub fn nothing(value: &Value) -> Objection {
    const NULL: &str = "The argument is null, empty, or an element of the argument collection contains a null value. Supply a collection that does not contain any null values and then try the command again.";
    const ITEM: &str = "The argument is null. Provide a valid value for the argument, and then try running the command again.";
    objection("ArgumentIsEmpty", if value.is_null() { NULL } else { ITEM })
}

pub fn outside_set(settings: &[Value], item: &Value, minds_case: bool) -> Option<Objection> {
    let text = Value::from(item.text());
    let mut allowed = settings.iter().map(|allowed| Value::from(allowed.text()));
    if allowed.any(|allowed| equal(&allowed, &text, minds_case)) {
        return None;
    }
    let reason = format!(
        "The argument \"{}\" does not belong to the set \"{}\" specified by the ValidateSet attribute. Supply an argument that is in the set and then try the command again.",
        item.text(),
        texts(settings).join(",")
    );
    Some(objection("ValidateSetFailure", reason))
}

pub fn outside_range(settings: &[Value], item: &Value) -> Option<Objection> {
    match settings {
        [kind] => outside_kind(&kind.text(), item),
        [low, high] => outside_bounds(low, high, item),
        _ => None,
    }
}

/// `[ValidateRange('Positive')]`
fn outside_kind(kind: &str, item: &Value) -> Option<Objection> {
    if !item.is_number() {
        return Some(not_of_type(item, "Int32"));
    }
    let order = compare(item, &Value::Int(0), false)?;
    let (id, is_inside, what) = match kind.to_ascii_lowercase().as_str() {
        "positive" => (
            "ValidateRangePositiveFailure",
            order.is_gt(),
            "greater than zero",
        ),
        "nonnegative" => (
            "ValidateRangeNonNegativeFailure",
            order.is_ge(),
            "greater than or equal to zero",
        ),
        "negative" => (
            "ValidateRangeNegativeFailure",
            order.is_lt(),
            "less than zero",
        ),
        _ => (
            "ValidateRangeNonPositiveFailure",
            order.is_le(),
            "less than or equal to zero",
        ),
    };
    (!is_inside).then(|| {
        let reason = format!(
            "The argument \"{}\" cannot be validated because its value is not {what}.",
            item.text()
        );
        objection(id, reason)
    })
}

fn outside_bounds(low: &Value, high: &Value, item: &Value) -> Option<Objection> {
    let number = to_number(item);
    if low.is_number() && number.is_none() {
        let name = low.type_name();
        return Some(not_of_type(item, name.rsplit('.').next().unwrap_or(&name)));
    }
    let item = match &number {
        Some(number) if low.is_number() => number,
        _ => item,
    };
    if compare(item, low, false).is_some_and(Ordering::is_lt) {
        let reason = format!(
            "The {} argument is less than the minimum allowed range of {low}. Supply an argument that is greater than or equal to {low} and then try the command again.",
            item.text(),
            low = low.text()
        );
        return Some(objection("ValidateRangeTooSmall", reason));
    }
    let is_above = compare(item, high, false).is_some_and(Ordering::is_gt);
    is_above.then(|| {
        let reason = format!(
            "The {} argument is greater than the maximum allowed range of {high}. Supply an argument that is less than or equal to {high} and then try the command again.",
            item.text(),
            high = high.text()
        );
        objection("ValidateRangeTooBig", reason)
    })
}

fn not_of_type(item: &Value, wanted: &str) -> Objection {
    let own = item.type_name();
    let reason = format!(
        "The argument cannot be validated because its type \"{}\" is not the same type ({wanted}) as the maximum and minimum limits of the parameter. Make sure the argument is of type {wanted} and then try the command again.",
        own.rsplit('.').next().unwrap_or(&own)
    );
    objection("ValidationRangeElementType", reason)
}

pub fn mismatch(settings: &[Value], item: &Value) -> R<Option<Objection>> {
    let written = settings.first().map(Value::text).unwrap_or_default();
    let regex = pattern::regex(&written, false)?;
    let is_match = regex.is_match(&item.text()).map_err(pattern::too_hard)?;
    Ok((!is_match).then(|| {
        let reason = format!(
            "The argument \"{}\" does not match the \"{written}\" pattern. Supply an argument that matches \"{written}\" and try the command again.",
            item.text()
        );
        objection("ValidatePatternFailure", reason)
    }))
}

fn bounds(settings: &[Value]) -> R<(i64, i64)> {
    let at = |n: usize| settings.get(n).map_or(Ok(i64::MAX), crate::value::to_long);
    Ok((at(0)?, at(1)?))
}

pub fn length(settings: &[Value], item: &Value) -> R<Option<Objection>> {
    let (low, high) = bounds(settings)?;
    let Value::Str(text) = item else {
        let reason = "The argument type is not valid because it is not a string. Provide a string and then try the command again.";
        return Ok(Some(objection("ValidateLengthNotString", reason)));
    };
    let n = text.encode_utf16().count() as i64;
    Ok(if n < low {
        let reason = format!(
            "The character length ({n}) of the argument is too short. Specify an argument with a length that is greater than or equal to \"{low}\", and then try the command again."
        );
        Some(objection("ValidateLengthMinLengthFailure", reason))
    } else if n > high {
        let reason = format!(
            "The character length of the {n} argument is too long. Shorten the character length of the argument so it is fewer than or equal to \"{high}\" characters, and then try the command again."
        );
        Some(objection("ValidateLengthMaxLengthFailure", reason))
    } else {
        None
    })
}

pub fn count(settings: &[Value], n: usize) -> R<Option<Objection>> {
    let (low, high) = bounds(settings)?;
    let is_inside = (low..=high).contains(&(n as i64));
    Ok((!is_inside).then(|| {
        let id = match low == high {
            true => "ValidateCountExactFailure",
            false => "ValidateCountMinMaxFailure",
        };
        let reason = format!(
            "The parameter requires at least {low} value(s) and no more than {high} value(s) - {n} value(s) were provided."
        );
        objection(id, reason)
    }))
}
