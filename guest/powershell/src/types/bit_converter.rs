//! `[BitConverter]`: numbers as bytes, the least first, as on every machine that PowerShell runs on.
//!
//! [BitConverter](https://learn.microsoft.com/dotnet/api/system.bitconverter)

use super::TypeInfo;
use super::convert_class::bytes_of;
use crate::value::{Num, R, Value, method_error, to_int};

pub const INFO: TypeInfo = TypeInfo {
    statics: &[
        "GetBytes",
        "IsLittleEndian",
        "ToBoolean",
        "ToChar",
        "ToDouble",
        "ToInt16",
        "ToInt32",
        "ToInt64",
        "ToSingle",
        "ToString",
        "ToUInt16",
        "ToUInt32",
        "ToUInt64",
    ],
    call: Some(|_, name, args| match (name, args) {
        ("getbytes", [value]) => bytes(value).map(|bytes| Ok(Value::bytes(&bytes))),
        ("tostring", [value]) => Some(bytes_of(value).map(|bytes| hex(&bytes))),
        ("tostring", [value, start]) => Some(from(value, start).map(|bytes| hex(&bytes))),
        ("tostring", [value, start, length]) => Some(from(value, start).and_then(|bytes| {
            let length = usize::try_from(to_int(length)?).ok();
            let found = length.and_then(|length| bytes.get(..length));
            found.map(hex).ok_or_else(too_short)
        })),
        (_, [value]) => number(name, value, &Value::Int(0)),
        (_, [value, start]) => number(name, value, start),
        _ => None,
    }),
    get: Some(|name| (name == "islittleendian").then_some(Value::Bool(true))),
    ..TypeInfo::named("System.BitConverter", &["bitconverter"])
};

fn hex(bytes: &[u8]) -> Value {
    let parts: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    Value::from(parts.join("-"))
}

fn bytes(value: &Value) -> Option<Vec<u8>> {
    Some(match value {
        Value::Bool(value) => vec![u8::from(*value)],
        Value::Char(c) => u16::try_from(u32::from(*c)).ok()?.to_le_bytes().to_vec(),
        Value::Int(n) => n.to_le_bytes().to_vec(),
        Value::Long(n) => n.to_le_bytes().to_vec(),
        Value::Double(n) => n.to_le_bytes().to_vec(),
        Value::Num(Num::Float(n)) => n.to_le_bytes().to_vec(),
        Value::Num(Num::Short(n)) => n.to_le_bytes().to_vec(),
        Value::Num(Num::UShort(n)) => n.to_le_bytes().to_vec(),
        Value::Num(Num::UInt(n)) => n.to_le_bytes().to_vec(),
        Value::Num(Num::ULong(n)) => n.to_le_bytes().to_vec(),
        // There is none for a byte: the next wider number takes it.
        Value::Num(Num::Byte(n)) => i16::from(*n).to_le_bytes().to_vec(),
        Value::Num(Num::SByte(n)) => i16::from(*n).to_le_bytes().to_vec(),
        _ => return None,
    })
}

fn number(name: &str, value: &Value, start: &Value) -> Option<R<Value>> {
    let read: fn(&[u8]) -> Option<Value> = match name {
        "toboolean" => |bytes| Some(Value::Bool(*bytes.first()? != 0)),
        "tochar" => |bytes| {
            let unit = u16::from_le_bytes(*bytes.first_chunk()?);
            char::from_u32(u32::from(unit)).map(Value::Char)
        },
        "toint16" => |bytes| {
            let bytes = *bytes.first_chunk()?;
            Some(Value::Num(Num::Short(i16::from_le_bytes(bytes))))
        },
        "touint16" => |bytes| {
            let bytes = *bytes.first_chunk()?;
            Some(Value::Num(Num::UShort(u16::from_le_bytes(bytes))))
        },
        "toint32" => |bytes| Some(Value::Int(i32::from_le_bytes(*bytes.first_chunk()?))),
        "touint32" => |bytes| {
            let bytes = *bytes.first_chunk()?;
            Some(Value::Num(Num::UInt(u32::from_le_bytes(bytes))))
        },
        "toint64" => |bytes| Some(Value::Long(i64::from_le_bytes(*bytes.first_chunk()?))),
        "touint64" => |bytes| {
            let bytes = *bytes.first_chunk()?;
            Some(Value::Num(Num::ULong(u64::from_le_bytes(bytes))))
        },
        "tosingle" => |bytes| {
            let bytes = *bytes.first_chunk()?;
            Some(Value::Num(Num::Float(f32::from_le_bytes(bytes))))
        },
        "todouble" => |bytes| Some(Value::Double(f64::from_le_bytes(*bytes.first_chunk()?))),
        _ => return None,
    };
    Some(from(value, start).and_then(|bytes| read(&bytes).ok_or_else(too_short)))
}

/// The bytes from a place on.
fn from(value: &Value, start: &Value) -> R<Vec<u8>> {
    let bytes = bytes_of(value)?;
    let start = usize::try_from(to_int(start)?).ok();
    match start.and_then(|start| bytes.get(start..)) {
        Some(rest) if !rest.is_empty() || bytes.is_empty() => Ok(rest.to_vec()),
        _ => Err(method_error(
            "System.ArgumentOutOfRangeException",
            "Index was out of range. Must be non-negative and less than the size of the collection. (Parameter 'startIndex')",
        )),
    }
}

fn too_short() -> crate::value::Ctl {
    method_error(
        "System.ArgumentException",
        "Destination array is not long enough to copy all the items in the collection. Check array index and length.",
    )
}
