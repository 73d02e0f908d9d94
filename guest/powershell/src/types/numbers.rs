//! Booleans, characters and the numeric types.

use rust_decimal::Decimal;

use super::TypeInfo;
use crate::eval::Engine;
use crate::value::{
    Num, R, Value, fail, method_error, out_of_range, to_bool, to_char, to_decimal, to_double,
    to_int, to_integer, to_long,
};

const fn number(
    name: &'static str,
    aliases: &'static [&'static str],
    convert: super::ConvertFn,
    call: super::CallFn,
    get: super::GetFn,
) -> TypeInfo {
    TypeInfo {
        name,
        aliases,
        bases: &["System.ValueType", "System.IComparable"],
        statics: &["Parse", "TryParse", "MaxValue", "MinValue"],
        convert: Some(convert),
        create: None,
        call: Some(call),
        get: Some(get),
    }
}

macro_rules! integer {
    ($info:ident, $name:literal, $aliases:expr, $type:ty, $wrap:expr) => {
        pub const $info: TypeInfo = number(
            $name,
            $aliases,
            |value| to_integer::<$type>(value, $name).map($wrap),
            |_, name, args| {
                parse_call(name, args, $name, |text| {
                    text.trim().parse::<$type>().ok().map($wrap)
                })
            },
            |name| match name {
                "maxvalue" => Some($wrap(<$type>::MAX)),
                "minvalue" => Some($wrap(<$type>::MIN)),
                _ => None,
            },
        );
    };
}

integer!(BYTE, "System.Byte", &["byte"], u8, |n| Value::Num(
    Num::Byte(n)
));
integer!(SBYTE, "System.SByte", &["sbyte"], i8, |n| Value::Num(
    Num::SByte(n)
));
integer!(INT16, "System.Int16", &["short", "int16"], i16, |n| {
    Value::Num(Num::Short(n))
});
integer!(UINT16, "System.UInt16", &["ushort", "uint16"], u16, |n| {
    Value::Num(Num::UShort(n))
});
integer!(INT32, "System.Int32", &["int", "int32"], i32, Value::Int);
integer!(UINT32, "System.UInt32", &["uint", "uint32"], u32, |n| {
    Value::Num(Num::UInt(n))
});
integer!(INT64, "System.Int64", &["long", "int64"], i64, Value::Long);
integer!(UINT64, "System.UInt64", &["ulong", "uint64"], u64, |n| {
    Value::Num(Num::ULong(n))
});

pub const SINGLE: TypeInfo = number(
    "System.Single",
    &["float", "single"],
    |value| to_double(value).map(|n| Value::Num(Num::Float(n as f32))),
    |_, name, args| {
        parse_call(name, args, "System.Single", |text| {
            text.trim()
                .parse::<f32>()
                .ok()
                .map(|n| Value::Num(Num::Float(n)))
        })
    },
    |name| match name {
        "maxvalue" => Some(Value::Num(Num::Float(f32::MAX))),
        "minvalue" => Some(Value::Num(Num::Float(f32::MIN))),
        _ => None,
    },
);
pub const DOUBLE: TypeInfo = number(
    "System.Double",
    &["double"],
    |value| to_double(value).map(Value::Double),
    |_, name, args| match (name, args) {
        ("isnan", [n]) => Some(to_double(n).map(|n| Value::Bool(n.is_nan()))),
        ("isinfinity", [n]) => Some(to_double(n).map(|n| Value::Bool(n.is_infinite()))),
        _ => parse_call(name, args, "System.Double", |text| {
            text.trim()
                .replace(',', "")
                .parse::<f64>()
                .ok()
                .map(Value::Double)
        }),
    },
    |name| match name {
        "maxvalue" => Some(Value::Double(f64::MAX)),
        "minvalue" => Some(Value::Double(f64::MIN)),
        "nan" => Some(Value::Double(f64::NAN)),
        "positiveinfinity" => Some(Value::Double(f64::INFINITY)),
        "negativeinfinity" => Some(Value::Double(f64::NEG_INFINITY)),
        "epsilon" => Some(Value::Double(5e-324)),
        _ => None,
    },
);
pub const DECIMAL: TypeInfo = number(
    "System.Decimal",
    &["decimal"],
    |value| to_decimal(value).map(|n| Value::Num(Num::Decimal(n))),
    |_, name, args| match (name, args) {
        ("round" | "floor" | "ceiling" | "truncate" | "abs", _) => None,
        _ => parse_call(name, args, "System.Decimal", |text| {
            text.trim()
                .replace(',', "")
                .parse::<Decimal>()
                .ok()
                .map(|n| Value::Num(Num::Decimal(n)))
        }),
    },
    |name| match name {
        "maxvalue" => Some(Value::Num(Num::Decimal(Decimal::MAX))),
        "minvalue" => Some(Value::Num(Num::Decimal(Decimal::MIN))),
        _ => None,
    },
);

pub const BOOLEAN: TypeInfo = TypeInfo {
    name: "System.Boolean",
    aliases: &["bool", "boolean"],
    bases: &["System.ValueType"],
    statics: &["Parse", "TryParse", "TrueString", "FalseString"],
    convert: Some(bool_of),
    create: None,
    call: Some(|_, name, args| {
        parse_call(name, args, "System.Boolean", |text| {
            match text.trim().to_ascii_lowercase().as_str() {
                "true" => Some(Value::Bool(true)),
                "false" => Some(Value::Bool(false)),
                _ => None,
            }
        })
    }),
    get: Some(|name| match name {
        "truestring" => Some(Value::from("True")),
        "falsestring" => Some(Value::from("False")),
        _ => None,
    }),
};

