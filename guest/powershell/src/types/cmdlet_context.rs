//! `$PSCmdlet` in an advanced function.

use std::rc::Rc;

use super::enumeration::EnumValue;
use super::execution_context;
use super::numbers::set_reference;
use crate::eval::Engine;
use crate::eval::preferences::{Impact, confirm_impact};
use crate::net_any;
use crate::parse::ast::Body;
use crate::value::{Ctl, ErrorRecord, Net, R, Value, intern, method_error, to_bool};

const SHOULD_PROCESS_REASON: &str = "System.Management.Automation.ShouldProcessReason";

pub struct Context {
    parameter_set: String,
    impact: Impact,
}

pub fn context(parameter_set: String, body: &Body) -> Value {
    Value::net(Context {
        parameter_set,
        impact: confirm_impact(body),
    })
}

/// Whether `$PSCmdlet.MyInvocation` is meant, which only the engine knows.
pub fn is_invocation(target: &Value, name: &str) -> bool {
    name.eq_ignore_ascii_case("MyInvocation") && target.downcast::<Context>().is_some()
}

impl Net for Context {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Management.Automation.PSScriptCmdlet"
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "parametersetname" => Some(Value::from(self.parameter_set.as_str())),
            "sessionstate" => Some(execution_context::of_cmdlet()),
            _ => None,
        }
    }

    fn call(self: Rc<Self>, engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        Some(match (name, args) {
            ("shouldprocess", [_, ..]) => should_process(engine, args, self.impact),
            ("shouldcontinue", [_, ..]) => Err(nobody_to_ask()),
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
            // One object, unless its items are asked for: the statement that calls puts out the items of what comes back.
            ("writeobject", [value, by_item]) if to_bool(by_item) => Ok(value.clone()),
            ("writeobject", [value] | [value, _]) => Ok(Value::from(vec![value.clone()])),
            ("writeinformation", [data, tags]) => engine
                .information(data.clone(), tags.to_items())
                .map(|()| Value::Nothing),
            ("getunresolvedproviderpathfrompspath", [path]) => {
                Ok(execution_context::unresolved(engine, path))
            }
            ("getvariablevalue", [name, rest @ ..]) => {
                let found = engine.scope.get(intern(&name.text()));
                Ok(found.or_else(|| rest.first().cloned()).unwrap_or_default())
            }
            ("writedebug", [text]) => engine.debug(&text.text()).map(|()| Value::Nothing),
            ("writeverbose", [text]) => engine.verbose(&text.text()).map(|()| Value::Nothing),
            ("writewarning", [text]) => engine.warning(&text.text()).map(|()| Value::Nothing),
            _ => return None,
        })
    }
}

/// What asks fails here, as it does where PowerShell runs with `-NonInteractive`.
fn nobody_to_ask() -> Ctl {
    method_error(
        "System.Management.Automation.PSInvalidOperationException",
        "PowerShell is in NonInteractive mode. Read and Prompt functionality is not available.",
    )
}

/// Says what would be done under `-WhatIf`, and under `-Verbose` what is done (Cmdlet.ShouldProcess).
fn should_process(engine: &mut Engine, args: &[Value], impact: Impact) -> R<Value> {
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
    let asks_from = engine
        .variable_by_name("ConfirmPreference")
        .and_then(|value| Impact::parse(&value.text()))
        .unwrap_or(Impact::High);
    if let [_, _, _, reason] = args {
        let why = EnumValue::builtin(SHOULD_PROCESS_REASON, i64::from(is_dry));
        set_reference(reason, why)?;
    }
    if is_dry {
        engine.host(&format!("What if: {text}"), true)?;
    } else if asks_from != Impact::None && impact >= asks_from {
        return Err(nobody_to_ask());
    } else {
        engine.verbose(&text)?;
    }
    Ok(Value::Bool(!is_dry))
}
