//! `NumberStyles`: what may stand around the digits that `Parse` and `TryParse` take.
//!
//! The culture is invariant: `,` between thousands, `.` before decimals, `¤` for money.

use super::enumeration::{self, EnumValue};
use crate::value::{R, Value};

const STYLES: &str = "System.Globalization.NumberStyles";

const WHITE: i64 = 3;
const SIGN: i64 = 4;
const SIGN_BEHIND: i64 = 8;
const PARENTHESES: i64 = 16;
const POINT: i64 = 32;
const THOUSANDS: i64 = 64;
const EXPONENT: i64 = 128;
const CURRENCY: i64 = 256;
const HEXADECIMAL: i64 = 512;

/// The styles of a call, or what the type does without.
#[derive(Clone, Copy)]
pub struct Style(Option<i64>);

impl Style {
    /// The styles among the arguments; the others are a culture.
    pub fn among(args: &[Value]) -> R<Self> {
        for arg in args {
            let is_style =
                matches!(arg, Value::Str(_) | Value::Int(_)) || arg.type_name() == STYLES;
            if let (true, Some(of)) = (is_style, enumeration::builtin(STYLES)) {
                let style = EnumValue::convert(&of, arg)?;
                return Ok(Self(style.downcast::<EnumValue>().map(|style| style.n)));
            }
        }
        Ok(Self(None))
    }

    /// The digits of an integer, with `0x` before them if they are hexadecimal.
    pub fn integer(self, text: &str) -> Option<String> {
        let allowed = self.0.unwrap_or(WHITE | SIGN);
        if allowed & HEXADECIMAL != 0 {
            let digits = around(text, allowed);
            let is_hex = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
            return is_hex.then(|| format!("0x{digits}"));
        }
        let number = plain(text, allowed)?;
        // `12.0` is a whole number where a point may stand.
        match number.split_once('.') {
            Some((whole, rest)) if rest.bytes().all(|b| b == b'0') => Some(whole.to_owned()),
            Some(_) => None,
            None if number.contains('e') => None,
            None => Some(number),
        }
    }

    pub fn real(self, text: &str) -> Option<f64> {
        let allowed = self
            .0
            .unwrap_or(WHITE | SIGN | POINT | THOUSANDS | EXPONENT);
        let named = around(text, allowed);
        let is_named = |name: &str| named.eq_ignore_ascii_case(name);
        match () {
            () if is_named("nan") => Some(f64::NAN),
            () if is_named("infinity") || is_named("∞") => Some(f64::INFINITY),
            () if is_named("-infinity") || is_named("-∞") => Some(f64::NEG_INFINITY),
            () => plain(text, allowed)?.parse().ok(),
        }
    }

    pub fn decimal(self, text: &str) -> Option<String> {
        let allowed = self
            .0
            .unwrap_or(WHITE | SIGN | SIGN_BEHIND | POINT | THOUSANDS);
        plain(text, allowed).filter(|number| !number.contains('e'))
    }
}

/// The text without white space around it, if that may be there.
fn around(text: &str, allowed: i64) -> &str {
    match allowed & WHITE {
        WHITE => text.trim(),
        1 => text.trim_start(),
        2 => text.trim_end(),
        _ => text,
    }
}

/// The number without its sign and what else may stand around it; whether it is negative.
fn unsigned(text: &str, allowed: i64) -> (bool, &str) {
    let inner = text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'));
    if let (Some(inner), true) = (inner, allowed & PARENTHESES != 0) {
        return (true, inner);
    }
    if let (Some(rest), true) = (text.strip_prefix(['-', '+']), allowed & SIGN != 0) {
        return (text.starts_with('-'), rest);
    }
    if let (Some(rest), true) = (text.strip_suffix(['-', '+']), allowed & SIGN_BEHIND != 0) {
        return (text.ends_with('-'), rest);
    }
    (false, text)
}

/// The number as Rust writes it; `None` if something stands there that may not.
fn plain(text: &str, allowed: i64) -> Option<String> {
    let mut made = String::with_capacity(text.len());
    let (is_negative, rest) = unsigned(around(text, allowed), allowed);
    if is_negative {
        made.push('-');
    }
    let (mut has_digits, mut has_point) = (false, false);
    for (at, c) in rest.char_indices() {
        match c {
            '¤' if allowed & CURRENCY != 0 && !has_digits => {}
            '0'..='9' => {
                has_digits = true;
                made.push(c);
            }
            '.' if allowed & POINT != 0 && !has_point => {
                has_point = true;
                made.push(c);
            }
            ',' if allowed & THOUSANDS != 0 && has_digits && !has_point => {}
            'e' | 'E' if allowed & EXPONENT != 0 && has_digits => {
                let exponent = &rest[at + 1..];
                let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
                let is_whole = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
                return is_whole.then(|| format!("{made}e{exponent}"));
            }
            _ => return None,
        }
    }
    has_digits.then_some(made)
}
