//! Enums: the script's own and those of .NET that scripts name.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::rc::Rc;

use super::enums::BUILTIN;
use super::{TypeInfo, TypeRef, resolve};
use crate::net_any;
use crate::parse::ast::BinaryOp;
use crate::value::{Ctl, Net, R, Value, fail, to_bool, to_long, to_number};

pub struct EnumType {
    pub name: String,
    pub members: Vec<(String, i64)>,
    pub is_flags: bool,
    /// The full name of the integer type that it is made of.
    pub underlying: String,
}

impl EnumType {
    /// The members in the order of their values, which .NET names them in: without a sign.
    pub fn sorted(&self) -> Vec<&(String, i64)> {
        let mut members: Vec<_> = self.members.iter().collect();
        members.sort_by_key(|(_, n)| *n as u64);
        members
    }

    fn underlying(&self) -> R<&'static TypeInfo> {
        let refused = || crate::value::refuse(format!("[{}] is not supported.", self.underlying));
        resolve::known(&self.underlying).ok_or_else(refused)
    }
}

thread_local! {
    static MADE: RefCell<Vec<Rc<EnumType>>> = const { RefCell::new(Vec::new()) };
}

/// A .NET enum by its full name or the name without `System.`.
pub fn builtin(name: &str) -> Option<Rc<EnumType>> {
    let (full, is_flags, members) = BUILTIN.iter().find(|(full, ..)| {
        full.eq_ignore_ascii_case(name)
            || full
                .strip_prefix("System.")
                .is_some_and(|short| short.eq_ignore_ascii_case(name))
    })?;
    if let Some(found) = MADE.with_borrow(|made| made.iter().find(|of| of.name == *full).cloned()) {
        return Some(found);
    }
    let mut next = 0;
    let members = members
        .split(' ')
        .map(|part| {
            let (name, n) = match part.split_once('=') {
                Some((name, n)) => (name, n.parse().unwrap_or(next)),
                None => (part, next),
            };
            next = n + 1;
            (name.to_owned(), n)
        })
        .collect();
    let of = Rc::new(EnumType {
        name: (*full).to_owned(),
        members,
        is_flags: *is_flags,
        underlying: "System.Int32".to_owned(),
    });
    MADE.with_borrow_mut(|made| made.push(Rc::clone(&of)));
    Some(of)
}

/// The integer types that an enum's values can be of, with their bounds.
const INTEGERS: [(&str, i128, i128); 8] = [
    ("System.Byte", 0, u8::MAX as i128),
    ("System.SByte", i8::MIN as i128, i8::MAX as i128),
    ("System.Int16", i16::MIN as i128, i16::MAX as i128),
    ("System.UInt16", 0, u16::MAX as i128),
    ("System.Int32", i32::MIN as i128, i32::MAX as i128),
    ("System.UInt32", 0, u32::MAX as i128),
    ("System.Int64", i64::MIN as i128, i64::MAX as i128),
    ("System.UInt64", 0, u64::MAX as i128),
];

/// Whether an enum can be made of the type's values.
pub fn is_integer(of: &TypeRef) -> bool {
    let name = of.full_name();
    INTEGERS.iter().any(|(own, ..)| *own == name)
}

/// The least and the greatest value of the integer type.
pub fn bounds(underlying: &str) -> (i128, i128) {
    let found = INTEGERS.iter().find(|(own, ..)| *own == underlying);
    found.map_or((i64::MIN.into(), i64::MAX.into()), |(_, low, high)| {
        (*low, *high)
    })
}

pub struct EnumValue {
    pub of: Rc<EnumType>,
    pub n: i64,
}

impl EnumValue {
    pub fn value(of: &Rc<EnumType>, n: i64) -> Value {
        Value::net(Self {
            of: Rc::clone(of),
            n,
        })
    }

    /// A member of a .NET enum.
    pub fn builtin(name: &str, n: i64) -> Value {
        builtin(name).map_or(Value::Int(n as i32), |of| Self::value(&of, n))
    }

    /// A value of the enum, or the number of one, be it a member or not.
    fn any(of: &Rc<EnumType>, value: &Value) -> R<Self> {
        let n = match value.downcast::<Self>() {
            Some(own) => own.n,
            None => to_long(value)?,
        };
        let of = Rc::clone(of);
        Ok(Self { of, n })
    }

