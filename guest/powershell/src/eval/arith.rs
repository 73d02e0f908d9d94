//! Arithmetic (language specification, 7.6 and 7.7): operands meet in the narrowest type that holds both.

use std::rc::Rc;

use rust_decimal::Decimal;

use crate::parse::ast::BinaryOp;
use crate::types::enumeration::EnumValue;
use crate::value::{
    Array, Hash, Num, R, Value, fail, to_decimal, to_double, to_int, to_long, to_number, to_wide,
};

/// `left op right` for `+ - * / %`.
pub fn arith(op: BinaryOp, left: &Value, right: &Value) -> R<Value> {
    // What counting loops meet: a sum of Int32 soon is a Double.
    let (a, b) = match (left, right) {
        (Value::Int(a), Value::Int(b)) => return ints(op, *a, *b),
        (Value::Double(a), Value::Double(b)) => (*a, *b),
        (Value::Double(a), Value::Int(b)) => (*a, f64::from(*b)),
        (Value::Int(a), Value::Double(b)) => (f64::from(*a), *b),
        _ => return meet(op, left, right),
    };
    Ok(Value::Double(doubles(op, a, b)))
}

/// Operands of other types, which meet somewhere.
fn meet(op: BinaryOp, left: &Value, right: &Value) -> R<Value> {
    // What starts with an enum's value stays in the enum (`PSBinaryOperationBinder.BinaryNumericOp`).
    if let Some(own) = left.downcast::<EnumValue>() {
        let sum = arith(op, &Value::Long(own.n), right)?;
        return to_long(&sum).map(|n| EnumValue::value(&own.of, n));
    }
    match op {
        BinaryOp::Add => add(left, right),
        BinaryOp::Multiply => multiply(left, right),
        _ => {
            if let Some(found) = crate::types::arith(op, left, right) {
                return found;
            }
            numbers(op, left, right)
        }
    }
}

fn ints(op: BinaryOp, a: i32, b: i32) -> R<Value> {
    let exact = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Subtract => a.checked_sub(b),
        BinaryOp::Multiply => a.checked_mul(b),
        BinaryOp::Divide => return divide(i64::from(a), i64::from(b), true),
        _ if b == 0 => return Err(by_zero()),
        _ => a.checked_rem(b).or(Some(0)),
    };
    if let Some(n) = exact {
        return Ok(Value::Int(n));
    }
    // What doesn't fit becomes a Double, not an Int64 (7.7.1).
    let (a, b) = (f64::from(a), f64::from(b));
    Ok(Value::Double(match op {
        BinaryOp::Add => a + b,
        BinaryOp::Subtract => a - b,
        _ => a * b,
    }))
}

fn divide(a: i64, b: i64, is_int: bool) -> R<Value> {
    if b == 0 {
        return Err(by_zero());
    }
    match a.checked_div(b) {
        Some(n) if a % b == 0 => Ok(match i32::try_from(n) {
            Ok(small) if is_int => Value::Int(small),
            _ => Value::Long(n),
        }),
        _ => Ok(Value::Double(a as f64 / b as f64)),
    }
}

fn by_zero() -> crate::value::Ctl {
    use crate::value::{Ctl, ErrorRecord, Exception};
    let message = "Attempted to divide by zero.";
    let mut exception = Exception::new("System.Management.Automation.RuntimeException", message);
    exception.inner = Some(Rc::new(Exception::new(
        "System.DivideByZeroException",
        message,
    )));
    Ctl::Throw(Rc::new(ErrorRecord::new(
        exception,
        "RuntimeException",
        "NotSpecified",
    )))
}

