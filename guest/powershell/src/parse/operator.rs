//! The operators spelt `-name`, and how tightly each binds.

use super::ast::{BinaryOp, Comparison};

/// Binding strength, loosest first (about_Operator_Precedence).
pub const LOGICAL: u8 = 1;
pub const BITWISE: u8 = 2;
pub const COMPARISON: u8 = 3;
pub const COALESCE: u8 = 4;
pub const ADDITIVE: u8 = 5;
pub const MULTIPLICATIVE: u8 = 6;
pub const FORMAT: u8 = 7;
pub const RANGE: u8 = 8;

/// The binary operator called `name` (without its dash) and its strength.
pub fn binary(name: &str) -> Option<(BinaryOp, u8)> {
    let lower = name.to_ascii_lowercase();
    let fixed = match lower.as_str() {
        "and" => (BinaryOp::And, LOGICAL),
        "or" => (BinaryOp::Or, LOGICAL),
        "xor" => (BinaryOp::Xor, LOGICAL),
        "band" => (BinaryOp::BitAnd, BITWISE),
        "bor" => (BinaryOp::BitOr, BITWISE),
        "bxor" => (BinaryOp::BitXor, BITWISE),
        "shl" => (BinaryOp::ShiftLeft, COMPARISON),
        "shr" => (BinaryOp::ShiftRight, COMPARISON),
        "is" => (BinaryOp::Is, COMPARISON),
        "isnot" => (BinaryOp::IsNot, COMPARISON),
        "as" => (BinaryOp::As, COMPARISON),
        "join" => (BinaryOp::Join, COMPARISON),
        "f" => (BinaryOp::Format, FORMAT),
        _ => return cased(&lower).map(|op| (op, COMPARISON)),
    };
    Some(fixed)
}

/// Operators that come as `-eq`, `-ieq` and `-ceq`.
fn cased(lower: &str) -> Option<BinaryOp> {
    if let Some(op) = cased_base(lower, false) {
        return Some(op);
    }
    // A name may be in any script, so that its first letter may be more than one byte.
    let insensitive = lower
        .strip_prefix('i')
        .and_then(|base| cased_base(base, false));
    insensitive.or_else(|| {
        lower
            .strip_prefix('c')
            .and_then(|base| cased_base(base, true))
    })
}

fn cased_base(name: &str, is_cased: bool) -> Option<BinaryOp> {
    let comparison = match name {
        "eq" => Comparison::Eq,
        "ne" => Comparison::Ne,
        "gt" => Comparison::Gt,
        "ge" => Comparison::Ge,
        "lt" => Comparison::Lt,
        "le" => Comparison::Le,
        "like" => Comparison::Like,
        "notlike" => Comparison::NotLike,
        "match" => Comparison::Match,
        "notmatch" => Comparison::NotMatch,
        "contains" => Comparison::Contains,
        "notcontains" => Comparison::NotContains,
        "in" => Comparison::In,
        "notin" => Comparison::NotIn,
        "split" => return Some(BinaryOp::Split(is_cased)),
        "replace" => return Some(BinaryOp::Replace(is_cased)),
        _ => return None,
    };
    Some(BinaryOp::Compare(comparison, is_cased))
}
