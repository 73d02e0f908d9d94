//! Variables as objects, and which of them `-Include` and `-Exclude` leave.

use std::rc::Rc;

use crate::eval::{Args, Engine, Scope, Var, pattern};
use crate::types::enumeration::EnumValue;
use crate::value::{Object, R, Value, intern};

/// What `Get-Variable` puts out, with the options of the variable that the name means from `scope`.
pub fn shown(scope: &Rc<Scope>, name: &str, value: Value) -> Value {
    let mut at = Some(Rc::clone(scope));
    let (mut options, mut description) = (0, None);
    while let Some(scope) = at {
        if let Some(var) = scope.vars.borrow().get(&intern(name)) {
            options = options_of(var);
            description.clone_from(&var.description);
            break;
        }
        at = scope.parent.clone();
    }
    Object::with(
        "System.Management.Automation.PSVariable",
        [
            ("Name", Value::from(name)),
            (
                "Description",
                Value::from(description.as_deref().unwrap_or_default()),
            ),
            ("Value", value),
            ("Visibility", Value::from("Public")),
            ("Module", Value::Null),
            ("ModuleName", Value::from("")),
            (
                "Options",
                EnumValue::builtin("System.Management.Automation.ScopedItemOptions", options),
            ),
            ("Attributes", Value::from(Vec::new())),
        ],
    )
}

fn options_of(var: &Var) -> i64 {
    match (var.is_constant, var.is_read_only) {
        (true, _) => 2,
        (false, true) => 1,
        (false, false) => 0,
    }
}

pub fn is_chosen(args: &Args, name: &str) -> bool {
    let is_like = |pattern: &String| pattern::wildcard(pattern, name, false);
    let include = args.texts("Include");
    (include.is_empty() || include.iter().any(is_like))
        && !args.texts("Exclude").iter().any(is_like)
}

/// The variables that a pattern names, as seen from here, in the order of their names.
pub fn matching(engine: &Engine, pattern: &str) -> Vec<(String, Value)> {
    let mut found: Vec<(String, Value)> = Vec::new();
    let mut at = Some(Rc::clone(&engine.scope));
    while let Some(scope) = at {
        for (name, value) in matching_in(&scope, pattern) {
            if !found.iter().any(|(seen, _)| *seen == name) {
                found.push((name, value));
            }
        }
        at = scope.parent.clone();
    }
    found.sort_by_key(|(name, _)| name.to_lowercase());
    found
}

/// Those of one scope.
pub fn matching_in(scope: &Scope, pattern: &str) -> Vec<(String, Value)> {
    let vars = scope.vars.borrow();
    let mut found: Vec<(String, Value)> = vars
        .iter()
        .map(|(name, var)| (name.text().to_string(), var.value.clone()))
        .filter(|(name, _)| pattern::wildcard(pattern, name, false) && !name.contains(':'))
        .collect();
    found.sort_by_key(|(name, _)| name.to_lowercase());
    found
}

pub fn not_found(engine: &mut Engine, name: &str) -> R<()> {
    engine.soft_error(
        "System.Management.Automation.ItemNotFoundException",
        "VariableNotFound",
        "ObjectNotFound",
        format!("Cannot find a variable with the name '{name}'."),
        Value::from(name),
    )
}
