//! Whether a collection was changed while somebody goes through it: .NET's enumerators don't go on then.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use super::{Ctl, ErrorRecord, Exception, R, Value};

pub const MODIFIED: &str = "Collection was modified; enumeration operation may not execute.";

/// A collection's changes, which are counted once somebody watches.
#[derive(Default)]
pub struct Changes(OnceCell<Rc<Cell<u32>>>);

/// What a collection was when its enumeration began.
#[derive(Clone)]
pub struct Watch {
    count: Rc<Cell<u32>>,
    seen: u32,
}

impl Changes {
    pub fn note(&self) {
        if let Some(count) = self.0.get() {
            count.set(count.get().wrapping_add(1));
        }
    }

    pub fn watch(&self) -> Watch {
        let count = Rc::clone(self.0.get_or_init(Rc::default));
        let seen = count.get();
        Watch { count, seen }
    }
}

impl Watch {
    pub fn is_changed(&self) -> bool {
        self.count.get() != self.seen
    }
}

/// The items of a collection, one after the other, as a pipeline takes them.
pub struct Walk {
    items: std::vec::IntoIter<Value>,
    watch: Option<Watch>,
}

impl Walk {
    pub fn new(items: Vec<Value>, watch: Option<Watch>) -> Self {
        let items = items.into_iter();
        Self { items, watch }
    }
}

impl Iterator for Walk {
    type Item = R<Value>;

    fn next(&mut self) -> Option<R<Value>> {
        if self.watch.as_ref().is_some_and(Watch::is_changed) {
            self.watch = None;
            self.items = Vec::new().into_iter();
            return Some(Err(bad_enumeration()));
        }
        self.items.next().map(Ok)
    }
}

/// EnumerableOps.MoveNext
fn bad_enumeration() -> Ctl {
    let mut exception = Exception::new(
        "System.Management.Automation.RuntimeException",
        format!("An error occurred while enumerating through a collection: {MODIFIED}."),
    );
    let inner = Exception::new("System.InvalidOperationException", MODIFIED);
    exception.inner = Some(Rc::new(inner));
    let record = ErrorRecord::new(exception, "BadEnumeration", "InvalidOperation");
    Ctl::Throw(Rc::new(record))
}
