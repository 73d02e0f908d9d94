//! What `.Keys` and `.Values` of a table give: a view, which shows what the table has by then.

use std::rc::Rc;

use crate::eval::{Engine, cannot_index};
use crate::net_any;
use crate::value::{Hash, HashKind, Net, R, Value, Watch, to_int};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Keys,
    Values,
}

pub struct HashView {
    hash: Rc<Hash>,
    part: Part,
    name: String,
}

impl HashView {
    pub fn value(hash: &Rc<Hash>, part: Part) -> Value {
        let kind = match part {
            Part::Keys => "KeyCollection",
            Part::Values => "ValueCollection",
        };
        let full = hash.type_name();
        let name = match (&hash.kind, full.split_once('[')) {
            (HashKind::Ordered | HashKind::Json, _) => {
                "System.Collections.Specialized.OrderedDictionary+OrderedDictionaryKeyValueCollection"
                    .to_owned()
            }
            (_, Some((plain, of))) => format!("{plain}+{kind}[{of}"),
            (_, None) => format!("{full}+{kind}"),
        };
        Value::net(Self {
            hash: Rc::clone(hash),
            part,
            name,
        })
    }

    fn all(&self) -> Vec<Value> {
        let entries = self.hash.entries().into_iter();
        entries
            .map(|(key, value)| match self.part {
                Part::Keys => key,
                Part::Values => value,
            })
            .collect()
    }
}

impl Net for HashView {
    net_any!();

    fn type_name(&self) -> &str {
        &self.name
    }

    fn text(&self) -> String {
        Value::from(self.all()).text()
    }

    fn bases(&self) -> Vec<String> {
        ["ICollection", "IEnumerable"]
            .map(|name| format!("System.Collections.{name}"))
            .to_vec()
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "count" => Some(Value::from(self.hash.len())),
            "issynchronized" => Some(Value::Bool(false)),
            _ => None,
        }
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        Some(match (name, args) {
            ("contains", [key]) if self.part == Part::Keys && self.hash.is_generic() => {
                Ok(Value::Bool(self.hash.contains(key)))
            }
            ("getenumerator", []) => Ok(super::enumerator::value(self.all(), self.watch())),
            ("copyto", [Value::Array(to), at]) => to_int(at).map(|at| {
                let slots = &mut *to.items.borrow_mut();
                let slots = slots.iter_mut().skip(at.max(0) as usize);
                slots.zip(self.all()).for_each(|(slot, item)| *slot = item);
                Value::Nothing
            }),
            _ => return None,
        })
    }

    /// Only a `SortedList` has lists of its keys and values; here it is one with the sorted dictionary.
    fn index(&self, _: &Value) -> Option<R<Value>> {
        match self.hash.kind {
            HashKind::Sorted(..) => None,
            _ => Some(Err(cannot_index(&self.name))),
        }
    }

    fn properties(&self) -> Vec<String> {
        ["Count", "IsSynchronized"].map(str::to_owned).to_vec()
    }

    fn items(&self) -> Option<Vec<Value>> {
        Some(self.all())
    }

    fn is_enumerated(&self) -> bool {
        true
    }

    fn is_collection(&self) -> bool {
        true
    }

    fn watch(&self) -> Option<Watch> {
        Some(self.hash.changes.watch())
    }
}
