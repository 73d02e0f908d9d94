//! What a .NET object that isn't a plain value can do. One implementation a file, in [`crate::types`].

use std::any::Any;
use std::cmp::Ordering;
use std::rc::Rc;

use super::{Added, Exception, R, Value, Watch};
use crate::eval::Engine;

/// Member names come in lower case.
pub trait Net: Any {
    /// The full name of its type.
    fn type_name(&self) -> &str;

    fn as_any(&self) -> &dyn Any;

    fn into_any(self: Rc<Self>) -> Rc<dyn Any>;

    /// `ToString()`
    fn text(&self) -> String {
        self.type_name().to_owned()
    }

    /// What it also is, for `-is` and `catch`: full names.
    fn bases(&self) -> Vec<String> {
        Vec::new()
    }

    fn get(&self, _name: &str) -> Option<Value> {
        None
    }

    /// The exception that reading a property throws, of one that [`get`](Self::get) has not.
    fn thrown_by(&self, _name: &str) -> Option<Exception> {
        None
    }

    /// The type's own property, where an adapter shows something else by its name.
    fn own(&self, name: &str) -> Option<Value> {
        self.get(name)
    }

    /// `None` if there is no such property that can be set.
    fn set(&self, _name: &str, _value: &Value) -> Option<R<()>> {
        None
    }

    /// `None` if there is no such method.
    fn call(
        self: Rc<Self>,
        _engine: &mut Engine,
        _name: &str,
        _args: &[Value],
    ) -> Option<R<Value>> {
        None
    }

    /// Where `Add-Member` puts members, of types whose objects take them.
    fn added(&self) -> Option<&Added> {
        None
    }

    /// What `Select-Object *`, `Format-List` and `ConvertTo-Json` show.
    fn properties(&self) -> Vec<String> {
        Vec::new()
    }

    /// The properties that are shown by default, in the order of the view that PowerShell has for the type.
    fn shown(&self) -> Vec<String> {
        self.properties()
    }

    fn equal(&self, _other: &Value) -> Option<bool> {
        None
    }

    fn compare(&self, _other: &Value) -> Option<Ordering> {
        None
    }

    /// The items, if a pipeline enumerates it. An enumerator is at its end then.
    fn items(&self) -> Option<Vec<Value>> {
        None
    }

    /// Whether a pipeline enumerates it.
    fn is_enumerated(&self) -> bool {
        self.items().is_some()
    }

    /// Whether it is used as an array is: its items are compared, joined and shown.
    fn is_collection(&self) -> bool {
        false
    }

    /// What tells whether the items were changed since.
    fn watch(&self) -> Option<Watch> {
        None
    }

    fn index(&self, _index: &Value) -> Option<R<Value>> {
        None
    }

    fn set_index(&self, _index: &Value, _value: &Value) -> Option<R<()>> {
        None
    }

    /// What to use as a hash table's key; objects without are their address.
    fn hash_key(&self) -> Option<String> {
        None
    }
}

/// The two methods of [`Net`] that are the same everywhere.
#[macro_export]
macro_rules! net_any {
    () => {
        fn as_any(&self) -> &dyn std::any::Any {
            self
        }

        fn into_any(self: std::rc::Rc<Self>) -> std::rc::Rc<dyn std::any::Any> {
            self
        }
    };
}
