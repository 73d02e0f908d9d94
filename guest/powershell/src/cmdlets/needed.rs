//! Values that a parameter can't do without: no null, and no empty text for a path.
//!
//! Without this, a variable that is empty by mistake would mean the folder where the script runs, also for `Remove-Item`.
//! The words are PowerShell's (`ParameterBinderStrings.resx`).

use super::{Cmdlet, Parameter};
use crate::eval::Engine;
use crate::value::{Binding, Ctl, R, Value, fail_binding};

const BINDING: &str = "System.Management.Automation.ParameterBindingValidationException";

/// Parameters with `[ValidateNotNullOrEmpty]`.
const VALIDATED: [(&str, &str); 13] = [
    ("Compress-Archive", "Path"),
    ("Compress-Archive", "LiteralPath"),
    ("Compress-Archive", "DestinationPath"),
    ("Expand-Archive", "Path"),
    ("Expand-Archive", "LiteralPath"),
    ("Expand-Archive", "DestinationPath"),
    ("Export-Csv", "Path"),
    ("Export-Csv", "LiteralPath"),
    ("Get-Date", "UFormat"),
    ("Import-Csv", "Path"),
    ("Import-Csv", "LiteralPath"),
    ("Invoke-RestMethod", "Uri"),
    ("Invoke-WebRequest", "Uri"),
];

/// Refuses a value that the parameter can't take.
pub fn checked(cmdlet: &Cmdlet, parameter: &Parameter, value: &Value) -> R<()> {
    let is_validated = VALIDATED.contains(&(cmdlet.name, parameter.name));
    if is_validated && (value.is_null() || value.text().is_empty()) {
        return Err(fail_binding(
            Binding::Validated,
            "ParameterArgumentValidationError",
            parameter.name,
            format!(
                "Cannot validate argument on parameter '{}'. The argument is null or empty. Provide an argument that is not \
                 null or empty, and then try the command again.",
                parameter.name
            ),
        ));
    }
    if !parameter.needs_value {
        return Ok(());
    }
    if value.is_null() {
        return Err(null_argument(parameter.name));
    }
    if !parameter.is_path() {
        return Ok(());
    }
    let items = value.to_items();
    if items.is_empty() {
        return Err(lacking(parameter.name, "EmptyArray", "an empty array"));
    }
    for item in &items {
        if item.is_null() {
            return Err(null_argument(parameter.name));
        }
        if matches!(item, Value::Str(text) if text.is_empty()) {
            return Err(lacking(parameter.name, "EmptyString", "an empty string"));
        }
    }
    Ok(())
}

/// Parameters of which one has to be there, whichever it is (`-Path` or `-LiteralPath`): the first stands for them in
/// what is said.
pub fn one_of(parameters: &[Parameter]) -> impl Iterator<Item = &Parameter> + Clone {
    parameters
        .iter()
        .filter(|parameter| parameter.needs_value && !parameter.is_mandatory)
}

/// The parameter that takes what comes through the pipe, if it takes no null.
pub fn from_pipe(cmdlet: &Cmdlet) -> Option<&'static str> {
    let parameters = cmdlet.parameters();
    let mut taking = parameters.iter().filter(|parameter| parameter.takes_input);
    let found = taking.find(|parameter| parameter.needs_value);
    found.map(|parameter| parameter.name)
}

/// A null in the pipe: the cmdlet goes on with what comes after it.
pub fn report_null(engine: &mut Engine, name: &str) -> R<()> {
    engine.soft_error(
        BINDING,
        "ParameterArgumentValidationErrorNullNotAllowed",
        "InvalidData",
        format!("Cannot bind argument to parameter '{name}' because it is null."),
        Value::Null,
    )
}

/// What is said of a parameter that takes no null.
pub fn null_argument(name: &str) -> Ctl {
    lacking(name, "Null", "null")
}

fn lacking(name: &str, id: &str, what: &str) -> Ctl {
    fail_binding(
        Binding::Validated,
        &format!("ParameterArgumentValidationError{id}NotAllowed"),
        name,
        format!("Cannot bind argument to parameter '{name}' because it is {what}."),
    )
}
