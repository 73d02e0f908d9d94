//! `[array]`'s static members; arrays of a given length.

use std::cell::RefCell;
use std::rc::Rc;

use super::order::Order;
use super::{TypeInfo, TypeRef, list_delegates, list_ranges, list_search};
use crate::eval::Engine;
use crate::value::{Array, R, Value, equal, to_int};

pub const INFO: TypeInfo = TypeInfo {
    bases: &["System.Collections.IEnumerable", "System.Collections.IList"],
    statics: &[
        "Sort",
        "Reverse",
        "IndexOf",
        "LastIndexOf",
        "Copy",
        "Clear",
        "Resize",
        "Fill",
        "BinarySearch",
        "CreateInstance",
        "Find",
        "FindAll",
        "FindIndex",
        "FindLast",
        "FindLastIndex",
        "Exists",
        "TrueForAll",
        "ForEach",
        "ConvertAll",
    ],
    call: Some(call),
    ..TypeInfo::named("System.Array", &["array"])
};

pub fn create(of: &Rc<TypeRef>, args: &[Value]) -> Option<R<Value>> {
    let [n] = args else { return None };
    Some(to_int(n).map(|n| {
        let items = vec![of.default_value(); n.max(0) as usize];
        Value::Array(Rc::new(Array::typed(items, (**of).clone())))
    }))
}

/// Every item becomes the default of the array's type; the length stays.
pub fn clear(array: &Array) {
    let of = array.of.as_ref();
    for item in array.items.borrow_mut().iter_mut() {
        *item = of.map_or(Value::Null, TypeRef::default_value);
    }
}

fn call(engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    Some(match (name, args) {
        ("sort", [Value::Array(keys)]) => sort(engine, keys, None, None),
        ("sort", [Value::Array(keys), Value::Array(items)]) => {
            sort(engine, keys, Some(items), None)
        }
        ("sort", [Value::Array(keys), by]) => sort(engine, keys, None, Some(by)),
        ("reverse", [Value::Array(array), within @ ..]) if matches!(within.len(), 0 | 2) => {
            let mut items = array.items.borrow_mut();
            list_ranges::part(within, items.len()).map(|range| {
                items[range].reverse();
                Value::Nothing
            })
        }
        ("indexof" | "lastindexof", [items, value]) => {
            let is_wanted = |item: &Value| equal(item, value, true);
            let items = items.to_items();
            Ok(list_search::index(match name {
                "indexof" => items.iter().position(is_wanted),
                _ => items.iter().rposition(is_wanted),
            }))
        }
        ("binarysearch", [Value::Array(array), wanted]) => {
            let items = array.items.borrow().clone();
            list_ranges::search(engine, &items, wanted)
        }
        ("fill", [Value::Array(array), value]) => cast(engine, array, value).map(|value| {
            array.items.borrow_mut().fill(value);
            Value::Nothing
        }),
        ("createinstance", [Value::Type(of), n @ Value::Int(_)]) => {
            return create(&Rc::new(of.clone()), std::slice::from_ref(n));
        }
        ("createinstance", [Value::Type(of), lengths @ ..]) if lengths.len() > 1 => {
            return super::grid::create(of, lengths.len(), lengths);
        }
        ("resize", [reference, n]) => resize(engine, reference, n),
        ("copy", [Value::Array(from), Value::Array(to), n]) => to_int(n).map(|n| {
            let from = from.items.borrow().clone();
            let mut to = to.items.borrow_mut();
            for (slot, item) in to.iter_mut().zip(from).take(n.max(0) as usize) {
                *slot = item;
            }
            Value::Nothing
        }),
        ("copy", [Value::Array(from), from_at, Value::Array(to), to_at, n]) => (|| {
            let (from_at, to_at, n) = (
                to_int(from_at)? as usize,
                to_int(to_at)? as usize,
                to_int(n)? as usize,
            );
            let part: Vec<Value> = from
                .items
                .borrow()
                .iter()
                .skip(from_at)
                .take(n)
                .cloned()
                .collect();
            for (slot, item) in to.items.borrow_mut().iter_mut().skip(to_at).zip(part) {
                *slot = item;
            }
            Ok(Value::Nothing)
        })(),
        ("clear", [Value::Array(array), ..]) => {
            clear(array);
            Ok(Value::Nothing)
        }
        _ => return list_delegates::of_array(engine, name, args),
    })
}

fn cast(engine: &mut Engine, array: &Array, value: &Value) -> R<Value> {
    match &array.of {
        Some(of) => engine.cast(value, of),
        None => Ok(value.clone()),
    }
}

/// Sorts an array, and another along with it.
fn sort(engine: &mut Engine, keys: &Array, items: Option<&Array>, by: Option<&Value>) -> R<Value> {
    let order = Order::of(by)?;
    let own = keys.items.borrow().clone();
    let along = match items {
        Some(items) => items.items.borrow().clone(),
        None => vec![Value::Null; own.len()],
    };
    if along.len() < own.len() {
        return Err(crate::value::method_error(
            "System.ArgumentException",
            "Length of the items array is less than that of the keys.",
        ));
    }
    let rest = along[own.len()..].to_vec();
    let pairs = own.into_iter().zip(along).collect();
    let sorted = order.sorted(engine, pairs, |(key, _)| key)?;
    let (own, mut along): (Vec<Value>, Vec<Value>) = sorted.into_iter().unzip();
    *keys.items.borrow_mut() = own;
    if let Some(items) = items {
        along.extend(rest);
        *items.items.borrow_mut() = along;
    }
    Ok(Value::Nothing)
}

/// `[array]::Resize([ref]$array, n)`: a new array of that length, with what fits of the old one.
fn resize(engine: &mut Engine, reference: &Value, n: &Value) -> R<Value> {
    let n = usize::try_from(to_int(n)?).map_err(|_| super::list_methods::out_of_range())?;
    let old = engine.get_member(reference, "Value")?;
    let of = match &old {
        Value::Array(array) => array.of.clone(),
        _ => None,
    };
    let default = of.as_ref().map_or(Value::Null, TypeRef::default_value);
    let mut items = old.to_items();
    items.resize(n, default);
    let items = RefCell::new(items);
    super::numbers::set_reference(
        reference,
        Value::Array(Rc::new(Array {
            items,
            of,
            lengths: None,
        })),
    )?;
    Ok(Value::Nothing)
}
