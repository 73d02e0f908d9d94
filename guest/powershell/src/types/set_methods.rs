//! Methods of `HashSet<T>` that compare it with other items (`System.Collections.Generic.HashSet<T>`).
//!
//! The other side is anything that can be enumerated: what is in it twice counts once. `CreateSetComparer` isn't there.

use std::rc::Rc;

use super::list_search::position;
use crate::eval::Engine;
use crate::value::{List, ListKind, R, Script, Value, to_bool};

/// `None` for what no set has.
pub fn call(engine: &mut Engine, set: &Rc<List>, name: &str, args: &[Value]) -> Option<R<Value>> {
    match (name, args) {
        ("removewhere", [block]) => {
            let block = super::delegate::block_of(block)?;
            Some(remove_where(engine, set, &block))
        }
        (_, [other]) if COMPARING.contains(&name) => Some(compared(engine, set, name, other)),
        _ => None,
    }
}

const COMPARING: [&str; 10] = [
    "unionwith",
    "exceptwith",
    "intersectwith",
    "symmetricexceptwith",
    "issubsetof",
    "issupersetof",
    "ispropersubsetof",
    "ispropersupersetof",
    "overlaps",
    "setequals",
];

fn compared(engine: &mut Engine, set: &Rc<List>, name: &str, other: &Value) -> R<Value> {
    let other = same_kind(engine, set, other)?;
    // Which of the set's items the other has, and which of the other's the set hasn't.
    let (shared, own) = split(engine, set, &other)?;
    let (_, new) = split(engine, &other, set)?;
    let replace = |items: Vec<Value>| {
        *set.change() = items;
        Value::Nothing
    };
    Ok(match name {
        "unionwith" => {
            set.change().extend(new);
            Value::Nothing
        }
        "exceptwith" => replace(own),
        "intersectwith" => replace(shared),
        "symmetricexceptwith" => replace([own, new].concat()),
        "issubsetof" => Value::Bool(own.is_empty()),
        "issupersetof" => Value::Bool(new.is_empty()),
        "ispropersubsetof" => Value::Bool(own.is_empty() && !new.is_empty()),
        "ispropersupersetof" => Value::Bool(new.is_empty() && !own.is_empty()),
        "overlaps" => Value::Bool(!shared.is_empty()),
        "setequals" => Value::Bool(own.is_empty() && new.is_empty()),
        other => unreachable!("`{other}` is in COMPARING"),
    })
}

/// The other side as a set of the same kind: items of the set's type, each once.
fn same_kind(engine: &mut Engine, set: &Rc<List>, other: &Value) -> R<Rc<List>> {
    let mut made = List::new(set.kind.clone(), Vec::new());
    made.ignores_case = set.ignores_case;
    let made = Rc::new(made);
    for item in other.to_items() {
        let item = engine.list_item(set, item)?;
        if !has(engine, &made, &item)? {
            made.items.borrow_mut().push(item);
        }
    }
    Ok(made)
}

/// The items of `of` that `by` has, and those that it hasn't.
fn split(engine: &mut Engine, of: &Rc<List>, by: &Rc<List>) -> R<(Vec<Value>, Vec<Value>)> {
    let (mut shared, mut own) = (Vec::new(), Vec::new());
    let items = of.items.borrow().clone();
    for item in items {
        match has(engine, by, &item)? {
            true => shared.push(item),
            false => own.push(item),
        }
    }
    Ok((shared, own))
}

/// Whether the set has the item: an object's class may say so itself.
pub fn has(engine: &mut Engine, set: &Rc<List>, item: &Value) -> R<bool> {
    if !matches!(item, Value::Object(_)) {
        return Ok(set.contains(item));
    }
    let items = set.items.borrow().clone();
    let target = Value::List(Rc::clone(set));
    Ok(position(engine, &target, item, items.into_iter().enumerate())?.is_some())
}

fn remove_where(engine: &mut Engine, set: &Rc<List>, block: &Rc<Script>) -> R<Value> {
    let items = set.items.borrow().clone();
    let mut kept = Vec::with_capacity(items.len());
    let n_items = items.len();
    for item in items {
        let verdict = engine.call_script(block, vec![item.clone()], None)?;
        if !to_bool(&verdict) {
            kept.push(item);
        }
    }
    let n_removed = n_items - kept.len();
    *set.change() = kept;
    Ok(Value::from(n_removed))
}

/// Whether the list is a set.
pub fn is_set(list: &List) -> bool {
    matches!(list.kind, ListKind::HashSet(_))
}
