//! `[timespan]::ParseExact`: a duration in a form that the script gives (.NET's custom TimeSpan format strings).

use super::timespan::TimeSpan;
use crate::value::{R, Value, method_error};

const SECOND: i64 = 10_000_000;

/// The first of `formats` that the whole text has.
pub fn exact(text: &str, formats: &Value) -> R<Value> {
    let formats = formats.to_items();
    let found = formats
        .iter()
        .find_map(|format| ticks(text, &format.text()));
    found.map(TimeSpan::value).ok_or_else(|| {
        method_error(
            "System.FormatException",
            format!("String '{text}' was not recognized as a valid TimeSpan."),
        )
    })
}

fn ticks(text: &str, format: &str) -> Option<i64> {
    if matches!(format, "c" | "t" | "T" | "g" | "G") {
        return TimeSpan::parse(text);
    }
    let (mut rest, mut sum) = (text, 0i64);
    let mut format = format.chars().peekable();
    while let Some(letter) = format.next() {
        match letter {
            'd' | 'h' | 'm' | 's' | 'f' | 'F' => {
                let mut n = 1;
                while format.next_if_eq(&letter).is_some() {
                    n += 1;
                }
                let (part, after) = part(rest, letter, n)?;
                sum = sum.checked_add(part)?;
                rest = after;
            }
            '\\' => rest = rest.strip_prefix(format.next()?)?,
            '\'' | '"' => loop {
                match format.next()? {
                    end if end == letter => break,
                    c => rest = rest.strip_prefix(c)?,
                }
            },
            '%' => {}
            // .NET takes other letters and signs only behind a backslash or in quotes.
            _ => return None,
        }
    }
    rest.is_empty().then_some(sum)
}

/// The ticks of the digits that `n` times `letter` stands for, and what follows them.
fn part(text: &str, letter: char, n: usize) -> Option<(i64, &str)> {
    let (least, most) = match (letter, n) {
        ('d', 1) => (1, 8),
        ('F', _) => (0, n),
        ('f', _) => (n, n),
        (_, 1) => (1, 2),
        _ => (n, n),
    };
    let n_digits = text.bytes().take(most).take_while(u8::is_ascii_digit);
    let n_digits = n_digits.count();
    if n_digits < least {
        return None;
    }
    let (digits, after) = text.split_at(n_digits);
    let number: i64 = if digits.is_empty() {
        0
    } else {
        digits.parse().ok()?
    };
    let (unit, limit) = match letter {
        'd' => (86_400 * SECOND, 10_675_199),
        'h' => (3600 * SECOND, 23),
        'm' => (60 * SECOND, 59),
        's' => (SECOND, 59),
        _ => {
            let places = u32::try_from(7usize.checked_sub(n_digits)?).ok()?;
            return Some((number * 10i64.pow(places), after));
        }
    };
    (number <= limit).then_some((number * unit, after))
}
