//! `[bigint]`: integers without bounds, and the suffix `n` of literals.
//!
//! Left out: the methods on bits and bytes (the operators are there).

use std::cmp::Ordering;
use std::rc::Rc;

use num_bigint::{BigInt, Sign};

use super::TypeInfo;
use crate::eval::Engine;
use crate::net_any;
use crate::parse::ast::BinaryOp;
use crate::value::{Ctl, Net, Num, R, Value, fail, method_error, no_cast, refuse, to_int};

/// Digits in base 2 that a power may have: more is a slip that would eat the memory.
const MAX_BITS: u64 = 1 << 22;

pub const INFO: TypeInfo = TypeInfo {
    bases: &["System.ValueType", "System.IComparable"],
    statics: &[
        "Parse",
        "TryParse",
        "Pow",
        "ModPow",
        "Add",
        "Subtract",
        "Multiply",
        "Divide",
        "Remainder",
        "Negate",
        "Abs",
        "Max",
        "Min",
        "Compare",
        "GreatestCommonDivisor",
        "One",
        "Zero",
        "MinusOne",
    ],
    convert: Some(convert),
    create: Some(|_, args| match args {
        [one] => Some(convert(one)),
        _ => None,
    }),
    call: Some(static_call),
    get: Some(|name| match name {
        "one" => Some(value(1.into())),
        "zero" => Some(value(0.into())),
        "minusone" => Some(value((-1).into())),
        _ => None,
    }),
    ..TypeInfo::named("System.Numerics.BigInteger", &["bigint"])
};

pub struct Integer(BigInt);

pub fn value(n: BigInt) -> Value {
    Value::net(Integer(n))
}

/// The literal's digits, with their sign.
pub fn literal(digits: &str, radix: u32) -> Option<BigInt> {
    BigInt::parse_bytes(digits.as_bytes(), radix)
}

/// Whether the value is a `[bigint]`.
pub fn is_one(value: &Value) -> bool {
    value.downcast::<Integer>().is_some()
}

/// A whole number of any type.
fn of(value: &Value) -> Option<BigInt> {
    match value {
        Value::Int(n) => Some((*n).into()),
        Value::Long(n) => Some((*n).into()),
        Value::Char(c) => Some(u32::from(*c).into()),
        Value::Num(Num::Float(_) | Num::Decimal(_)) => None,
        Value::Num(num) => num.text().parse().ok(),
        Value::Str(text) => text.trim().parse().ok(),
        _ => value.downcast::<Integer>().map(|own| own.0.clone()),
    }
}

fn convert(given: &Value) -> R<Value> {
    let found = match given {
        Value::Bool(claim) => Some(i32::from(*claim).into()),
        Value::Double(n) if n.is_finite() => format!("{:.0}", n.trunc()).parse().ok(),
        Value::Num(Num::Decimal(n)) => n.trunc().to_string().parse().ok(),
        Value::Num(Num::Float(n)) if n.is_finite() => format!("{:.0}", n.trunc()).parse().ok(),
        _ => of(given),
    };
    found
        .map(value)
        .ok_or_else(|| no_cast(given, "System.Numerics.BigInteger"))
}

fn converted(given: &Value) -> R<BigInt> {
    convert(given).map(|found| of(&found).unwrap_or_default())
}

impl Integer {
    pub fn is_zero(&self) -> bool {
        self.0.sign() == Sign::NoSign
    }

    /// As the first of Int32, Int64 and Double that holds it: what other types are converted from.
    pub fn narrowed(&self) -> Value {
        match (i32::try_from(&self.0), i64::try_from(&self.0)) {
            (Ok(small), _) => Value::Int(small),
            (_, Ok(wide)) => Value::Long(wide),
            _ => match self.0.to_string().parse::<rust_decimal::Decimal>() {
                Ok(exact) => Value::Num(Num::Decimal(exact)),
                Err(_) => Value::Double(self.0.to_string().parse().unwrap_or(f64::INFINITY)),
            },
        }
    }

