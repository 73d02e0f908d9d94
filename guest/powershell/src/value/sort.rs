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

/// Sorts as .NET's `List.Sort` does, to the order in which it leaves what is equal: three items by exchanges, up to
/// sixteen by insertion, more by parting them around the middle of three (ArraySortHelper.IntroSort).
pub fn introsorted<T>(mut items: Vec<T>, by: &mut impl FnMut(&T, &T) -> Ordering) -> Vec<T> {
    let n_levels = 2 * (items.len().max(1).ilog2() + 1);
    introsort(&mut items, n_levels, by);
    items
}

fn introsort<T>(items: &mut [T], n_levels: u32, by: &mut impl FnMut(&T, &T) -> Ordering) {
    let (mut n, mut n_levels) = (items.len(), n_levels);
    while n > 1 {
        let left = &mut items[..n];
        match n {
            2 => return exchange(left, 0, 1, by),
            3 => {
                exchange(left, 0, 1, by);
                exchange(left, 0, 2, by);
                return exchange(left, 1, 2, by);
            }
            4..=16 => return insert_each(left, by),
            _ if n_levels == 0 => return heap_sort(left, by),
            _ => {}
        }
        n_levels -= 1;
        let at = part(left, by);
        introsort(&mut left[at + 1..], n_levels, by);
        n = at;
    }
}

fn exchange<T>(items: &mut [T], i: usize, j: usize, by: &mut impl FnMut(&T, &T) -> Ordering) {
    if by(&items[i], &items[j]).is_gt() {
        items.swap(i, j);
    }
}

fn insert_each<T>(items: &mut [T], by: &mut impl FnMut(&T, &T) -> Ordering) {
    for next in 1..items.len() {
        let mut at = next;
        while at > 0 && by(&items[at], &items[at - 1]).is_lt() {
            items.swap(at, at - 1);
            at -= 1;
        }
    }
}

/// Puts what is less before one of the items, what is more behind it; where it stands then.
fn part<T>(items: &mut [T], by: &mut impl FnMut(&T, &T) -> Ordering) -> usize {
    let last = items.len() - 1;
    let middle = last / 2;
    exchange(items, 0, middle, by);
    exchange(items, 0, last, by);
    exchange(items, middle, last, by);
    let pivot = last - 1;
    items.swap(middle, pivot);
    let (mut left, mut right) = (0, pivot);
    while left < right {
        left += 1;
        // The bounds are for orders that contradict themselves.
        while left < pivot && by(&items[left], &items[pivot]).is_lt() {
            left += 1;
        }
        right -= 1;
        while right > 0 && by(&items[pivot], &items[right]).is_lt() {
            right -= 1;
        }
        if left >= right {
            break;
        }
        items.swap(left, right);
    }
    items.swap(left, pivot);
    left
}

fn heap_sort<T>(items: &mut [T], by: &mut impl FnMut(&T, &T) -> Ordering) {
    for at in (1..=items.len() / 2).rev() {
        sink(items, at, by);
    }
    for n in (2..=items.len()).rev() {
        items.swap(0, n - 1);
        sink(&mut items[..n - 1], 1, by);
    }
}

/// Lets the item at `at`, counted from 1, sink to its place.
fn sink<T>(items: &mut [T], mut at: usize, by: &mut impl FnMut(&T, &T) -> Ordering) {
    while at <= items.len() / 2 {
        let mut child = 2 * at;
        if child < items.len() && by(&items[child - 1], &items[child]).is_lt() {
            child += 1;
        }
        if !by(&items[at - 1], &items[child - 1]).is_lt() {
            return;
        }
        items.swap(at - 1, child - 1);
        at = child;
    }
}
