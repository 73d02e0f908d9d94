//! `[math]`

use rust_decimal::prelude::RoundingStrategy;

use super::TypeInfo;
use crate::eval::Engine;
use crate::value::{Num, R, Value, compare, fail, method_error, to_double, to_int, to_long};

pub const INFO: TypeInfo = TypeInfo {
    statics: &[
        "Abs", "Acos", "Asin", "Atan", "Atan2", "Cbrt", "Ceiling", "Clamp", "Cos", "Cosh",
        "DivRem", "Exp", "Floor", "Log", "Log10", "Log2", "Max", "Min", "Pow", "Round", "Sign",
        "Sin", "Sinh", "Sqrt", "Tan", "Tanh", "Truncate", "PI", "E", "Tau",
    ],
    call: Some(call),
    get: Some(|name| match name {
        "pi" => Some(Value::Double(std::f64::consts::PI)),
        "e" => Some(Value::Double(std::f64::consts::E)),
        "tau" => Some(Value::Double(std::f64::consts::TAU)),
        _ => None,
    }),
    ..TypeInfo::named("System.Math", &["math"])
};

fn call(_: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    if let (Some(function), [n]) = (real(name), args) {
        return Some(to_double(n).map(|n| Value::Double(function(n))));
    }
    Some(match (name, args) {
        ("abs", [n]) => abs(n),
        ("floor" | "ceiling" | "truncate", [n]) => whole(name, n),
        ("round", [n]) => round(n, 0, false),
        ("round", [n, mode]) if !mode.is_number() => {
            is_away(mode).and_then(|is_away| round(n, 0, is_away))
        }
        ("round", [n, digits]) => to_int(digits).and_then(|digits| round(n, digits, false)),
        ("round", [n, digits, mode]) => {
            to_int(digits).and_then(|digits| round(n, digits, is_away(mode)?))
        }
        ("max", [a, b]) => pick(a, b, true),
        ("min", [a, b]) => pick(a, b, false),
        ("clamp", [n, low, high]) => pick(n, low, true).and_then(|n| pick(&n, high, false)),
        ("pow", [a, b]) => {
            to_double(a).and_then(|a| to_double(b).map(|b| Value::Double(a.powf(b))))
        }
        ("atan2", [a, b]) => {
            to_double(a).and_then(|a| to_double(b).map(|b| Value::Double(a.atan2(b))))
        }
        ("log", [n, base]) => {
            to_double(n).and_then(|n| to_double(base).map(|base| Value::Double(n.ln() / base.ln())))
        }
        ("sign", [n]) => to_double(n).map(|n| {
            Value::Int(if n > 0.0 {
                1
            } else if n < 0.0 {
                -1
            } else {
                0
            })
        }),
        ("divrem", [a, b]) => divided(a, b).map(|(quotient, remainder)| {
            let of = quotient.type_name();
            super::tuple::value("System.ValueTuple", &[&of, &of], vec![quotient, remainder])
        }),
        ("divrem", [a, b, reference]) => divided(a, b).and_then(|(quotient, remainder)| {
            super::numbers::set_reference(reference, remainder)?;
            Ok(quotient)
        }),
        _ => return None,
    })
}

/// Quotient and remainder; of two Int32 both are Int32, as the overload has them.
fn divided(a: &Value, b: &Value) -> R<(Value, Value)> {
    let by_zero = || {
        method_error(
            "System.DivideByZeroException",
            "Attempted to divide by zero.",
        )
    };
    if let (Value::Int(a), Value::Int(b)) = (a, b) {
        let quotient = a.checked_div(*b).ok_or_else(by_zero)?;
        return Ok((Value::Int(quotient), Value::Int(a % b)));
    }
    let (a, b) = (to_long(a)?, to_long(b)?);
    let quotient = a.checked_div(b).ok_or_else(by_zero)?;
    Ok((Value::Long(quotient), Value::Long(a % b)))
}