    /// As `ToString` and `-f` have it; formats that nobody uses for such numbers are refused.
    pub fn format(&self, format: &str) -> R<String> {
        let (kind, digits) = format.split_at(format.len().min(1));
        let width: usize = digits.parse().unwrap_or(0);
        let sign = if self.0.sign() == Sign::Minus {
            "-"
        } else {
            ""
        };
        let magnitude = self.0.magnitude().to_string();
        match kind {
            "" | "G" | "g" | "R" | "r" => Ok(self.0.to_string()),
            "D" | "d" => Ok(format!("{sign}{magnitude:0>width$}")),
            "N" | "n" => {
                let n_digits = if digits.is_empty() { 2 } else { width };
                let point = if n_digits > 0 { "." } else { "" };
                let zeros = "0".repeat(n_digits);
                Ok(crate::format::number::grouped(&format!(
                    "{}{point}{zeros}",
                    self.0
                )))
            }
            _ => Err(refuse(format!(
                "The format '{format}' of a [bigint] is not supported."
            ))),
        }
    }
}

/// The order of two numbers of which one is a [`Integer`]; `None` if none is, or the other isn't whole.
pub fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    if !is_one(left) && !is_one(right) {
        return None;
    }
    Some(of(left)?.cmp(&of(right)?))
}

/// `left op right` where one is a [`Integer`]; `None` if none is.
pub fn arith(op: BinaryOp, left: &Value, right: &Value) -> Option<R<Value>> {
    if !is_one(left) && !is_one(right) {
        return None;
    }
    // A fraction is cut off: both become whole (about_Arithmetic_Operators, "Bigint arithmetic").
    Some(converted(left).and_then(|a| converted(right).and_then(|b| computed(op, a, b).map(value))))
}

/// `-band`, `-bor` and `-bxor` where one side is a [`Integer`], shifts where the left one is.
pub fn bits(op: BinaryOp, left: &Value, right: &Value) -> Option<R<Value>> {
    let shifts = matches!(op, BinaryOp::ShiftLeft | BinaryOp::ShiftRight);
    if !is_one(left) && (shifts || !is_one(right)) {
        return None;
    }
    Some(if shifts {
        converted(left).and_then(|n| shifted(n, op, to_int(right)?))
    } else {
        converted(left).and_then(|a| {
            let b = converted(right)?;
            Ok(value(match op {
                BinaryOp::BitAnd => a & b,
                BinaryOp::BitOr => a | b,
                _ => a ^ b,
            }))
        })
    })
}

/// A shift by a negative number goes the other way.
fn shifted(n: BigInt, op: BinaryOp, by: i32) -> R<Value> {
    let goes_left = (op == BinaryOp::ShiftLeft) == (by >= 0);
    let by = by.unsigned_abs();
    if !goes_left {
        return Ok(value(n >> by));
    }
    if n.bits() + u64::from(by) > MAX_BITS {
        return Err(too_long());
    }
    Ok(value(n << by))
}

/// `-bnot` of a [`Integer`].
pub fn inverted(given: &Value) -> Option<Value> {
    given.downcast::<Integer>().map(|own| value(!&own.0))
}

fn too_long() -> Ctl {
    refuse("A [bigint] of more than a million digits is not supported.")
}

fn computed(op: BinaryOp, a: BigInt, b: BigInt) -> R<BigInt> {
    Ok(match op {
        BinaryOp::Add => a + b,
        BinaryOp::Subtract => a - b,
        BinaryOp::Multiply => a * b,
        _ if b.sign() == Sign::NoSign => {
            return Err(fail(
                "System.Management.Automation.RuntimeException",
                "RuntimeException",
                "Attempted to divide by zero.",
            ));
        }
        BinaryOp::Divide => a / b,
        _ => a % b,
    })
}

