//! Operators on bits (language specification, 7.2.6 and 7.8; `PSBinaryOperationBinder.Shift` and `BinaryBitwiseOp`).
//!
//! A shift keeps the type of its left side. The others meet in the narrowest of Int32, UInt32, Int64 and UInt64 that both
//! types fit in; numbers with a fraction are rounded, and then it is an Int64 if one is negative, else a UInt64.

use crate::parse::ast::BinaryOp;
use crate::types::bigint;
use crate::types::enumeration::{self, EnumValue};
use crate::value::{Num, R, Value, to_int, to_number, to_wide};

/// `-band`, `-bor`, `-bxor`, `-shl`, `-shr`
pub fn bits(op: BinaryOp, left: &Value, right: &Value) -> R<Value> {
    if let Some(found) =
        enumeration::bits(op, left, right).or_else(|| bigint::bits(op, left, right))
    {
        return found;
    }
    let (a, b) = (operand(left)?, operand(right)?);
    if matches!(op, BinaryOp::ShiftLeft | BinaryOp::ShiftRight) {
        return shifted(a, to_int(&b)?, op == BinaryOp::ShiftLeft);
    }
    let width = width(&a).max(width(&b));
    let (a, b) = (to_wide(&a, "System.Int64")?, to_wide(&b, "System.Int64")?);
    let n = match op {
        BinaryOp::BitAnd => a & b,
        BinaryOp::BitOr => a | b,
        _ => a ^ b,
    };
    Ok(match width {
        Width::Int => Value::Int(n as i32),
        Width::UInt => Value::Num(Num::UInt(n as u32)),
        Width::Long => Value::Long(n as i64),
        Width::Rounded if a < 0 || b < 0 => Value::Long(n as i64),
        Width::ULong | Width::Rounded => Value::Num(Num::ULong(n as u64)),
    })
}

/// `-bnot`
pub fn invert(value: &Value) -> R<Value> {
    if let Some(member) = value.downcast::<EnumValue>() {
        return Ok(EnumValue::value(&member.of, !member.n));
    }
    if let Some(found) = bigint::inverted(value) {
        return Ok(found);
    }
    Ok(match operand(value)? {
        Value::Long(n) => Value::Long(!n),
        Value::Num(Num::UInt(n)) => Value::Num(Num::UInt(!n)),
        Value::Num(Num::ULong(n)) => Value::Num(Num::ULong(!n)),
        other => Value::Int(!to_int(&other)?),
    })
}

fn operand(value: &Value) -> R<Value> {
    to_number(value).ok_or_else(|| crate::value::no_cast(value, "System.Int32"))
}

/// In which type the bits of two numbers meet.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Width {
    Int,
    UInt,
    Long,
    ULong,
    /// A number that may have a fraction.
    Rounded,
}

fn width(number: &Value) -> Width {
    match number {
        Value::Long(_) => Width::Long,
        Value::Num(Num::UInt(_)) => Width::UInt,
        Value::Num(Num::ULong(_)) => Width::ULong,
        Value::Double(_) | Value::Num(Num::Float(_) | Num::Decimal(_)) => Width::Rounded,
        _ => Width::Int,
    }
}

/// The bits that are shifted out are lost; only the low 5 (or 6) bits of `n` count.
fn shifted(number: Value, n: i32, is_left: bool) -> R<Value> {
    let n = n as u32;
    macro_rules! shift {
        ($bits:expr) => {
            if is_left {
                $bits.wrapping_shl(n)
            } else {
                $bits.wrapping_shr(n)
            }
        };
    }
    // Narrower numbers are shifted as Int32 and cut to their own width.
    Ok(match number {
        Value::Long(bits) => Value::Long(shift!(bits)),
        Value::Num(Num::Byte(bits)) => Value::Num(Num::Byte(shift!(i32::from(bits)) as u8)),
        Value::Num(Num::SByte(bits)) => Value::Num(Num::SByte(shift!(i32::from(bits)) as i8)),
        Value::Num(Num::Short(bits)) => Value::Num(Num::Short(shift!(i32::from(bits)) as i16)),
        Value::Num(Num::UShort(bits)) => Value::Num(Num::UShort(shift!(i32::from(bits)) as u16)),
        Value::Num(Num::UInt(bits)) => Value::Num(Num::UInt(shift!(bits))),
        Value::Num(Num::ULong(bits)) => Value::Num(Num::ULong(shift!(bits))),
        Value::Double(_) | Value::Num(Num::Float(_) | Num::Decimal(_)) => {
            let whole = to_wide(&number, "System.Int64")?;
            match whole < 0 {
                true => Value::Long(shift!(whole as i64)),
                false => Value::Num(Num::ULong(shift!(whole as u64))),
            }
        }
        other => Value::Int(shift!(to_int(&other)?)),
    })
}
