//! Members of the plain values: what every object has, and the way to each type's own.

use super::enumerator::Enumerator;
use super::{hash_methods, list_methods, numbers, string};
use crate::eval::Engine;
use crate::value::{R, Value, to_bool};

/// Data without methods of its own: calling one that doesn't exist is the script's error, not our limit.
pub fn is_plain_data(value: &Value) -> bool {
    matches!(
        value,
        Value::Str(_)
            | Value::Bool(_)
            | Value::Char(_)
            | Value::Int(_)
            | Value::Long(_)
            | Value::Double(_)
            | Value::Num(_)
            | Value::Array(_)
            | Value::Hash(_)
    )
}

/// A property of a plain value.
pub fn plain_get(value: &Value, lower: &str) -> Option<Value> {
    let own = match value {
        Value::Str(text) => match lower {
            "length" => Some(Value::from(string::length(text))),
            _ => None,
        },
        Value::Array(array) => match lower {
            "length" | "count" => Some(Value::from(array.items.borrow().len())),
            "longlength" => Some(Value::Long(array.items.borrow().len() as i64)),
            "rank" => Some(Value::from(array.rank())),
            "isfixedsize" => Some(Value::Bool(true)),
            "isreadonly" => Some(Value::Bool(false)),
            _ => None,
        },
        Value::List(list) => match lower {
            "min" | "max" => super::set_methods::property(list, lower),
            "count" => Some(Value::from(list.items.borrow().len())),
            "isreadonly" | "isfixedsize" | "issynchronized" => Some(Value::Bool(false)),
            "capacity" => Some(Value::from(list.items.borrow().len().next_power_of_two())),
            _ => None,
        },
        Value::Type(of) => match lower {
            "name" => Some(Value::from(of.name())),
            "fullname" => Some(Value::from(of.full_name())),
            "namespace" => {
                let full = of.full_name();
                Some(Value::from(
                    full.rsplit_once('.').map_or("", |(space, _)| space),
                ))
            }
            "isarray" => Some(Value::Bool(matches!(
                of,
                super::TypeRef::Array(_) | super::TypeRef::Grid(..)
            ))),
            "isenum" => Some(Value::Bool(matches!(of, super::TypeRef::Enum(_)))),
            "basetype" => Some(of.base().map_or(Value::Null, Value::Type)),
            "isvaluetype" => Some(Value::Bool(
                of.is_value() || matches!(of, super::TypeRef::Enum(_)),
            )),
            "ispublic" => Some(Value::Bool(true)),
            "isserializable" => Some(Value::Bool(of.is_serializable())),
            _ => None,
        },
        Value::Script(script) => match lower {
            "ast" => None,
            "file" => Some(Value::from(script.body.source.path.as_str())),
            _ => None,
        },
        _ => None,
    };
    own.or_else(|| match (value, lower) {
        (_, "psobject") => super::psobject::members_of(value),
        (Value::Null | Value::Nothing, "pstypenames") => None,
        (_, "pstypenames") => Some(super::psobject::type_names(value)),
        (_, "psbase") if !value.is_null() => Some(super::psbase::of(value)),
        (Value::Hash(_) | Value::Array(_) | Value::List(_) | Value::Null | Value::Nothing, _) => {
            None
        }
        // An enumerator has neither: its items are asked.
        (Value::Net(_), "count" | "length") if value.downcast::<Enumerator>().is_some() => None,
        (Value::Net(object), _) if object.is_enumerated() => match lower {
            "count" | "length" => object.items().map(|items| Value::from(items.len())),
            _ => None,
        },
        _ => None,
    })
}

/// A method of a plain value, or one that every object has.
pub fn plain_call(
    engine: &mut Engine,
    value: &Value,
    lower: &str,
    args: &[Value],
) -> Option<R<Value>> {
    let own = match value {
        Value::Str(text) => string::call(engine, text, lower, args),
        Value::Bool(_)
        | Value::Char(_)
        | Value::Int(_)
        | Value::Long(_)
        | Value::Double(_)
        | Value::Num(_) => numbers::call(value, lower, args),
        Value::Array(_) | Value::List(_) => list_methods::call(engine, value, lower, args),
        Value::Hash(hash) => hash_methods::call(engine, hash, lower, args),
        Value::Type(of) => type_call(of, lower, args),
        _ => None,
    };
    if own.is_some() {
        return own;
    }
    match (lower, args) {
        ("gettype", []) => Some(engine.type_of(value).map(Value::Type)),
        ("tostring", []) => Some(match value {
            Value::Object(object) if !object.is_custom() => engine.text(value).map(Value::from),
            _ => Ok(Value::from(value.method_text())),
        }),
        ("equals", [other]) => Some(match engine.class_equal(value, other) {
            Ok(Some(claim)) => Ok(Value::Bool(claim)),
            Ok(None) => Ok(Value::Bool(crate::value::equal(value, other, true))),
            Err(ctl) => Err(ctl),
        }),
        ("gethashcode", []) => Some(Ok(Value::Int(hash_code(value)))),
        ("compareto", [other]) => {
            crate::value::compare(value, other, true).map(|order| Ok(Value::Int(order as i32)))
        }
        ("dispose" | "close", []) if matches!(value, Value::Net(_)) => None,
        _ => super::intrinsic::call(engine, value, lower, args),
    }
}

