//! `-f` and `[string]::Format`: `{index,width:format}`.

use crate::eval::Engine;
use crate::types::bigint::Integer;
use crate::types::datetime::DateTime;
use crate::types::timespan::TimeSpan;
use crate::value::{Ctl, R, Value, fail};

fn bad(message: &str) -> Ctl {
    fail(
        "System.FormatException",
        "FormatError",
        format!("Error formatting a string: {message}"),
    )
}

pub fn format(engine: &mut Engine, template: &Value, args: &Value) -> R<Value> {
    let template = engine.text(template)?;
    let args = match args {
        _ if args.is_collection() => args.to_items(),
        other => vec![other.clone()],
    };
    let chars: Vec<char> = template.chars().collect();
    let mut text = String::new();
    let mut at = 0;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('{', Some('{')) | ('}', Some('}')) => {
                text.push(chars[at]);
                at += 2;
            }
            ('{', _) => {
                let end = chars[at..]
                    .iter()
                    .position(|c| *c == '}')
                    .ok_or_else(|| bad("Input string was not in a correct format."))?;
                let item: String = chars[at + 1..at + end].iter().collect();
                text.push_str(&item_text(engine, &item, &args)?);
                at += end + 1;
            }
            ('}', _) => return Err(bad("Input string was not in a correct format.")),
            (c, _) => {
                text.push(c);
                at += 1;
            }
        }
    }
    Ok(Value::from(text))
}

fn item_text(engine: &mut Engine, item: &str, args: &[Value]) -> R<String> {
    let (head, format) = item.split_once(':').unwrap_or((item, ""));
    let (index, width) = match head.split_once(',') {
        Some((index, width)) => (
            index,
            width
                .trim()
                .parse::<i32>()
                .map_err(|_| bad("Input string was not in a correct format."))?,
        ),
        None => (head, 0),
    };
    let index: usize = index
        .trim()
        .parse()
        .map_err(|_| bad("Input string was not in a correct format."))?;
    let value = args
        .get(index)
        .ok_or_else(|| bad("Index (zero based) must be greater than or equal to zero and less than the size of the argument list.."))?;
    let text = formatted(engine, value, format)?;
    let n = text.chars().count();
    let padding = " ".repeat((width.unsigned_abs() as usize).saturating_sub(n));
    Ok(if width >= 0 {
        padding + &text
    } else {
        text + &padding
    })
}

/// One value by a format string.
pub fn formatted(engine: &mut Engine, value: &Value, format: &str) -> R<String> {
    if let Value::Object(object) = value
        && let Some(text) = engine.class_formatted(object, Value::from(format))?
    {
        return Ok(text);
    }
    if format.is_empty() {
        return match value {
            // .NET formats an array by its name.
            _ if value.is_collection() => Ok(value.type_name()),
            _ => engine.text(value),
        };
    }
    if value.is_number() {
        return super::number::format_number(value, format);
    }
    if let Some(time) = value.downcast::<DateTime>() {
        return crate::types::datetime_format::format(time, format);
    }
    if let Some(span) = value.downcast::<TimeSpan>() {
        return span.format(format);
    }
    if let Some(integer) = value.downcast::<Integer>() {
        return integer.format(format);
    }
    if let Value::Net(_) = value {
        let found = engine.call_method(value, "ToString", vec![Value::from(format)], false);
        if let Ok(text) = found {
            return Ok(text.text());
        }
    }
    engine.text(value)
}
