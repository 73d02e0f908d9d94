//! `[decimal]`'s static methods: arithmetic and rounding.

use crate::eval::Engine;
use crate::parse::ast::BinaryOp;
use crate::value::{Num, R, Value, compare, to_decimal};

pub const STATICS: &[&str] = &[
    "Parse",
    "TryParse",
    "MaxValue",
    "MinValue",
    "Zero",
    "One",
    "MinusOne",
    "Abs",
    "Add",
    "Ceiling",
    "Compare",
    "Divide",
    "Floor",
    "Max",
    "Min",
    "Multiply",
    "Negate",
    "Remainder",
    "Round",
    "Sign",
    "Subtract",
    "ToDouble",
    "ToInt32",
    "ToInt64",
    "Truncate",
];

pub fn call(engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    let operator = match name {
        "add" => Some(BinaryOp::Add),
        "subtract" => Some(BinaryOp::Subtract),
        "multiply" => Some(BinaryOp::Multiply),
        "divide" => Some(BinaryOp::Divide),
        "remainder" => Some(BinaryOp::Modulo),
        _ => None,
    };
    let of_math = matches!(
        name,
        "abs" | "ceiling" | "floor" | "max" | "min" | "round" | "sign" | "truncate"
    );
    Some(match (name, args) {
        (_, [a, b]) if operator.is_some() => {
            let operator = operator?;
            decimal(a).and_then(|a| crate::eval::arith::arith(operator, &a, &decimal(b)?))
        }
        ("negate", [n]) => to_decimal(n).map(|n| Value::Num(Num::Decimal(-n))),
        ("compare", [a, b]) => decimal(a).and_then(|a| {
            let order = compare(&a, &decimal(b)?, true);
            Ok(Value::Int(order.map_or(0, |order| order as i32)))
        }),
        ("todouble", [n]) => {
            decimal(n).and_then(|n| crate::value::to_double(&n).map(Value::Double))
        }
        ("toint32" | "toint64", [n]) => {
            // Towards nought, where a cast rounds.
            let whole = to_decimal(n).map(|n| Value::Num(Num::Decimal(n.trunc())));
            whole.and_then(|n| match name {
                "toint32" => crate::value::to_int(&n).map(Value::Int),
                _ => crate::value::to_long(&n).map(Value::Long),
            })
        }
        (_, [first, rest @ ..]) if of_math => match decimal(first) {
            Ok(first) => {
                let second = match (name, rest) {
                    ("max" | "min", [second]) => match decimal(second) {
                        Ok(second) => vec![second],
                        Err(ctl) => return Some(Err(ctl)),
                    },
                    _ => rest.to_vec(),
                };
                let args = [vec![first], second].concat();
                return (super::math::INFO.call?)(engine, name, &args);
            }
            Err(ctl) => Err(ctl),
        },
        _ => return None,
    })
}

fn decimal(value: &Value) -> R<Value> {
    to_decimal(value).map(|n| Value::Num(Num::Decimal(n)))
}
