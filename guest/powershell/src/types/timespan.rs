//! `[timespan]`: a duration in ticks of 100 ns.

use std::cmp::Ordering;
use std::rc::Rc;

use super::TypeInfo;
use crate::eval::Engine;
use crate::net_any;
use crate::parse::ast::BinaryOp;
use crate::value::{Net, R, Value, fail, method_error, no_cast, to_double, to_int, to_long};

pub const TICKS_PER_SECOND: i64 = 10_000_000;
pub const TICKS_PER_DAY: i64 = 86_400 * TICKS_PER_SECOND;

pub const INFO: TypeInfo = TypeInfo {
    statics: &[
        "FromDays",
        "FromHours",
        "FromMinutes",
        "FromSeconds",
        "FromMilliseconds",
        "FromTicks",
        "Parse",
        "ParseExact",
        "TryParse",
        "Zero",
        "MaxValue",
        "MinValue",
    ],
    convert: Some(convert),
    create: Some(create),
    call: Some(call),
    get: Some(|name| match name {
        "zero" => Some(TimeSpan::value(0)),
        "maxvalue" => Some(TimeSpan::value(i64::MAX)),
        "minvalue" => Some(TimeSpan::value(i64::MIN)),
        "ticksperday" => Some(Value::Long(TICKS_PER_DAY)),
        "tickspersecond" => Some(Value::Long(TICKS_PER_SECOND)),
        "tickspermillisecond" => Some(Value::Long(10_000)),
        _ => None,
    }),
    ..TypeInfo::named("System.TimeSpan", &["timespan"])
};

pub struct TimeSpan {
    pub ticks: i64,
}

impl TimeSpan {
    pub fn value(ticks: i64) -> Value {
        Value::net(Self { ticks })
    }

    pub fn seconds(seconds: f64) -> Value {
        Self::value((seconds * TICKS_PER_SECOND as f64).round() as i64)
    }

    /// `[-][d.]hh:mm:ss[.fffffff]`
    pub fn parse(text: &str) -> Option<i64> {
        let text = text.trim();
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (days, clock) = match text.split_once(':') {
            None => {
                return text
                    .parse::<i64>()
                    .ok()
                    .map(|days| days * TICKS_PER_DAY * if is_negative { -1 } else { 1 });
            }
            Some((head, rest)) => match head.split_once('.') {
                Some((days, hours)) => (days.parse::<i64>().ok()?, format!("{hours}:{rest}")),
                None => (0, text.to_owned()),
            },
        };
        let parts: Vec<&str> = clock.split(':').collect();
        let (days, parts) = match parts.as_slice() {
            [d, h, m, s] => (d.parse::<i64>().ok()?, vec![*h, *m, *s]),
            [h, m, s] => (days, vec![*h, *m, *s]),
            [h, m] => (days, vec![*h, *m, "0"]),
            _ => return None,
        };
        let (hours, minutes): (i64, i64) = (parts[0].parse().ok()?, parts[1].parse().ok()?);
        let (whole, fraction) = parts[2].split_once('.').unwrap_or((parts[2], ""));
        let seconds: i64 = whole.parse().ok()?;
        if hours > 23 || minutes > 59 || seconds > 59 || fraction.len() > 7 {
            return None;
        }
        let fraction: i64 = if fraction.is_empty() {
            0
        } else {
            format!("{fraction:0<7}").parse().ok()?
        };
        let ticks = days * TICKS_PER_DAY
            + (hours * 3600 + minutes * 60 + seconds) * TICKS_PER_SECOND
            + fraction;
        Some(if is_negative { -ticks } else { ticks })
    }

    pub fn of(value: &Value) -> Option<i64> {
        value.downcast::<Self>().map(|span| span.ticks)
    }

    fn total(&self, unit: i64) -> f64 {
        self.ticks as f64 / unit as f64
    }

    /// The general formats: `g` writes what it must (`1:2:03:04.5`), `G` everything (`1:02:03:04.5000000`).
    fn general(&self, is_long: bool) -> String {
        let ticks = self.ticks.unsigned_abs();
        let second = TICKS_PER_SECOND as u64;
        let (days, hours) = (ticks / second / 86_400, ticks / second / 3600 % 24);
        let (minutes, seconds) = (ticks / second / 60 % 60, ticks / second % 60);
        let fraction = format!("{:07}", ticks % second);
        let sign = if self.ticks < 0 { "-" } else { "" };
        if is_long {
            return format!("{sign}{days}:{hours:02}:{minutes:02}:{seconds:02}.{fraction}");
        }
        let days = if days == 0 {
            String::new()
        } else {
            format!("{days}:")
        };
        let fraction = match fraction.trim_end_matches('0') {
            "" => String::new(),
            digits => format!(".{digits}"),
        };
        format!("{sign}{days}{hours}:{minutes:02}:{seconds:02}{fraction}")
    }