fn real(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "sqrt" => f64::sqrt,
        "cbrt" => f64::cbrt,
        "sin" => f64::sin,
        "cos" => f64::cos,
        "tan" => f64::tan,
        "sinh" => f64::sinh,
        "cosh" => f64::cosh,
        "tanh" => f64::tanh,
        "asin" => f64::asin,
        "acos" => f64::acos,
        "atan" => f64::atan,
        "exp" => f64::exp,
        "log" => f64::ln,
        "log10" => f64::log10,
        "log2" => f64::log2,
        _ => return None,
    })
}

/// Which of the two roundings that are here is asked for.
fn is_away(mode: &Value) -> R<bool> {
    match super::enumeration::argument("System.MidpointRounding", mode)?.as_str() {
        "AwayFromZero" => Ok(true),
        "ToEven" => Ok(false),
        other => Err(crate::value::refuse(format!(
            "[MidpointRounding]::{other} is not supported. Use ToEven, AwayFromZero, [Math]::Floor or [Math]::Ceiling."
        ))),
    }
}

fn abs(n: &Value) -> R<Value> {
    match n {
        Value::Int(n) => n.checked_abs().map(Value::Int).ok_or_else(|| {
            fail(
                "System.OverflowException",
                "OverflowException",
                "Negating the minimum value of a twos complement number is invalid.",
            )
        }),
        Value::Long(n) => Ok(Value::Long(n.wrapping_abs())),
        Value::Num(Num::Decimal(n)) => Ok(Value::Num(Num::Decimal(n.abs()))),
        other => to_double(other).map(|n| Value::Double(n.abs())),
    }
}

fn whole(name: &str, n: &Value) -> R<Value> {
    if let Value::Num(Num::Decimal(n)) = n {
        return Ok(Value::Num(Num::Decimal(match name {
            "floor" => n.floor(),
            "ceiling" => n.ceil(),
            _ => n.trunc(),
        })));
    }
    let n = to_double(n)?;
    Ok(Value::Double(match name {
        "floor" => n.floor(),
        "ceiling" => n.ceil(),
        _ => n.trunc(),
    }))
}

pub fn round(n: &Value, digits: i32, is_away: bool) -> R<Value> {
    if !(0..=28).contains(&digits) {
        return Err(method_error(
            "System.ArgumentOutOfRangeException",
            "Rounding digits must be between 0 and 15, inclusive. (Parameter 'digits')",
        ));
    }
    if let Value::Num(Num::Decimal(n)) = n {
        let strategy = if is_away {
            RoundingStrategy::MidpointAwayFromZero
        } else {
            RoundingStrategy::MidpointNearestEven
        };
        // Zeros at the end stay, as far as the digits go.
        return Ok(Value::Num(Num::Decimal(
            n.round_dp_with_strategy(digits as u32, strategy),
        )));
    }
    let n = to_double(n)?;
    let scale = 10f64.powi(digits);
    let scaled = n * scale;
    if !scaled.is_finite() {
        return Ok(Value::Double(n));
    }
    Ok(Value::Double(
        if is_away {
            scaled.round()
        } else {
            scaled.round_ties_even()
        } / scale,
    ))
}

fn pick(a: &Value, b: &Value, is_max: bool) -> R<Value> {
    let order = compare(a, b, true).ok_or_else(|| crate::value::no_cast(a, "System.Double"))?;
    let chosen = if order.is_ge() == is_max { a } else { b };
    // Both meet in one type: the wider one.
    if matches!(a, Value::Double(_)) || matches!(b, Value::Double(_)) {
        return to_double(chosen).map(Value::Double);
    }
    if matches!(a, Value::Long(_)) || matches!(b, Value::Long(_)) {
        return to_long(chosen).map(Value::Long);
    }
    if let Value::Str(_) = chosen {
        return to_double(chosen).map(Value::Double);
    }
    Ok(chosen.clone())
}
