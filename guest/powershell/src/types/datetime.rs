//! `[datetime]`, and what `[datetimeoffset]` has of it. The sandbox's local time is UTC.

use std::cmp::Ordering;
use std::rc::Rc;

use super::calendar::{civil, days_in_month, days_of};
use super::datetime_static::{call, create, get_static};
use super::enumeration::EnumValue;
use super::timespan::{TICKS_PER_DAY, TICKS_PER_SECOND, TimeSpan};
use super::{TypeInfo, datetime_format, datetime_offset, datetime_parse};
use crate::eval::Engine;
use crate::net_any;
use crate::parse::ast::BinaryOp;
use crate::value::{Net, R, Value, fail, method_error, no_cast, to_double, to_int, to_long};

/// Ticks from year 1 to 1970.
pub const EPOCH_TICKS: i64 = 621_355_968_000_000_000;
pub const MAX_TICKS: i64 = 3_155_378_975_999_999_999;

pub const INFO: TypeInfo = TypeInfo {
    statics: &[
        "Now",
        "UtcNow",
        "Today",
        "MinValue",
        "MaxValue",
        "UnixEpoch",
        "Parse",
        "ParseExact",
        "TryParse",
        "TryParseExact",
        "DaysInMonth",
        "IsLeapYear",
        "FromBinary",
        "FromFileTimeUtc",
        "SpecifyKind",
        "Compare",
    ],
    convert: Some(convert),
    create: Some(create),
    call: Some(call),
    get: Some(get_static),
    ..TypeInfo::named("System.DateTime", &["datetime"])
};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Unspecified,
    Utc,
    Local,
}

pub struct DateTime {
    /// From the first of January of year 1, as the clock shows it.
    pub ticks: i64,
    pub kind: Kind,
    /// How far a `DateTimeOffset` is from UTC, in ticks.
    pub offset: Option<i64>,
}

impl DateTime {
    pub fn value(ticks: i64, kind: Kind) -> Value {
        Value::net(Self {
            ticks,
            kind,
            offset: None,
        })
    }

    pub fn with_offset(ticks: i64, offset: i64) -> Value {
        Value::net(Self {
            ticks,
            kind: Kind::Unspecified,
            offset: Some(offset),
        })
    }

    /// The ticks of the same moment in UTC, which is local time too.
    pub fn utc(&self) -> i64 {
        self.ticks - self.offset.unwrap_or(0)
    }

    /// The same moment as a date in UTC.
    pub fn in_utc(&self) -> Self {
        Self {
            ticks: self.utc(),
            kind: Kind::Utc,
            offset: None,
        }
    }

    pub fn min() -> Value {
        Self::value(0, Kind::Unspecified)
    }

    pub fn now_ticks() -> i64 {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        EPOCH_TICKS + (since.as_nanos() / 100) as i64
    }

    pub fn now() -> Value {
        Self::value(Self::now_ticks(), Kind::Local)
    }

    pub fn from_system(time: std::time::SystemTime) -> Value {
        let since = time
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Self::value(EPOCH_TICKS + (since.as_nanos() / 100) as i64, Kind::Local)
    }

    pub fn to_system(&self) -> std::time::SystemTime {
        let ticks = (self.utc() - EPOCH_TICKS).max(0) as u64;
        std::time::UNIX_EPOCH + std::time::Duration::from_nanos(ticks.saturating_mul(100))
    }

    pub fn unix_seconds(&self) -> i64 {
        (self.utc() - EPOCH_TICKS).div_euclid(TICKS_PER_SECOND)
    }

    pub fn from_unix(seconds: f64) -> Value {
        Self::value(
            EPOCH_TICKS + (seconds * TICKS_PER_SECOND as f64).round() as i64,
            Kind::Local,
        )
    }

    pub fn date(&self) -> (i64, i64, i64) {
        civil(self.ticks.div_euclid(TICKS_PER_DAY))
    }

    /// Hour, minute, second, and ticks below a second.
    pub fn clock(&self) -> (i64, i64, i64, i64) {
        let of_day = self.ticks.rem_euclid(TICKS_PER_DAY);
        let seconds = of_day / TICKS_PER_SECOND;
        (
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60,
            of_day % TICKS_PER_SECOND,
        )
    }

    pub fn day_of_week(&self) -> i64 {
        (self.ticks.div_euclid(TICKS_PER_DAY) + 1).rem_euclid(7)
    }

    pub fn day_of_year(&self) -> i64 {
        let (year, _, _) = self.date();
        self.ticks.div_euclid(TICKS_PER_DAY) - days_of(year, 1, 1) + 1
    }