fn add(left: &Value, right: &Value) -> R<Value> {
    match left {
        Value::Null | Value::Nothing => Ok(match right {
            Value::Nothing => Value::Null,
            other => other.clone(),
        }),
        Value::Str(text) => Ok(Value::from(format!("{text}{}", right.text()))),
        _ if left.is_collection() => {
            let mut items = left.to_items();
            match right {
                Value::Null => items.push(Value::Null),
                _ => match right.enumerate() {
                    Some(more) => items.extend(more),
                    None => items.push(right.clone()),
                },
            }
            Ok(Value::Array(Rc::new(Array::new(items))))
        }
        Value::Hash(hash) => {
            let Value::Hash(other) = right else {
                return Err(fail(
                    "System.Management.Automation.RuntimeException",
                    "AddHashTableToNonHashTable",
                    "A hash table can only be added to another hash table.",
                ));
            };
            let sum = Hash::new(hash.kind.clone());
            for (key, value) in hash.entries() {
                sum.insert(key, value);
            }
            for (key, value) in other.entries() {
                if sum.contains(&key) {
                    return Err(fail(
                        "System.ArgumentException",
                        "ArgumentException",
                        format!(
                            "Item has already been added. Key in dictionary: '{0}'  Key being added: '{0}'",
                            key.text()
                        ),
                    ));
                }
                sum.insert(key, value);
            }
            Ok(Value::Hash(Rc::new(sum)))
        }
        // A letter is text here, whatever comes after it (PSBinaryOperationBinder.BinaryAdd).
        Value::Char(c) => Ok(Value::from(format!("{c}{}", right.text()))),
        _ => {
            if let Some(found) = crate::types::arith(BinaryOp::Add, left, right) {
                return found;
            }
            numbers(BinaryOp::Add, left, right)
        }
    }
}

fn multiply(left: &Value, right: &Value) -> R<Value> {
    match left {
        // `PSBinaryOperationBinder.BinaryMultiply`: nothing, however often, is nothing.
        Value::Null | Value::Nothing => Ok(Value::Null),
        Value::Bool(_) if matches!(right, Value::Bool(_)) => Err(fail(
            "System.Management.Automation.RuntimeException",
            "OperatorNotDefined",
            "The operation '[System.Boolean] * [System.Boolean]' is not defined.",
        )),
        Value::Str(text) => {
            let n = count(right)?;
            Ok(Value::from(text.repeat(n)))
        }
        _ if left.is_collection() => {
            let items = left.to_items();
            let n = count(right)?;
            let mut all = Vec::with_capacity(items.len() * n);
            for _ in 0..n {
                all.extend(items.iter().cloned());
            }
            Ok(Value::from(all))
        }
        _ => {
            if let Some(found) = crate::types::arith(BinaryOp::Multiply, left, right) {
                return found;
            }
            numbers(BinaryOp::Multiply, left, right)
        }
    }
}

/// How often to repeat: bounded, so that a slip doesn't eat the memory.
fn count(value: &Value) -> R<usize> {
    let n = to_int(value)?;
    usize::try_from(n)
        .ok()
        .filter(|n| *n <= 1 << 28)
        .ok_or_else(|| {
            fail(
                "System.ArgumentOutOfRangeException",
                "ArgumentOutOfRangeException",
                format!("Cannot repeat {n} times."),
            )
        })
}

/// In which type two numbers meet.
#[derive(PartialEq, PartialOrd)]
enum Meet {
    Int,
    Long,
    Wide,
    Double,
    Decimal,
}

fn rank(value: &Value) -> Meet {
    match value {
        Value::Int(_) => Meet::Int,
        Value::Long(_) => Meet::Long,
        Value::Double(_) | Value::Num(Num::Float(_)) => Meet::Double,
        Value::Num(Num::Decimal(_)) => Meet::Decimal,
        Value::Num(Num::UInt(_)) => Meet::Long,
        Value::Num(Num::ULong(_)) => Meet::Wide,
        _ => Meet::Int,
    }
}

