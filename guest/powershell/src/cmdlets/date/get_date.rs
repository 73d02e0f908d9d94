//! `Get-Date`: a date, or its text by a .NET or Unix format. Left out: `-DisplayHint`.
//!
//! [Get-Date](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/get-date)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::types::datetime::{DateTime, Kind, convert};
use crate::types::datetime_format;
use crate::types::datetime_static::from_parts;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Get-Date",
    aliases: &["date"],
    params: "Date/LastWriteTime@0| Format UFormat AsUTC? Year Month Day Hour Minute Second Millisecond UnixTimeSeconds",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let base = match item.or_else(|| args.value("Date")) {
        Some(value) => convert(&value)?,
        None => match args.double("UnixTimeSeconds")? {
            Some(seconds) => DateTime::from_unix(seconds),
            None => DateTime::now(),
        },
    };
    let Some(time) = base.downcast::<DateTime>() else {
        return Ok(());
    };
    let ((year, month, day), (hour, minute, second, below)) = (time.date(), time.clock());
    let part = |name: &str, own: i64| -> R<i64> { Ok(args.long(name)?.unwrap_or(own)) };
    let below = match args.long("Millisecond")? {
        Some(ms) => ms * 10_000,
        None => below,
    };
    let kind = if args.switch("AsUTC") {
        Kind::Utc
    } else {
        time.kind
    };
    let made = from_parts(
        (
            part("Year", year)?,
            part("Month", month)?,
            part("Day", day)?,
        ),
        (
            part("Hour", hour)?,
            part("Minute", minute)?,
            part("Second", second)?,
        ),
        below,
        kind,
    )
    .ok_or_else(|| {
        crate::value::argument_error(
            "Day",
            "Year, Month, and Day parameters describe an un-representable DateTime.",
        )
    })?;
    let Some(time) = made.downcast::<DateTime>() else {
        return Ok(());
    };
    if let Some(format) = args.text("Format") {
        let format = match format.to_ascii_lowercase().as_str() {
            "filedate" => "yyyyMMdd".to_owned(),
            "filedateuniversal" => "yyyyMMddZ".to_owned(),
            "filedatetime" => "yyyyMMddTHHmmssffff".to_owned(),
            "filedatetimeuniversal" => "yyyyMMddTHHmmssffffZ".to_owned(),
            _ => format,
        };
        return out.put(engine, Value::from(datetime_format::format(time, &format)?));
    }
    if let Some(format) = args.text("UFormat") {
        return out.put(engine, Value::from(unix_format(time, &format)?));
    }
    out.put(engine, made)
}

/// `date +FORMAT`
fn unix_format(time: &DateTime, format: &str) -> R<String> {
    let mut text = String::new();
    let mut chars = format.strip_prefix('+').unwrap_or(format).chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        let net = match chars.next() {
            Some('Y') => "yyyy",
            Some('m') => "MM",
            Some('d') => "dd",
            Some('H') => "HH",
            Some('M') => "mm",
            Some('S') => "ss",
            Some('y') => "yy",
            Some('b' | 'h') => "MMM",
            Some('B') => "MMMM",
            Some('a') => "ddd",
            Some('A') => "dddd",
            Some('I') => "hh",
            Some('p') => "tt",
            Some('T') => "HH:mm:ss",
            Some('F') => "yyyy-MM-dd",
            Some('D') => "MM/dd/yy",
            Some('R') => "HH:mm",
            Some('Z') => "zz",
            Some('s') => {
                text.push_str(&time.unix_seconds().to_string());
                continue;
            }
            Some('j') => {
                text.push_str(&format!("{:03}", time.day_of_year()));
                continue;
            }
            Some('u') => {
                text.push_str(
                    &(if time.day_of_week() == 0 {
                        7
                    } else {
                        time.day_of_week()
                    })
                    .to_string(),
                );
                continue;
            }
            Some('%') => {
                text.push('%');
                continue;
            }
            Some('n') => "'\n'",
            Some('t') => "'\t'",
            other => {
                return Err(crate::value::refuse(format!(
                    "Get-Date -UFormat %{} is not supported. Use -Format.",
                    other.unwrap_or(' ')
                )));
            }
        };
        text.push_str(&datetime_format::custom(time, net));
    }
    Ok(text)
}
