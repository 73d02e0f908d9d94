//! `.PSObject.TypeNames`: what an object says that it is, most specific first; scripts put names of their own there.

use std::rc::Rc;

use super::enumeration::EnumValue;
use super::{TypeRef, exception, resolve};
use crate::eval::Engine;
use crate::net_any;
use crate::value::{Net, Object, R, Value, place_of, to_int};

pub struct TypeNames {
    of: Rc<Object>,
}

pub fn of(object: &Rc<Object>) -> Value {
    Value::net(TypeNames {
        of: Rc::clone(object),
    })
}

/// Classes of .NET's that derive from others, most specific first.
const DERIVED: [(&str, &[&str]); 6] = [
    (
        "System.IO.FileInfo",
        &["System.IO.FileSystemInfo", "System.MarshalByRefObject"],
    ),
    (
        "System.IO.DirectoryInfo",
        &["System.IO.FileSystemInfo", "System.MarshalByRefObject"],
    ),
    ("System.Xml.XmlDocument", &["System.Xml.XmlNode"]),
    (
        "System.Xml.XmlElement",
        &["System.Xml.XmlLinkedNode", "System.Xml.XmlNode"],
    ),
    ("System.Xml.XmlAttribute", &["System.Xml.XmlNode"]),
    (
        "System.RuntimeType",
        &[
            "System.Reflection.TypeInfo",
            "System.Type",
            "System.Reflection.MemberInfo",
        ],
    ),
];

/// What a value of .NET's is, up to `System.Object`.
pub fn chain(value: &Value) -> Vec<String> {
    let own = value.type_name();
    let is_value = resolve::known(&own).is_some_and(|info| TypeRef::Known(info).is_value());
    let bases: Vec<&str> = if let Value::Array(_) = value {
        vec!["System.Array"]
    } else if value.downcast::<EnumValue>().is_some() {
        vec!["System.Enum", "System.ValueType"]
    } else if exception::known(&own).is_some() {
        exception::bases_of(&own)
    } else if is_value {
        vec!["System.ValueType"]
    } else {
        let found = DERIVED.iter().find(|(of, _)| *of == own);
        found.map_or_else(Vec::new, |(_, bases)| bases.to_vec())
    };
    let bases = bases
        .into_iter()
        .chain(["System.Object"])
        .map(String::from)
        .collect::<Vec<_>>();
    std::iter::once(own).chain(bases).collect()
}

impl TypeNames {
    /// Every object is a `System.Object` in the end.
    fn names(&self) -> Vec<Rc<str>> {
        let mut names = self.of.type_names.borrow().clone();
        names.push(Rc::from("System.Object"));
        names
    }
}

impl Net for TypeNames {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Collections.ObjectModel.Collection"
    }

    fn get(&self, name: &str) -> Option<Value> {
        matches!(name, "count" | "length").then(|| Value::from(self.names().len()))
    }

    fn items(&self) -> Option<Vec<Value>> {
        Some(
            self.names()
                .iter()
                .map(|name| Value::from(&**name))
                .collect(),
        )
    }

    fn index(&self, index: &Value) -> Option<R<Value>> {
        if index.is_enumerated() {
            return None;
        }
        let names = self.names();
        Some(to_int(index).map(|n| {
            let at = place_of(i64::from(n), names.len());
            at.map_or(Value::Null, |at| Value::from(&*names[at]))
        }))
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        let mut names = self.of.type_names.borrow_mut();
        match (name, args) {
            ("insert", [at, name]) => {
                let at = match to_int(at) {
                    Ok(at) => usize::try_from(at).unwrap_or(0).min(names.len()),
                    Err(ctl) => return Some(Err(ctl)),
                };
                names.insert(at, Rc::from(name.text()));
            }
            ("add", [name]) => names.push(Rc::from(name.text())),
            ("contains", [name]) => {
                let wanted = name.text();
                return Some(Ok(Value::Bool(names.iter().any(|name| **name == *wanted))));
            }
            _ => return None,
        }
        Some(Ok(Value::Nothing))
    }
}
