//! Text as dates: the forms that .NET's parser takes in the invariant culture, and exact formats.

use super::datetime::{DateTime, Kind};
use super::datetime_format::{DAYS, MONTHS};
use super::datetime_static::from_parts;
use super::timespan::TICKS_PER_SECOND;
use crate::value::Value;

/// A date in any usual form: ISO 8601, `MM/dd/yyyy`, names of months, with or without a time.
///
/// A zone is applied: what is left is local time, which is UTC.
pub fn parse(text: &str) -> Option<Value> {
    let (ticks, zone, kind) = read(text)?;
    Some(DateTime::value(ticks - zone.unwrap_or(0), kind))
}

/// The same as a `DateTimeOffset`, which keeps its zone.
pub fn parse_offset(text: &str) -> Option<Value> {
    let (ticks, zone, _) = read(text)?;
    Some(DateTime::with_offset(ticks, zone.unwrap_or(0)))
}

/// The ticks as they are written, those of the zone, and the kind of date that they make.
fn read(text: &str) -> Option<(i64, Option<i64>, Kind)> {
    let text = text.trim();
    let (date, clock) = split(text);
    let parts = match date {
        "" => None,
        date => Some(parse_date(date)?),
    };
    let (clock, below, zone) = match clock {
        "" => ((0, 0, 0), 0, None),
        clock => parse_clock(clock)?,
    };
    let (date, kind) = match parts {
        Some(parts) => (
            parts,
            if zone.is_some() {
                Kind::Local
            } else {
                Kind::Unspecified
            },
        ),
        None => {
            let now = DateTime::now();
            (now.downcast::<DateTime>()?.date(), Kind::Unspecified)
        }
    };
    let value = from_parts(date, clock, below, kind)?;
    let ticks = value.downcast::<DateTime>()?.ticks;
    Some((
        ticks,
        zone.map(|minutes| minutes * 60 * TICKS_PER_SECOND),
        kind,
    ))
}

/// Before and after the space or `T` between date and time.
fn split(text: &str) -> (&str, &str) {
    let Some(colon) = text.find(':') else {
        return (text.trim_end_matches('Z'), "");
    };
    match text[..colon].rfind([' ', 'T']) {
        Some(at) => (text[..at].trim(), text[at + 1..].trim()),
        None => ("", text),
    }
}

fn parse_date(text: &str) -> Option<(i64, i64, i64)> {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '/' | '-' | '.'))
        .filter(|word| !word.is_empty())
        .collect();
    let words: Vec<&str> = words
        .into_iter()
        .filter(|word| {
            !DAYS.iter().any(|day| {
                word.len() >= 3
                    && day
                        .to_ascii_lowercase()
                        .starts_with(&word.to_ascii_lowercase())
            })
        })
        .collect();
    let month_of = |word: &str| {
        let lower = word.to_ascii_lowercase();
        (lower.len() >= 3)
            .then(|| {
                MONTHS
                    .iter()
                    .position(|month| month.to_ascii_lowercase().starts_with(&lower))
            })
            .flatten()
            .map(|at| at as i64 + 1)
    };
    let number = |word: &str| word.parse::<i64>().ok();
    let year_of = |n: i64, digits: usize| {
        if digits <= 2 {
            if n < 50 { 2000 + n } else { 1900 + n }
        } else {
            n
        }
    };
    match words.as_slice() {
        [a, b, c] => {
            if let Some(month) = month_of(a) {
                return Some((year_of(number(c)?, c.len()), month, number(b)?));
            }
            if let Some(month) = month_of(b) {
                if a.len() == 4 {
                    return Some((number(a)?, month, number(c)?));
                }
                return Some((year_of(number(c)?, c.len()), month, number(a)?));
            }
            if a.len() == 4 {
                return Some((number(a)?, number(b)?, number(c)?));
            }
            Some((year_of(number(c)?, c.len()), number(a)?, number(b)?))
        }
        [a, b] => {
            let this_year = {
                let now = DateTime::now();
                now.downcast::<DateTime>()?.date().0
            };
            match (month_of(a), month_of(b)) {
                (Some(month), _) if b.len() == 4 => Some((number(b)?, month, 1)),
                (Some(month), _) => Some((this_year, month, number(b)?)),
                (_, Some(month)) if a.len() == 4 => Some((number(a)?, month, 1)),
                (_, Some(month)) => Some((this_year, month, number(a)?)),
                _ if a.len() == 4 => Some((number(a)?, number(b)?, 1)),
                _ => Some((this_year, number(a)?, number(b)?)),
            }
        }
        _ => None,
    }
}

