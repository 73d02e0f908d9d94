//! A stable sort that takes any comparison.

use std::cmp::Ordering;

use super::{Value, compare};

/// Sorts, and keeps the order of equals. Unlike the standard library's it takes any comparison: values of mixed types and
/// a class's own `CompareTo` need not make a total order, and a script must not end in a panic.
pub fn sorted<T>(mut items: Vec<T>, by: &mut impl FnMut(&T, &T) -> Ordering) -> Vec<T> {
    if items.len() < 2 {
        return items;
    }
    let right = items.split_off(items.len() / 2);
    let (left, right) = (sorted(items, by), sorted(right, by));
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = if by(a, b).is_gt() {
            right.next()
        } else {
            left.next()
        };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    merged
}

/// Sorts values as `Sort()` of .NET's lists does.
pub fn sort(items: &mut Vec<Value>) {
    *items = sorted(std::mem::take(items), &mut |a, b| {
        compare(a, b, true).unwrap_or(Ordering::Equal)
    });
}
