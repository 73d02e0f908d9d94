//! What `Get-Location` and `Resolve-Path` put out.

use crate::net_any;
use crate::value::{Net, Value};

use super::TypeInfo;

pub const INFO: TypeInfo = TypeInfo::named("System.Management.Automation.PathInfo", &[]);

pub struct PathInfo(String);

impl PathInfo {
    pub fn value(path: &str) -> Value {
        Value::net(Self(path.to_owned()))
    }
}

impl Net for PathInfo {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Management.Automation.PathInfo"
    }

    fn text(&self) -> String {
        self.0.clone()
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "path" | "providerpath" => Some(Value::from(self.0.as_str())),
            _ => super::drive_info::member(name),
        }
    }

    fn properties(&self) -> Vec<String> {
        vec!["Path".into()]
    }

    fn equal(&self, other: &Value) -> Option<bool> {
        Some(other.text() == self.0)
    }
}