    /// As `ToString` and `[Enum]::Format` have it (Enumeration format strings).
    fn format(&self, format: &str) -> R<String> {
        let n_digits = match self.of.underlying.as_str() {
            "System.Byte" | "System.SByte" => 2,
            "System.Int16" | "System.UInt16" => 4,
            "System.Int64" | "System.UInt64" => 16,
            _ => 8,
        };
        match format.to_ascii_lowercase().as_str() {
            "" | "g" => Ok(self.text()),
            "f" => {
                let of = EnumType {
                    name: self.of.name.clone(),
                    members: self.of.members.clone(),
                    is_flags: true,
                    underlying: self.of.underlying.clone(),
                };
                let flags = Self {
                    of: Rc::new(of),
                    n: self.n,
                };
                Ok(flags.text())
            }
            "d" => Ok(self.n.to_string()),
            "x" => {
                let digits = format!("{:016X}", self.n);
                Ok(digits[digits.len() - n_digits..].to_owned())
            }
            _ => Err(crate::value::method_error(
                "System.FormatException",
                "Format string can be only \"G\", \"g\", \"X\", \"x\", \"F\", \"f\", \"D\" or \"d\".",
            )),
        }
    }

    /// A member by its name.
    pub fn parse(of: &Rc<EnumType>, name: &str) -> Option<Value> {
        let found = of
            .members
            .iter()
            .find(|(seen, _)| seen.eq_ignore_ascii_case(name.trim()));
        found.map(|(_, n)| Self::value(of, *n))
    }

    /// A member by its name or the beginning of it, if no other begins so.
    fn parse_short(of: &Rc<EnumType>, name: &str) -> Option<Value> {
        let lower = name.trim().to_ascii_lowercase();
        let mut starting = of
            .members
            .iter()
            .filter(|(seen, _)| seen.to_ascii_lowercase().starts_with(&lower));
        match (starting.next(), starting.next()) {
            (Some((_, n)), None) if !lower.is_empty() => Some(Self::value(of, *n)),
            _ => None,
        }
    }

    /// The values that a text names, with commas between them, as one.
    fn combined(of: &Rc<EnumType>, text: &str) -> R<Value> {
        let mut n = 0;
        for part in text.split(',') {
            match Self::parse(of, part)
                .or_else(|| Self::parse_short(of, part))
                .as_ref()
                .and_then(|found| found.downcast::<Self>())
                .map(|found| found.n)
            {
                Some(member) => n |= member,
                None => match part.trim().parse::<i64>() {
                    Ok(number) => n |= number,
                    Err(_) => return Err(unknown(of, text)),
                },
            }
        }
        Ok(Self::value(of, n))
    }

    pub fn convert(of: &Rc<EnumType>, value: &Value) -> R<Value> {
        if let Some(own) = value.downcast::<Self>()
            && own.of.name == of.name
        {
            return Ok(value.clone());
        }
        if let Value::Str(text) = value {
            if text.contains(',') && !of.is_flags {
                return Err(fail(
                    "System.Management.Automation.PSInvalidCastException",
                    "MoreThanOneValueInNonFlagsEnum",
                    format!(
                        "Cannot convert value \"{text}\" to type \"{}\": it isn't a set of flags, so only one of its values is valid.",
                        of.name
                    ),
                ));
            }
            return Self::combined(of, text);
        }
        if value.is_null() {
            return Err(crate::value::no_cast(value, &of.name));
        }
        if let Value::Array(_) = value {
            let names: Vec<String> = value.to_items().iter().map(Value::text).collect();
            return Self::convert(of, &Value::from(names.join(",")));
        }
        let n = to_long(value)?;
        let is_member = of.is_flags || of.members.iter().any(|(_, member)| *member == n);
        if !is_member {
            return Err(fail(
                "System.Management.Automation.PSInvalidCastException",
                "InvalidCast",
                format!(
                    "Cannot convert value \"{n}\" to type \"{}\" due to enumeration values that are not valid. \
                     Specify one of the following enumeration values and try again. \
                     The possible enumeration values are \"{}\".",
                    of.name,
                    of.members
                        .iter()
                        .map(|(name, _)| name.as_str())
                        .collect::<Vec<_>>()
                        .join(",")
                ),
            ));
        }
        Ok(Self::value(of, n))
    }
}