    fn moved(&self, ticks: i64) -> R<Value> {
        let after = self.ticks.checked_add(ticks).filter(|ticks| (0..=MAX_TICKS).contains(ticks)).ok_or_else(|| {
            method_error("System.ArgumentOutOfRangeException", "The added or subtracted value results in an un-representable DateTime. (Parameter 'value')")
        })?;
        Ok(Value::net(Self {
            ticks: after,
            kind: self.kind,
            offset: self.offset,
        }))
    }

    fn add_months(&self, n: i64) -> R<Value> {
        let (year, month, day) = self.date();
        let months = year * 12 + month - 1 + n;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        let day = day.min(days_in_month(year, month));
        let ticks =
            days_of(year, month, day) * TICKS_PER_DAY + self.ticks.rem_euclid(TICKS_PER_DAY);
        self.moved(ticks - self.ticks)
    }
}

impl Net for DateTime {
    net_any!();

    fn type_name(&self) -> &str {
        match self.offset {
            Some(_) => datetime_offset::OFFSET.name,
            None => INFO.name,
        }
    }

    fn bases(&self) -> Vec<String> {
        vec!["System.ValueType".into(), "System.IComparable".into()]
    }

    fn text(&self) -> String {
        let text = datetime_format::custom(self, "MM/dd/yyyy HH:mm:ss");
        match self.offset {
            Some(offset) => format!("{text} {}", datetime_format::zone(offset)),
            None => text,
        }
    }

    fn get(&self, name: &str) -> Option<Value> {
        if let Some(own) = datetime_offset::get(self, name) {
            return Some(own);
        }
        let (year, month, day) = self.date();
        let (hour, minute, second, below) = self.clock();
        Some(match name {
            "year" => Value::Int(year as i32),
            "month" => Value::Int(month as i32),
            "day" => Value::Int(day as i32),
            "hour" => Value::Int(hour as i32),
            "minute" => Value::Int(minute as i32),
            "second" => Value::Int(second as i32),
            "millisecond" => Value::Int((below / 10_000) as i32),
            "microsecond" => Value::Int((below / 10 % 1_000) as i32),
            "nanosecond" => Value::Int((below % 10 * 100) as i32),
            "ticks" => Value::Long(self.ticks),
            "dayofweek" => EnumValue::builtin("System.DayOfWeek", self.day_of_week()),
            "dayofyear" => Value::Int(self.day_of_year() as i32),
            "date" => Self::value(self.ticks - self.ticks.rem_euclid(TICKS_PER_DAY), self.kind),
            "timeofday" => TimeSpan::value(self.ticks.rem_euclid(TICKS_PER_DAY)),
            "kind" if self.offset.is_none() => {
                EnumValue::builtin("System.DateTimeKind", self.kind as i64)
            }
            "datetime" => Value::from(datetime_format::custom(
                self,
                "dddd, MMMM d, yyyy h:mm:ss tt",
            )),
            _ => return None,
        })
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        if let Some(own) = datetime_offset::call(&self, name, args) {
            return Some(own);
        }
        let scaled = |unit: f64| {
            to_double(args.first().unwrap_or(&Value::Null))
                .and_then(|n| self.moved((n * unit * TICKS_PER_SECOND as f64).round() as i64))
        };
        Some(match (name, args) {
            ("tostring", []) => Ok(Value::from(self.text())),
            // The forms that are the same everywhere are the only ones of their letter.
            ("getdatetimeformats", [format]) if "oOrRsu".contains(&format.text()) => {
                datetime_format::format(&self, &format.text())
                    .map(|text| Value::strings(vec![text]))
            }
            ("tostring", [format, ..]) => match format {
                Value::Str(format) => datetime_format::format(&self, format).map(Value::from),
                _ => Ok(Value::from(self.text())),
            },
            ("adddays", [_]) => scaled(86_400.0),
            ("addhours", [_]) => scaled(3600.0),
            ("addminutes", [_]) => scaled(60.0),
            ("addseconds", [_]) => scaled(1.0),
            ("addmilliseconds", [_]) => scaled(0.001),
            ("addticks", [n]) => to_long(n).and_then(|n| self.moved(n)),
            ("addmonths", [n]) => to_int(n).and_then(|n| self.add_months(i64::from(n))),
            ("addyears", [n]) => to_int(n).and_then(|n| self.add_months(i64::from(n) * 12)),
            ("add", [span]) => to_span(span).and_then(|ticks| self.moved(ticks)),
            ("subtract", [other]) => match other.downcast::<Self>() {
                Some(other) => Ok(TimeSpan::value(self.utc() - other.utc())),
                None => to_span(other).and_then(|ticks| self.moved(-ticks)),
            },
            ("touniversaltime", []) => Ok(Self::value(self.ticks, Kind::Utc)),
            ("tolocaltime", []) => Ok(Self::value(self.ticks, Kind::Local)),
            ("toshortdatestring", []) => {
                Ok(Value::from(datetime_format::custom(&self, "MM/dd/yyyy")))
            }
            ("tolongdatestring", []) => Ok(Value::from(datetime_format::custom(
                &self,
                "dddd, dd MMMM yyyy",
            ))),
            ("toshorttimestring", []) => Ok(Value::from(datetime_format::custom(&self, "HH:mm"))),
            ("tolongtimestring", []) => Ok(Value::from(datetime_format::custom(&self, "HH:mm:ss"))),
            ("tofiletimeutc" | "tofiletime", []) => {
                Ok(Value::Long(self.ticks - 504_911_232_000_000_000))
            }
            ("tobinary", []) => Ok(Value::Long(self.ticks)),
            ("isdaylightsavingtime", []) => Ok(Value::Bool(false)),
            ("compareto", [other]) => convert(other).map(|other| {
                Value::Int(
                    self.utc()
                        .cmp(&other.downcast::<Self>().map_or(0, Self::utc))
                        as i32,
                )
            }),
            _ => return None,
        })
    }

