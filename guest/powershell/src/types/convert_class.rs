//! `[convert]` and `[BitConverter]`

use super::TypeInfo;
use crate::eval::Engine;
use crate::value::{
    Ctl, Num, R, Value, method_error, out_of_range, to_bool, to_char, to_decimal, to_double,
    to_int, to_integer, to_long,
};

pub const INFO: TypeInfo = TypeInfo {
    statics: &[
        "ToBase64String",
        "FromBase64String",
        "ToInt32",
        "ToInt64",
        "ToInt16",
        "ToByte",
        "ToUInt32",
        "ToDouble",
        "ToDecimal",
        "ToBoolean",
        "ToString",
        "ToChar",
        "ToDateTime",
        "ToHexString",
        "FromHexString",
        "ChangeType",
    ],
    call: Some(call),
    ..TypeInfo::named("System.Convert", &["convert"])
};
pub const BIT_CONVERTER: TypeInfo = TypeInfo {
    statics: &["ToString", "GetBytes"],
    call: Some(|_, name, args| match (name, args) {
        ("tostring", [bytes]) => Some(bytes_of(bytes).map(|bytes| {
            let parts: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
            Value::from(parts.join("-"))
        })),
        ("getbytes", [Value::Int(n)]) => Some(Ok(Value::bytes(&n.to_le_bytes()))),
        ("getbytes", [Value::Long(n)]) => Some(Ok(Value::bytes(&n.to_le_bytes()))),
        _ => None,
    }),
    ..TypeInfo::named("System.BitConverter", &["bitconverter"])
};

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
    Some(match (name, args) {
        ("tobase64string", [bytes, ..]) => bytes_of(bytes).map(|bytes| Value::from(::octopus::base64::encode(&bytes))),
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
        ("toint32" | "toint64" | "toint16" | "tobyte" | "touint32", [text @ Value::Str(_), base]) => radix(name, &text.text(), base),
        ("toint32" | "toint64" | "toint16" | "tobyte" | "touint32", [Value::Str(text)]) if !is_whole(text) => Err(method_error(
            "System.FormatException",
            format!("The input string '{text}' was not in a correct format."),
        )),
        ("toint32", [n]) => to_int(n).map(Value::Int).map_err(of_method),
        ("toint64", [n]) => to_long(n).map(Value::Long).map_err(of_method),
        ("toint16", [n]) => to_integer(n, "System.Int16").map(|n| Value::Num(Num::Short(n))).map_err(of_method),
        ("tobyte", [n]) => to_integer(n, "System.Byte").map(|n| Value::Num(Num::Byte(n))).map_err(of_method),
        ("touint32", [n]) => to_integer(n, "System.UInt32").map(|n| Value::Num(Num::UInt(n))).map_err(of_method),
        ("todouble", [n, ..]) => to_double(n).map(Value::Double).map_err(of_method),
        ("todecimal", [n, ..]) => to_decimal(n).map(|n| Value::Num(Num::Decimal(n))).map_err(of_method),
        ("tochar", [n]) => to_char(n).map(Value::Char).map_err(of_method),
        ("todatetime", [value, ..]) => super::datetime::convert(value),
        ("toboolean", [value]) => match value {
            Value::Str(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                _ => Err(method_error("System.FormatException", format!("String '{text}' was not recognized as a valid Boolean."))),
            },
            other => Ok(Value::Bool(to_bool(other))),
        },
        ("tostring", [value, base]) if value.is_number() && base.is_number() => to_long(value).and_then(|n| {
            Ok(Value::from(match to_int(base)? {
                2 => if let Value::Int(n) = value { format!("{n:b}") } else { format!("{n:b}") },
                8 => format!("{n:o}"),
                16 => if let Value::Int(n) = value { format!("{n:x}") } else { format!("{n:x}") },
                10 => n.to_string(),
                _ => return Err(method_error("System.ArgumentException", "Invalid Base.")),
            }))
        }),
        ("tostring", [value, ..]) => engine.text(value).map(Value::from),
        ("changetype", [value, Value::Type(of)]) => engine.cast(value, of),
        _ => return None,
    })
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

fn radix(name: &str, text: &str, base: &Value) -> R<Value> {
    let base = to_int(base)? as u32;
    if !matches!(base, 2 | 8 | 10 | 16) {
        return Err(method_error("System.ArgumentException", "Invalid Base."));
    }
    let digits = if base == 16 {
        text.trim_start_matches("0x").trim_start_matches("0X")
    } else {
        text
    };
    let n = i128::from_str_radix(digits, base).map_err(|_| {
        method_error(
            "System.FormatException",
            "Could not find any recognizable digits.",
        )
    })?;
    let wrapped = if base != 10 && name == "toint32" && n <= i128::from(u32::MAX) {
        i128::from(n as u32 as i32)
    } else {
        n
    };
    let wrapped = if base != 10 && name == "toint64" && wrapped <= i128::from(u64::MAX) {
        i128::from(wrapped as u64 as i64)
    } else {
        wrapped
    };
    let of = match name {
        "toint32" => "System.Int32",
        "toint16" => "System.Int16",
        "tobyte" => "System.Byte",
        "touint32" => "System.UInt32",
        _ => "System.Int64",
    };
    let too_wide = || method_error("System.OverflowException", out_of_range(of));
    Ok(match name {
        "toint32" => Value::Int(i32::try_from(wrapped).map_err(|_| too_wide())?),
        "toint16" => Value::Num(Num::Short(i16::try_from(wrapped).map_err(|_| too_wide())?)),
        "tobyte" => Value::Num(Num::Byte(u8::try_from(wrapped).map_err(|_| too_wide())?)),
        "touint32" => Value::Num(Num::UInt(u32::try_from(wrapped).map_err(|_| too_wide())?)),
        _ => Value::Long(i64::try_from(wrapped).map_err(|_| too_wide())?),
    })
}
