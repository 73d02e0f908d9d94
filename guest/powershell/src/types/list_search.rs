//! Which item of a list is meant: what `IndexOf`, `Contains` and `Remove` take for the same.

use crate::eval::Engine;
use crate::value::{R, Value, equal};

/// .NET's `Equals` of two values without a class: the type counts.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Str(_), Value::Str(_)) => equal(a, b, true),
        _ => a.type_name() == b.type_name() && (a.is_same(b) || equal(a, b, true)),
    }
}

/// What `IndexOf` and `Contains` of `target` take for the same: a class's own `Equals`, else what .NET does.
/// A set asks `GetHashCode` first, and that differs unless the class has its own.
///
/// What a cmdlet put into an `Object[]` is a `PSObject` there, whose `Equals` converts as `-ceq` does, so that `[char]'a'`
/// finds 'a'. Here no value knows where it came from: all items of an `Object[]` are taken for such.
fn same_in(engine: &mut Engine, target: &Value, item: &Value, wanted: &Value) -> R<bool> {
    let is_set = matches!(target, Value::List(list) if list.is_set());
    if (!is_set || Engine::has_own_hash(item))
        && let Some(verdict) = engine.class_equal(item, wanted)?
    {
        return Ok(verdict);
    }
    let converts = matches!(target, Value::Array(array) if array.of.is_none());
    Ok(same(item, wanted) || converts && equal(item, wanted, true))
}

/// An index as .NET has it: -1 for none.
pub fn index(at: Option<usize>) -> Value {
    at.map_or(Value::Int(-1), Value::from)
}

/// Where `wanted` first is among `items`, which come with their places.
pub fn position(
    engine: &mut Engine,
    target: &Value,
    wanted: &Value,
    items: impl Iterator<Item = (usize, Value)>,
) -> R<Option<usize>> {
    for (at, item) in items {
        if same_in(engine, target, &item, wanted)? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}
