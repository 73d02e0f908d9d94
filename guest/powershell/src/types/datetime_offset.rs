//! `[datetimeoffset]`: a [`DateTime`] that keeps how far it is from UTC. What it has beside a date's members is here.

use super::TypeInfo;
use super::datetime::{self, DateTime, EPOCH_TICKS, Kind};
use super::datetime_parse;
use super::datetime_static::from_parts;
use super::timespan::{self, TICKS_PER_DAY, TICKS_PER_SECOND, TimeSpan};
use crate::value::{R, Value, to_long};

pub const OFFSET: TypeInfo = TypeInfo {
    statics: &[
        "Now",
        "UtcNow",
        "UnixEpoch",
        "FromUnixTimeSeconds",
        "FromUnixTimeMilliseconds",
        "Parse",
    ],
    convert: Some(convert),
    create: Some(|_, args| create(args)),
    call: Some(|_, name, args| match (name, args) {
        ("fromunixtimeseconds", [n]) => {
            Some(to_long(n).map(|n| DateTime::with_offset(EPOCH_TICKS + n * TICKS_PER_SECOND, 0)))
        }
        ("fromunixtimemilliseconds", [n]) => {
            Some(to_long(n).map(|n| DateTime::with_offset(EPOCH_TICKS + n * 10_000, 0)))
        }
        ("parse", [text, ..]) => Some(convert(text)),
        _ => None,
    }),
    get: Some(|name| {
        let ticks = match name {
            "now" | "utcnow" => DateTime::now_ticks(),
            "unixepoch" => EPOCH_TICKS,
            _ => return None,
        };
        Some(DateTime::with_offset(ticks, 0))
    }),
    ..TypeInfo::named("System.DateTimeOffset", &["datetimeoffset"])
};

/// In the order of .NET's declarations.
pub const PROPERTIES: [&str; 17] = [
    "DateTime",
    "UtcDateTime",
    "LocalDateTime",
    "Date",
    "Day",
    "DayOfWeek",
    "DayOfYear",
    "Hour",
    "Millisecond",
    "Minute",
    "Month",
    "Offset",
    "Second",
    "Ticks",
    "UtcTicks",
    "TimeOfDay",
    "Year",
];

/// A date is taken as UTC, which is local time; a text keeps its zone.
fn convert(value: &Value) -> R<Value> {
    if let Value::Str(text) = value
        && let Some(found) = datetime_parse::parse_offset(text)
    {
        return Ok(found);
    }
    if value.type_name() == OFFSET.name {
        return Ok(value.clone());
    }
    let time = datetime::convert(value)?;
    Ok(DateTime::with_offset(
        time.downcast::<DateTime>().map_or(0, |time| time.ticks),
        0,
    ))
}

/// Of a date, of a date and its offset, or of six numbers, perhaps milliseconds, and an offset.
fn create(args: &[Value]) -> Option<R<Value>> {
    let (last, rest) = args.split_last()?;
    let span = match (rest, timespan::INFO.convert) {
        ([], _) => return Some(convert(last)),
        (_, Some(convert)) => convert(last),
        (_, None) => return None,
    };
    let offset = match span {
        Ok(span) => TimeSpan::of(&span).unwrap_or(0),
        Err(ctl) => return Some(Err(ctl)),
    };
    let made = match rest {
        [date] => datetime::convert(date),
        _ => {
            let parts: R<Vec<i64>> = rest.iter().map(to_long).collect();
            match parts.as_deref() {
                Ok([y, m, d, h, mi, s, ms @ ..]) if ms.len() < 2 => Ok(from_parts(
                    (*y, *m, *d),
                    (*h, *mi, *s),
                    ms.first().map_or(0, |ms| ms * 10_000),
                    Kind::Unspecified,
                )?),
                _ => return None,
            }
        }
    };
    Some(made.map(|time| {
        DateTime::with_offset(
            time.downcast::<DateTime>().map_or(0, |time| time.ticks),
            offset,
        )
    }))
}

/// What a date without an offset has not, or has otherwise.
pub fn get(time: &DateTime, name: &str) -> Option<Value> {
    let offset = time.offset?;
    Some(match name {
        "datetime" => DateTime::value(time.ticks, Kind::Unspecified),
        "utcdatetime" => DateTime::value(time.utc(), Kind::Utc),
        "localdatetime" => DateTime::value(time.utc(), Kind::Local),
        "date" => {
            let midnight = time.ticks - time.ticks.rem_euclid(TICKS_PER_DAY);
            DateTime::value(midnight, Kind::Unspecified)
        }
        "offset" => TimeSpan::value(offset),
        "utcticks" => Value::Long(time.utc()),
        _ => return None,
    })
}

pub fn call(time: &DateTime, name: &str, args: &[Value]) -> Option<R<Value>> {
    time.offset?;
    Some(match (name, args) {
        ("tooffset", [span]) => (timespan::INFO.convert?)(span).map(|span| {
            let offset = TimeSpan::of(&span).unwrap_or(0);
            DateTime::with_offset(time.utc() + offset, offset)
        }),
        ("touniversaltime" | "tolocaltime", []) => Ok(DateTime::with_offset(time.utc(), 0)),
        ("tounixtimeseconds", []) => Ok(Value::Long(time.unix_seconds())),
        ("tounixtimemilliseconds", []) => {
            Ok(Value::Long((time.utc() - EPOCH_TICKS).div_euclid(10_000)))
        }
        _ => return None,
    })
}
