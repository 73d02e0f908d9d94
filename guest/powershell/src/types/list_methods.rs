//! Methods of arrays and lists.
//!
//! What only some have is apart: ranges and sorting, delegates, queues and stacks, sets.

use std::cell::RefCell;
use std::rc::Rc;

use super::list_search::{index, position};
use super::{list_delegates, list_ranges, queue_methods, set_methods};
use crate::eval::Engine;
use crate::value::{Array, BEYOND, Ctl, List, ListKind, R, Value, fail, method_error, to_int};

impl Engine {
    /// An item as the list's type wants it.
    pub fn list_item(&mut self, list: &List, value: Value) -> R<Value> {
        match list.kind.of() {
            Some(of) => self.cast(&value, of),
            None => Ok(value),
        }
    }

    /// The same for a method's argument: what doesn't convert is the call's fault (MethodArgumentConvertTo).
    pub fn list_argument(&mut self, list: &List, value: &Value, method: &str) -> R<Value> {
        let failed = |ctl: Ctl| {
            let (Ctl::Throw(record), Some(of)) = (&ctl, list.kind.of()) else {
                return ctl;
            };
            fail(
                "System.Management.Automation.MethodException",
                "MethodArgumentConversionInvalidCastArgument",
                format!(
                    "Cannot convert argument \"item\", with value: \"{}\", for \"{method}\" to type \"{}\": \"{}\"",
                    value.text(),
                    of.full_name(),
                    record.exception.message
                ),
            )
        };
        self.list_item(list, value.clone()).map_err(failed)
    }
}

pub fn out_of_range() -> crate::value::Ctl {
    method_error("System.ArgumentOutOfRangeException", BEYOND)
}

pub fn call(engine: &mut Engine, target: &Value, name: &str, args: &[Value]) -> Option<R<Value>> {
    // Taken only by the methods that look at all of them: `Add` in a loop must not copy the list every time.
    let items = || target.to_items();
    if let Value::List(list) = target
        && list.is_set()
        && let Some(result) = set_methods::call(engine, list, name, args)
    {
        return Some(result);
    }
    let common = match (name, args) {
        ("contains", [value]) => Some(match target {
            Value::List(list) if !matches!(value, Value::Object(_)) => {
                Ok(Value::Bool(list.contains(value)))
            }
            _ => position(engine, target, value, items().into_iter().enumerate())
                .map(|at| Value::Bool(at.is_some())),
        }),
        ("indexof", [value, within @ ..]) if within.len() <= 2 => Some((|| {
            let items = items();
            let range = list_ranges::part(within, items.len())?;
            let items = items.into_iter().enumerate();
            let items = items.skip(range.start).take(range.len());
            position(engine, target, value, items).map(index)
        })()),
        ("lastindexof", [value]) => {
            Some(position(engine, target, value, items().into_iter().enumerate().rev()).map(index))
        }
        ("getenumerator", []) => Some(Ok(super::enumerator::value(items(), target.watch()))),
        ("toarray", []) => Some(Ok(match target {
            Value::List(list) => typed(list, items()),
            _ => Value::from(items()),
        })),
        ("copyto", [Value::Array(to), at @ ..]) if at.len() <= 1 => {
            Some(list_ranges::copy(&items(), to, at.first()))
        }
        ("getlength" | "getupperbound" | "getlowerbound", [dimension]) => match target {
            Value::Array(array) => {
                let length = super::grid::length(array, dimension);
                Some(length.map(|length| match name {
                    "getlength" => Value::from(length),
                    "getupperbound" => Value::Int(length as i32 - 1),
                    _ => Value::Int(0),
                }))
            }
            _ => None,
        },
        ("getvalue" | "item", [at]) => Some(engine.index(target, at)),
        ("getvalue", [_, _, ..]) => Some(engine.index(target, &Value::from(args.to_vec()))),
        ("setvalue", [value, at @ ..]) if !at.is_empty() => {
            let at = match at {
                [at] => at.clone(),
                several => Value::from(several.to_vec()),
            };
            let done = engine.set_index(target, &at, value.clone());
            Some(done.map(|()| Value::Nothing))
        }
        ("clone", []) => Some(Ok(match target {
            Value::List(list) => Value::List(Rc::new(List::new(list.kind.clone(), items()))),
            Value::Array(array) => Value::Array(Rc::new(Array {
                items: RefCell::new(items()),
                of: array.of.clone(),
                lengths: array.lengths.clone(),
            })),
            _ => Value::from(items()),
        })),
        _ => None,
    };
    if common.is_some() {
        return common;
    }
    match target {
        Value::List(list) => match (name, args) {
            _ if matches!(list.kind, ListKind::Collection(_))
                && !OF_COLLECTIONS.contains(&name) =>
            {
                None
            }
            _ if list.is_set() => None,
            _ => list_call(engine, list, name, args).or_else(|| match list.kind {
                ListKind::Queue(_)
                | ListKind::Stack(_)
                | ListKind::PlainQueue
                | ListKind::PlainStack => queue_methods::call(engine, list, name, args),
                _ => list_ranges::call(engine, list, name, args)
                    .or_else(|| list_delegates::call(engine, list, name, args)),
            }),
        },
        Value::Array(array) if name == "clear" && args.is_empty() => {
            super::array::clear(array);
            Some(Ok(Value::Nothing))
        }
        Value::Array(_) if matches!(name, "add" | "remove" | "removeat" | "insert" | "clear") => {
            Some(Err(method_error(
                "System.NotSupportedException",
                "Collection was of a fixed size.",
            )))
        }
        _ => None,
    }
}

