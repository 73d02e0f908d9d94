//! What lists do with many items at once: ranges, order, copies.

use std::cmp::Ordering;
use std::ops::Range;
use std::rc::Rc;

use super::list_methods::out_of_range;
use super::order::Order;
use crate::eval::Engine;
use crate::value::{Array, List, ListKind, R, Value, method_error, to_int};

const BEYOND_END: &str = "Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection.";

/// `None` for what lists haven't.
pub fn call(engine: &mut Engine, list: &Rc<List>, name: &str, args: &[Value]) -> Option<R<Value>> {
    Some(match (name, args) {
        ("addrange", [values]) => {
            let at = list.items.borrow().len();
            insert(engine, list, at, values)
        }
        ("insertrange", [at, values]) => to_int(at).and_then(|at| {
            let at = usize::try_from(at).map_err(|_| out_of_range())?;
            insert(engine, list, at, values)
        }),
        ("setrange", [at, values]) if matches!(list.kind, ListKind::ArrayList) => {
            let new = values.to_items();
            within(list, &[at.clone(), Value::from(new.len())]).map(|range| {
                list.change()[range].clone_from_slice(&new);
                Value::Nothing
            })
        }
        ("removerange", [_, _]) => within(list, args).map(|range| {
            list.change().drain(range);
            Value::Nothing
        }),
        ("getrange" | "slice", [_, _]) => within(list, args).map(|range| {
            let part = list.items.borrow()[range].to_vec();
            Value::List(Rc::new(List::new(list.kind.clone(), part)))
        }),
        ("reverse", [] | [_, _]) => within(list, args).map(|range| {
            list.change()[range].reverse();
            Value::Nothing
        }),
        ("sort", [] | [_]) => sort(engine, list, args.first()),
        ("binarysearch", [wanted]) => {
            let items = list.items.borrow().clone();
            search(engine, &items, wanted)
        }
        ("trimexcess", []) if matches!(list.kind, ListKind::List(_)) => Ok(Value::Nothing),
        ("trimtosize", []) if matches!(list.kind, ListKind::ArrayList) => Ok(Value::Nothing),
        _ => return None,
    })
}

fn insert(engine: &mut Engine, list: &Rc<List>, at: usize, values: &Value) -> R<Value> {
    if at > list.items.borrow().len() {
        return Err(out_of_range());
    }
    let mut new = Vec::new();
    for item in values.to_items() {
        new.push(engine.list_item(list, item)?);
    }
    list.change().splice(at..at, new);
    Ok(Value::Nothing)
}

/// The part that start and length mean; all of it without.
fn within(list: &List, args: &[Value]) -> R<Range<usize>> {
    part(args, list.items.borrow().len())
}

/// The part of so many items that a start, or a start and a length, mean; all of them without.
pub fn part(args: &[Value], n_items: usize) -> R<Range<usize>> {
    let start = args.first().map(to_int).transpose()?.unwrap_or(0);
    let start = usize::try_from(start).map_err(|_| out_of_range())?;
    let left = n_items.checked_sub(start).ok_or_else(beyond_end)?;
    let n = match args.get(1) {
        Some(n) => usize::try_from(to_int(n)?).map_err(|_| out_of_range())?,
        None => left,
    };
    if n > left {
        return Err(beyond_end());
    }
    Ok(start..start + n)
}

fn beyond_end() -> crate::value::Ctl {
    method_error("System.ArgumentException", BEYOND_END)
}

fn sort(engine: &mut Engine, list: &List, by: Option<&Value>) -> R<Value> {
    let items = list.items.borrow().clone();
    let sorted = Order::of(by)?.sorted(engine, items, |item| item)?;
    *list.change() = sorted;
    Ok(Value::Nothing)
}

/// Where the item is among sorted ones, or the complement of where it would be (`BinarySearch`).
pub fn search(engine: &mut Engine, items: &[Value], wanted: &Value) -> R<Value> {
    let order = Order::of(None)?;
    let (mut low, mut high) = (0, items.len());
    while low < high {
        // The middle as .NET takes it: the lower of two.
        let middle = low + (high - 1 - low) / 2;
        match order.compare(engine, &items[middle], wanted)? {
            Ordering::Equal => return Ok(Value::from(middle)),
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
        }
    }
    Ok(Value::Int(!(low as i32)))
}

/// `CopyTo`: the items into an array, from the place `at` on.
pub fn copy(items: &[Value], to: &Array, at: Option<&Value>) -> R<Value> {
    let at = at.map(to_int).transpose()?.unwrap_or(0);
    let at = usize::try_from(at).map_err(|_| out_of_range())?;
    let mut slots = to.items.borrow_mut();
    let end = at + items.len();
    let part = slots.get_mut(at..end).ok_or_else(|| {
        method_error(
            "System.ArgumentException",
            "Destination array was not long enough. Check the destination index, length, and the array's lower bounds. (Parameter 'destinationArray')",
        )
    })?;
    part.clone_from_slice(items);
    Ok(Value::Nothing)
}
