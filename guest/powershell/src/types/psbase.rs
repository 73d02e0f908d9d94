//! `.psbase` of a hash table: its own properties and methods, whatever its keys are called (about_Intrinsic_Members).

use std::rc::Rc;

use super::hash_methods;
use crate::eval::Engine;
use crate::net_any;
use crate::value::{Hash, Net, R, Value};

struct Base(Rc<Hash>);

/// Of everything else it is the value itself.
pub fn of(value: &Value) -> Value {
    match value {
        Value::Hash(hash) => Value::net(Base(Rc::clone(hash))),
        other => other.clone(),
    }
}

impl Net for Base {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Management.Automation.PSMemberSet"
    }

    fn get(&self, name: &str) -> Option<Value> {
        hash_methods::property(&self.0, name)
    }

    fn call(self: Rc<Self>, engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        super::plain_call(engine, &Value::Hash(Rc::clone(&self.0)), name, args)
    }
}
