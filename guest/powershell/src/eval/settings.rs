//! What the common parameters of one call say (about_CommonParameters).

use super::Action;
use super::binding::ArgValue;
use crate::parse::ast::{Body, Param};
use crate::value::{R, Value, to_bool, to_int};

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
    /// How many items wait until one more comes, and all go on.
    pub out_buffer: Option<usize>,
}

impl Settings {
    /// Takes a common parameter of a cmdlet; false if it is none.
    pub fn take(&mut self, name: &str, value: &Value) -> R<bool> {
        let action = || Action::given(name, value);
        match name {
            "ErrorAction" => self.error_action = Some(action()?),
            "WarningAction" => self.warning_action = Some(action()?),
            "InformationAction" => self.information_action = Some(action()?),
            "Verbose" => self.is_verbose = Some(to_bool(value)),
            "Debug" => self.is_debug = Some(to_bool(value)),
            "ProgressAction" => {}
            _ => return Ok(self.collect(name, value)),
        }
        Ok(true)
    }

    /// `-OutVariable` and the like: the name of the variable that a stream, or its latest item, is kept in; and `-OutBuffer`.
    fn collect(&mut self, name: &str, value: &Value) -> bool {
        if name == "OutBuffer" {
            self.out_buffer = to_int(value).ok().and_then(|n| usize::try_from(n).ok());
            return true;
        }
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

    /// Reads what collects streams from the arguments of an advanced function, which binds them too.
    pub fn read_collectors(&mut self, body: &Body, args: &[ArgValue]) {
        for (at, arg) in args.iter().enumerate() {
            let ArgValue::Named(name, value) = arg else {
                continue;
            };
            let Some(full) = collector(body, name) else {
                continue;
            };
            match (value, args.get(at + 1)) {
                (Some(value), _) | (None, Some(ArgValue::Value(value))) => {
                    self.collect(full, value);
                }
                (None, _) => {}
            }
        }
    }
}

/// The full name of a parameter that collects a stream, unless the function has one that is meant.
fn collector(body: &Body, name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let is_own = |param: &Param| param.name.text().to_ascii_lowercase().starts_with(&lower);
    let full = super::preferences::named(body, name)?;
    let is_meant = full.eq_ignore_ascii_case(name) || !body.params.iter().any(is_own);
    ((full.ends_with("Variable") || full == "OutBuffer") && is_meant).then_some(full)
}