pub fn typed(list: &List, items: Vec<Value>) -> Value {
    match list.kind.of() {
        Some(of) if !super::resolve::is_object(of) => {
            Value::Array(Rc::new(crate::value::Array::typed(items, of.clone())))
        }
        _ => Value::from(items),
    }
}

/// `Collection<T>`'s own methods; what else arrays and lists have is for all.
const OF_COLLECTIONS: [&str; 5] = ["add", "insert", "remove", "removeat", "clear"];

fn list_call(engine: &mut Engine, list: &Rc<List>, name: &str, args: &[Value]) -> Option<R<Value>> {
    Some(match (name, args) {
        ("add", [value]) => engine
            .list_argument(list, value, "Add")
            .map(|value| push(list, value)),
        ("insert", [at, value]) => (|| {
            let (at, value) = (to_int(at)?, engine.list_argument(list, value, "Insert")?);
            let mut items = list.change();
            if at < 0 || at as usize > items.len() {
                return Err(out_of_range());
            }
            items.insert(at as usize, value);
            Ok(Value::Nothing)
        })(),
        ("remove", [value]) => {
            let items = list.items.borrow().clone();
            let target = Value::List(Rc::clone(list));
            let found = position(engine, &target, value, items.into_iter().enumerate());
            found.map(|at| {
                if let Some(at) = at {
                    list.change().remove(at);
                }
                match list.kind {
                    ListKind::ArrayList => Value::Nothing,
                    _ => Value::Bool(at.is_some()),
                }
            })
        }
        ("removeat", [at]) => to_int(at).and_then(|at| {
            let mut items = list.change();
            if at < 0 || at as usize >= items.len() {
                return Err(out_of_range());
            }
            items.remove(at as usize);
            Ok(Value::Nothing)
        }),
        ("clear", []) => {
            list.change().clear();
            Ok(Value::Nothing)
        }
        _ => return None,
    })
}

/// Puts the value at the end; what `Add` of such a list gives.
fn push(list: &List, value: Value) -> Value {
    let mut items = list.change();
    items.push(value);
    match list.kind {
        ListKind::ArrayList => Value::from(items.len() - 1),
        _ => Value::Nothing,
    }
}
