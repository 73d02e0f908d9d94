//! `[datetime]::…`: how dates are made, and its other static members.

use super::calendar::{days_in_month, days_of, is_leap};
use super::datetime::{DateTime, EPOCH_TICKS, Kind, MAX_TICKS, convert, unreadable};
use super::datetime_parse;
use super::enumeration::{self, EnumValue};
use super::timespan::{TICKS_PER_DAY, TICKS_PER_SECOND};
use crate::eval::Engine;
use crate::value::{R, Value, method_error, to_long};

/// A date out of its parts; `None` if there is no such date.
pub fn from_parts(
    date: (i64, i64, i64),
    clock: (i64, i64, i64),
    below: i64,
    kind: Kind,
) -> Option<Value> {
    let ((year, month, day), (hour, minute, second)) = (date, clock);
    let is_valid = (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..60).contains(&second);
    is_valid.then(|| {
        let seconds = hour * 3600 + minute * 60 + second;
        DateTime::value(
            days_of(year, month, day) * TICKS_PER_DAY + seconds * TICKS_PER_SECOND + below,
            kind,
        )
    })
}

/// What the last argument says of the time, as a `[DateTimeKind]` or its name.
fn kind_of(last: &Value) -> Kind {
    let named = match last {
        Value::Str(name) => {
            enumeration::builtin("System.DateTimeKind").and_then(|of| EnumValue::parse(&of, name))
        }
        other => Some(other.clone()),
    };
    match named.as_ref().and_then(|kind| kind.downcast::<EnumValue>()) {
        Some(kind) if kind.n == 1 => Kind::Utc,
        Some(kind) if kind.n == 2 => Kind::Local,
        _ => Kind::Unspecified,
    }
}

pub fn create(_: &mut Engine, args: &[Value]) -> Option<R<Value>> {
    let kind = args.last().map_or(Kind::Unspecified, kind_of);
    let numbers: Vec<&Value> = args.iter().filter(|arg| arg.is_number()).collect();
    let parts: R<Vec<i64>> = numbers.iter().map(|arg| to_long(arg)).collect();
    let parts = match parts {
        Ok(parts) => parts,
        Err(ctl) => return Some(Err(ctl)),
    };
    let made = match parts.as_slice() {
        [] if args.is_empty() => Some(DateTime::min()),
        [] => return Some(convert(&args[0])),
        [ticks] => Some(DateTime::value(*ticks, kind)),
        [y, m, d] => from_parts((*y, *m, *d), (0, 0, 0), 0, kind),
        [y, m, d, h, mi, s] => from_parts((*y, *m, *d), (*h, *mi, *s), 0, kind),
        [y, m, d, h, mi, s, ms] => from_parts((*y, *m, *d), (*h, *mi, *s), ms * 10_000, kind),
        _ => return None,
    };
    Some(made.ok_or_else(|| {
        method_error(
            "System.ArgumentOutOfRangeException",
            "Year, Month, and Day parameters describe an un-representable DateTime.",
        )
    }))
}

pub fn get_static(name: &str) -> Option<Value> {
    let now = DateTime::now_ticks();
    Some(match name {
        "now" => DateTime::value(now, Kind::Local),
        "utcnow" => DateTime::value(now, Kind::Utc),
        "today" => DateTime::value(now - now % TICKS_PER_DAY, Kind::Local),
        "minvalue" => DateTime::min(),
        "maxvalue" => DateTime::value(MAX_TICKS, Kind::Unspecified),
        "unixepoch" => DateTime::value(EPOCH_TICKS, Kind::Utc),
        _ => return None,
    })
}

pub fn call(_: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    let bad = |text: &str| method_error("System.FormatException", unreadable(text));
    Some(match (name, args) {
        ("parse", [text, ..]) => {
            datetime_parse::parse(&text.text()).ok_or_else(|| bad(&text.text()))
        }
        ("parseexact", [text, formats, ..]) => {
            let text = text.text();
            let found = formats
                .to_items()
                .iter()
                .find_map(|format| datetime_parse::parse_exact(&text, &format.text()));
            found.ok_or_else(|| bad(&text))
        }
        ("tryparse", [text, .., reference]) => {
            let found = datetime_parse::parse(&text.text());
            super::numbers::set_reference(reference, found.clone().unwrap_or_else(DateTime::min))
                .map(|()| Value::Bool(found.is_some()))
        }
        ("tryparseexact", [text, formats, .., reference]) => {
            let text = text.text();
            let found = formats
                .to_items()
                .iter()
                .find_map(|format| datetime_parse::parse_exact(&text, &format.text()));
            super::numbers::set_reference(reference, found.clone().unwrap_or_else(DateTime::min))
                .map(|()| Value::Bool(found.is_some()))
        }
        ("daysinmonth", [year, month]) => to_long(year).and_then(|year| {
            to_long(month).map(|month| Value::Int(days_in_month(year, month) as i32))
        }),
        ("isleapyear", [year]) => to_long(year).map(|year| Value::Bool(is_leap(year))),
        ("frombinary", [ticks]) => {
            to_long(ticks).map(|ticks| DateTime::value(ticks, Kind::Unspecified))
        }
        ("fromfiletimeutc", [ticks]) => {
            to_long(ticks).map(|ticks| DateTime::value(ticks + 504_911_232_000_000_000, Kind::Utc))
        }
        ("specifykind", [time, kind]) => convert(time).map(|time| {
            let ticks = time.downcast::<DateTime>().map_or(0, |time| time.ticks);
            let kind = kind.text().to_ascii_lowercase();
            DateTime::value(
                ticks,
                if kind == "utc" {
                    Kind::Utc
                } else if kind == "local" {
                    Kind::Local
                } else {
                    Kind::Unspecified
                },
            )
        }),
        ("compare", [a, b]) => convert(a).and_then(|a| {
            convert(b).map(|b| {
                Value::Int(crate::value::compare(&a, &b, true).map_or(0, |order| order as i32))
            })
        }),
        _ => return None,
    })
}