pub const CHAR: TypeInfo = TypeInfo {
    name: "System.Char",
    aliases: &["char"],
    bases: &["System.ValueType", "System.IComparable"],
    statics: &[
        "IsDigit",
        "IsLetter",
        "IsLetterOrDigit",
        "IsUpper",
        "IsLower",
        "IsWhiteSpace",
        "IsPunctuation",
        "IsNumber",
        "ToUpper",
        "ToLower",
        "ToString",
        "Parse",
        "MaxValue",
        "MinValue",
    ],
    convert: Some(|value| to_char(value).map(Value::Char)),
    create: None,
    call: Some(char_call),
    get: Some(|name| match name {
        "maxvalue" => Some(Value::Char('\u{ffff}')),
        "minvalue" => Some(Value::Char('\0')),
        _ => None,
    }),
};

fn bool_of(value: &Value) -> R<Value> {
    Ok(Value::Bool(to_bool(value)))
}

fn char_call(_: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    let c = match args {
        [one] => match to_char(one) {
            Ok(c) => c,
            Err(ctl) => return Some(Err(ctl)),
        },
        [text, at] => match to_int(at) {
            Ok(at) => text.text().chars().nth(at as usize)?,
            Err(ctl) => return Some(Err(ctl)),
        },
        _ => return None,
    };
    Some(Ok(match name {
        "isdigit" => Value::Bool(c.is_ascii_digit()),
        "isnumber" => Value::Bool(c.is_numeric()),
        "isletter" => Value::Bool(c.is_alphabetic()),
        "isletterordigit" => Value::Bool(c.is_alphanumeric()),
        "isupper" => Value::Bool(c.is_uppercase()),
        "islower" => Value::Bool(c.is_lowercase()),
        "iswhitespace" => Value::Bool(c.is_whitespace()),
        "ispunctuation" => Value::Bool(
            c.is_ascii_punctuation()
                && !matches!(c, '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~'),
        ),
        "toupper" | "toupperinvariant" => Value::Char(c.to_uppercase().next().unwrap_or(c)),
        "tolower" | "tolowerinvariant" => Value::Char(c.to_lowercase().next().unwrap_or(c)),
        "tostring" => Value::from(c.to_string()),
        "parse" => Value::Char(c),
        _ => return None,
    }))
}

/// `Parse` and `TryParse`, whose second argument is a reference.
fn parse_call(
    name: &str,
    args: &[Value],
    of: &str,
    parse: impl Fn(&str) -> Option<Value>,
) -> Option<R<Value>> {
    match (name, args) {
        ("parse", [text] | [text, _] | [text, _, _]) => {
            Some(parse(&text.text()).ok_or_else(|| {
                if is_number(of) && super::convert_class::is_whole(&text.text()) {
                    return method_error("System.OverflowException", out_of_range(of));
                }
                method_error(
                    "System.FormatException",
                    match of {
                        "System.Boolean" => format!(
                            "String '{}' was not recognized as a valid Boolean.",
                            text.text()
                        ),
                        _ => format!(
                            "The input string '{}' was not in a correct format.",
                            text.text()
                        ),
                    },
                )
            }))
        }
        ("tryparse", [text, rest @ .., reference]) if rest.len() <= 2 => {
            let found = parse(&text.text());
            let default = if of == "System.Boolean" {
                Value::Bool(false)
            } else {
                Value::Int(0)
            };
            Some(
                set_reference(reference, found.clone().unwrap_or(default))
                    .map(|()| Value::Bool(found.is_some())),
            )
        }
        _ => None,
    }
}

/// Sets what `[ref]$variable` refers to.
pub fn set_reference(reference: &Value, value: Value) -> R<()> {
    match reference.downcast::<super::record::Reference>() {
        Some(found) => {
            found.assign(value);
            Ok(())
        }
        None => Err(fail(
            "System.Management.Automation.MethodException",
            "NonRefArgumentToRefParameterMsg",
            "Argument should be a System.Management.Automation.PSReference. Use [ref].",
        )),
    }
}

pub fn is_number(name: &str) -> bool {
    const NAMES: [&str; 11] = [
        "System.Byte",
        "System.SByte",
        "System.Int16",
        "System.UInt16",
        "System.Int32",
        "System.UInt32",
        "System.Int64",
        "System.UInt64",
        "System.Single",
        "System.Double",
        "System.Decimal",
    ];
    NAMES.contains(&name)
}

/// Methods of numbers, characters and booleans.
pub fn call(value: &Value, name: &str, args: &[Value]) -> Option<R<Value>> {
    Some(match (name, args) {
        ("tostring", []) => Ok(Value::from(value.text())),
        ("tostring", [format, ..]) if value.is_number() => {
            crate::format::number::format_number(value, &format.text()).map(Value::from)
        }
        ("tostring", [_]) => Ok(Value::from(value.text())),
        ("equals", [other]) => Ok(Value::Bool(
            value.type_name() == other.type_name() && crate::value::equal(value, other, true),
        )),
        ("compareto", [other]) => Ok(Value::Int(
            match crate::value::compare(value, other, true) {
                Some(std::cmp::Ordering::Less) => -1,
                Some(std::cmp::Ordering::Greater) => 1,
                _ => 0,
            },
        )),
        ("gethashcode", []) => to_long(value).map(|n| Value::Int(n as i32)),
        ("gettypecode", []) => Ok(Value::from(value.type_name().trim_start_matches("System."))),
        _ => return None,
    })
}
