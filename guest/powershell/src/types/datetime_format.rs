//! Dates as text: standard and custom format strings, in English.

use super::datetime::{DateTime, Kind};
use super::timespan::TICKS_PER_SECOND;
use crate::value::{R, method_error};

pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

pub fn format(time: &DateTime, format: &str) -> R<String> {
    if time.offset.is_some() && matches!(format, "u" | "r" | "R") {
        // These forms say that they are in UTC.
        return self::format(&time.in_utc(), format);
    }
    let custom_format = match format {
        "" => return Ok(custom(time, "MM/dd/yyyy HH:mm:ss")),
        "d" => "MM/dd/yyyy",
        "D" => "dddd, dd MMMM yyyy",
        "f" => "dddd, dd MMMM yyyy HH:mm",
        "F" => "dddd, dd MMMM yyyy HH:mm:ss",
        "g" => "MM/dd/yyyy HH:mm",
        "G" => "MM/dd/yyyy HH:mm:ss",
        "m" | "M" => "MMMM dd",
        "o" | "O" => "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK",
        "r" | "R" => "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
        "s" => "yyyy'-'MM'-'dd'T'HH':'mm':'ss",
        "t" => "HH:mm",
        "T" => "HH:mm:ss",
        "u" => "yyyy'-'MM'-'dd HH':'mm':'ss'Z'",
        "U" => "dddd, dd MMMM yyyy HH:mm:ss",
        "y" | "Y" => "yyyy MMMM",
        one if one.chars().count() == 1 => {
            return Err(method_error(
                "System.FormatException",
                "Input string was not in a correct format.",
            ));
        }
        other => other,
    };
    Ok(custom(time, custom_format))
}

pub fn custom(time: &DateTime, format: &str) -> String {
    let chars: Vec<char> = format.chars().collect();
    let mut text = String::new();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        match c {
            '\\' => {
                text.extend(chars.get(at + 1));
                at += 2;
            }
            '\'' | '"' => {
                let end = chars[at + 1..]
                    .iter()
                    .position(|other| *other == c)
                    .map_or(chars.len(), |end| at + 1 + end);
                text.extend(&chars[at + 1..end]);
                at = end + 1;
            }
            '%' => at += 1,
            _ => {
                let n = chars[at..].iter().take_while(|other| **other == c).count();
                part(time, c, n, &mut text);
                at += n;
            }
        }
    }
    text
}

/// How far from UTC, as `+02:00`.
pub fn zone(offset: i64) -> String {
    let minutes = offset.abs() / (60 * TICKS_PER_SECOND);
    let sign = if offset < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

fn part(time: &DateTime, c: char, n: usize, text: &mut String) {
    let (year, month, day) = time.date();
    let (hour, minute, second, below) = time.clock();
    let padded = |value: i64| {
        if n >= 2 {
            format!("{value:02}")
        } else {
            value.to_string()
        }
    };
    let named = |names: &[&str], at: i64| {
        let name = names[at as usize];
        if n >= 4 {
            name.to_owned()
        } else {
            name[..3].to_owned()
        }
    };
    match c {
        'y' => match n {
            1 => text.push_str(&(year % 100).to_string()),
            2 => text.push_str(&format!("{:02}", year % 100)),
            _ => text.push_str(&format!("{year:0n$}")),
        },
        'M' if n >= 3 => text.push_str(&named(&MONTHS, month - 1)),
        'M' => text.push_str(&padded(month)),
        'd' if n >= 3 => text.push_str(&named(&DAYS, time.day_of_week())),
        'd' => text.push_str(&padded(day)),
        'H' => text.push_str(&padded(hour)),
        'h' => text.push_str(&padded(if hour % 12 == 0 { 12 } else { hour % 12 })),
        'm' => text.push_str(&padded(minute)),
        's' => text.push_str(&padded(second)),
        'f' => text.push_str(&format!("{below:07}")[..n.min(7)]),
        'F' => {
            let digits = format!("{below:07}")[..n.min(7)]
                .trim_end_matches('0')
                .to_owned();
            if digits.is_empty() && text.ends_with('.') {
                text.pop();
            }
            text.push_str(&digits);
        }
        't' => text.push_str(&(if hour < 12 { "AM" } else { "PM" })[..n.min(2)]),
        'K' => match (time.kind, time.offset) {
            (_, Some(offset)) => text.push_str(&zone(offset)),
            (Kind::Utc, _) => text.push('Z'),
            (Kind::Local, _) => text.push_str(&zone(0)),
            (Kind::Unspecified, _) => {}
        },
        'z' => {
            let whole = zone(time.offset.unwrap_or(0));
            match (n, whole.as_bytes()[1]) {
                (1, b'0') => text.extend([&whole[..1], &whole[2..3]]),
                (1 | 2, _) => text.push_str(&whole[..3]),
                _ => text.push_str(&whole),
            }
        }
        'g' => text.push_str("A.D."),
        _ => text.extend(std::iter::repeat_n(c, n)),
    }
}