fn numbers(op: BinaryOp, left: &Value, right: &Value) -> R<Value> {
    // Text is read as a number or is at fault itself; what is neither has no such operator (ParserOps.ImplicitOp).
    let is_operand = |value: &&Value| matches!(value, Value::Str(_)) || to_number(value).is_some();
    if let Some(other) = [left, right].into_iter().find(|value| !is_operand(value)) {
        return Err(fail(
            "System.Management.Automation.RuntimeException",
            "MethodNotFound",
            format!(
                "Method invocation failed because [{}] does not contain a method named '{}'.",
                other.type_name(),
                super::overload::operator_name(op).unwrap_or_default()
            ),
        ));
    }
    let a = to_number(left).ok_or_else(|| crate::value::no_cast(left, "System.Int32"))?;
    let b = to_number(right).ok_or_else(|| crate::value::no_cast(right, "System.Int32"))?;
    let meet = match (rank(&a), rank(&b)) {
        (x, y) if x >= y => x,
        (_, y) => y,
    };
    match meet {
        Meet::Int => ints(op, to_int(&a)?, to_int(&b)?),
        Meet::Long => longs(op, to_long(&a)?, to_long(&b)?),
        Meet::Wide => wides(
            op,
            to_wide(&a, "System.UInt64")?,
            to_wide(&b, "System.UInt64")?,
        ),
        Meet::Double => Ok(Value::Double(doubles(op, to_double(&a)?, to_double(&b)?))),
        Meet::Decimal => decimals(op, to_decimal(&a)?, to_decimal(&b)?),
    }
}

fn longs(op: BinaryOp, a: i64, b: i64) -> R<Value> {
    let exact = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Subtract => a.checked_sub(b),
        BinaryOp::Multiply => a.checked_mul(b),
        BinaryOp::Divide => return divide(a, b, false),
        _ if b == 0 => return Err(by_zero()),
        _ => a.checked_rem(b).or(Some(0)),
    };
    Ok(exact.map_or_else(
        || Value::Double(doubles(op, a as f64, b as f64)),
        Value::Long,
    ))
}

fn wides(op: BinaryOp, a: i128, b: i128) -> R<Value> {
    if b == 0 && matches!(op, BinaryOp::Divide | BinaryOp::Modulo) {
        return Err(by_zero());
    }
    let exact = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Subtract => a.checked_sub(b),
        BinaryOp::Multiply => a.checked_mul(b),
        BinaryOp::Divide if a % b != 0 => None,
        BinaryOp::Divide => a.checked_div(b),
        _ => a.checked_rem(b),
    };
    match exact.and_then(|n| u64::try_from(n).ok()) {
        Some(n) => Ok(Value::Num(Num::ULong(n))),
        None => Ok(Value::Double(doubles(op, a as f64, b as f64))),
    }
}

fn doubles(op: BinaryOp, a: f64, b: f64) -> f64 {
    match op {
        BinaryOp::Add => a + b,
        BinaryOp::Subtract => a - b,
        BinaryOp::Multiply => a * b,
        BinaryOp::Divide => a / b,
        _ => a % b,
    }
}

/// Without the zeros at its end, down to this many decimal places.
fn shortened(n: Decimal, places: u32) -> Decimal {
    let mut short = n.normalize();
    if short.scale() < places {
        short.rescale(places);
    }
    short
}

fn decimals(op: BinaryOp, a: Decimal, b: Decimal) -> R<Value> {
    let exact = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Subtract => a.checked_sub(b),
        BinaryOp::Multiply => a.checked_mul(b),
        BinaryOp::Divide | BinaryOp::Modulo if b.is_zero() => return Err(by_zero()),
        // .NET keeps no zeros at the end of a quotient beyond those of its parts.
        BinaryOp::Divide => a
            .checked_div(b)
            .map(|n| shortened(n, a.scale().saturating_sub(b.scale()))),
        _ => a.checked_rem(b),
    };
    exact.map(|n| Value::Num(Num::Decimal(n))).ok_or_else(|| {
        fail(
            "System.Management.Automation.RuntimeException",
            "OperatorFailed",
            "Value was either too large or too small for a Decimal.",
        )
    })
}

/// `-x`
pub fn negate(value: &Value) -> R<Value> {
    match value {
        Value::Int(n) => Ok(n
            .checked_neg()
            .map_or(Value::Double(-f64::from(*n)), Value::Int)),
        Value::Long(n) => Ok(n
            .checked_neg()
            .map_or(Value::Double(-(*n as f64)), Value::Long)),
        Value::Double(n) => Ok(Value::Double(-n)),
        _ => arith(BinaryOp::Subtract, &Value::Int(0), value),
    }
}
