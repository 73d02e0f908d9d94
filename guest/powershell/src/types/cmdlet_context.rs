//! `$PSCmdlet` in an advanced function.

use std::rc::Rc;

use crate::eval::Engine;
use crate::net_any;
use crate::value::{Ctl, ErrorRecord, Net, R, Value, to_bool};

pub struct Context {
    parameter_set: String,
}

pub fn context(parameter_set: String) -> Value {
    Value::net(Context { parameter_set })
}

impl Net for Context {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Management.Automation.PSScriptCmdlet"
    }

    fn get(&self, name: &str) -> Option<Value> {
        (name == "parametersetname").then(|| Value::from(self.parameter_set.as_str()))
    }

    fn call(self: Rc<Self>, engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        Some(match (name, args) {
            ("shouldprocess", [_, ..]) => {
                let is_dry = engine
                    .variable_by_name("WhatIfPreference")
                    .is_some_and(|value| to_bool(&value));
                if is_dry {
                    let text = match args {
                        [target] => format!(
                            "What if: Performing the operation on target \"{}\".",
                            target.text()
                        ),
                        [target, action, ..] => {
                            format!(
                                "What if: Performing the operation \"{}\" on target \"{}\".",
                                action.text(),
                                target.text()
                            )
                        }
                        [] => String::new(),
                    };
                    if let Err(ctl) = engine.host(&text, true) {
                        return Some(Err(ctl));
                    }
                }
                Ok(Value::Bool(!is_dry))
            }
            ("shouldcontinue", [_, ..]) => Ok(Value::Bool(true)),
            ("throwterminatingerror", [record]) => match record.downcast_rc::<ErrorRecord>() {
                Some(record) => Err(Ctl::Throw(Rc::new(engine.of_function(&record)))),
                None => return None,
            },
            ("writeerror", [record]) => match record.downcast_rc::<ErrorRecord>() {
                Some(record) => engine.report_for_function(&record).map(|()| Value::Nothing),
                None => return None,
            },
            ("writeobject", [value]) => return Some(Ok(value.clone())),
            ("writeverbose", [text]) => engine.verbose(&text.text()).map(|()| Value::Nothing),
            ("writewarning", [text]) => engine.warning(&text.text()).map(|()| Value::Nothing),
            _ => return None,
        })
    }
}
