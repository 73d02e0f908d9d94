//! Methods of arrays and lists.

use std::cell::RefCell;
use std::rc::Rc;

use super::list_search::{index, position, position_folded};
use crate::eval::Engine;
use crate::value::{
    Array, BEYOND, Ctl, List, ListKind, R, Script, Value, equal, fail, method_error, sort, to_bool,
    to_int,
};

impl Engine {
    /// An item as the list's type wants it.
    pub fn list_item(&mut self, list: &List, value: Value) -> R<Value> {
        match list.kind.of() {
            Some(of) => self.cast(&value, of),
            None => Ok(value),
        }
    }

    /// The same for a method's argument: what doesn't convert is the call's fault (MethodArgumentConvertTo).
    fn list_argument(&mut self, list: &List, value: &Value, method: &str) -> R<Value> {
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

fn out_of_range() -> crate::value::Ctl {
    method_error("System.ArgumentOutOfRangeException", BEYOND)
}

pub fn call(engine: &mut Engine, target: &Value, name: &str, args: &[Value]) -> Option<R<Value>> {
    // Taken only by the methods that look at all of them: `Add` in a loop must not copy the list every time.
    let items = || target.to_items();
    let common = match (name, args) {
        ("contains", [value]) => Some(match target {
            Value::List(list) if !matches!(value, Value::Object(_)) => {
                Ok(Value::Bool(list.contains(value)))
            }
            _ => position(engine, target, value, items().into_iter().enumerate())
                .map(|at| Value::Bool(at.is_some())),
        }),
        ("indexof", [value]) => {
            Some(position(engine, target, value, items().into_iter().enumerate()).map(index))
        }
        ("lastindexof", [value]) => {
            Some(position(engine, target, value, items().into_iter().enumerate().rev()).map(index))
        }
        ("getenumerator", []) => Some(Ok(super::enumerator::value(items(), target.watch()))),
        ("toarray", []) => Some(Ok(match target {
            Value::List(list) => typed(list, items()),
            _ => Value::from(items()),
        })),
        ("getlength" | "getupperbound" | "getlowerbound", [_]) => Some(Ok(match name {
            "getlength" => Value::from(items().len()),
            "getupperbound" => Value::Int(items().len() as i32 - 1),
            _ => Value::Int(0),
        })),
        ("getvalue" | "item", [at]) => Some(engine.index(target, at)),
        ("setvalue", [value, at]) => Some(
            engine
                .set_index(target, at, value.clone())
                .map(|()| Value::Nothing),
        ),
        ("clone", []) => Some(Ok(match target {
            Value::List(list) => Value::List(Rc::new(List::new(list.kind.clone(), items()))),
            Value::Array(array) => Value::Array(Rc::new(Array {
                items: RefCell::new(items()),
                of: array.of.clone(),
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
            (_, [Value::Script(block)])
                if PREDICATES.contains(&name) && matches!(list.kind, ListKind::List(_)) =>
            {
                Some(by_predicate(engine, list, &items(), name, block))
            }
            _ if matches!(list.kind, ListKind::Collection(_))
                && !OF_COLLECTIONS.contains(&name) =>
            {
                None
            }
            _ => list_call(engine, list, name, args),
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

/// `List<T>`'s methods that take a predicate.
const PREDICATES: [&str; 7] = [
    "exists",
    "find",
    "findall",
    "findindex",
    "findlast",
    "removeall",
    "trueforall",
];

fn by_predicate(
    engine: &mut Engine,
    list: &List,
    items: &[Value],
    name: &str,
    block: &Rc<Script>,
) -> R<Value> {
    let mut verdicts = Vec::with_capacity(items.len());
    for item in items {
        let verdict = engine.call_script(block, vec![item.clone()], Some(item.clone()))?;
        verdicts.push(to_bool(&verdict));
    }
    let at = verdicts.iter().position(|verdict| *verdict);
    let kept = |wanted: bool| -> Vec<Value> {
        let pairs = items.iter().zip(&verdicts);
        pairs
            .filter(|(_, verdict)| **verdict == wanted)
            .map(|(item, _)| item.clone())
            .collect()
    };
    Ok(match name {
        "exists" => Value::Bool(at.is_some()),
        "trueforall" => Value::Bool(verdicts.iter().all(|verdict| *verdict)),
        "find" => at.map_or(Value::Null, |at| items[at].clone()),
        "findindex" => Value::Int(at.map_or(-1, |at| at as i32)),
        "findlast" => kept(true).pop().unwrap_or_default(),
        "findall" => Value::List(Rc::new(List::new(list.kind.clone(), kept(true)))),
        "removeall" => {
            let left = kept(false);
            let n = items.len() - left.len();
            *list.change() = left;
            Value::from(n)
        }
        other => unreachable!("`{other}` is in PREDICATES"),
    })
}

fn typed(list: &List, items: Vec<Value>) -> Value {
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
        ("add", [value]) => engine.list_argument(list, value, "Add").and_then(|value| {
            let is_known = match (&list.kind, &value) {
                (ListKind::HashSet(_), Value::Object(_)) => {
                    let items = list.items.borrow().clone();
                    let target = Value::List(Rc::clone(list));
                    position(engine, &target, &value, items.into_iter().enumerate())?.is_some()
                }
                _ => false,
            };
            Ok(match is_known {
                true => Value::Bool(false),
                false => add(list, value),
            })
        }),
        ("addrange", [values]) => values
            .to_items()
            .into_iter()
            .try_for_each(|item| {
                let item = engine.list_item(list, item)?;
                list.change().push(item);
                Ok(())
            })
            .map(|()| Value::Nothing),
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
            let found = match list.ignores_case {
                true => Ok(position_folded(list, value)),
                false => {
                    let items = list.items.borrow().clone();
                    let target = Value::List(Rc::clone(list));
                    position(engine, &target, value, items.into_iter().enumerate())
                }
            };
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
        ("removerange", [at, n]) => (|| {
            let (at, n) = (to_int(at)?.max(0) as usize, to_int(n)?.max(0) as usize);
            let mut items = list.change();
            if at + n > items.len() {
                return Err(out_of_range());
            }
            items.drain(at..at + n);
            Ok(Value::Nothing)
        })(),
        ("getrange", [at, n]) => (|| {
            let (at, n) = (to_int(at)?.max(0) as usize, to_int(n)?.max(0) as usize);
            let items = list.items.borrow();
            let part = items.get(at..at + n).ok_or_else(out_of_range)?.to_vec();
            Ok(Value::List(Rc::new(List::new(list.kind.clone(), part))))
        })(),
        ("removeall", [Value::Script(block)]) => {
            let items = list.items.borrow().clone();
            let n = items.len();
            let mut kept = Vec::new();
            for item in items {
                match engine.call_script(block, vec![item.clone()], Some(item.clone())) {
                    Ok(verdict) if to_bool(&verdict) => {}
                    Ok(_) => kept.push(item),
                    Err(ctl) => return Some(Err(ctl)),
                }
            }
            let removed = n - kept.len();
            *list.change() = kept;
            Ok(Value::from(removed))
        }
        ("clear", []) => {
            list.change().clear();
            Ok(Value::Nothing)
        }
        ("reverse", []) => {
            list.change().reverse();
            Ok(Value::Nothing)
        }
        ("sort", []) => {
            sort(&mut list.change());
            Ok(Value::Nothing)
        }
        ("push" | "enqueue", [value]) => engine
            .list_argument(list, value, if name == "push" { "Push" } else { "Enqueue" })
            .map(|value| {
                match list.kind {
                    // The top of a stack comes first when it is enumerated.
                    ListKind::Stack(_) => list.change().insert(0, value),
                    _ => list.change().push(value),
                }
                Value::Nothing
            }),
        ("pop" | "dequeue" | "peek", []) => {
            let items = list.items.borrow();
            if items.is_empty() {
                let kind = if name == "dequeue" { "Queue" } else { "Stack" };
                Err(method_error(
                    "System.InvalidOperationException",
                    format!("{kind} empty."),
                ))
            } else if name == "peek" {
                Ok(items[0].clone())
            } else {
                drop(items);
                Ok(list.change().remove(0))
            }
        }
        ("unionwith", [other]) => other
            .to_items()
            .iter()
            .try_for_each(|item| {
                engine
                    .list_item(list, item.clone())
                    .map(|item| drop(add(list, item)))
            })
            .map(|()| Value::Nothing),
        ("exceptwith", [other]) => {
            let others = other.to_items();
            list.change().retain(|item| {
                !others
                    .iter()
                    .any(|seen| equal(item, seen, !list.ignores_case))
            });
            Ok(Value::Nothing)
        }
        ("intersectwith", [other]) => {
            let others = other.to_items();
            list.change().retain(|item| {
                others
                    .iter()
                    .any(|seen| equal(item, seen, !list.ignores_case))
            });
            Ok(Value::Nothing)
        }
        ("issubsetof", [other]) => {
            let others = other.to_items();
            Ok(Value::Bool(list.items.borrow().iter().all(|item| {
                others
                    .iter()
                    .any(|seen| equal(item, seen, !list.ignores_case))
            })))
        }
        ("setequals", [other]) => {
            let others = other.to_items();
            let items = list.items.borrow();
            let all = |a: &[Value], b: &[Value]| {
                a.iter()
                    .all(|item| b.iter().any(|seen| equal(item, seen, !list.ignores_case)))
            };
            Ok(Value::Bool(all(&items, &others) && all(&others, &items)))
        }
        _ => return None,
    })
}

fn add(list: &List, value: Value) -> Value {
    match list.kind {
        ListKind::HashSet(_) => {
            let is_new = !list.contains(&value);
            if is_new {
                list.change().push(value);
            }
            Value::Bool(is_new)
        }
        ListKind::ArrayList => {
            let mut items = list.change();
            items.push(value);
            Value::from(items.len() - 1)
        }
        _ => {
            list.change().push(value);
            Value::Nothing
        }
    }
}
