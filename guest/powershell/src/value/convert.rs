//! Conversions between plain values (language specification, section 6).

use std::rc::Rc;

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use super::{Ctl, ErrorRecord, Exception, Num, R, Value};
use crate::lex::number;
use crate::types::bigint::Integer;
use crate::types::enumeration::EnumValue;
use crate::types::enumerator::Enumerator;

/// A conversion that fails, in PowerShell's words.
pub fn no_cast(value: &Value, to: &str) -> Ctl {
    let message = match value {
        Value::Str(text) => match to {
            "System.Int32" | "System.Int64" | "System.Double" | "System.Decimal"
            | "System.Byte" => format!(
                "Cannot convert value \"{text}\" to type \"{to}\". Error: \"The input string '{text}' was not in a correct format.\""
            ),
            "System.Management.Automation.ScriptBlock" | "System.Collections.Hashtable" => format!(
                "Cannot convert the \"{text}\" value of type \"System.String\" to type \"{to}\"."
            ),
            _ => format!("Cannot convert value \"{text}\" to type \"{to}\"."),
        },
        Value::Null | Value::Nothing => format!("Cannot convert null to type \"{to}\"."),
        other => format!(
            "Cannot convert the \"{}\" value of type \"{}\" to type \"{to}\".",
            match other {
                Value::Array(_) | Value::List(_) | Value::Hash(_) => other.type_name(),
                _ => other.text(),
            },
            other.type_name()
        ),
    };
    let mut exception = Exception::new(
        "System.Management.Automation.PSInvalidCastException",
        message,
    );
    if let Value::Str(text) = value {
        // What .NET's own parsing said is inside.
        exception.inner = Some(Rc::new(Exception::new(
            "System.FormatException",
            format!("The input string '{text}' was not in a correct format."),
        )));
    }
    let id = no_cast_id(value, to);
    Ctl::Throw(Rc::new(ErrorRecord::new(exception, id, "InvalidArgument")))
}

/// As `LanguagePrimitives` names it: by the conversion that was tried.
fn no_cast_id(value: &Value, to: &str) -> &'static str {
    match (value, to) {
        (Value::Null | Value::Nothing, _) => "nullToObjectInvalidCast",
        (Value::Str(_), "System.Double" | "System.Single") => {
            "InvalidCastFromStringToDoubleOrSingle"
        }
        (Value::Str(_), "System.Decimal") => "InvalidCastFromStringToDecimal",
        (Value::Str(_), to) if crate::types::numbers::is_number(to) => {
            "InvalidCastFromStringToInteger"
        }
        _ => "ConvertToFinalInvalidCastException",
    }
}

/// What .NET says of a number that doesn't fit `to`.
pub fn out_of_range(to: &str) -> String {
    let kind = to.rsplit('.').next().unwrap_or(to);
    let kind = match kind {
        "Int32" | "Int64" | "Int16" => format!("an {kind}"),
        "Byte" => "an unsigned byte".to_owned(),
        "SByte" => "a signed byte".to_owned(),
        "Char" => "a character".to_owned(),
        other => format!("a {other}"),
    };
    format!("Value was either too large or too small for {kind}.")
}

fn too_wide(value: &Value, to: &str) -> Ctl {
    let why = out_of_range(to);
    let message = format!(
        "Cannot convert value \"{}\" to type \"{to}\". Error: \"{why}\"",
        value.text()
    );
    let id = match value {
        Value::Str(_) => "InvalidCastFromStringToInteger",
        _ => "InvalidCastIConvertible",
    };
    no_cast_by(message, id, Exception::new("System.OverflowException", why))
}

/// A conversion that .NET itself gave up: what it said is inside.
fn no_cast_by(message: String, id: &str, inner: Exception) -> Ctl {
    let mut exception = Exception::new(
        "System.Management.Automation.PSInvalidCastException",
        message,
    );
    exception.inner = Some(Rc::new(inner));
    Ctl::Throw(Rc::new(ErrorRecord::new(exception, id, "InvalidArgument")))
}