/// The member of a .NET enum that a method's argument names: by value, by name or by an unambiguous beginning.
pub fn argument(of: &str, value: &Value) -> R<String> {
    match builtin(of) {
        Some(of) => EnumValue::convert(&of, value).map(|member| member.text()),
        None => Ok(value.text()),
    }
}

/// `Enum.Parse`: by the whole name, as it is written unless case is to be ignored.
fn parse_exact(of: &Rc<EnumType>, text: &str, folds: bool) -> R<Value> {
    let mut n = 0;
    for part in text.split(',').map(str::trim) {
        let is_it = |name: &str| name == part || folds && name.eq_ignore_ascii_case(part);
        let found = of.members.iter().find(|(name, _)| is_it(name));
        n |= match (found, part.parse::<i64>()) {
            (Some((_, member)), _) => *member,
            (None, Ok(number)) => number,
            (None, Err(_)) => {
                return Err(crate::value::method_error(
                    "System.ArgumentException",
                    format!("Requested value '{part}' was not found."),
                ));
            }
        };
    }
    Ok(EnumValue::value(of, n))
}

fn ambiguous(of: &EnumType, text: &str, names: &[&str]) -> Ctl {
    fail(
        "System.Management.Automation.PSInvalidCastException",
        "InvalidCastFromStringToEnumeration",
        format!(
            "Cannot convert value \"{text}\" to type \"{}\". Error: \"The identifier name {text} cannot be processed because it is either too similar or identical to the following enumerator names: {}. Use a more specific identifier name.\"",
            of.name,
            names.join(", ")
        ),
    )
}

fn unknown(of: &EnumType, text: &str) -> Ctl {
    let lower = text.trim().to_ascii_lowercase();
    let similar = of.members.iter().map(|(name, _)| name.as_str());
    let similar: Vec<&str> = similar
        .filter(|name| name.to_ascii_lowercase().starts_with(&lower))
        .collect();
    if similar.len() > 1 && !lower.is_empty() {
        return ambiguous(of, text, &similar);
    }
    let names: Vec<&str> = of.members.iter().map(|(name, _)| name.as_str()).collect();
    fail(
        "System.Management.Automation.PSInvalidCastException",
        "InvalidCastFromStringToEnumeration",
        format!(
            "Cannot convert value \"{text}\" to type \"{}\". Error: \"Unable to match the identifier name {text} to a valid enumerator name. Specify one of the following enumerator names and try again:\n{}\"",
            of.name,
            names.join(", ")
        ),
    )
}

impl Net for EnumValue {
    net_any!();

    fn type_name(&self) -> &str {
        &self.of.name
    }

    fn bases(&self) -> Vec<String> {
        vec!["System.Enum".into(), "System.ValueType".into()]
    }

    fn text(&self) -> String {
        if let Some((name, _)) = self.of.members.iter().find(|(_, n)| *n == self.n) {
            return name.clone();
        }
        if !self.of.is_flags || self.n == 0 {
            return self.n.to_string();
        }
        // From the greatest on, what a member covers is done with (`Enum.FormatFlagNames`).
        let mut left = self.n;
        let mut names = Vec::new();
        for (name, n) in self.of.sorted().into_iter().rev() {
            if *n != 0 && left & n == *n {
                left -= n;
                names.push(name.as_str());
            }
        }
        if left != 0 {
            return self.n.to_string();
        }
        names.reverse();
        names.join(", ")
    }

    fn get(&self, name: &str) -> Option<Value> {
        (name == "value__").then(|| i32::try_from(self.n).map_or(Value::Long(self.n), Value::Int))
    }

    fn call(
        self: Rc<Self>,
        _: &mut crate::eval::Engine,
        name: &str,
        args: &[Value],
    ) -> Option<R<Value>> {
        match (name, args) {
            ("hasflag", [flag]) => Some(Self::convert(&self.of, flag).map(|flag| {
                let n = flag.downcast::<Self>().map_or(0, |flag| flag.n);
                Value::Bool(self.n & n == n)
            })),
            ("compareto", [other]) => {
                Some(to_long(other).map(|n| Value::Int(self.n.cmp(&n) as i32)))
            }
            ("tostring", [format]) => Some(self.format(&format.text()).map(Value::from)),
            _ => None,
        }
    }

