//! Assignments to elements: of arrays, lists, tables and .NET objects that have an index.

use super::Engine;
use crate::value::{HashKind, R, Value, fail, to_int};

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
                            let (key, _) = hash.at(*n).ok_or_else(out_of_range)?;
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
                set_item(&mut array.items.borrow_mut(), index, value)
            }
            Value::List(list) => {
                let value = self.list_item(list, value)?;
                set_item(&mut list.items.borrow_mut(), index, value).map_err(|_| {
                    fail(
                        "System.ArgumentOutOfRangeException",
                        "System.ArgumentOutOfRangeException",
                        "Index was out of range. Must be non-negative and less than the size of the collection. (Parameter 'index')",
                    )
                })
            }
            Value::Net(object) => object
                .set_index(index, &value)
                .unwrap_or_else(|| Err(cannot_index(holder))),
            Value::Null | Value::Nothing => Err(fail(
                "System.Management.Automation.RuntimeException",
                "NullArray",
                "Cannot index into a null array.",
            )),
            _ => Err(cannot_index(holder)),
        }
    }
}

fn cannot_index(holder: &Value) -> crate::value::Ctl {
    fail(
        "System.Management.Automation.RuntimeException",
        "CannotIndex",
        format!(
            "Unable to index into an object of type \"{}\".",
            holder.type_name()
        ),
    )
}

fn out_of_range() -> crate::value::Ctl {
    fail(
        "System.ArgumentOutOfRangeException",
        "ArgumentOutOfRangeException",
        "Index was out of range. Must be non-negative and less than the size of the collection. (Parameter 'index')",
    )
}

fn set_item(items: &mut [Value], index: &Value, value: Value) -> R<()> {
    let n = match index {
        Value::Long(n) => *n,
        other => i64::from(to_int(other)?),
    };
    let at = if n < 0 { n + items.len() as i64 } else { n };
    match usize::try_from(at).ok().and_then(|at| items.get_mut(at)) {
        Some(item) => {
            *item = value;
            Ok(())
        }
        None => Err(fail(
            "System.IndexOutOfRangeException",
            "System.IndexOutOfRangeException",
            "Index was outside the bounds of the array.",
        )),
    }
}
