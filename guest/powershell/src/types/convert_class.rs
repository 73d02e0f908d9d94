//! `[convert]`
//!
//! [Convert](https://learn.microsoft.com/dotnet/api/system.convert)

use super::{TypeInfo, TypeRef};
use crate::eval::Engine;
use crate::value::{
    Ctl, Num, R, Value, method_error, out_of_range, to_bool, to_char, to_decimal, to_double,
    to_int, to_integer, to_long,
};

pub const INFO: TypeInfo = TypeInfo {
    statics: &[
        "ChangeType",
        "FromBase64String",
        "FromHexString",
        "ToBase64String",
        "ToBoolean",
        "ToByte",
        "ToChar",
        "ToDateTime",
        "ToDecimal",
        "ToDouble",
        "ToHexString",
        "ToInt16",
        "ToInt32",
        "ToInt64",
        "ToSByte",
        "ToSingle",
        "ToString",
        "ToUInt16",
        "ToUInt32",
        "ToUInt64",
    ],
    call: Some(call),
    ..TypeInfo::named("System.Convert", &["convert"])
};

/// The methods that make whole numbers, and the bits of what they make.
const WHOLE: [(&str, &str, u32); 8] = [
    ("tosbyte", "sbyte", 8),
    ("tobyte", "byte", 8),
    ("toint16", "int16", 16),
    ("touint16", "uint16", 16),
    ("toint32", "int", 32),
    ("touint32", "uint32", 32),
    ("toint64", "long", 64),
    ("touint64", "uint64", 64),
];

/// A byte array's bytes.
pub fn bytes_of(value: &Value) -> R<Vec<u8>> {
    value
        .to_items()
        .iter()
        .map(|item| match item {
            Value::Num(Num::Byte(byte)) => Ok(*byte),
            other => to_integer(other, "System.Byte"),
        })
        .collect()
}

