//! Assignments to elements: of arrays, lists, tables and .NET objects that have an index.

use super::Engine;
use crate::value::{BEYOND, Ctl, HashKind, R, Value, fail, place_of, to_int};

impl Engine {
    /// `holder[index] = value`
    pub fn set_index(&mut self, holder: &Value, index: &Value, value: Value) -> R<()> {
        let value = if let Value::Nothing = value {
            Value::Null
        } else {
            value
        };
        match holder {
            Value::Hash(hash) => {
                if index.is_null() {
                    return Err(fail(
                        "System.ArgumentNullException",
                        "ArgumentNullException",
                        "Key cannot be null. (Parameter 'key')",
                    ));
                }
                let (key, value) = match &hash.kind {
                    HashKind::Dictionary(of_key, of_value) | HashKind::Sorted(of_key, of_value) => {
                        (self.cast(index, of_key)?, self.cast(&value, of_value)?)
                    }
                    HashKind::Ordered => match index {
                        Value::Int(n) => {
                            let (key, _) = hash.at(*n).ok_or_else(beyond)?;
                            (key, value)
                        }
                        _ => (index.clone(), value),
                    },
                    _ => (index.clone(), value),
                };
                hash.insert(key, value);
                Ok(())
            }
            Value::Array(array) => {
                let value = match &array.of {
                    Some(of) => self.cast(&value, &of.clone())?,
                    None => value,
                };
                if let Some(lengths) = &array.lengths {
                    return crate::types::grid::set(array, lengths, &index.to_items(), value);
                }
                *item(&mut array.items.borrow_mut(), index)?.ok_or_else(outside)? = value;
                Ok(())
            }
            Value::List(list) => {
                let value = self.list_item(list, value)?;
                let mut items = list.change();
                *item(&mut items, index)?.ok_or_else(beyond)? = value;
                Ok(())
            }
            Value::Net(object) => object
                .set_index(index, &value)
                .unwrap_or_else(|| Err(cannot_index(&holder.type_name()))),
            Value::Null | Value::Nothing => Err(fail(
                "System.Management.Automation.RuntimeException",
                "NullArray",
                "Cannot index into a null array.",
            )),
            _ => Err(cannot_index(&holder.type_name())),
        }
    }
}

pub fn cannot_index(of: &str) -> Ctl {
    fail(
        "System.Management.Automation.RuntimeException",
        "CannotIndex",
        format!("Unable to index into an object of type \"{of}\"."),
    )
}

/// A place that a list or an ordered table doesn't have.
pub fn beyond() -> Ctl {
    fail(
        "System.ArgumentOutOfRangeException",
        "System.ArgumentOutOfRangeException",
        BEYOND,
    )
}

/// A place that an array doesn't have.
pub fn outside() -> Ctl {
    fail(
        "System.IndexOutOfRangeException",
        "System.IndexOutOfRangeException",
        "Index was outside the bounds of the array.",
    )
}

/// The item that an assignment means.
fn item<'a>(items: &'a mut [Value], index: &Value) -> R<Option<&'a mut Value>> {
    let at = place_of(to_index(index)?, items.len());
    Ok(at.map(|at| &mut items[at]))
}

/// A number as an index: one that needs more than 32 bits is one all the same.
pub fn to_index(index: &Value) -> R<i64> {
    match index {
        Value::Long(n) => Ok(*n),
        other => to_int(other).map(i64::from),
    }
}