/// Truth (section 6.2).
pub fn to_bool(value: &Value) -> bool {
    match value {
        Value::Null | Value::Nothing => false,
        Value::Bool(claim) => *claim,
        Value::Char(c) => *c != '\0',
        Value::Int(n) => *n != 0,
        Value::Long(n) => *n != 0,
        Value::Double(n) => *n != 0.0,
        Value::Num(num) => num_to_double(*num) != 0.0,
        Value::Str(text) => !text.is_empty(),
        Value::Array(array) => list_to_bool(&array.items.borrow()),
        Value::List(list) => list_to_bool(&list.items.borrow()),
        Value::Net(object) if object.is_collection() => true,
        Value::Net(_) if value.downcast::<Enumerator>().is_some() => true,
        // An enum's zero is false: `if ([DayOfWeek]::Sunday)`.
        Value::Net(_) if let Some(member) = value.downcast::<EnumValue>() => member.n != 0,
        Value::Net(_) if let Some(n) = value.downcast::<Integer>() => !n.is_zero(),
        Value::Net(object) => match object.get("ispresent") {
            Some(Value::Bool(claim)) => claim,
            _ => object.items().is_none_or(|items| list_to_bool(&items)),
        },
        Value::Hash(_) | Value::Object(_) | Value::Script(_) | Value::Type(_) => true,
    }
}

fn list_to_bool(items: &[Value]) -> bool {
    match items {
        [] => false,
        [one] => match one {
            Value::Array(inner) => !inner.items.borrow().is_empty(),
            _ => to_bool(one),
        },
        _ => true,
    }
}

pub fn num_to_double(num: Num) -> f64 {
    match num {
        Num::Byte(n) => f64::from(n),
        Num::SByte(n) => f64::from(n),
        Num::Short(n) => f64::from(n),
        Num::UShort(n) => f64::from(n),
        Num::UInt(n) => f64::from(n),
        Num::ULong(n) => n as f64,
        Num::Float(n) => f64::from(n),
        Num::Decimal(n) => n.to_f64().unwrap_or(f64::NAN),
    }
}

fn num_to_wide(num: Num) -> Option<i128> {
    Some(match num {
        Num::Byte(n) => i128::from(n),
        Num::SByte(n) => i128::from(n),
        Num::Short(n) => i128::from(n),
        Num::UShort(n) => i128::from(n),
        Num::UInt(n) => i128::from(n),
        Num::ULong(n) => i128::from(n),
        Num::Float(n) => return double_to_wide(f64::from(n)),
        Num::Decimal(n) => n
            .round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointNearestEven)
            .to_i128()?,
    })
}

/// Rounded to even, as .NET's conversions round.
fn double_to_wide(n: f64) -> Option<i128> {
    n.is_finite().then(|| n.round_ties_even() as i128)
}

/// The number that a value is or reads as; `None` if it is none.
pub fn to_number(value: &Value) -> Option<Value> {
    match value {
        Value::Int(_) | Value::Long(_) | Value::Double(_) | Value::Num(_) => Some(value.clone()),
        Value::Null | Value::Nothing => Some(Value::Int(0)),
        Value::Bool(claim) => Some(Value::Int(i32::from(*claim))),
        Value::Char(c) => Some(Value::Int(*c as i32)),
        Value::Str(text) => text_to_number(text),
        Value::Net(object) => match value.downcast::<Integer>() {
            Some(integer) => Some(integer.narrowed()),
            None => object.get("value__"),
        },
        _ => None,
    }
}

fn text_to_number(text: &str) -> Option<Value> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Some(Value::Int(0));
    }
    if let Some(found) = number::parse(trimmed) {
        return Some(found);
    }
    // Other ways to write hexadecimal numbers, in strings only (about_Numeric_Literals, Numeric type conversion).
    let digits = trimmed.strip_prefix('#').or_else(|| {
        let (prefix, digits) = trimmed.split_at_checked(2)?;
        prefix.eq_ignore_ascii_case("&h").then_some(digits)
    });
    if let Some(digits) = digits {
        return number::parse(&format!("0x{digits}"));
    }
    if let Some(rest) = trimmed.strip_suffix('.') {
        return number::parse(rest);
    }
    // Thousands separators are allowed where a string becomes a number.
    if trimmed.contains(',')
        && trimmed
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b',' | b'.' | b'-'))
    {
        return number::parse(&trimmed.replace(',', ""));
    }
    match trimmed {
        "NaN" => Some(Value::Double(f64::NAN)),
        "Infinity" | "∞" => Some(Value::Double(f64::INFINITY)),
        "-Infinity" | "-∞" => Some(Value::Double(f64::NEG_INFINITY)),
        _ => None,
    }
}