type Clock = ((i64, i64, i64), i64, Option<i64>);

fn parse_clock(text: &str) -> Option<Clock> {
    let (mut text, mut zone) = (text.trim(), None);
    if let Some(rest) = text.strip_suffix(['Z', 'z']) {
        text = rest;
        zone = Some(0);
    } else if let Some(rest) = text.strip_suffix("GMT") {
        text = rest.trim_end();
        zone = Some(0);
    } else if let Some(at) = text.rfind(['+', '-']) {
        zone = Some(parse_zone(&text[at..])?);
        text = text[..at].trim_end();
    }
    let lower = text.to_ascii_lowercase();
    let (body, half) = if let Some(rest) = lower.strip_suffix("pm") {
        (rest.trim_end().to_owned(), Some(12))
    } else if let Some(rest) = lower.strip_suffix("am") {
        (rest.trim_end().to_owned(), Some(0))
    } else {
        (lower, None)
    };
    let parts: Vec<&str> = body.split(':').collect();
    let mut hour: i64 = parts.first()?.parse().ok()?;
    if let Some(offset) = half {
        hour = hour % 12 + offset;
    }
    let minute: i64 = parts.get(1)?.parse().ok()?;
    let (second, below) = match parts.get(2) {
        None => (0, 0),
        Some(second) => {
            let (whole, fraction) = second.split_once('.').unwrap_or((second, ""));
            let fraction: String = fraction.chars().take(7).collect();
            let below = if fraction.is_empty() {
                0
            } else {
                format!("{fraction:0<7}").parse().ok()?
            };
            (whole.parse().ok()?, below)
        }
    };
    if parts.len() > 3 {
        return None;
    }
    Some(((hour, minute, second), below, zone))
}

/// Minutes east of UTC.
fn parse_zone(text: &str) -> Option<i64> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.parse::<i64>().ok()?, 0),
        4 => (digits[..2].parse().ok()?, digits[2..].parse().ok()?),
        _ => return None,
    };
    Some(sign * (hours * 60 + minutes))
}

