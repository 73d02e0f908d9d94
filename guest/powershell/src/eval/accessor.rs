//! `get_Name()` and `set_Name(value)`: the methods behind a .NET property, which a script may call by hand.
//!
//! They mean the type's own property, whatever an adapter shows by its name: a table's key, an XML element's child. Through
//! an array, `set_Name` is the way to set a property of every item (about_Member-Access_Enumeration).

use super::{Engine, unset};
use crate::types;
use crate::value::{R, Value};

impl Engine {
    /// The result, if `lower` is the accessor of a property that the target itself has.
    pub(super) fn accessor(
        &mut self,
        target: &Value,
        lower: &str,
        args: &[Value],
    ) -> R<Option<Value>> {
        Ok(match (lower.split_once('_'), args) {
            (Some(("get", "item")), [index]) => Some(self.index(target, index)?),
            (Some(("set", "item")), [index, value]) => {
                self.set_index(target, index, value.clone())?;
                Some(Value::Nothing)
            }
            (Some(("get", name)), []) => match behind_adapter(target, name) {
                Some(found) => Some(found),
                None if is_own(target, name) => Some(self.get_member(target, name)?),
                None => None,
            },
            (Some(("set", name)), [value]) if is_own(target, name) => {
                self.set_member(target, name, value.clone(), false)?;
                Some(Value::Nothing)
            }
            _ => None,
        })
    }
}

/// The property of a type that shows other things by its properties' names.
fn behind_adapter(target: &Value, name: &str) -> Option<Value> {
    match target {
        Value::Hash(hash) => types::hash_methods::property(hash, name),
        Value::Net(object) => object.own(name),
        _ => None,
    }
}

fn is_own(target: &Value, name: &str) -> bool {
    match target {
        Value::Array(_) | Value::List(_) => unset::is_of_list(name),
        Value::Object(object) => object.class.is_some() && object.find(name).is_some(),
        other => types::members::of(other).is_some_and(|members| {
            let mut names = members.properties();
            names.any(|own| own.eq_ignore_ascii_case(name))
        }),
    }
}