/// Any whole number, rounded; refuses what isn't a number.
pub fn to_wide(value: &Value, to: &str) -> R<i128> {
    if let Value::Str(text) = value
        && let Ok(n) = text.trim().parse::<i64>()
    {
        return Ok(i128::from(n));
    }
    let found = to_number(value).ok_or_else(|| no_cast(value, to))?;
    let wide = match found {
        Value::Int(n) => Some(i128::from(n)),
        Value::Long(n) => Some(i128::from(n)),
        Value::Double(n) => double_to_wide(n),
        Value::Num(num) => num_to_wide(num),
        _ => None,
    };
    wide.ok_or_else(|| too_wide(value, to))
}

/// To an integer type of `T`'s range.
pub fn to_integer<T: TryFrom<i128>>(value: &Value, to: &str) -> R<T> {
    T::try_from(to_wide(value, to)?).map_err(|_| too_wide(value, to))
}

pub fn to_int(value: &Value) -> R<i32> {
    match value {
        Value::Int(n) => Ok(*n),
        _ => to_integer(value, "System.Int32"),
    }
}

pub fn to_long(value: &Value) -> R<i64> {
    match value {
        Value::Int(n) => Ok(i64::from(*n)),
        Value::Long(n) => Ok(*n),
        _ => to_integer(value, "System.Int64"),
    }
}

pub fn to_double(value: &Value) -> R<f64> {
    Ok(match value {
        Value::Int(n) => f64::from(*n),
        Value::Long(n) => *n as f64,
        Value::Double(n) => *n,
        Value::Num(num) => num_to_double(*num),
        Value::Str(text) if text.trim().parse::<f64>().is_ok() => {
            text.trim().parse().unwrap_or(f64::NAN)
        }
        _ => match to_number(value) {
            Some(found) => to_double(&found)?,
            None => return Err(no_cast(value, "System.Double")),
        },
    })
}

pub fn to_decimal(value: &Value) -> R<Decimal> {
    let found = match value {
        Value::Num(Num::Decimal(n)) => Some(*n),
        Value::Str(text) => text.trim().replace(',', "").parse::<Decimal>().ok(),
        Value::Int(n) => Some(Decimal::from(*n)),
        Value::Long(n) => Some(Decimal::from(*n)),
        Value::Double(n) => decimal_of(*n),
        Value::Num(Num::ULong(n)) => Some(Decimal::from(*n)),
        _ => None,
    };
    match found {
        Some(n) => Ok(n),
        None => decimal_of(to_double(value)?).ok_or_else(|| too_wide(value, "System.Decimal")),
    }
}

/// A double as a decimal: 15 significant digits are kept, as .NET's conversion does; `None` if it is too wide.
fn decimal_of(n: f64) -> Option<Decimal> {
    let rounded: f64 = format!("{n:.14e}").parse().ok()?;
    let text = format!("{rounded}");
    text.parse().ok().or_else(|| Decimal::from_f64(rounded))
}

pub fn to_char(value: &Value) -> R<char> {
    match value {
        Value::Char(c) => Ok(*c),
        Value::Str(text) => {
            let mut chars = text.chars();
            match (chars.next(), chars.next()) {
                (Some(c), None) => Ok(c),
                _ => {
                    let why = "String must be exactly one character long.";
                    Err(no_cast_by(
                        format!(
                            "Cannot convert value \"{text}\" to type \"System.Char\". Error: \"{why}\""
                        ),
                        "InvalidCastFromStringToChar",
                        Exception::new("System.FormatException", why),
                    ))
                }
            }
        }
        _ => {
            let n: u32 = to_integer(value, "System.Char")?;
            char::from_u32(n).ok_or_else(|| too_wide(value, "System.Char"))
        }
    }
}
