//! Records of the information stream, as `6>&1` and `-InformationVariable` see them. Left out: who wrote one and when.

use crate::net_any;
use crate::value::{Net, Value};

use super::TypeInfo;

pub const INFORMATION: TypeInfo =
    TypeInfo::named("System.Management.Automation.InformationRecord", &[]);

/// What `Write-Information` or `Write-Host` was given.
pub struct Record {
    data: Value,
    text: String,
    tags: Vec<Value>,
}

/// The record of an object that is shown as `text`.
pub fn record(data: Value, text: &str, tags: Vec<Value>) -> Value {
    Value::net(Record {
        data,
        text: text.to_owned(),
        tags,
    })
}

/// The record of text for people; PowerShell tags it so that it can be told from others.
pub fn host_record(text: &str, has_newline: bool) -> Value {
    let message = Value::net(HostMessage {
        text: text.to_owned(),
        has_newline,
    });
    record(message, text, vec![Value::from("PSHOST")])
}

impl Net for Record {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Management.Automation.InformationRecord"
    }

    fn text(&self) -> String {
        self.text.clone()
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "messagedata" => Some(self.data.clone()),
            "tags" => Some(Value::from(self.tags.clone())),
            _ => None,
        }
    }
}

/// The data of a record that `Write-Host` made.
struct HostMessage {
    text: String,
    has_newline: bool,
}

impl Net for HostMessage {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Management.Automation.HostInformationMessage"
    }

    fn text(&self) -> String {
        self.text.clone()
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "message" => Some(Value::from(self.text.as_str())),
            "nonewline" => Some(Value::Bool(!self.has_newline)),
            _ => None,
        }
    }
}
