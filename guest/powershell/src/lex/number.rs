//! Numeric literals: decimal, hexadecimal, binary, real, with type suffixes and multipliers (specification 2.3.5.1).

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

use crate::types::bigint;
use crate::value::{Num, Value};

/// Parses `text` as one literal, all of it; `None` if it isn't one.
pub fn parse(text: &str) -> Option<Value> {
    let (is_negative, body) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if !body.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let (body, multiplier) = split_multiplier(body);
    let lower = body.to_ascii_lowercase();
    if let Some(digits) = lower.strip_prefix("0x") {
        return radix(digits, 16, multiplier, is_negative);
    }
    if let Some(digits) = lower.strip_prefix("0b") {
        return radix(digits, 2, multiplier, is_negative);
    }
    decimal(&lower, multiplier, is_negative)
}

/// The length in bytes of the literal that `text` begins with, 0 if none: digits, point, exponent, suffixes.
pub fn length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let is_radix = bytes.len() > 2 && bytes[0] == b'0' && matches!(bytes[1] | 32, b'x' | b'b');
    let mut at = if is_radix {
        2 + bytes[2..]
            .iter()
            .take_while(|byte| byte.is_ascii_hexdigit())
            .count()
    } else {
        let mut at = digits(0);
        // `1..5` is a range, `1.5` and `1.` are numbers, `1.ToString()` is a member.
        let is_point = bytes.get(at) == Some(&b'.')
            && bytes.get(at + 1) != Some(&b'.')
            && !bytes
                .get(at + 1)
                .is_some_and(|b| b.is_ascii_alphabetic() && !matches!(b | 32, b'e' | b'd' | b'l'));
        if is_point {
            at = digits(at + 1);
        }
        if bytes.get(at).is_some_and(|b| b | 32 == b'e') {
            let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            if bytes.get(at + 1 + sign).is_some_and(u8::is_ascii_digit) {
                at = digits(at + 1 + sign);
            }
        }
        at
    };
    while bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
        at += 1;
    }
    at
}

fn split_multiplier(body: &str) -> (&str, i64) {
    const UNITS: [(&str, u32); 5] = [("kb", 10), ("mb", 20), ("gb", 30), ("tb", 40), ("pb", 50)];
    if body.len() > 2 && body.is_char_boundary(body.len() - 2) {
        let (head, tail) = body.split_at(body.len() - 2);
        // In `0x1kb` the `b` can't be a hexadecimal digit: `k` is none.
        if let Some((_, shift)) = UNITS
            .iter()
            .find(|(unit, _)| tail.eq_ignore_ascii_case(unit))
        {
            return (head, 1 << shift);
        }
    }
    (body, 1)
}

/// Splits `12ul` in digits and suffix.
fn split_suffix(text: &str, is_hex: bool) -> (&str, &str) {
    for suffix in ["uy", "us", "ul", "u", "y", "s", "l", "n", "d"] {
        if is_hex && suffix == "d" {
            continue;
        }
        if let Some(head) = text.strip_suffix(suffix) {
            return (head, suffix);
        }
    }
    (text, "")
}

fn radix(digits: &str, base: u32, multiplier: i64, is_negative: bool) -> Option<Value> {
    let (digits, suffix) = split_suffix(digits, base == 16);
    if suffix == "n" {
        let n = bigint::literal(digits, base)?;
        let n = match sign_bits(digits, base, suffix) {
            Some(bits) if bigint::literal(digits, base)?.bits() == bits as u64 => {
                n - (bigint::literal("1", 10)? << bits)
            }
            _ => n,
        };
        let n = n * multiplier;
        return Some(bigint::value(if is_negative { -n } else { n }));
    }
    let magnitude = u128::from_str_radix(digits, base).ok()?;
    if n_bits(digits, base) > 96 {
        return None;
    }
    let signed = match sign_bits(digits, base, suffix) {
        Some(bits) if magnitude >> (bits - 1) == 1 => i128::try_from(magnitude).ok()? - (1 << bits),
        _ => i128::try_from(magnitude).ok()?,
    };
    let signed = if is_negative { -signed } else { signed };
    let n = signed.checked_mul(i128::from(multiplier))?;
    // As many digits as a long has make one: `0xFFFFFFFFFFFFFFFF`.
    let is_long = suffix.is_empty() && n_bits(digits, base) == 64;
    integer(n, if is_long { "l" } else { suffix })
}

