//! `[array]`'s static members; arrays of a given length.

use std::rc::Rc;

use super::{TypeInfo, TypeRef};
use crate::eval::Engine;
use crate::value::{Array, R, Value, equal, sort, to_int};

pub const INFO: TypeInfo = TypeInfo {
    bases: &["System.Collections.IEnumerable", "System.Collections.IList"],
    statics: &["Sort", "Reverse", "IndexOf", "Copy", "Clear", "Resize"],
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

fn call(_: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    Some(match (name, args) {
        ("sort", [Value::Array(array)]) => {
            sort(&mut array.items.borrow_mut());
            Ok(Value::Nothing)
        }
        ("reverse", [Value::Array(array)]) => {
            array.items.borrow_mut().reverse();
            Ok(Value::Nothing)
        }
        ("indexof", [items, value]) => Ok(Value::Int(
            items
                .to_items()
                .iter()
                .position(|item| equal(item, value, true))
                .map_or(-1, |at| at as i32),
        )),
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
        _ => return None,
    })
}
