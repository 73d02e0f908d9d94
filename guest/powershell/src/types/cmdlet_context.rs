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
            ("shouldprocess", [_, ..]) => should_process(engine, args),
            ("shouldcontinue", [_, ..]) => Ok(Value::Bool(true)),
            ("throwterminatingerror", [record]) => match record.downcast_rc::<ErrorRecord>() {
                Some(record) => {
                    let record = engine.of_function(&record);
                    record.leaves_function.set(true);
                    Err(Ctl::Throw(Rc::new(record)))
                }
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

/// Says what would be done under `-WhatIf`, and under `-Verbose` what is done (Cmdlet.ShouldProcess).
fn should_process(engine: &mut Engine, args: &[Value]) -> R<Value> {
    let performing = |action: &str, target: &Value| {
        let target = target.text();
        format!("Performing the operation \"{action}\" on target \"{target}\".")
    };
    let text = match args {
        [target] => {
            let name = engine.frames.last().map(|frame| Rc::clone(&frame.name));
            performing(&name.unwrap_or_default(), target)
        }
        [target, action] => performing(&action.text(), target),
        [description, ..] => description.text(),
        [] => String::new(),
    };
    let is_dry = engine
        .variable_by_name("WhatIfPreference")
        .is_some_and(|value| to_bool(&value));
    if is_dry {
        engine.host(&format!("What if: {text}"), true)?;
    } else {
        engine.verbose(&text)?;
    }
    Ok(Value::Bool(!is_dry))
}
