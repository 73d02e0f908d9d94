//! Script blocks for parameters that take input: they run for every item, with the item in `$_` (about_Script_Blocks,
//! "Using delay-bind script blocks with parameters").

use std::rc::Rc;

use super::Engine;
use crate::value::{Ctl, ErrorRecord, Exception, R, Script, Value};

impl Engine {
    /// What the block makes of the item (ParameterBinderController.InvokeAndBindDelayBindScriptBlock).
    pub fn delay_bound(&mut self, parameter: &str, block: &Rc<Script>, item: &Value) -> R<Value> {
        match self.call_with_item(block, item.clone()) {
            Ok(Value::Nothing) => Err(failed(
                "ScriptBlockArgumentNoOutput",
                "InvalidArgument",
                parameter,
                format!(
                    "Cannot evaluate parameter '{parameter}' because its argument input did not produce any output."
                ),
                None,
            )),
            Err(Ctl::Throw(record)) => {
                let inner = record.carrier();
                let said = &inner.message;
                let message = format!(
                    "The input to the script block for parameter '{parameter}' failed. {said}"
                );
                let id = "ScriptBlockArgumentInvocationFailed";
                Err(failed(
                    id,
                    "InvalidArgument",
                    parameter,
                    message,
                    Some(inner),
                ))
            }
            other => other,
        }
    }
}

/// Without a pipe there is nothing to make a value of.
pub fn without_input(parameter: &str) -> Ctl {
    let message = format!(
        "Cannot evaluate parameter '{parameter}' because its argument is specified as a script block and there is no input. A script block cannot be evaluated without input."
    );
    let id = "ScriptBlockArgumentNoInput";
    failed(id, "MetadataError", parameter, message, None)
}

fn failed(
    id: &str,
    category: &'static str,
    parameter: &str,
    message: String,
    inner: Option<Rc<Exception>>,
) -> Ctl {
    let of = "System.Management.Automation.ParameterBindingException";
    let mut exception = Exception::new(of, message);
    exception.name_parameter(parameter);
    exception.inner = inner;
    Ctl::Throw(Rc::new(ErrorRecord::new(exception, id, category)))
}
