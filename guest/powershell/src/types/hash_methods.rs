//! Methods of hash tables and dictionaries.

use std::rc::Rc;

use super::hash_view::{HashView, Part};
use super::numbers::set_reference;
use crate::eval::Engine;
use crate::eval::property::Access;
use crate::value::{Exception, Hash, HashKind, Object, R, Value, equal, method_error, to_int};

/// A table's own property, whatever its keys are.
pub fn property(hash: &Rc<Hash>, lower: &str) -> Option<Value> {
    Some(match lower {
        "count" => Value::from(hash.len()),
        "keys" => HashView::value(hash, Part::Keys),
        "values" => HashView::value(hash, Part::Values),
        "isreadonly" | "isfixedsize" | "issynchronized" => Value::Bool(false),
        _ => return None,
    })
}

pub fn call(engine: &mut Engine, hash: &Rc<Hash>, name: &str, args: &[Value]) -> Option<R<Value>> {
    Some(match (name, args) {
        ("containskey" | "contains", [key]) => {
            if let HashKind::Parameters = hash.kind {
                crate::octopus::variables::report_read(&key.text());
            }
            Ok(Value::Bool(!key.is_null() && hash.contains(key)))
        }
        ("containsvalue", [value]) => {
            Ok(Value::Bool(hash.has_value(|seen| equal(seen, value, true))))
        }
        ("add", [key, value]) => add(engine, hash, key, value),
        ("remove", [key]) => {
            let removed = hash.remove(key);
            Ok(match hash.kind {
                HashKind::Dictionary(..) | HashKind::Sorted(..) => Value::Bool(removed),
                _ => Value::Nothing,
            })
        }
        ("removeat", [at]) if hash.is_ordered() => to_int(at).map(|at| {
            if let Some((key, _)) = hash.entries().get(at as usize) {
                hash.remove(key);
            }
            Value::Nothing
        }),
        ("insert", [at, key, value]) if hash.is_ordered() => to_int(at).map(|at| {
            let mut entries = hash.entries();
            entries.insert(
                (at.max(0) as usize).min(entries.len()),
                (key.clone(), value.clone()),
            );
            hash.clear();
            for (key, value) in entries {
                hash.insert(key, value);
            }
            Value::Nothing
        }),
        ("clear", []) => {
            hash.clear();
            Ok(Value::Nothing)
        }
        ("trygetvalue", [key, reference]) => {
            let found = hash.get(key);
            let none = match &hash.kind {
                HashKind::Dictionary(_, of) | HashKind::Sorted(_, of) => of.default_value(),
                _ => Value::Null,
            };
            set_reference(reference, found.clone().unwrap_or(none))
                .map(|()| Value::Bool(found.is_some()))
        }
        ("getenumerator", []) => Ok(super::enumerator::value(
            entries(hash),
            Some(hash.changes.watch()),
        )),
        ("clone", []) => {
            let copy = Hash::new(hash.kind.clone());
            let copy = copy.minding_case(hash.minds_case);
            for (key, value) in hash.entries() {
                copy.insert(key, value);
            }
            Ok(Value::Hash(Rc::new(copy)))
        }
        ("item" | "get_item", [key])
            if matches!(hash.kind, HashKind::Dictionary(..) | HashKind::Sorted(..))
                && !hash.contains(key) =>
        {
            let message = format!(
                "The given key '{}' was not present in the dictionary.",
                key.text()
            );
            let inner = Exception::new("System.Collections.Generic.KeyNotFoundException", message);
            Err(Access::Get.failed("ExceptionWhenGetting", "Item", Rc::new(inner)))
        }
        ("item" | "get_item", [key]) => Ok(engine.hash_get(hash, key)),
        ("set_item", [key, value]) => engine
            .set_index(&Value::Hash(Rc::clone(hash)), key, value.clone())
            .map(|()| Value::Nothing),
        _ => return None,
    })
}

fn add(engine: &mut Engine, hash: &Rc<Hash>, key: &Value, value: &Value) -> R<Value> {
    if key.is_null() {
        return Err(method_error(
            "System.ArgumentNullException",
            "Key cannot be null. (Parameter 'key')",
        ));
    }
    if hash.contains(key) {
        return Err(method_error(
            "System.ArgumentException",
            match hash.kind {
                HashKind::Dictionary(..) | HashKind::Sorted(..) => {
                    format!(
                        "An item with the same key has already been added. Key: {}",
                        key.text()
                    )
                }
                _ => format!(
                    "Item has already been added. Key in dictionary: '{0}'  Key being added: '{0}'",
                    key.text()
                ),
            },
        ));
    }
    engine.set_index(&Value::Hash(Rc::clone(hash)), key, value.clone())?;
    Ok(Value::Nothing)
}

/// `GetEnumerator()`: entries with `Key`, `Value` and `Name`.
pub fn entries(hash: &Hash) -> Vec<Value> {
    hash.entries()
        .into_iter()
        .map(|(key, value)| {
            Object::with(
                "System.Collections.DictionaryEntry",
                [("Name", key.clone()), ("Key", key), ("Value", value)],
            )
        })
        .collect()
}
