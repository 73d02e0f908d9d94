//! Operators that a class defines: `static [Money] op_Addition([Money] $a, [Money] $b)` (`ParserOps.ImplicitOp`).
//!
//! The left side's class is asked; only where the left side is a primitive, which can't define any, the right side's is.
//! Comparison isn't here: `-eq` calls `Equals`, and the ordering operators `CompareTo`.

use super::Engine;
use crate::parse::ast::BinaryOp;
use crate::types::TypeRef;
use crate::value::{Num, R, Value};

/// The name under which .NET looks an operator up; `None` for one that no type can define.
pub fn operator_name(op: BinaryOp) -> Option<&'static str> {
    Some(match op {
        BinaryOp::Add => "op_Addition",
        BinaryOp::Subtract => "op_Subtraction",
        BinaryOp::Multiply => "op_Multiply",
        BinaryOp::Divide => "op_Division",
        BinaryOp::Modulo => "op_Modulus",
        BinaryOp::BitAnd => "op_BitwiseAnd",
        BinaryOp::BitOr => "op_BitwiseOr",
        BinaryOp::BitXor => "op_ExclusiveOr",
        BinaryOp::ShiftLeft => "op_LeftShift",
        BinaryOp::ShiftRight => "op_RightShift",
        _ => return None,
    })
}

impl Engine {
    /// What the class of an operand makes of `left op right`; `None` if no class has a say.
    pub fn overloaded(&mut self, op: BinaryOp, left: &Value, right: &Value) -> Option<R<Value>> {
        let Value::Object(object) = (if is_primitive(left) { right } else { left }) else {
            return None;
        };
        let class = TypeRef::Class(object.class.clone()?);
        let name = operator_name(op)?.to_ascii_lowercase();
        self.user_static_call(&class, &name, &[left.clone(), right.clone()])
    }
}

/// `Type.IsPrimitive`
fn is_primitive(value: &Value) -> bool {
    match value {
        Value::Bool(_) | Value::Char(_) | Value::Int(_) | Value::Long(_) | Value::Double(_) => true,
        Value::Num(number) => !matches!(number, Num::Decimal(_)),
        _ => false,
    }
}
