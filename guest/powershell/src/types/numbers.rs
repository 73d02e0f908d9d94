//! Booleans and the numeric types.

use rust_decimal::Decimal;

use super::TypeInfo;
use super::number_style::Style;
use crate::eval::Engine;
use crate::value::{
    Ctl, Num, R, Value, fail, method_error, out_of_range, to_bool, to_decimal, to_double,
    to_integer, to_long,
};

const OF_INTEGERS: &[&str] = &[
    "Parse",
    "TryParse",
    "MaxValue",
    "MinValue",
    "Abs",
    "Clamp",
    "DivRem",
    "Max",
    "Min",
    "Sign",
    "IsEvenInteger",
    "IsOddInteger",
    "IsNegative",
    "IsPositive",
    "IsPow2",
];
const OF_REALS: &[&str] = &[
    "Parse",
    "TryParse",
    "MaxValue",
    "MinValue",
    "NaN",
    "PositiveInfinity",
    "NegativeInfinity",
    "Epsilon",
    "IsNaN",
    "IsInfinity",
    "IsFinite",
    "IsPositiveInfinity",
    "IsNegativeInfinity",
    "IsNegative",
    "IsInteger",
];

const fn number(
    name: &'static str,
    aliases: &'static [&'static str],
    convert: super::ConvertFn,
    statics: &'static [&'static str],
    call: super::CallFn,
    get: super::GetFn,
) -> TypeInfo {
    TypeInfo {
        name,
        aliases,
        bases: &["System.ValueType", "System.IComparable"],
        statics,
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
            OF_INTEGERS,
            |engine, name, args| {
                let convert = |n: &Value| to_integer::<$type>(n, $name).map($wrap);
                parse_call(name, args, $name, $wrap(0), |text, style| {
                    let digits = style.integer(text)?;
                    let (radix, digits) = match digits.strip_prefix("0x") {
                        Some(digits) => (16, digits),
                        None => (10, &*digits),
                    };
                    // Hexadecimal digits are the bits, the highest of which may be the sign's.
                    match radix {
                        16 => u64::from_str_radix(digits, 16)
                            .ok()
                            .filter(|bits| *bits <= u64::MAX >> (64 - <$type>::BITS))
                            .map(|bits| $wrap(bits as $type)),
                        _ => digits.parse::<$type>().ok().map($wrap),
                    }
                })
                .or_else(|| integer_call(engine, name, args, convert))
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
    OF_REALS,
    |_, name, args| {
        let zero = Value::Num(Num::Float(0.0));
        parse_call(name, args, "System.Single", zero, |text, style| {
            let n = style.real(text)?;
            Some(Value::Num(Num::Float(n as f32)))
        })
        .or_else(|| real_call(name, args))
    },
    |name| match name {
        "maxvalue" => Some(Value::Num(Num::Float(f32::MAX))),
        "minvalue" => Some(Value::Num(Num::Float(f32::MIN))),
        "nan" => Some(Value::Num(Num::Float(f32::NAN))),
        "positiveinfinity" => Some(Value::Num(Num::Float(f32::INFINITY))),
        "negativeinfinity" => Some(Value::Num(Num::Float(f32::NEG_INFINITY))),
        "epsilon" => Some(Value::Num(Num::Float(1e-45))),
        _ => None,
    },
);
pub const DOUBLE: TypeInfo = number(
    "System.Double",
    &["double"],
    |value| to_double(value).map(Value::Double),
    OF_REALS,
    |_, name, args| {
        let zero = Value::Double(0.0);
        parse_call(name, args, "System.Double", zero, |text, style| {
            style.real(text).map(Value::Double)
        })
        .or_else(|| real_call(name, args))
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
    super::decimal_class::STATICS,
    |engine, name, args| {
        let zero = Value::Num(Num::Decimal(Decimal::ZERO));
        parse_call(name, args, "System.Decimal", zero, |text, style| {
            let digits = style.decimal(text)?;
            let n = digits.parse::<Decimal>().ok()?;
            Some(Value::Num(Num::Decimal(n)))
        })
        .or_else(|| super::decimal_class::call(engine, name, args))
    },
    |name| match name {
        "maxvalue" => Some(Value::Num(Num::Decimal(Decimal::MAX))),
        "minvalue" => Some(Value::Num(Num::Decimal(Decimal::MIN))),
        "zero" => Some(Value::Num(Num::Decimal(Decimal::ZERO))),
        "one" => Some(Value::Num(Num::Decimal(Decimal::ONE))),
        "minusone" => Some(Value::Num(Num::Decimal(Decimal::NEGATIVE_ONE))),
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
        parse_call(
            name,
            args,
            "System.Boolean",
            Value::Bool(false),
            |text, _| match text.trim().to_ascii_lowercase().as_str() {
                "true" => Some(Value::Bool(true)),
                "false" => Some(Value::Bool(false)),
                _ => None,
            },
        )
    }),
    get: Some(|name| match name {
        "truestring" => Some(Value::from("True")),
        "falsestring" => Some(Value::from("False")),
        _ => None,
    }),
};

fn bool_of(value: &Value) -> R<Value> {
    Ok(Value::Bool(to_bool(value)))
}

/// `Parse` and `TryParse`, whose last argument is a reference; between may stand styles and a culture.
fn parse_call(
    name: &str,
    args: &[Value],
    of: &str,
    default: Value,
    parse: impl Fn(&str, Style) -> Option<Value>,
) -> Option<R<Value>> {
    match (name, args) {
        ("parse", [text, rest @ ..]) if rest.len() <= 2 => Some((|| {
            let style = Style::among(rest)?;
            let text = text.text();
            parse(&text, style).ok_or_else(|| not_parsed(&text, of))
        })()),
        ("tryparse", [text, rest @ .., reference]) if rest.len() <= 2 => Some((|| {
            let found = parse(&text.text(), Style::among(rest)?);
            let is_found = found.is_some();
            set_reference(reference, found.unwrap_or(default))?;
            Ok(Value::Bool(is_found))
        })()),
        _ => None,
    }
}

fn not_parsed(text: &str, of: &str) -> Ctl {
    if is_number(of) && super::convert_class::is_whole(text) {
        return method_error("System.OverflowException", out_of_range(of));
    }
    let message = match of {
        "System.Boolean" => format!("String '{text}' was not recognized as a valid Boolean."),
        _ => format!("The input string '{text}' was not in a correct format."),
    };
    method_error("System.FormatException", message)
}

/// What integers have besides parsing (`INumber<T>`, `IBinaryInteger<T>`).
fn integer_call(
    engine: &mut Engine,
    name: &str,
    args: &[Value],
    convert: impl Fn(&Value) -> R<Value>,
) -> Option<R<Value>> {
    let is_shared = matches!(name, "abs" | "clamp" | "divrem" | "max" | "min" | "sign");
    if is_shared {
        let args: R<Vec<Value>> = args.iter().map(convert).collect();
        return match args {
            Ok(args) => (super::math::INFO.call?)(engine, name, &args),
            Err(ctl) => Some(Err(ctl)),
        };
    }
    let [n] = args else { return None };
    let verdict: fn(i128) -> bool = match name {
        "iseveninteger" => |n| n % 2 == 0,
        "isoddinteger" => |n| n % 2 != 0,
        "isnegative" => |n| n < 0,
        "ispositive" => |n| n >= 0,
        "ispow2" => |n| n > 0 && n & (n - 1) == 0,
        _ => return None,
    };
    Some(convert(n).and_then(|n| {
        let n = to_integer::<i128>(&n, "System.Int64")?;
        Ok(Value::Bool(verdict(n)))
    }))
}

fn real_call(name: &str, args: &[Value]) -> Option<R<Value>> {
    let [n] = args else { return None };
    let verdict: fn(f64) -> bool = match name {
        "isnan" => f64::is_nan,
        "isinfinity" => f64::is_infinite,
        "isfinite" => f64::is_finite,
        "ispositiveinfinity" => |n| n == f64::INFINITY,
        "isnegativeinfinity" => |n| n == f64::NEG_INFINITY,
        "isnegative" => f64::is_sign_negative,
        "isinteger" => |n| n.is_finite() && n.fract() == 0.0,
        _ => return None,
    };
    Some(to_double(n).map(|n| Value::Bool(verdict(n))))
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
