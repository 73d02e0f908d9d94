//! Equality and order, as the comparison operators see them: the left side decides what is compared.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::{Num, Value, to_bool, to_decimal, to_double, to_number};
use crate::types;

/// Text as it is compared without regard to case.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        text.to_lowercase()
    }
}

fn same_text(left: &str, right: &str, minds_case: bool) -> bool {
    if minds_case {
        return left == right;
    }
    if left.is_ascii() && right.is_ascii() {
        return left.eq_ignore_ascii_case(right);
    }
    fold(left) == fold(right)
}

/// `left -eq right` for one left value.
pub fn equal(left: &Value, right: &Value, minds_case: bool) -> bool {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => same_text(a, b, minds_case),
        (Value::Null | Value::Nothing, _) => right.is_null(),
        (Value::Bool(a), _) => *a == to_bool(right),
        (_, Value::Null | Value::Nothing) => false,
        (Value::Str(a), _) => same_text(a, &right.text(), minds_case),
        (Value::Char(a), _) => same_text(&a.to_string(), &char_side(right), minds_case),
        (Value::Int(_) | Value::Long(_) | Value::Double(_) | Value::Num(_), _) => {
            numbers(left, right).is_some_and(Ordering::is_eq)
        }
        (Value::Type(a), Value::Type(b)) => a == b,
        (Value::Type(a), Value::Str(b)) => {
            same_text(&a.full_name(), b, minds_case) || same_text(&a.short_name(), b, minds_case)
        }
        (Value::Net(a), _) => match a.equal(right) {
            Some(claim) => claim,
            None if matches!(right, Value::Net(_)) => left.is_same(right),
            None => types::like(left, right).is_some_and(|right| a.equal(&right).unwrap_or(false)),
        },
        (Value::Array(a), Value::Array(b)) => std::rc::Rc::ptr_eq(a, b),
        _ => left.is_same(right),
    }
}

fn char_side(right: &Value) -> String {
    match right {
        Value::Int(n) => u32::try_from(*n)
            .ok()
            .and_then(char::from_u32)
            .map(String::from)
            .unwrap_or_default(),
        other => other.text(),
    }
}

/// The order of two values; `None` if they can't be compared.
pub fn compare(left: &Value, right: &Value, minds_case: bool) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Null | Value::Nothing, _) => match right {
            Value::Null | Value::Nothing => Some(Ordering::Equal),
            // A missing number counts as 0.
            _ if right.is_number() => numbers(&Value::Int(0), right),
            _ => Some(Ordering::Less),
        },
        (_, Value::Null | Value::Nothing) => match left {
            _ if left.is_number() => numbers(left, &Value::Int(0)),
            _ => Some(Ordering::Greater),
        },
        (Value::Str(a), _) => Some(texts(a, &right.text(), minds_case)),
        (Value::Char(a), _) => Some(texts(&a.to_string(), &char_side(right), minds_case)),
        (Value::Bool(a), _) => Some(a.cmp(&to_bool(right))),
        (Value::Net(a), _) => match a.compare(right) {
            Some(order) => Some(order),
            None => types::like(left, right)
                .and_then(|right| a.compare(&right))
                .or_else(|| numbers(left, right)),
        },
        _ if left.is_number() => numbers(left, right),
        _ => None,
    }
}

/// The order of text in .NET's culture comparison, closely enough: letters first without regard to case, and of
/// equal ones the lower case first.
pub fn texts(left: &str, right: &str, minds_case: bool) -> Ordering {
    let rank = |c: char| -> (u8, char) {
        let class = if c.is_alphabetic() {
            3
        } else if c.is_numeric() {
            2
        } else if c == '_' || c == '-' || c.is_whitespace() {
            0
        } else {
            1
        };
        (class, c.to_lowercase().next().unwrap_or(c))
    };
    let folded = left.chars().map(rank).cmp(right.chars().map(rank));
    if folded.is_eq() && minds_case {
        // In a culture's order `a` comes before `A`.
        return right.cmp(left);
    }
    folded
}

fn numbers(left: &Value, right: &Value) -> Option<Ordering> {
    if let Some(order) = types::bigint::compare(left, right) {
        return Some(order);
    }
    let (left, right) = (to_number(left)?, to_number(right)?);
    match (&left, &right) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Num(Num::Decimal(_)), _) | (_, Value::Num(Num::Decimal(_))) => {
            let (a, b): (Decimal, Decimal) = (to_decimal(&left).ok()?, to_decimal(&right).ok()?);
            Some(a.cmp(&b))
        }
        (Value::Int(_) | Value::Long(_), Value::Int(_) | Value::Long(_)) => Some(
            super::to_long(&left)
                .ok()?
                .cmp(&super::to_long(&right).ok()?),
        ),
        _ => to_double(&left).ok()?.partial_cmp(&to_double(&right).ok()?),
    }
}