fn hash_code(value: &Value) -> i32 {
    value.text().bytes().fold(5381i32, |hash, byte| {
        hash.wrapping_mul(33) ^ i32::from(byte)
    })
}

fn type_call(of: &super::TypeRef, lower: &str, args: &[Value]) -> Option<R<Value>> {
    match (lower, args) {
        ("tostring", []) => Some(Ok(Value::from(of.full_name()))),
        ("getelementtype", []) => Some(Ok(match of {
            super::TypeRef::Array(of) => Value::Type((**of).clone()),
            _ => Value::Null,
        })),
        ("isassignablefrom", [Value::Type(other)]) => {
            Some(Ok(Value::Bool(other.is_or_derives(&of.full_name()))))
        }
        ("issubclassof", [Value::Type(other)]) => Some(Ok(Value::Bool(
            of != other && of.is_or_derives(&other.full_name()),
        ))),
        ("isenumdefined", _) => of_enum(of, "isdefined", args),
        // `[Color].GetEnumNames()` is `[Enum]::GetNames([Color])`, and so on.
        (name, _) => {
            let name = name.strip_prefix("getenum")?;
            of_enum(of, &format!("get{name}"), args)
        }
    }
}

fn of_enum(of: &super::TypeRef, name: &str, args: &[Value]) -> Option<R<Value>> {
    match of {
        super::TypeRef::Enum(of) => super::enumeration::static_call(of, name, args),
        _ => None,
    }
}

impl Engine {
    /// `.GetType()`
    pub fn type_of(&mut self, value: &Value) -> R<super::TypeRef> {
        match value {
            Value::Object(object) => {
                if let Some(class) = &object.class {
                    return Ok(super::TypeRef::Class(std::rc::Rc::clone(class)));
                }
                if object.is_custom() {
                    return Ok(super::TypeRef::named("pscustomobject"));
                }
                Ok(super::TypeRef::Output(object.type_name().into()))
            }
            Value::Array(array) => {
                let of = array.of.clone();
                let of = of.unwrap_or_else(|| super::TypeRef::named("object"));
                let of = std::rc::Rc::new(of);
                Ok(match array.rank() {
                    1 => super::TypeRef::Array(of),
                    rank => super::TypeRef::Grid(of, rank),
                })
            }
            Value::List(list) => Ok(super::collections::type_of_list(list)),
            Value::Hash(hash) => Ok(super::collections::type_of_hash(hash)),
            Value::Net(object) => {
                if let Some(value) = value.downcast::<super::enumeration::EnumValue>() {
                    return Ok(super::TypeRef::Enum(std::rc::Rc::clone(&value.of)));
                }
                let name = object.type_name().to_owned();
                match super::exception::known(&name) {
                    Some(found) => Ok(super::TypeRef::Exception(found)),
                    None => self
                        .type_by_name(&name)
                        .or_else(|_| Ok(super::TypeRef::Output(name.into()))),
                }
            }
            Value::Type(_) => Ok(super::TypeRef::named("type")),
            other => self.type_by_name(&other.type_name()),
        }
    }

    pub fn truth(&self, value: &Value) -> bool {
        to_bool(value)
    }
}

/// Whether `value` is one that `Compare-Object -PassThru` gave `SideIndicator` in PowerShell, and can't here: plain values
/// have no property of their own. Nothing else is called so; read as missing, every item would be on neither side.
pub fn lacks_side(value: &Value, name: &str) -> bool {
    let is_plain =
        value.is_number() || matches!(value, Value::Str(_) | Value::Char(_) | Value::Bool(_));
    is_plain && name.eq_ignore_ascii_case("SideIndicator")
}
