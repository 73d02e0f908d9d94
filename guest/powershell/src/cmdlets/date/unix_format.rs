//! `-UFormat` of `Get-Date`: dates as `date +FORMAT` writes them, by PowerShell's table of its letters.

use crate::types::calendar::days_of;
use crate::types::datetime::DateTime;
use crate::types::datetime_format::custom;
use crate::value::{R, refuse};

/// The date as the format has it; a letter that isn't in the table is refused.
pub fn unix_format(time: &DateTime, format: &str) -> R<String> {
    let mut text = String::new();
    let mut chars = format.strip_prefix('+').unwrap_or(format).chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        let letter = chars.next().unwrap_or(' ');
        match net(letter) {
            Some(net) => text.push_str(&custom(time, net)),
            None => text.push_str(&counted(time, letter)?),
        }
    }
    Ok(text)
}

/// What .NET's formats can say.
fn net(letter: char) -> Option<&'static str> {
    Some(match letter {
        'A' => "dddd",
        'B' => "MMMM",
        'D' | 'x' => "MM/dd/yy",
        'F' => "yyyy-MM-dd",
        'H' => "HH",
        'I' => "hh",
        'M' => "mm",
        'R' => "HH:mm",
        'S' => "ss",
        'T' | 'X' => "HH:mm:ss",
        'Y' => "yyyy",
        'Z' => "zz",
        'a' => "ddd",
        'b' | 'h' => "MMM",
        'c' => "ddd dd MMM yyyy HH:mm:ss",
        'd' => "dd",
        'm' => "MM",
        'p' => "tt",
        'r' => "hh:mm:ss tt",
        'y' => "yy",
        _ => return None,
    })
}

fn counted(time: &DateTime, letter: char) -> R<String> {
    let ((year, _, day), (hour, ..)) = (time.date(), time.clock());
    let (of_year, of_week) = (time.day_of_year(), time.day_of_week());
    Ok(match letter {
        'G' => format!("{:04}", iso_week(time).0),
        'g' => format!("{:02}", iso_week(time).0 % 100),
        'V' => format!("{:02}", iso_week(time).1),
        // Weeks begin on Sunday; the days before the first one are week 0.
        'U' => {
            let first = (of_week - of_year + 1).rem_euclid(7);
            format!("{:02}", ((first + 6) % 7 + of_year - of_week) / 7)
        }
        // PowerShell counts days here, not weeks.
        'W' => (of_year / 7).to_string(),
        'C' => (year / 100).to_string(),
        'e' => format!("{day:2}"),
        'j' => format!("{of_year:03}"),
        'k' => format!("{hour:2}"),
        'l' => format!("{:2}", (hour + 11) % 12 + 1),
        's' => time.unix_seconds().to_string(),
        'u' => ((of_week + 6) % 7 + 1).to_string(),
        'w' => of_week.to_string(),
        '%' => "%".to_owned(),
        'n' => "\n".to_owned(),
        't' => "\t".to_owned(),
        other => {
            return Err(refuse(format!(
                "Get-Date -UFormat %{other} is not supported. Use -Format."
            )));
        }
    })
}

/// The ISO year and week: the year's first week is the one with its first Thursday.
fn iso_week(time: &DateTime) -> (i64, i64) {
    let (year, ..) = time.date();
    let week = (time.day_of_year() - (time.day_of_week() + 6) % 7 + 9) / 7;
    if week < 1 {
        return (year - 1, weeks_in(year - 1));
    }
    if week > weeks_in(year) {
        return (year + 1, 1);
    }
    (year, week)
}

/// 53 where the year begins or ends on a Thursday.
fn weeks_in(year: i64) -> i64 {
    // The calendar's day 0, 0001-01-01, is a Monday.
    let is_thursday = |month, day| days_of(year, month, day).rem_euclid(7) == 3;
    if is_thursday(1, 1) || is_thursday(12, 31) {
        53
    } else {
        52
    }
}
