//! Attributes that say what a parameter's argument is: `[PSTypeName()]` and `[Credential()]`
//! (about_Functions_Advanced_Parameters).

use super::param::is;
use crate::parse::ast::{ExprKind, Param};
use crate::value::{Binding, R, Value, fail_binding, refuse};

/// The id of an argument that isn't of the type's name.
pub const MISMATCH: &str = "MismatchedPSTypeName";

pub fn check(param: &Param, value: &Value) -> R<()> {
    for attribute in param.attributes.iter() {
        if is(attribute, "credential") {
            credential(param, value)?;
        }
        if !is(attribute, "pstypename") {
            continue;
        }
        let Some(ExprKind::Const(wanted)) = attribute.positional.first().map(|expr| &expr.kind)
        else {
            return Err(refuse("[PSTypeName()] is supported with a string only."));
        };
        let wanted = wanted.text();
        if !value.to_items().iter().all(|item| is_called(item, &wanted)) {
            let message = format!(
                "Cannot bind argument to parameter '{}', because PSTypeNames of the argument do not match the PSTypeName required by the parameter: {wanted}.",
                param.written
            );
            return Err(fail_binding(
                Binding::Given,
                MISMATCH,
                &param.written,
                message,
            ));
        }
    }
    Ok(())
}

fn is_called(item: &Value, wanted: &str) -> bool {
    match item {
        Value::Object(object) => {
            let names = object.type_names.borrow();
            names.iter().any(|name| name.eq_ignore_ascii_case(wanted))
        }
        other => other.is_null() || other.type_name().eq_ignore_ascii_case(wanted),
    }
}

/// A user's name alone would need its password from somebody.
fn credential(param: &Param, value: &Value) -> R<()> {
    match value {
        Value::Str(_) => Err(refuse(format!(
            "A password for '-{}' can't be asked for. Use [pscredential]::new(user, password).",
            param.written
        ))),
        _ => Ok(()),
    }
}