fn call(engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    if let Some((_, of, bits)) = WHOLE.iter().find(|(own, ..)| *own == name) {
        let of = TypeRef::named(of);
        return Some(match args {
            [text @ Value::Str(_), base] if base.is_number() => {
                of_digits(engine, &text.text(), base, &of, *bits)
            }
            [Value::Str(text), ..] if !is_whole(text) => Err(method_error(
                "System.FormatException",
                format!("The input string '{text}' was not in a correct format."),
            )),
            // A culture may follow.
            [value] | [value, _] => engine.cast(value, &of).map_err(of_method),
            _ => return None,
        });
    }
    Some(match (name, args) {
        ("tobase64string", [bytes, how @ ..]) => base64(bytes, how)?,
        ("frombase64string", [text]) => ::octopus::base64::decode(&text.text()).map(|bytes| Value::bytes(&bytes)).ok_or_else(|| {
            method_error(
                "System.FormatException",
                "The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding characters, or an illegal character among the padding characters.",
            )
        }),
        ("tohexstring", [bytes]) => bytes_of(bytes).map(|bytes| Value::from(bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>())),
        ("fromhexstring", [text]) => {
            let text = text.text();
            let bytes: Option<Vec<u8>> = (text.len() % 2 == 0 && text.is_ascii())
                .then(|| (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect())
                .flatten();
            bytes.map(|bytes| Value::bytes(&bytes)).ok_or_else(|| {
                method_error("System.FormatException", "The input is not a valid hex string as it contains a non-hex character.")
            })
        }
        ("tosingle", [n] | [n, _]) => engine.cast(n, &TypeRef::named("single")).map_err(of_method),
        ("todouble", [n] | [n, _]) => to_double(n).map(Value::Double).map_err(of_method),
        ("todecimal", [n] | [n, _]) => to_decimal(n).map(|n| Value::Num(Num::Decimal(n))).map_err(of_method),
        ("tochar", [n]) => to_char(n).map(Value::Char).map_err(of_method),
        ("todatetime", [value] | [value, _]) => super::datetime::convert(value),
        ("toboolean", [value]) => match value {
            Value::Str(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                _ => Err(method_error("System.FormatException", format!("String '{text}' was not recognized as a valid Boolean."))),
            },
            other => Ok(Value::Bool(to_bool(other))),
        },
        ("tostring", [value, base]) if value.is_number() && base.is_number() => digits(value, base),
        ("tostring", [value] | [value, _]) => engine.text(value).map(Value::from),
        ("changetype", [value, Value::Type(of)]) => engine.cast(value, of),
        _ => return None,
    })
}

/// `ToBase64String` of all bytes or of a part, in lines of 76 characters if that is asked for.
fn base64(bytes: &Value, how: &[Value]) -> Option<R<Value>> {
    let (part, breaks) = match how {
        [] => (None, None),
        [breaks] => (None, Some(breaks)),
        [offset, length] => (Some((offset, length)), None),
        [offset, length, breaks] => (Some((offset, length)), Some(breaks)),
        _ => return None,
    };
    let encoded = || {
        let bytes = bytes_of(bytes)?;
        let bytes = match part {
            None => bytes,
            Some((offset, length)) => {
                let (offset, length) = (to_int(offset)?, to_int(length)?);
                let place = |n: i32| usize::try_from(n).ok();
                place(offset)
                    .zip(place(length))
                    .and_then(|(offset, length)| bytes.get(offset..offset.checked_add(length)?))
                    .ok_or_else(|| {
                        let why = "Offset and length must refer to a position in the string. (Parameter 'offset')";
                        method_error("System.ArgumentOutOfRangeException", why)
                    })?
                    .to_vec()
            }
        };
        let text = ::octopus::base64::encode(&bytes);
        let has_breaks = match breaks {
            None => false,
            Some(breaks) => !breaks.text().eq_ignore_ascii_case("None") && breaks.text() != "0",
        };
        if !has_breaks {
            return Ok(Value::from(text));
        }
        let lines: Vec<&str> = (0..text.len())
            .step_by(76)
            .map(|at| &text[at..text.len().min(at + 76)])
            .collect();
        Ok(Value::from(lines.join("\r\n")))
    };
    Some(encoded())
}

/// The bits of a number as digits; a negative one is shown as its type holds it.
fn digits(value: &Value, base: &Value) -> R<Value> {
    let n = to_long(value)?;
    let bits = match value {
        Value::Num(Num::Byte(_)) => 8,
        Value::Num(Num::Short(_)) => 16,
        Value::Int(_) => 32,
        _ => 64,
    };
    let held = n.cast_unsigned() & (u64::MAX >> (64 - bits));
    Ok(Value::from(match to_int(base)? {
        2 => format!("{held:b}"),
        8 => format!("{held:o}"),
        16 => format!("{held:x}"),
        10 => n.to_string(),
        _ => return Err(bad_base()),
    }))
}

fn bad_base() -> Ctl {
    method_error("System.ArgumentException", "Invalid Base.")
}

/// `NumberStyles.Integer`: digits with a sign, and white space around them. A cast takes more: `1.5`, `0x1F`, nothing at all.
pub fn is_whole(text: &str) -> bool {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// What a cast reports, as the method of .NET that failed does: its own exception, which the call wraps.
fn of_method(ctl: Ctl) -> Ctl {
    let Ctl::Throw(record) = &ctl else { return ctl };
    match &record.exception.inner {
        Some(inner) => method_error(&inner.type_name, inner.message.as_str()),
        None => ctl,
    }
}

/// Digits of a base; bits that are all there make a negative number of a type with a sign.
fn of_digits(engine: &mut Engine, text: &str, base: &Value, of: &TypeRef, bits: u32) -> R<Value> {
    let base = u32::try_from(to_int(base)?).unwrap_or_default();
    if !matches!(base, 2 | 8 | 10 | 16) {
        return Err(bad_base());
    }
    let digits = match base {
        16 => text.trim_start_matches("0x").trim_start_matches("0X"),
        _ => text,
    };
    let n = i128::from_str_radix(digits, base).map_err(|_| {
        let why = "Could not find any recognizable digits.";
        method_error("System.FormatException", why)
    })?;
    let full_name = of.full_name();
    let has_sign = !full_name.contains("UInt") && full_name != "System.Byte";
    let is_all_bits = base != 10 && has_sign && n >= 1 << (bits - 1) && n < 1 << bits;
    let n = if is_all_bits { n - (1 << bits) } else { n };
    let too_wide = || method_error("System.OverflowException", out_of_range(&full_name));
    let wide = match u64::try_from(n) {
        Ok(n) => Value::Num(Num::ULong(n)),
        Err(_) => Value::Long(i64::try_from(n).map_err(|_| too_wide())?),
    };
    engine.cast(&wide, of).map_err(|_| too_wide())
}
