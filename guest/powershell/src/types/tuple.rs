//! `[Tuple]`, and the value tuples that methods such as `[math]::DivRem` give.

use std::rc::Rc;

use super::TypeInfo;
use crate::eval::Engine;
use crate::net_any;
use crate::value::{Net, R, Value, equal, place_of, to_int};

pub const TUPLE: TypeInfo = TypeInfo {
    statics: &["Create"],
    call: Some(|engine, name, args| create(engine, "System.Tuple", name, args)),
    ..TypeInfo::named("System.Tuple", &[])
};
pub const VALUE_TUPLE: TypeInfo = TypeInfo {
    statics: &["Create"],
    call: Some(|engine, name, args| create(engine, "System.ValueTuple", name, args)),
    ..TypeInfo::named("System.ValueTuple", &[])
};

/// More than seven nest in .NET; nobody writes that.
const MAX_ITEMS: usize = 7;

fn create(engine: &mut Engine, family: &str, name: &str, args: &[Value]) -> Option<R<Value>> {
    if name != "create" || args.is_empty() || args.len() > MAX_ITEMS {
        return None;
    }
    let mut of = Vec::with_capacity(args.len());
    for arg in args {
        match engine.type_of(arg) {
            Ok(found) if !arg.is_null() => of.push(found.full_name()),
            _ => of.push("System.Object".to_owned()),
        }
    }
    Some(Ok(value(family, &of, args.to_vec())))
}

/// A tuple of the family, whose items have the types `of`.
pub fn value(family: &str, of: &[impl AsRef<str>], items: Vec<Value>) -> Value {
    let of: Vec<String> = of
        .iter()
        .map(|name| format!("[{}]", name.as_ref()))
        .collect();
    Value::net(Tuple {
        type_name: format!("{family}`{}[{}]", of.len(), of.join(",")),
        items,
    })
}

pub struct Tuple {
    type_name: String,
    items: Vec<Value>,
}

impl Net for Tuple {
    net_any!();

    fn type_name(&self) -> &str {
        &self.type_name
    }

    fn text(&self) -> String {
        let items: Vec<String> = self.items.iter().map(Value::text).collect();
        format!("({})", items.join(", "))
    }

    fn get(&self, name: &str) -> Option<Value> {
        if name == "length" {
            return Some(Value::from(self.items.len()));
        }
        let number: usize = name.strip_prefix("item")?.parse().ok()?;
        self.items.get(number.checked_sub(1)?).cloned()
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        (name == "tostring" && args.is_empty()).then(|| Ok(Value::from(self.text())))
    }

    fn index(&self, index: &Value) -> Option<R<Value>> {
        let item = |index: &Value| {
            let at = place_of(i64::from(to_int(index)?), self.items.len());
            Ok(at.map_or(Value::Null, |at| self.items[at].clone()))
        };
        Some(match index {
            Value::Array(several) => {
                let several = several.items.borrow();
                let items: R<Vec<Value>> = several.iter().map(item).collect();
                items.map(Value::from)
            }
            one => item(one),
        })
    }

    fn properties(&self) -> Vec<String> {
        let items = (1..=self.items.len()).map(|number| format!("Item{number}"));
        items.chain(["Length".to_owned()]).collect()
    }

    fn equal(&self, other: &Value) -> Option<bool> {
        let other = other.downcast::<Self>()?;
        let mut pairs = self.items.iter().zip(&other.items);
        Some(self.type_name == other.type_name && pairs.all(|(a, b)| equal(a, b, true)))
    }

    fn hash_key(&self) -> Option<String> {
        Some(self.text())
    }
}