/// `ParseExact`
pub fn parse_exact(text: &str, format: &str) -> Option<Value> {
    let format = match format {
        "o" | "O" => "yyyy-MM-ddTHH:mm:ss.fffffffK",
        "s" => "yyyy-MM-ddTHH:mm:ss",
        "d" => "MM/dd/yyyy",
        "u" => "yyyy-MM-dd HH:mm:ssZ",
        other => other,
    };
    let chars: Vec<char> = format.chars().collect();
    let mut rest = text;
    let (mut date, mut clock, mut below, mut half, mut zone) =
        ((1, 1, 1), (0, 0, 0), 0, None, None);
    let mut has_date = false;
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        let n = chars[at..].iter().take_while(|other| **other == c).count();
        let mut digits = |low: usize, high: usize| -> Option<i64> {
            let found = rest
                .bytes()
                .take(high)
                .take_while(u8::is_ascii_digit)
                .count();
            if found < low {
                return None;
            }
            let number = rest[..found].parse().ok();
            rest = &rest[found..];
            number
        };
        let two = |n: usize| if n >= 2 { (2, 2) } else { (1, 2) };
        match c {
            'y' => {
                let year = digits(n.min(4), n.max(2))?;
                date.0 = if n <= 2 {
                    if year < 50 { 2000 + year } else { 1900 + year }
                } else {
                    year
                };
                has_date = true;
            }
            'M' if n >= 3 => {
                let (index, length) = MONTHS.iter().enumerate().find_map(|(index, month)| {
                    let name = if n == 3 { &month[..3] } else { month };
                    rest.get(..name.len())
                        .filter(|head| head.eq_ignore_ascii_case(name))
                        .map(|_| (index, name.len()))
                })?;
                date.1 = index as i64 + 1;
                rest = &rest[length..];
                has_date = true;
            }
            'd' if n >= 3 => {
                let length = DAYS.iter().find_map(|day| {
                    let name = if n == 3 { &day[..3] } else { day };
                    rest.get(..name.len())
                        .filter(|head| head.eq_ignore_ascii_case(name))
                        .map(|_| name.len())
                })?;
                rest = &rest[length..];
            }
            'M' => {
                date.1 = digits(two(n).0, two(n).1)?;
                has_date = true;
            }
            'd' => {
                date.2 = digits(two(n).0, two(n).1)?;
                has_date = true;
            }
            'H' | 'h' => clock.0 = digits(two(n).0, two(n).1)?,
            'm' => clock.1 = digits(two(n).0, two(n).1)?,
            's' => clock.2 = digits(two(n).0, two(n).1)?,
            'f' | 'F' => {
                let found = rest.bytes().take(n).take_while(u8::is_ascii_digit).count();
                if c == 'f' && found < n {
                    return None;
                }
                below = if found == 0 {
                    0
                } else {
                    format!("{:0<7}", &rest[..found]).parse().ok()?
                };
                rest = &rest[found..];
            }
            't' => {
                let lower = rest.to_ascii_lowercase();
                half = Some(if lower.starts_with('p') { 12 } else { 0 });
                rest = rest.get(n.min(2)..)?;
            }
            'K' | 'z' => {
                if let Some(after) = rest.strip_prefix('Z') {
                    zone = Some(0);
                    rest = after;
                } else if rest.starts_with(['+', '-']) {
                    let length = rest[1..]
                        .bytes()
                        .take_while(|b| b.is_ascii_digit() || *b == b':')
                        .count()
                        + 1;
                    zone = Some(parse_zone(&rest[..length])?);
                    rest = &rest[length..];
                }
            }
            '\'' | '"' => {
                let end = chars[at + 1..].iter().position(|other| *other == c)? + at + 1;
                let literal: String = chars[at + 1..end].iter().collect();
                rest = rest.strip_prefix(literal.as_str())?;
                at = end + 1;
                continue;
            }
            '\\' => {
                rest = rest.strip_prefix(*chars.get(at + 1)?)?;
                at += 2;
                continue;
            }
            _ => {
                for _ in 0..n {
                    rest = rest.strip_prefix(c)?;
                }
            }
        }
        at += n;
    }
    if !rest.is_empty() {
        return None;
    }
    if let Some(offset) = half {
        clock.0 = clock.0 % 12 + offset;
    }
    if !has_date {
        let now = DateTime::now();
        date = now.downcast::<DateTime>()?.date();
    }
    let kind = if zone.is_some() {
        Kind::Local
    } else {
        Kind::Unspecified
    };
    let value = from_parts(date, clock, below, kind)?;
    let ticks = value.downcast::<DateTime>()?.ticks;
    Some(DateTime::value(
        ticks - zone.unwrap_or(0) * 60 * TICKS_PER_SECOND,
        kind,
    ))
}

/// Where the first word stands that is no name of a month or day and no mark of time.
pub fn unknown_word(text: &str) -> Option<usize> {
    const KNOWN: [&str; 25] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon",
        "tue", "wed", "thu", "fri", "sat", "sun", "am", "pm", "t", "z", "gmt", "ad",
    ];
    let mut at = 0;
    for word in text.split(|c: char| !c.is_alphabetic()) {
        let lower = word.to_lowercase();
        let is_known = KNOWN
            .iter()
            .any(|known| lower == *known || known.len() == 3 && lower.starts_with(known));
        if !word.is_empty() && !is_known {
            return Some(text[..at].encode_utf16().count());
        }
        at += word.len()
            + text[at + word.len()..]
                .chars()
                .next()
                .map_or(0, char::len_utf8);
    }
    None
}
