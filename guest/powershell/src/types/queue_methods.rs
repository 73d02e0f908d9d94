//! Methods of queues and stacks, generic and not.

use std::rc::Rc;

use super::numbers::set_reference;
use crate::eval::Engine;
use crate::value::{List, R, Value, method_error};

/// `None` for what neither has.
pub fn call(engine: &mut Engine, list: &Rc<List>, name: &str, args: &[Value]) -> Option<R<Value>> {
    let is_stack = list.is_stack();
    Some(match (name, args) {
        ("push", [value]) if is_stack => {
            // The top of a stack comes first when it is enumerated.
            engine.list_argument(list, value, "Push").map(|value| {
                list.change().insert(0, value);
                Value::Nothing
            })
        }
        ("enqueue", [value]) if !is_stack => {
            engine.list_argument(list, value, "Enqueue").map(|value| {
                list.change().push(value);
                Value::Nothing
            })
        }
        ("peek", []) => first(list).ok_or_else(|| empty(is_stack)),
        ("pop", []) if is_stack => take(list).ok_or_else(|| empty(true)),
        ("dequeue", []) if !is_stack => take(list).ok_or_else(|| empty(false)),
        ("trypeek", [reference]) => found(list, reference, first(list)),
        ("trypop", [reference]) if is_stack => found(list, reference, take(list)),
        ("trydequeue", [reference]) if !is_stack => found(list, reference, take(list)),
        ("trimexcess", []) => Ok(Value::Nothing),
        _ => return None,
    })
}

fn first(list: &List) -> Option<Value> {
    list.items.borrow().first().cloned()
}

fn take(list: &List) -> Option<Value> {
    let mut items = list.change();
    (!items.is_empty()).then(|| items.remove(0))
}

/// Gives the reference what was found, or the type's default; whether something was.
fn found(list: &List, reference: &Value, item: Option<Value>) -> R<Value> {
    let is_there = item.is_some();
    let default = || list.kind.of().map_or(Value::Null, |of| of.default_value());
    set_reference(reference, item.unwrap_or_else(default))?;
    Ok(Value::Bool(is_there))
}

fn empty(is_stack: bool) -> crate::value::Ctl {
    let kind = if is_stack { "Stack" } else { "Queue" };
    method_error("System.InvalidOperationException", format!("{kind} empty."))
}
