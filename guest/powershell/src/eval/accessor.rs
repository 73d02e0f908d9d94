//! `get_Name()` and `set_Name(value)`: the methods behind a .NET property, which a script may call by hand.
//!
//! Through an array, `set_Name` is the way to set a property of every item (about_Member-Access_Enumeration).

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
        let is_own = |name: &str| match target {
            Value::Array(_) | Value::List(_) => unset::is_of_list(name),
            Value::Object(object) => object.class.is_some() && object.find(name).is_some(),
            other => types::members::of(other).is_some_and(|members| {
                members
                    .properties()
                    .any(|own| own.eq_ignore_ascii_case(name))
            }),
        };
        Ok(match (lower.split_once('_'), args) {
            (Some(("get", name)), []) if is_own(name) => Some(self.get_member(target, name)?),
            (Some(("set", name)), [value]) if is_own(name) => {
                self.set_member(target, name, value.clone(), false)?;
                Some(Value::Nothing)
            }
            _ => None,
        })
    }
}
