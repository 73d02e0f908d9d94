//! `[switch]`: what a switch parameter holds.

use super::TypeInfo;
use crate::net_any;
use crate::value::{Net, Value, to_bool};

pub const INFO: TypeInfo = TypeInfo {
    convert: Some(|given| Ok(value(to_bool(given)))),
    get: Some(|name| (name == "present").then(|| value(true))),
    ..TypeInfo::named("System.Management.Automation.SwitchParameter", &["switch"])
};

pub struct Switch(bool);

pub fn value(is_present: bool) -> Value {
    Value::net(Switch(is_present))
}

impl Net for Switch {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Management.Automation.SwitchParameter"
    }

    fn text(&self) -> String {
        if self.0 { "True" } else { "False" }.to_owned()
    }

    fn get(&self, name: &str) -> Option<Value> {
        (name == "ispresent").then_some(Value::Bool(self.0))
    }

    fn call(
        self: std::rc::Rc<Self>,
        _: &mut crate::eval::Engine,
        name: &str,
        _: &[Value],
    ) -> Option<crate::value::R<Value>> {
        (name == "tobool").then_some(Ok(Value::Bool(self.0)))
    }

    fn equal(&self, other: &Value) -> Option<bool> {
        Some(self.0 == to_bool(other))
    }
}
