//! What `GetEnumerator()` gives, and `$input`: the items for a pipeline, and `MoveNext()`, `Current`, `Reset()` by hand.
//!
//! It enumerates once: what a pipeline or a loop has gone through is gone until `Reset()`.

use std::cell::Cell;
use std::rc::Rc;

use super::TypeInfo;
use crate::eval::Engine;
use crate::net_any;
use crate::value::{MODIFIED, Net, R, Value, Watch, fail, method_error};

pub const ENUMERATOR: TypeInfo = TypeInfo::named(NAME, &["System.Collections.Generic.IEnumerator"]);
const NAME: &str = "System.Collections.IEnumerator";

const NOT_VALID: &str = "System.InvalidOperationException";

const INPUT: &str = "System.Collections.ArrayList+ArrayListEnumeratorSimple";

pub struct Enumerator {
    name: &'static str,
    items: Vec<Value>,
    /// How many items `MoveNext` has come to.
    at: Cell<usize>,
    watch: Option<Watch>,
}

/// Over the items of a collection, which it is done with once that is changed.
pub fn value(items: Vec<Value>, watch: Option<Watch>) -> Value {
    Value::Net(Enumerator::over(items, watch))
}

/// `$input`
pub fn input(items: Vec<Value>) -> Value {
    Value::Net(Enumerator::named(INPUT, items, None))
}

impl Enumerator {
    pub fn over(items: Vec<Value>, watch: Option<Watch>) -> Rc<Self> {
        Self::named(NAME, items, watch)
    }

    fn named(name: &'static str, items: Vec<Value>, watch: Option<Watch>) -> Rc<Self> {
        Rc::new(Self {
            name,
            items,
            at: Cell::new(0),
            watch,
        })
    }

    fn is_stale(&self) -> bool {
        self.watch.as_ref().is_some_and(Watch::is_changed)
    }

    /// The item that a loop comes to next. What the enumerator throws leaves a loop as it is.
    pub fn advance(&self) -> R<Option<Value>> {
        if self.is_stale() {
            return Err(fail(NOT_VALID, NOT_VALID, MODIFIED));
        }
        Ok(self.step())
    }

    fn step(&self) -> Option<Value> {
        self.at.set((self.at.get() + 1).min(self.items.len() + 1));
        self.current().cloned()
    }

    fn current(&self) -> Option<&Value> {
        self.items.get(self.at.get().checked_sub(1)?)
    }
}

impl Net for Enumerator {
    net_any!();

    fn type_name(&self) -> &str {
        self.name
    }

    fn text(&self) -> String {
        let items = self.items().unwrap_or_default();
        Value::from(items).text()
    }

    fn bases(&self) -> Vec<String> {
        vec![NAME.to_owned()]
    }

    fn get(&self, name: &str) -> Option<Value> {
        // Of a table's entries, as IDictionaryEnumerator has them.
        let part = |name: &str| match self.current()? {
            Value::Object(entry) => entry.note(name),
            _ => None,
        };
        match name {
            "current" => Some(self.current().cloned().unwrap_or_default()),
            "key" | "value" if self.at.get() > 0 => part(name),
            _ => None,
        }
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        Some(match (name, args) {
            ("movenext" | "reset", []) if self.is_stale() => Err(method_error(NOT_VALID, MODIFIED)),
            ("movenext", []) => Ok(Value::Bool(self.step().is_some())),
            ("reset", []) => {
                self.at.set(0);
                Ok(Value::Nothing)
            }
            ("dispose", []) => Ok(Value::Nothing),
            _ => return None,
        })
    }

    /// What is left; afterwards there is nothing, until `Reset()`.
    fn items(&self) -> Option<Vec<Value>> {
        let from = self.at.replace(self.items.len() + 1);
        Some(self.items[from.min(self.items.len())..].to_vec())
    }

    fn is_enumerated(&self) -> bool {
        true
    }

    fn watch(&self) -> Option<Watch> {
        self.watch.clone()
    }

    fn index(&self, _: &Value) -> Option<R<Value>> {
        Some(Err(method_error(
            "System.Management.Automation.RuntimeException",
            format!("Unable to index into an object of type \"{}\".", self.name),
        )))
    }
}
