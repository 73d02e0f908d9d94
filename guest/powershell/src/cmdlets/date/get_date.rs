//! `Get-Date`: a date, or its text by a .NET or Unix format. Left out: `-DisplayHint`.
//!
//! [Get-Date](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/get-date)

use crate::cmdlets::date::unix_format::unix_format;
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

/// What comes through the pipe, or its property of one of those names if it is no date itself.
pub fn dated(engine: &mut Engine, item: Value, names: &[&str]) -> R<Value> {
    if matches!(item, Value::Net(_) | Value::Object(_)) && item.downcast::<DateTime>().is_none() {
        for name in names {
            if let Some(date) = engine.find_member(&item, name)? {
                return Ok(date);
            }
        }
    }
    Ok(item)
}

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let item = match item {
        Some(item) => Some(dated(engine, item, &["Date", "LastWriteTime"])?),
        None => args.value("Date"),
    };
    let base = match item {
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