fn n_bits(digits: &str, base: u32) -> usize {
    digits.len() * if base == 16 { 4 } else { 1 }
}

/// Two's complement of how many bits: `0xFFFFFFFF` and `0b11111111` are -1 (Tokenizer.TryGetNumberValue, Utils.ParseBinary).
fn sign_bits(digits: &str, base: u32, suffix: &str) -> Option<usize> {
    let bits = n_bits(digits, base);
    let is_signed = match (base, suffix) {
        (_, "u" | "uy" | "us" | "ul") => false,
        (2, _) => matches!(bits, 8 | 16 | 32 | 64 | 96),
        (_, "y") => bits == 8,
        (_, "s") => bits == 16,
        (_, "l") => bits == 64,
        _ => matches!(bits, 32 | 64),
    };
    is_signed.then_some(bits)
}

fn decimal(lower: &str, multiplier: i64, is_negative: bool) -> Option<Value> {
    let (digits, suffix) = split_suffix(lower, false);
    if digits.is_empty() || digits == "." {
        return None;
    }
    if suffix == "n" && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return unbounded(digits, multiplier, is_negative);
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) && suffix != "d" {
        let wide = digits
            .parse::<i128>()
            .ok()
            .and_then(|n| n.checked_mul(i128::from(multiplier)));
        if let Some(n) = wide {
            return integer(if is_negative { -n } else { n }, suffix);
        }
    }
    let is_real = digits
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'+' | b'-'));
    if !is_real {
        return None;
    }
    if suffix == "d" {
        let n = digits
            .parse::<Decimal>()
            .or_else(|_| Decimal::from_scientific(digits))
            .ok()?;
        // A zero keeps its digits only where nothing is done to it.
        let n = match multiplier {
            1 => n,
            _ => n.checked_mul(Decimal::from_i64(multiplier)?)?,
        };
        return Some(Value::Num(Num::Decimal(if is_negative { -n } else { n })));
    }
    let n = digits.parse::<f64>().ok()? * multiplier as f64;
    let n = if is_negative { -n } else { n };
    if suffix.is_empty() {
        return Some(Value::Double(n));
    }
    integer(n.round_ties_even() as i128, suffix)
}

/// `123n`: a `[bigint]`.
fn unbounded(digits: &str, multiplier: i64, is_negative: bool) -> Option<Value> {
    let n = bigint::literal(digits, 10)? * multiplier;
    Some(bigint::value(if is_negative { -n } else { n }))
}

/// The first of Int32, Int64, Decimal, Double that holds `n`; with a suffix, exactly its type.
fn integer(n: i128, suffix: &str) -> Option<Value> {
    Some(match suffix {
        "" => match (i32::try_from(n), i64::try_from(n)) {
            (Ok(small), _) => Value::Int(small),
            (_, Ok(wide)) => Value::Long(wide),
            _ => match Decimal::from_i128(n) {
                Some(exact) => Value::Num(Num::Decimal(exact)),
                None => Value::Double(n as f64),
            },
        },
        "l" => Value::Long(i64::try_from(n).ok()?),
        "y" => Value::Num(Num::SByte(i8::try_from(n).ok()?)),
        "uy" => Value::Num(Num::Byte(u8::try_from(n).ok()?)),
        "s" => Value::Num(Num::Short(i16::try_from(n).ok()?)),
        "us" => Value::Num(Num::UShort(u16::try_from(n).ok()?)),
        "u" => match u32::try_from(n) {
            Ok(small) => Value::Num(Num::UInt(small)),
            Err(_) => Value::Num(Num::ULong(u64::try_from(n).ok()?)),
        },
        "ul" => Value::Num(Num::ULong(u64::try_from(n).ok()?)),
        "n" => bigint::value(n.into()),
        "d" => Value::Num(Num::Decimal(Decimal::from_i128(n)?)),
        _ => return None,
    })
}
