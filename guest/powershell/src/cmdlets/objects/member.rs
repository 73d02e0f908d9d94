//! The members that scripts make: what `Add-Member` gives to one object and `Update-TypeData` to a type.

use std::rc::Rc;

use crate::eval::Args;
use crate::value::{PropKind, R, Value, fail, refuse};

/// A member of that kind with the value, and with `-SecondValue`.
pub fn member(args: &Args, kind: &str, value: Value) -> R<PropKind> {
    Ok(match (kind.to_ascii_lowercase().as_str(), &value) {
        ("noteproperty" | "scriptmethod", _) if args.has("SecondValue") => {
            return Err(fail(
                "System.InvalidOperationException",
                "Value2ShouldNotBeSpecified",
                format!("Cannot add a member of type {kind} with a second value."),
            ));
        }
        ("noteproperty", _) => PropKind::Note(value),
        ("scriptmethod", Value::Script(script)) => PropKind::Method(Rc::clone(script)),
        ("scriptproperty", Value::Script(script)) => {
            PropKind::Script(Rc::clone(script), args.script("SecondValue")?)
        }
        ("aliasproperty", _) if args.has("SecondValue") => {
            return Err(refuse(format!(
                "{} -MemberType AliasProperty with -SecondValue, a type, is not supported.",
                args.cmdlet.name
            )));
        }
        ("aliasproperty", other) => PropKind::Alias(Rc::from(other.text())),
        (other, _) => {
            return Err(refuse(format!(
                "{} -MemberType {other} is not supported.",
                args.cmdlet.name
            )));
        }
    })
}