fn static_call(_: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    let op = match name {
        "add" => Some(BinaryOp::Add),
        "subtract" => Some(BinaryOp::Subtract),
        "multiply" => Some(BinaryOp::Multiply),
        "divide" => Some(BinaryOp::Divide),
        "remainder" => Some(BinaryOp::Modulo),
        _ => None,
    };
    if let (Some(op), [a, b]) = (op, args) {
        return Some(
            converted(a).and_then(|a| converted(b).and_then(|b| computed(op, a, b).map(value))),
        );
    }
    Some(match (name, args) {
        ("parse", [text]) => {
            text.text().trim().parse().map(value).map_err(|_| {
                method_error("System.FormatException", "The value could not be parsed.")
            })
        }
        ("tryparse", [text, reference]) => {
            let found: Option<BigInt> = text.text().trim().parse().ok();
            let is_found = found.is_some();
            super::numbers::set_reference(reference, value(found.unwrap_or_default()))
                .map(|()| Value::Bool(is_found))
        }
        ("pow", [base, exponent]) => power(base, exponent),
        ("modpow", [base, exponent, modulus]) => modular_power(base, exponent, modulus),
        ("negate", [n]) => converted(n).map(|n| value(-n)),
        ("abs", [n]) => converted(n).map(|n| value(n.magnitude().clone().into())),
        ("max", [a, b]) => converted(a).and_then(|a| Ok(value(a.max(converted(b)?)))),
        ("min", [a, b]) => converted(a).and_then(|a| Ok(value(a.min(converted(b)?)))),
        ("compare", [a, b]) => {
            converted(a).and_then(|a| Ok(Value::Int(a.cmp(&converted(b)?) as i32)))
        }
        ("greatestcommondivisor", [a, b]) => {
            converted(a).and_then(|a| Ok(value(common_divisor(a, converted(b)?))))
        }
        _ => return None,
    })
}

/// Euclid's algorithm; never negative.
fn common_divisor(a: BigInt, b: BigInt) -> BigInt {
    let (mut a, mut b) = (a, b);
    while b.sign() != Sign::NoSign {
        (a, b) = (b.clone(), a % b);
    }
    a.magnitude().clone().into()
}

fn power(base: &Value, exponent: &Value) -> R<Value> {
    let (base, exponent) = (converted(base)?, to_int(exponent)?);
    let exponent = u32::try_from(exponent).map_err(|_| {
        method_error(
            "System.ArgumentOutOfRangeException",
            "The number must be greater than or equal to zero. (Parameter 'exponent')",
        )
    })?;
    if base.bits().saturating_mul(u64::from(exponent)) > MAX_BITS {
        return Err(too_long());
    }
    Ok(value(base.pow(exponent)))
}

fn modular_power(base: &Value, exponent: &Value, modulus: &Value) -> R<Value> {
    let (base, exponent, modulus) = (converted(base)?, converted(exponent)?, converted(modulus)?);
    if modulus.sign() == Sign::NoSign || exponent.sign() == Sign::Minus {
        return Err(method_error(
            "System.DivideByZeroException",
            "Attempted to divide by zero.",
        ));
    }
    Ok(value(base.modpow(&exponent, &modulus)))
}

impl Net for Integer {
    net_any!();

    fn type_name(&self) -> &str {
        INFO.name
    }

    fn bases(&self) -> Vec<String> {
        INFO.bases.iter().map(|base| (*base).to_owned()).collect()
    }

    fn text(&self) -> String {
        self.0.to_string()
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match name {
            "iseven" => Value::Bool(!self.0.bit(0)),
            "iszero" => Value::Bool(self.is_zero()),
            "isone" => Value::Bool(self.0 == 1.into()),
            "ispoweroftwo" => {
                Value::Bool(self.0.sign() == Sign::Plus && self.0.magnitude().count_ones() == 1)
            }
            "sign" => Value::Int(match self.0.sign() {
                Sign::Minus => -1,
                Sign::NoSign => 0,
                Sign::Plus => 1,
            }),
            _ => return None,
        })
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        match (name, args) {
            ("tostring", [format, ..]) => Some(self.format(&format.text()).map(Value::from)),
            ("compareto", [other]) => {
                Some(converted(other).map(|other| Value::Int(self.0.cmp(&other) as i32)))
            }
            _ => None,
        }
    }

    fn equal(&self, other: &Value) -> Option<bool> {
        Some(of(other).is_some_and(|other| self.0 == other))
    }

    fn compare(&self, other: &Value) -> Option<Ordering> {
        of(other).map(|other| self.0.cmp(&other))
    }

    fn hash_key(&self) -> Option<String> {
        Some(self.0.to_string())
    }
}
