//! Methods of `HashSet<T>` and `SortedSet<T>`.
//!
//! Two items are one by what makes two keys of a table one; instances of a class with a `GetHashCode` of its own by its
//! `Equals`. Left out: comparers other than those of strings; what `GetViewBetween` gives is a set of its own.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::list_search::position;
use super::numbers::set_reference;
use crate::eval::Engine;
use crate::value::{HashKey, List, ListKind, R, Value, compare, to_bool, to_int};

/// A property that only sets have.
pub fn property(list: &List, lower: &str) -> Option<Value> {
    if !matches!(list.kind, ListKind::SortedSet(_)) {
        return None;
    }
    let items = list.items.borrow();
    match lower {
        "min" => Some(items.first().cloned().unwrap_or_default()),
        "max" => Some(items.last().cloned().unwrap_or_default()),
        _ => None,
    }
}

pub fn call(engine: &mut Engine, list: &Rc<List>, name: &str, args: &[Value]) -> Option<R<Value>> {
    Some(match (name, args) {
        ("add", [item]) => add(engine, list, item),
        ("contains", [item]) => find(engine, list, item).map(|at| Value::Bool(at.is_some())),
        ("remove", [item]) => find(engine, list, item).map(|at| {
            if let Some(at) = at {
                list.items_of_set().remove(at);
            }
            Value::Bool(at.is_some())
        }),
        ("trygetvalue", [item, reference]) => find(engine, list, item).and_then(|at| {
            let found = at.map(|at| list.items.borrow()[at].clone());
            let is_found = Value::Bool(found.is_some());
            set_reference(reference, found.unwrap_or_default()).map(|()| is_found)
        }),
        ("clear", []) => {
            list.items_of_set().clear();
            Ok(Value::Nothing)
        }
        ("removewhere", [block]) => {
            let block = super::delegate::block_of(block)?;
            let gone = keep(list, |item| {
                let verdict = engine.call_script(&block, vec![item.clone()], None)?;
                Ok(!to_bool(&verdict))
            });
            gone.map(Value::from)
        }
        ("unionwith", [other]) => {
            let mut others = other.to_items().into_iter();
            let added = others.try_for_each(|item| add(engine, list, &item).map(drop));
            added.map(|()| Value::Nothing)
        }
        ("exceptwith", [other]) => {
            let others = keys(list, &other.to_items());
            keep(list, |item| Ok(!others.contains(&key(list, item)))).map(|_| Value::Nothing)
        }
        ("intersectwith", [other]) => {
            let others = keys(list, &other.to_items());
            keep(list, |item| Ok(others.contains(&key(list, item)))).map(|_| Value::Nothing)
        }
        ("symmetricexceptwith", [other]) => symmetric(engine, list, &other.to_items()),
        ("copyto", [Value::Array(to), at @ ..]) if at.len() < 2 => {
            at.first().map_or(Ok(0), to_int).map(|at| {
                let slots = &mut *to.items.borrow_mut();
                let slots = slots.iter_mut().skip(at.max(0) as usize);
                let items = list.items.borrow();
                slots
                    .zip(items.iter())
                    .for_each(|(slot, item)| *slot = item.clone());
                Value::Nothing
            })
        }
        ("trimexcess", []) => Ok(Value::Nothing),
        ("reverse", []) if is_sorted(list) => {
            let mut items = list.items.borrow().clone();
            items.reverse();
            Ok(Value::from(items))
        }
        ("getviewbetween", [low, high]) if is_sorted(list) => between(list, low, high),
        (_, [other]) => {
            return relation(list, name, &other.to_items())
                .map(Value::Bool)
                .map(Ok);
        }
        _ => return None,
    })
}

fn is_sorted(list: &List) -> bool {
    matches!(list.kind, ListKind::SortedSet(_))
}

fn key(list: &List, item: &Value) -> HashKey {
    HashKey::of(item, !list.ignores_case)
}

fn keys(list: &List, items: &[Value]) -> FxHashSet<HashKey> {
    items.iter().map(|item| key(list, item)).collect()
}

/// How the set stands to other items; `None` if no method asks that.
fn relation(list: &List, name: &str, others: &[Value]) -> Option<bool> {
    let (own, others) = (keys(list, &list.items.borrow()), keys(list, others));
    Some(match name {
        "issubsetof" => own.is_subset(&others),
        "issupersetof" => own.is_superset(&others),
        "ispropersubsetof" => own.len() < others.len() && own.is_subset(&others),
        "ispropersupersetof" => own.len() > others.len() && own.is_superset(&others),
        "overlaps" => !own.is_disjoint(&others),
        "setequals" => own == others,
        _ => return None,
    })
}

/// Where the item is in the set.
fn find(engine: &mut Engine, list: &Rc<List>, item: &Value) -> R<Option<usize>> {
    let item = engine.list_argument(list, item, "Contains")?;
    if Engine::has_own_hash(&item) {
        let items = list.items.borrow().clone();
        let target = Value::List(Rc::clone(list));
        return position(engine, &target, &item, items.into_iter().enumerate());
    }
    if !list.contains(&item) {
        return Ok(None);
    }
    let wanted = key(list, &item);
    let items = list.items.borrow();
    Ok(items.iter().position(|item| key(list, item) == wanted))
}

/// Whether the item is new.
fn add(engine: &mut Engine, list: &Rc<List>, item: &Value) -> R<Value> {
    let item = engine.list_argument(list, item, "Add")?;
    let is_known = match Engine::has_own_hash(&item) {
        true => find(engine, list, &item)?.is_some(),
        false => list.contains(&item),
    };
    if is_known {
        return Ok(Value::Bool(false));
    }
    let at = match is_sorted(list) {
        true => list.items.borrow().partition_point(|before| {
            compare(before, &item, !list.ignores_case) == Some(std::cmp::Ordering::Less)
        }),
        false => list.items.borrow().len(),
    };
    list.insert_new(at, item);
    Ok(Value::Bool(true))
}

/// Keeps the items that `keeps` says; how many go.
fn keep(list: &List, mut keeps: impl FnMut(&Value) -> R<bool>) -> R<usize> {
    let items = list.items.borrow().clone();
    let n_before = items.len();
    let mut kept = Vec::with_capacity(n_before);
    for item in items {
        if keeps(&item)? {
            kept.push(item);
        }
    }
    let n_gone = n_before - kept.len();
    if n_gone > 0 {
        *list.items_of_set() = kept;
    }
    Ok(n_gone)
}

fn symmetric(engine: &mut Engine, list: &Rc<List>, others: &[Value]) -> R<Value> {
    let own = keys(list, &list.items.borrow());
    let other_keys = keys(list, others);
    keep(list, |item| Ok(!other_keys.contains(&key(list, item))))?;
    for item in others.iter().filter(|item| !own.contains(&key(list, item))) {
        add(engine, list, item)?;
    }
    Ok(Value::Nothing)
}

fn between(list: &List, low: &Value, high: &Value) -> R<Value> {
    let order = |a: &Value, b: &Value| compare(a, b, !list.ignores_case);
    let items = list.items.borrow();
    let part: Vec<Value> = items
        .iter()
        .filter(|item| order(item, low).is_some_and(std::cmp::Ordering::is_ge))
        .filter(|item| order(item, high).is_some_and(std::cmp::Ordering::is_le))
        .cloned()
        .collect();
    let mut made = List::new(list.kind.clone(), part);
    made.ignores_case = list.ignores_case;
    Ok(Value::List(Rc::new(made)))
}
