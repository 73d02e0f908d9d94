//! Methods of `List<T>` and `[array]` that take a delegate: `Find`, `ConvertAll`, `ForEach` and their like.
//!
//! The block has the item as its argument, not in `$_` (ScriptBlock.CreateDelegate).

use std::rc::Rc;

use super::{TypeRef, delegate};
use crate::eval::Engine;
use crate::value::{Array, List, ListKind, MODIFIED, R, Script, Value, method_error, to_bool};

/// `None` for what `List<T>` hasn't.
pub fn call(engine: &mut Engine, list: &Rc<List>, name: &str, args: &[Value]) -> Option<R<Value>> {
    let (ListKind::List(of), [argument]) = (&list.kind, args) else {
        return None;
    };
    let block = delegate::block_of(argument)?;
    let items = list.items.borrow().clone();
    let same_kind = |kind: ListKind, items| Value::List(Rc::new(List::new(kind, items)));
    Some(match name {
        "findall" => {
            kept(engine, items, &block, true).map(|found| same_kind(list.kind.clone(), found))
        }
        "removeall" => kept(engine, items, &block, false).map(|left| {
            let n_left = left.len();
            let before = std::mem::replace(&mut *list.change(), left);
            Value::from(before.len() - n_left)
        }),
        "convertall" => {
            let to = delegate::returned(argument).unwrap_or_else(|| TypeRef::named("object"));
            converted(engine, items, &block, &to).map(|items| same_kind(ListKind::List(to), items))
        }
        "foreach" => {
            let watch = list.changes.watch();
            for_each(engine, items, &block, || watch.is_changed())
        }
        _ => return among(engine, items, of, name, &block),
    })
}

/// Calls the block for every item, unless the items are changed meanwhile.
fn for_each(
    engine: &mut Engine,
    items: Vec<Value>,
    block: &Rc<Script>,
    is_changed: impl Fn() -> bool,
) -> R<Value> {
    for item in items {
        engine.call_script(block, vec![item], None)?;
        if is_changed() {
            return Err(method_error("System.InvalidOperationException", MODIFIED));
        }
    }
    Ok(Value::Nothing)
}

/// What asks the items and changes nothing; the same for `List<T>` and `[array]`.
pub fn among(
    engine: &mut Engine,
    items: Vec<Value>,
    of: &TypeRef,
    name: &str,
    block: &Rc<Script>,
) -> Option<R<Value>> {
    let is_last = name.starts_with("findlast");
    Some(match name {
        "exists" => first(engine, &items, block, is_last).map(|at| Value::Bool(at.is_some())),
        "trueforall" => kept(engine, items, block, false).map(|left| Value::Bool(left.is_empty())),
        "find" | "findlast" => first(engine, &items, block, is_last)
            .map(|at| at.map_or_else(|| of.default_value(), |at| items[at].clone())),
        "findindex" | "findlastindex" => {
            first(engine, &items, block, is_last).map(super::list_search::index)
        }
        _ => return None,
    })
}

/// `[array]::Find(array, block)` and its like.
pub fn of_array(engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    let [Value::Array(array), argument] = args else {
        return None;
    };
    let block = delegate::block_of(argument)?;
    let items = array.items.borrow().clone();
    let of = array.of.clone().unwrap_or_else(|| TypeRef::named("object"));
    let typed = |items, of| Value::Array(Rc::new(Array::typed(items, of)));
    Some(match name {
        "findall" => kept(engine, items, &block, true).map(|found| typed(found, of)),
        "convertall" => {
            let to = delegate::returned(argument).unwrap_or_else(|| TypeRef::named("object"));
            converted(engine, items, &block, &to).map(|items| typed(items, to))
        }
        "foreach" => for_each(engine, items, &block, || false),
        _ => return among(engine, items, &of, name, &block),
    })
}

fn matches(engine: &mut Engine, item: &Value, block: &Rc<Script>) -> R<bool> {
    let verdict = engine.call_script(block, vec![item.clone()], None)?;
    Ok(to_bool(&verdict))
}

/// Where the first or last is that the block is true for; no other is asked then.
fn first(
    engine: &mut Engine,
    items: &[Value],
    block: &Rc<Script>,
    is_last: bool,
) -> R<Option<usize>> {
    for step in 0..items.len() {
        let at = if is_last {
            items.len() - 1 - step
        } else {
            step
        };
        if matches(engine, &items[at], block)? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// The items for which the block says what is wanted.
fn kept(engine: &mut Engine, items: Vec<Value>, block: &Rc<Script>, wanted: bool) -> R<Vec<Value>> {
    let mut kept = Vec::new();
    for item in items {
        if matches(engine, &item, block)? == wanted {
            kept.push(item);
        }
    }
    Ok(kept)
}

fn converted(
    engine: &mut Engine,
    items: Vec<Value>,
    block: &Rc<Script>,
    to: &TypeRef,
) -> R<Vec<Value>> {
    let mut made = Vec::with_capacity(items.len());
    for item in items {
        let value = engine.call_script(block, vec![item], None)?;
        made.push(engine.cast(&value, to)?);
    }
    Ok(made)
}
