//! `-UFormat` of `Get-Date`: dates as `date +FORMAT` writes them, by PowerShell's table of its letters.

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
