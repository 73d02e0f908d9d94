//! Arguments: as a command was given them, and as a cmdlet reads them.

use std::rc::Rc;

use super::Engine;
use crate::cmdlets::Cmdlet;
use crate::parse::ast::{Arg, Command, VarRef};
use crate::value::{R, Script, Value, argument_error, to_bool, to_double, to_int, to_long};

/// One argument after evaluation.
#[derive(Clone)]
pub enum ArgValue {
    Value(Value),
    /// `-Name`, with a value if a colon or a splatted table gave one.
    Named(String, Option<Value>),
}

impl Engine {
    pub fn arguments(&mut self, command: &Command) -> R<Vec<ArgValue>> {
        let mut values = Vec::with_capacity(command.args.len());
        // What is written by name counts before what a table gives (about_Splatting).
        let is_written = |key: &str| {
            let is_it = |arg: &Arg| matches!(arg, Arg::Named { name, .. } if name.eq_ignore_ascii_case(key));
            command.args.iter().any(is_it)
        };
        for arg in &command.args {
            match arg {
                Arg::Value(expr) => values.push(ArgValue::Value(match self.eval(expr)? {
                    Value::Nothing => Value::Null,
                    other => other,
                })),
                Arg::Named { name, value, .. } => {
                    let value = match value {
                        Some(expr) => Some(self.eval(expr)?),
                        None => None,
                    };
                    values.push(ArgValue::Named(name.clone(), value));
                }
                Arg::Splat(variable, span) => {
                    self.splat(*variable, *span, &is_written, &mut values)?;
                }
            }
        }
        Ok(values)
    }

    fn splat(
        &mut self,
        variable: VarRef,
        span: crate::lex::Span,
        is_written: &dyn Fn(&str) -> bool,
        into: &mut Vec<ArgValue>,
    ) -> R<()> {
        match self.variable(variable, span)? {
            Value::Hash(hash) => {
                for (key, value) in hash.entries() {
                    let key = key.text();
                    if !is_written(&key) {
                        into.push(ArgValue::Named(key, Some(value)));
                    }
                }
            }
            other => {
                for item in other.to_items() {
                    match &item {
                        // `@args` passes parameters on by their names.
                        Value::Str(text)
                            if text.starts_with('-')
                                && text.len() > 1
                                && text[1..].starts_with(char::is_alphabetic) =>
                        {
                            into.push(ArgValue::Named(
                                text[1..].trim_end_matches(':').to_owned(),
                                None,
                            ));
                        }
                        _ => into.push(ArgValue::Value(item)),
                    }
                }
            }
        }
        Ok(())
    }
}

/// A cmdlet's parameters, by their full names.
#[derive(Clone)]
pub struct Args {
    pub cmdlet: &'static Cmdlet,
    pub values: Vec<(&'static str, Value)>,
    /// Whether the cmdlet stands after a pipe.
    pub has_input: bool,
}

impl Args {
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values
            .iter()
            .find(|(seen, _)| *seen == name)
            .map(|(_, value)| value)
    }

    pub fn set(&mut self, name: &'static str, value: Value) {
        match self.values.iter_mut().find(|(seen, _)| *seen == name) {
            Some(entry) => entry.1 = value,
            None => self.values.push((name, value)),
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub fn switch(&self, name: &str) -> bool {
        self.get(name).is_some_and(to_bool)
    }

    /// The value, unless it is null.
    pub fn value(&self, name: &str) -> Option<Value> {
        self.get(name).filter(|value| !value.is_null()).cloned()
    }

    pub fn text(&self, name: &str) -> Option<String> {
        self.value(name).map(|value| value.text())
    }

    pub fn texts(&self, name: &str) -> Vec<String> {
        self.value(name)
            .map(|value| value.to_items().iter().map(Value::text).collect())
            .unwrap_or_default()
    }

    /// Paths, out of strings or of what `Get-ChildItem` put out.
    pub fn paths(&self, name: &str) -> Vec<String> {
        self.value(name)
            .map(|value| value.to_items().iter().map(path_of).collect())
            .unwrap_or_default()
    }

    pub fn int(&self, name: &str) -> R<Option<i32>> {
        self.value(name)
            .map(|value| to_int(&value).map_err(|ctl| self.bad(name, &ctl)))
            .transpose()
    }

    pub fn long(&self, name: &str) -> R<Option<i64>> {
        self.value(name)
            .map(|value| to_long(&value).map_err(|ctl| self.bad(name, &ctl)))
            .transpose()
    }

    pub fn double(&self, name: &str) -> R<Option<f64>> {
        self.value(name)
            .map(|value| to_double(&value).map_err(|ctl| self.bad(name, &ctl)))
            .transpose()
    }

    pub fn script(&self, name: &str) -> R<Option<Rc<Script>>> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Script(script)) => Ok(Some(script)),
            Some(other) => Err(argument_error(
                name,
                format!("A script block is expected, not \"{}\".", other.text()),
            )),
        }
    }

    fn bad(&self, name: &str, ctl: &crate::value::Ctl) -> crate::value::Ctl {
        let reason = match ctl {
            crate::value::Ctl::Throw(record) => record.exception.message.clone(),
            _ => String::new(),
        };
        crate::value::fail_binding(
            crate::value::Binding::Given,
            "CannotConvertArgumentNoMessage",
            name,
            format!("Cannot bind parameter '{name}'. {reason}"),
        )
    }

    /// The value of a parameter that must be there.
    pub fn required(&self, name: &str) -> R<Value> {
        self.get(name).cloned().ok_or_else(|| missing(&[name]))
    }
}

/// Parameters that can't stand together.
pub fn ambiguous() -> crate::value::Ctl {
    crate::value::fail(
        "System.Management.Automation.ParameterBindingException",
        "AmbiguousParameterSet",
        "Parameter set cannot be resolved using the specified named parameters. One or more parameters issued cannot be used together or an insufficient number of parameters were provided.",
    )
}

/// "Cannot process command because of one or more missing mandatory parameters."
pub fn missing(names: &[&str]) -> crate::value::Ctl {
    crate::value::fail_binding(
        crate::value::Binding::Given,
        "MissingMandatoryParameter",
        &names.join(" "),
        format!(
            "Cannot process command because of one or more missing mandatory parameters: {}.",
            names.join(" ")
        ),
    )
}

/// The path that an item stands for: a file object's full name, else its text.
pub fn path_of(value: &Value) -> String {
    match value {
        Value::Object(object) => ["PSPath", "FullName", "Path", "LiteralPath"]
            .iter()
            .find_map(|name| object.note(name))
            .map_or_else(|| value.text(), |path| path.text()),
        Value::Net(object) => object
            .get("fullname")
            .map_or_else(|| value.text(), |path| path.text()),
        _ => value.text(),
    }
}