    fn properties(&self) -> Vec<String> {
        if self.offset.is_some() {
            return datetime_offset::PROPERTIES.map(String::from).to_vec();
        }
        // What PowerShell adds comes first.
        [
            "DateTime",
            "Date",
            "Day",
            "DayOfWeek",
            "DayOfYear",
            "Hour",
            "Kind",
            "Millisecond",
            "Microsecond",
            "Nanosecond",
            "Minute",
            "Month",
            "Second",
            "Ticks",
            "TimeOfDay",
            "Year",
        ]
        .map(String::from)
        .to_vec()
    }

    fn equal(&self, other: &Value) -> Option<bool> {
        other
            .downcast::<Self>()
            .map(|other| other.utc() == self.utc())
    }

    fn compare(&self, other: &Value) -> Option<Ordering> {
        other
            .downcast::<Self>()
            .map(|other| self.utc().cmp(&other.utc()))
    }

    fn hash_key(&self) -> Option<String> {
        Some(format!("datetime:{}", self.utc()))
    }
}

fn to_span(value: &Value) -> R<i64> {
    match TimeSpan::of(value) {
        Some(ticks) => Ok(ticks),
        None => (INFO_SPAN)(value).map(|value| TimeSpan::of(&value).unwrap_or(0)),
    }
}

const INFO_SPAN: super::ConvertFn = match super::timespan::INFO.convert {
    Some(convert) => convert,
    None => panic!("durations convert"),
};

/// Why a text is no date, in .NET's words: a word that no date has is named.
pub fn unreadable(text: &str) -> String {
    match datetime_parse::unknown_word(text) {
        Some(at) => format!(
            "The string '{text}' was not recognized as a valid DateTime. There is an unknown word starting at index '{at}'."
        ),
        None => format!("String '{text}' was not recognized as a valid DateTime."),
    }
}

pub fn convert(value: &Value) -> R<Value> {
    match value {
        Value::Str(text) => datetime_parse::parse(text).ok_or_else(|| {
            fail(
                "System.Management.Automation.PSInvalidCastException",
                "InvalidCastParseTargetInvocation",
                format!(
                    "Cannot convert value \"{text}\" to type \"System.DateTime\". Error: \"{}\"",
                    unreadable(text)
                ),
            )
        }),
        Value::Net(_) => match value.downcast::<DateTime>() {
            Some(time) if time.offset.is_some() => Ok(DateTime::value(time.utc(), Kind::Utc)),
            Some(time) => Ok(DateTime::value(time.ticks, time.kind)),
            None => Err(no_cast(value, "System.DateTime")),
        },
        Value::Int(_) | Value::Long(_) => {
            to_long(value).map(|ticks| DateTime::value(ticks, Kind::Unspecified))
        }
        other => Err(no_cast(other, "System.DateTime")),
    }
}

pub fn arith(op: BinaryOp, left: &Value, right: &Value) -> Option<R<Value>> {
    let time = left.downcast::<DateTime>()?;
    if op == BinaryOp::Subtract {
        let other = match right {
            Value::Str(_) => match TimeSpan::parse(&right.text()) {
                Some(ticks) => return Some(time.moved(-ticks)),
                None => match convert(right) {
                    Ok(other) => other,
                    Err(ctl) => return Some(Err(ctl)),
                },
            },
            other => other.clone(),
        };
        if let Some(other) = other.downcast::<DateTime>() {
            return Some(Ok(TimeSpan::value(time.utc() - other.utc())));
        }
        return Some(to_span(&other).and_then(|ticks| time.moved(-ticks)));
    }
    if op == BinaryOp::Add {
        return Some(to_span(right).and_then(|ticks| time.moved(ticks)));
    }
    None
}