    /// Custom formats: `hh\:mm\:ss`.
    pub fn format(&self, format: &str) -> R<String> {
        match format {
            "" | "c" | "t" | "T" => return Ok(self.text()),
            "g" | "G" => return Ok(self.general(format == "G")),
            _ => {}
        }
        let ticks = self.ticks.unsigned_abs();
        let second = TICKS_PER_SECOND as u64;
        let mut text = String::new();
        let chars: Vec<char> = format.chars().collect();
        let mut at = 0;
        while at < chars.len() {
            let c = chars[at];
            let n = chars[at..].iter().take_while(|other| **other == c).count();
            match c {
                '\\' => {
                    text.extend(chars.get(at + 1));
                    at += 2;
                    continue;
                }
                '\'' => {
                    let end = chars[at + 1..]
                        .iter()
                        .position(|c| *c == '\'')
                        .map_or(chars.len(), |end| at + 1 + end);
                    text.extend(&chars[at + 1..end.min(chars.len())]);
                    at = end + 1;
                    continue;
                }
                // `%h`: one specifier alone.
                '%' => {}
                'd' => text.push_str(&format!("{:0n$}", ticks / TICKS_PER_DAY as u64)),
                'h' => text.push_str(&format!("{:0n$}", ticks / (3600 * second) % 24)),
                'm' => text.push_str(&format!("{:0n$}", ticks / (60 * second) % 60)),
                's' => text.push_str(&format!("{:0n$}", ticks / second % 60)),
                'f' | 'F' => text.push_str(&format!("{:07}", ticks % second)[..n.min(7)]),
                _ => {
                    return Err(method_error(
                        "System.FormatException",
                        "Input string was not in a correct format.",
                    ));
                }
            }
            at += n;
        }
        Ok(text)
    }
}

impl Net for TimeSpan {
    net_any!();

    fn type_name(&self) -> &str {
        "System.TimeSpan"
    }

    fn bases(&self) -> Vec<String> {
        vec!["System.ValueType".into(), "System.IComparable".into()]
    }

    fn text(&self) -> String {
        let sign = if self.ticks < 0 { "-" } else { "" };
        let ticks = self.ticks.unsigned_abs();
        let seconds = ticks / TICKS_PER_SECOND as u64;
        let (days, fraction) = (seconds / 86_400, ticks % TICKS_PER_SECOND as u64);
        let days = if days > 0 {
            format!("{days}.")
        } else {
            String::new()
        };
        let fraction = if fraction > 0 {
            format!(".{fraction:07}")
        } else {
            String::new()
        };
        format!(
            "{sign}{days}{:02}:{:02}:{:02}{fraction}",
            seconds / 3600 % 24,
            seconds / 60 % 60,
            seconds % 60
        )
    }

    fn get(&self, name: &str) -> Option<Value> {
        let second = TICKS_PER_SECOND;
        Some(match name {
            "ticks" => Value::Long(self.ticks),
            "days" => Value::Int((self.ticks / TICKS_PER_DAY) as i32),
            "hours" => Value::Int((self.ticks / (3600 * second) % 24) as i32),
            "minutes" => Value::Int((self.ticks / (60 * second) % 60) as i32),
            "seconds" => Value::Int((self.ticks / second % 60) as i32),
            "milliseconds" => Value::Int((self.ticks / 10_000 % 1000) as i32),
            "microseconds" => Value::Int((self.ticks / 10 % 1000) as i32),
            "nanoseconds" => Value::Int((self.ticks % 10 * 100) as i32),
            "totaldays" => Value::Double(self.total(TICKS_PER_DAY)),
            "totalhours" => Value::Double(self.total(3600 * second)),
            "totalminutes" => Value::Double(self.total(60 * second)),
            "totalseconds" => Value::Double(self.total(second)),
            "totalmilliseconds" => Value::Double(self.total(10_000)),
            "totalmicroseconds" => Value::Double(self.total(10)),
            "totalnanoseconds" => Value::Double(self.ticks as f64 * 100.0),
            _ => return None,
        })
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        let other = || {
            args.first()
                .map(convert)
                .transpose()
                .map(|value| value.and_then(|value| Self::of(&value)).unwrap_or(0))
        };
        Some(match (name, args) {
            ("tostring", []) => Ok(Value::from(self.text())),
            ("tostring", [format, ..]) => self.format(&format.text()).map(Value::from),
            ("add", [_]) => other().map(|ticks| Self::value(self.ticks + ticks)),
            ("subtract", [_]) => other().map(|ticks| Self::value(self.ticks - ticks)),
            ("negate", []) => Ok(Self::value(-self.ticks)),
            ("duration", []) => Ok(Self::value(self.ticks.abs())),
            ("compareto", [_]) => other().map(|ticks| Value::Int(self.ticks.cmp(&ticks) as i32)),
            _ => return None,
        })
    }

    fn properties(&self) -> Vec<String> {
        [
            "Ticks",
            "Days",
            "Hours",
            "Milliseconds",
            "Microseconds",
            "Nanoseconds",
            "Minutes",
            "Seconds",
            "TotalDays",
            "TotalHours",
            "TotalMilliseconds",
            "TotalMicroseconds",
            "TotalNanoseconds",
            "TotalMinutes",
            "TotalSeconds",
        ]
        .map(String::from)
        .to_vec()
    }

