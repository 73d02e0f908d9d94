//! Small objects: stream records, `[ref]`, named constants.

use std::rc::Rc;

use super::TypeInfo;
use crate::eval::Scope;
use crate::net_any;
use crate::value::{Net, R, Sym, Value};

pub const WARNING: TypeInfo = TypeInfo::named("System.Management.Automation.WarningRecord", &[]);
pub const VERBOSE: TypeInfo = TypeInfo::named("System.Management.Automation.VerboseRecord", &[]);
pub const DEBUG: TypeInfo = TypeInfo::named("System.Management.Automation.DebugRecord", &[]);

/// A warning, verbose or debug record, as `3>&1` sees it.
pub struct Record {
    kind: &'static str,
    message: String,
}

pub fn record(kind: &'static str, message: &str) -> Value {
    Value::net(Record {
        kind,
        message: message.to_owned(),
    })
}

impl Net for Record {
    net_any!();

    fn type_name(&self) -> &str {
        match self.kind {
            "Warning" => "System.Management.Automation.WarningRecord",
            "Verbose" => "System.Management.Automation.VerboseRecord",
            _ => "System.Management.Automation.DebugRecord",
        }
    }

    fn text(&self) -> String {
        self.message.clone()
    }

    fn get(&self, name: &str) -> Option<Value> {
        (name == "message").then(|| Value::from(self.message.as_str()))
    }
}

/// `[ref]$variable`
pub struct Reference {
    pub scope: Rc<Scope>,
    pub name: Sym,
}

impl Reference {
    pub fn assign(&self, value: Value) {
        self.scope.put(self.name, value);
    }
}

impl Net for Reference {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Management.Automation.PSReference"
    }

    fn get(&self, name: &str) -> Option<Value> {
        (name == "value").then(|| self.scope.get(self.name).unwrap_or_default())
    }

    fn set(&self, name: &str, value: &Value) -> Option<R<()>> {
        (name == "value").then(|| {
            self.assign(value.clone());
            Ok(())
        })
    }
}

/// A constant that is only known by its name.
pub struct Named {
    type_name: &'static str,
    pub name: String,
}

pub fn named_object(type_name: &'static str, name: &str) -> Value {
    Value::net(Named {
        type_name,
        name: name.to_owned(),
    })
}

impl Net for Named {
    net_any!();

    fn type_name(&self) -> &str {
        self.type_name
    }
}
