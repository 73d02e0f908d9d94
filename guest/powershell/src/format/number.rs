//! .NET's standard number formats, in the invariant culture (currency as in en-US); others are `custom_number`'s.

use rust_decimal::{Decimal, RoundingStrategy};

use super::custom_number::custom;
use crate::value::{Num, R, Value, method_error, to_decimal, to_double, to_wide};

pub fn format_number(value: &Value, format: &str) -> R<String> {
    let mut chars = format.chars();
    let kind = chars.next().unwrap_or('G');
    let digits = chars.as_str();
    let is_standard = kind.is_ascii_alphabetic()
        && digits.len() <= 2
        && digits.bytes().all(|b| b.is_ascii_digit());
    if !is_standard {
        return custom(value, format);
    }
    let precision: Option<usize> = digits.parse().ok();
    Ok(match kind.to_ascii_uppercase() {
        'D' => whole(value, precision.unwrap_or(0))?,
        'X' => hexadecimal(value, precision.unwrap_or(0), kind == 'X')?,
        'B' => format!(
            "{:0width$b}",
            to_wide(value, "System.Int64")? as u64,
            width = precision.unwrap_or(0)
        ),
        'N' => grouped(&fixed(value, precision.unwrap_or(2))?),
        'F' => fixed(value, precision.unwrap_or(2))?,
        'C' => {
            let text = grouped(&fixed(value, precision.unwrap_or(2))?);
            match text.strip_prefix('-') {
                Some(rest) => format!("(¤{rest})"),
                None => format!("¤{text}"),
            }
        }
        'P' => {
            let scaled = match to_decimal(value) {
                Ok(n) => Value::Num(Num::Decimal(n * Decimal::from(100))),
                Err(_) => Value::Double(to_double(value)? * 100.0),
            };
            format!("{} %", grouped(&fixed(&scaled, precision.unwrap_or(2))?))
        }
        'E' => scientific(to_double(value)?, precision.unwrap_or(6), kind),
        'G' | 'R' => match precision.filter(|n| *n > 0) {
            Some(n) => general(value, n)?,
            None => value.text(),
        },
        _ => {
            return Err(method_error(
                "System.FormatException",
                "Format specifier was invalid.",
            ));
        }
    })
}

fn whole(value: &Value, width: usize) -> R<String> {
    if matches!(
        value,
        Value::Double(_) | Value::Num(Num::Float(_) | Num::Decimal(_))
    ) {
        return Err(method_error(
            "System.FormatException",
            "Format specifier was invalid.",
        ));
    }
    let n = to_wide(value, "System.Int64")?;
    let digits = format!("{:0width$}", n.unsigned_abs());
    Ok(if n < 0 { format!("-{digits}") } else { digits })
}

fn hexadecimal(value: &Value, width: usize, is_upper: bool) -> R<String> {
    let n = match value {
        Value::Int(n) => u64::from(*n as u32),
        Value::Num(Num::SByte(n)) => u64::from(*n as u8),
        Value::Num(Num::Short(n)) => u64::from(*n as u16),
        Value::Double(_) | Value::Num(Num::Float(_) | Num::Decimal(_)) => {
            return Err(method_error(
                "System.FormatException",
                "Format specifier was invalid.",
            ));
        }
        other => to_wide(other, "System.Int64")? as u64,
    };
    Ok(if is_upper {
        format!("{n:0width$X}")
    } else {
        format!("{n:0width$x}")
    })
}

/// Fixed digits after the point, halves away from zero.
pub fn fixed(value: &Value, digits: usize) -> R<String> {
    let exact = match value {
        // What a Double is exactly, so that 2.675 stays below its half.
        Value::Double(n) if n.abs() < 1e15 => return Ok(fixed_double(*n, digits)),
        Value::Double(n) => return Ok(format!("{n:.digits$}")),
        other => to_decimal(other)?,
    };
    let rounded = exact.round_dp_with_strategy(
        digits.min(28) as u32,
        RoundingStrategy::MidpointAwayFromZero,
    );
    let text = format!("{rounded:.digits$}");
    Ok(text)
}

fn fixed_double(n: f64, digits: usize) -> String {
    if !n.is_finite() {
        return crate::value::double_text(n);
    }
    // Rust rounds exactly; a true tie goes away from zero in .NET.
    let exact = format!("{n:.60}");
    let point = exact.find('.').unwrap_or(exact.len());
    let tail = exact.get(point + 1 + digits..).unwrap_or("");
    let is_tie = tail.starts_with('5') && tail[1..].bytes().all(|b| b == b'0');
    if is_tie {
        let head = if digits == 0 {
            &exact[..point]
        } else {
            &exact[..point + 1 + digits]
        };
        away(head)
    } else {
        format!("{n:.digits$}")
    }
}

/// Adds one in the last digit.
fn away(text: &str) -> String {
    let mut digits: Vec<u8> = text.bytes().collect();
    let mut at = digits.len();
    while at > 0 {
        at -= 1;
        match digits[at] {
            b'9' => digits[at] = b'0',
            b'0'..=b'8' => {
                digits[at] += 1;
                return String::from_utf8(digits).unwrap_or_default();
            }
            _ => {}
        }
    }
    let start = usize::from(digits.first() == Some(&b'-'));
    digits.insert(start, b'1');
    String::from_utf8(digits).unwrap_or_default()
}

/// With commas between thousands.
pub fn grouped(text: &str) -> String {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (whole, fraction) = rest
        .split_once('.')
        .map_or((rest, String::new()), |(whole, fraction)| {
            (whole, format!(".{fraction}"))
        });
    let mut shown = String::new();
    for (at, c) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            shown.push(',');
        }
        shown.push(c);
    }
    format!("{sign}{shown}{fraction}")
}

fn scientific(n: f64, digits: usize, e: char) -> String {
    let text = format!("{n:.digits$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    format!(
        "{mantissa}{e}{}{:03}",
        if exponent < 0 { '-' } else { '+' },
        exponent.abs()
    )
}

fn general(value: &Value, digits: usize) -> R<String> {
    let n = to_double(value)?;
    if n == 0.0 {
        return Ok("0".to_owned());
    }
    let text = format!("{n:.*e}", digits - 1);
    let (_, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if exponent >= digits as i32 || exponent < -5 {
        let (mantissa, _) = text.split_once('e').unwrap_or((&text, "0"));
        let mantissa = if mantissa.contains('.') {
            mantissa.trim_end_matches('0').trim_end_matches('.')
        } else {
            mantissa
        };
        return Ok(format!(
            "{mantissa}E{}{:02}",
            if exponent < 0 { '-' } else { '+' },
            exponent.abs()
        ));
    }
    let places = (digits as i32 - 1 - exponent).max(0) as usize;
    let shown = format!("{n:.places$}");
    Ok(if shown.contains('.') {
        shown.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        shown
    })
}