    fn shown(&self) -> Vec<String> {
        [
            "Days",
            "Hours",
            "Minutes",
            "Seconds",
            "Milliseconds",
            "Ticks",
            "TotalDays",
            "TotalHours",
            "TotalMinutes",
            "TotalSeconds",
            "TotalMilliseconds",
        ]
        .map(String::from)
        .to_vec()
    }

    fn equal(&self, other: &Value) -> Option<bool> {
        Self::of(other).map(|ticks| ticks == self.ticks)
    }

    fn compare(&self, other: &Value) -> Option<Ordering> {
        Self::of(other).map(|ticks| self.ticks.cmp(&ticks))
    }

    fn hash_key(&self) -> Option<String> {
        Some(format!("timespan:{}", self.ticks))
    }
}

fn convert(value: &Value) -> R<Value> {
    match value {
        Value::Str(text) => TimeSpan::parse(text).map(TimeSpan::value).ok_or_else(|| {
            fail(
                "System.Management.Automation.PSInvalidCastException",
                "InvalidCastParseTargetInvocation",
                format!("Cannot convert value \"{text}\" to type \"System.TimeSpan\". Error: \"String '{text}' was not recognized as a valid TimeSpan.\""),
            )
        }),
        Value::Net(_) if TimeSpan::of(value).is_some() => Ok(value.clone()),
        other if other.is_number() => to_long(other).map(TimeSpan::value),
        other => Err(no_cast(other, "System.TimeSpan")),
    }
}

fn create(_: &mut Engine, args: &[Value]) -> Option<R<Value>> {
    let parts: R<Vec<i64>> = args.iter().map(|arg| to_int(arg).map(i64::from)).collect();
    let parts = match parts {
        Ok(parts) => parts,
        Err(_) if args.len() == 1 => return Some(to_long(&args[0]).map(TimeSpan::value)),
        Err(ctl) => return Some(Err(ctl)),
    };
    let ticks = match parts.as_slice() {
        [ticks] => *ticks,
        [h, m, s] => (h * 3600 + m * 60 + s) * TICKS_PER_SECOND,
        [d, h, m, s] => d * TICKS_PER_DAY + (h * 3600 + m * 60 + s) * TICKS_PER_SECOND,
        [d, h, m, s, ms] => {
            d * TICKS_PER_DAY + (h * 3600 + m * 60 + s) * TICKS_PER_SECOND + ms * 10_000
        }
        [] => 0,
        _ => return None,
    };
    Some(Ok(TimeSpan::value(ticks)))
}

fn call(_: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    let unit = match name {
        "fromdays" => 86_400.0,
        "fromhours" => 3600.0,
        "fromminutes" => 60.0,
        "fromseconds" => 1.0,
        "frommilliseconds" => 0.001,
        "fromticks" => return Some(to_long(args.first()?).map(TimeSpan::value)),
        "parseexact" => {
            let [text, formats, ..] = args else {
                return None;
            };
            return Some(super::timespan_parse::exact(&text.text(), formats));
        }
        "parse" => {
            let text = args.first()?.text();
            return Some(TimeSpan::parse(&text).map(TimeSpan::value).ok_or_else(|| {
                method_error(
                    "System.FormatException",
                    format!("String '{text}' was not recognized as a valid TimeSpan."),
                )
            }));
        }
        "tryparse" => {
            let found = TimeSpan::parse(&args.first()?.text());
            return Some(
                super::numbers::set_reference(args.last()?, TimeSpan::value(found.unwrap_or(0)))
                    .map(|()| Value::Bool(found.is_some())),
            );
        }
        _ => return None,
    };
    let [n] = args else { return None };
    Some(to_double(n).map(|n| TimeSpan::seconds(n * unit)))
}

pub fn arith(op: BinaryOp, left: &Value, right: &Value) -> Option<R<Value>> {
    let ticks = match (TimeSpan::of(left), op, left) {
        (Some(ticks), ..) => ticks,
        // `-$span` is `0 - $span`; .NET's operator takes the number as ticks.
        (None, BinaryOp::Add | BinaryOp::Subtract, Value::Int(n)) => {
            TimeSpan::of(right)?;
            i64::from(*n)
        }
        _ => return None,
    };
    Some(match (op, TimeSpan::of(right)) {
        (BinaryOp::Add, Some(other)) => Ok(TimeSpan::value(ticks + other)),
        (BinaryOp::Subtract, Some(other)) => Ok(TimeSpan::value(ticks - other)),
        (BinaryOp::Divide, Some(other)) => Ok(Value::Double(ticks as f64 / other as f64)),
        (BinaryOp::Multiply, None) => {
            to_double(right).map(|n| TimeSpan::value((ticks as f64 * n).round() as i64))
        }
        (BinaryOp::Divide, None) => {
            to_double(right).map(|n| TimeSpan::value((ticks as f64 / n).round() as i64))
        }
        (BinaryOp::Add | BinaryOp::Subtract, None) => convert(right).map(|other| {
            let other = TimeSpan::of(&other).unwrap_or(0);
            TimeSpan::value(if op == BinaryOp::Add {
                ticks + other
            } else {
                ticks - other
            })
        }),
        _ => return None,
    })
}