    fn equal(&self, other: &Value) -> Option<bool> {
        match other {
            Value::Net(_) => other
                .downcast::<Self>()
                .map(|other| other.of.name == self.of.name && other.n == self.n),
            Value::Str(_) => {
                Some(Self::convert(&self.of, other).ok()?.downcast::<Self>()?.n == self.n)
            }
            other if other.is_number() => Some(to_long(other).is_ok_and(|n| n == self.n)),
            Value::Bool(claim) => Some(to_bool(&Value::Long(self.n)) == *claim),
            _ => Some(false),
        }
    }

    fn compare(&self, other: &Value) -> Option<Ordering> {
        let other = match other {
            Value::Str(_) => Self::convert(&self.of, other).ok()?,
            other => other.clone(),
        };
        Some(self.n.cmp(&to_long(&to_number(&other)?).ok()?))
    }

    fn hash_key(&self) -> Option<String> {
        Some(format!("{}:{}", self.of.name, self.n))
    }
}

/// `[Enum]::GetNames` and the like come through the type itself: `[Color]::GetNames()` isn't .NET, but `[Enum]` is
/// resolved to the type given as the first argument.
pub fn static_call(of: &Rc<EnumType>, name: &str, args: &[Value]) -> Option<R<Value>> {
    Some(match (name, args) {
        // `[Color]::IsDefined([Color], 1)` is the same as through `[Enum]`.
        (_, [Value::Type(TypeRef::Enum(own)), rest @ ..]) => return static_call(own, name, rest),
        ("getnames", []) => Ok(Value::strings(
            of.sorted().into_iter().map(|(name, _)| name),
        )),
        ("getunderlyingtype", []) => of
            .underlying()
            .map(|info| Value::Type(TypeRef::Known(info))),
        ("getvalues", []) => {
            let members = of.sorted().into_iter();
            let values: Vec<Value> = members.map(|(_, n)| EnumValue::value(of, *n)).collect();
            Ok(Value::from(values))
        }
        ("getvaluesasunderlyingtype", []) => of.underlying().and_then(|info| {
            let Some(convert) = info.convert else {
                return Ok(Value::Null);
            };
            let members = of.sorted().into_iter();
            let values: R<Vec<Value>> = members.map(|(_, n)| convert(&Value::Long(*n))).collect();
            values.map(Value::from)
        }),
        ("format", [value, format]) => EnumValue::any(of, value)
            .and_then(|value| value.format(&format.text()))
            .map(Value::from),
        ("parse", [text, rest @ ..]) => {
            parse_exact(of, &text.text(), rest.first().is_some_and(to_bool))
        }
        ("isdefined", [Value::Str(name)]) => Ok(Value::Bool(
            of.members.iter().any(|(member, _)| **member == **name),
        )),
        ("isdefined", [value]) => {
            to_long(value).map(|n| Value::Bool(of.members.iter().any(|(_, member)| *member == n)))
        }
        ("getname", [value]) => EnumValue::any(of, value).map(|value| {
            let mut members = of.sorted().into_iter();
            members
                .find(|(_, n)| *n == value.n)
                .map_or(Value::Null, |(name, _)| Value::from(name.as_str()))
        }),
        _ => return None,
    })
}

/// `-bor` and the like of two values of one enum stay in it.
pub fn bits(op: BinaryOp, left: &Value, right: &Value) -> Option<R<Value>> {
    let own = left
        .downcast::<EnumValue>()
        .or_else(|| right.downcast::<EnumValue>())?;
    let of = Rc::clone(&own.of);
    let side = |value: &Value| {
        EnumValue::convert(&of, value)
            .ok()
            .and_then(|value| value.downcast::<EnumValue>().map(|value| value.n))
    };
    let (a, b) = (side(left)?, side(right)?);
    let n = match op {
        BinaryOp::BitAnd => a & b,
        BinaryOp::BitOr => a | b,
        BinaryOp::BitXor => a ^ b,
        _ => return None,
    };
    Some(Ok(EnumValue::value(&of, n)))
}
