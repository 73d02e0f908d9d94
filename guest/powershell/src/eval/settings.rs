//! What the common parameters of one call say (about_CommonParameters).

use super::Action;
use super::binding::ArgValue;
use crate::value::{R, Value, to_bool};

/// The common parameters that every cmdlet and advanced function has; those of the second kind collect a stream.
#[derive(Clone, Default)]
pub struct Settings {
    pub error_action: Option<Action>,
    pub warning_action: Option<Action>,
    pub information_action: Option<Action>,
    pub is_verbose: Option<bool>,
    pub is_debug: Option<bool>,
    pub error_variable: Option<String>,
    pub warning_variable: Option<String>,
    pub information_variable: Option<String>,
    pub out_variable: Option<String>,
    pub pipeline_variable: Option<String>,
}

impl Settings {
    /// Takes a common parameter of a cmdlet; false if it is none.
    pub fn take(&mut self, name: &str, value: &Value) -> R<bool> {
        let action = || {
            Action::parse(&value.text()).ok_or_else(|| {
                crate::value::argument_error(
                    name,
                    format!("\"{}\" is not an action.", value.text()),
                )
            })
        };
        match name {
            "ErrorAction" => self.error_action = Some(action()?),
            "WarningAction" => self.warning_action = Some(action()?),
            "InformationAction" => self.information_action = Some(action()?),
            "Verbose" => self.is_verbose = Some(to_bool(value)),
            "Debug" => self.is_debug = Some(to_bool(value)),
            "ProgressAction" | "OutBuffer" => {}
            _ => return Ok(self.collect(name, value)),
        }
        Ok(true)
    }

    /// `-OutVariable` and the like: the name of the variable that a stream, or its latest item, is kept in.
    fn collect(&mut self, name: &str, value: &Value) -> bool {
        let variable = match name {
            "ErrorVariable" => &mut self.error_variable,
            "WarningVariable" => &mut self.warning_variable,
            "InformationVariable" => &mut self.information_variable,
            "OutVariable" => &mut self.out_variable,
            "PipelineVariable" => &mut self.pipeline_variable,
            _ => return false,
        };
        *variable = Some(value.text());
        true
    }

    /// Takes what collects streams out of the arguments of an advanced function; it never sees them.
    pub fn take_collectors(&mut self, args: Vec<ArgValue>) -> Vec<ArgValue> {
        let mut left = Vec::with_capacity(args.len());
        let mut args = args.into_iter().peekable();
        while let Some(arg) = args.next() {
            let ArgValue::Named(name, value) = &arg else {
                left.push(arg);
                continue;
            };
            let Some(full) = collector(name) else {
                left.push(arg);
                continue;
            };
            let value = match (value, args.peek()) {
                (Some(value), _) => value.clone(),
                (None, Some(ArgValue::Value(value))) => {
                    let value = value.clone();
                    args.next();
                    value
                }
                (None, _) => Value::Null,
            };
            self.collect(full, &value);
        }
        left
    }
}

/// The full name of a parameter that collects a stream.
fn collector(name: &str) -> Option<&'static str> {
    const NAMES: [(&str, &str); 5] = [
        ("ErrorVariable", "ev"),
        ("WarningVariable", "wv"),
        ("InformationVariable", "iv"),
        ("OutVariable", "ov"),
        ("PipelineVariable", "pv"),
    ];
    let found = NAMES
        .iter()
        .find(|(full, alias)| name.eq_ignore_ascii_case(full) || name.eq_ignore_ascii_case(alias));
    found.map(|(full, _)| *full)
}
