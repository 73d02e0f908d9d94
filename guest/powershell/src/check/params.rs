//! What is wrong with parameters as they are declared: names that are there twice, attributes that no value can satisfy
//! (about_Functions_Advanced_Parameters). PowerShell says the latter when the function is first called.

use super::walk::Walk;
use crate::eval::aliases;
use crate::parse::ast::{Attribute, Expr, ExprKind, Param, UnaryOp};
use crate::value::{Value, to_number};

/// The kinds of `[ValidateRange(…)]`.
const KINDS: [&str; 4] = ["positive", "negative", "nonpositive", "nonnegative"];

impl Walk<'_> {
    pub(super) fn parameter_rules(&mut self, params: &[Param]) {
        for (at, param) in params.iter().enumerate() {
            let is_it = |other: &Param| other.name == param.name;
            if params[..at].iter().any(is_it) {
                let message = format!("Duplicate parameter ${} in parameter list.", param.written);
                self.fail(param.span, message);
            }
            for alias in aliases(param) {
                let mut others = params.iter().filter(|other| !is_it(other));
                let is_taken = others.any(|other| other.written.eq_ignore_ascii_case(&alias));
                if is_taken {
                    let message = format!(
                        "The parameter '{alias}' cannot be defined because it conflicts with the parameter alias of the same name for parameter '{}'.",
                        param.written
                    );
                    self.fail(param.span, message);
                }
            }
        }
    }

    pub(super) fn bounds_rules(&mut self, attribute: &Attribute, kind: &str) {
        let literals: Vec<Value> = attribute.positional.iter().filter_map(literal).collect();
        if literals.len() != attribute.positional.len() {
            return;
        }
        let Some(reason) = impossible(kind, &literals) else {
            return;
        };
        self.fail(attribute.span, reason.to_owned());
    }
}

fn impossible(kind: &str, literals: &[Value]) -> Option<&'static str> {
    let number = |value: &Value| match value {
        Value::Str(_) => None,
        other => to_number(other).and_then(|value| crate::value::to_double(&value).ok()),
    };
    match (kind, literals) {
        ("validaterange", [Value::Str(name)]) => (!KINDS.contains(&name.to_lowercase().as_str()))
            .then_some("The kind of a range is Positive, Negative, NonPositive or NonNegative."),
        ("validaterange", [low, high]) => match (number(low), number(high)) {
            (Some(low), Some(high)) => (low > high).then_some(
                "The specified maximum range cannot be accepted because it is less than the specified minimum range.",
            ),
            (None, None) => None,
            _ => Some("The minimum and the maximum of a range are of one type."),
        },
        ("validatecount" | "validatelength", [low, high]) => {
            let (low, high) = (number(low)?, number(high)?);
            (low < 0.0 || high < low).then_some(
                "The minimum is not below zero, and the maximum is not below the minimum.",
            )
        }
        _ => None,
    }
}

/// A number or a string as it is written.
fn literal(expr: &Expr) -> Option<Value> {
    match &expr.kind {
        ExprKind::Const(value) => Some(value.clone()),
        ExprKind::Unary(UnaryOp::Negate, inner) => match literal(inner)? {
            Value::Int(n) => Some(Value::Int(n.wrapping_neg())),
            _ => None,
        },
        _ => None,
    }
}
