//! Methods of strings. Positions are UTF-16 units, as in .NET.

use std::rc::Rc;

use crate::eval::Engine;
use crate::value::{R, Value, method_error, to_bool, to_int};

/// `Length`
pub fn length(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.encode_utf16().count()
    }
}

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

fn out_of_range(parameter: &str) -> crate::value::Ctl {
    method_error(
        "System.ArgumentOutOfRangeException",
        match parameter {
            "length" => {
                "Index and length must refer to a location within the string. (Parameter 'length')"
                    .to_owned()
            }
            _ => format!(
                "startIndex cannot be larger than length of string. (Parameter '{parameter}')"
            ),
        },
    )
}

pub fn substring(text: &str, from: i32, n: Option<i32>) -> R<String> {
    let length = length(text) as i32;
    if from < 0 || from > length {
        return Err(out_of_range("startIndex"));
    }
    let n = n.unwrap_or(length - from);
    if n < 0 || from + n > length {
        return Err(out_of_range("length"));
    }
    let (from, to) = (from as usize, (from + n) as usize);
    if text.is_ascii() {
        return Ok(text[from..to].to_owned());
    }
    Ok(String::from_utf16_lossy(&units(text)[from..to]))
}

/// The UTF-16 position of a byte position.
fn position(text: &str, at: usize) -> i32 {
    length(&text[..at]) as i32
}

fn byte_at(text: &str, unit: usize) -> usize {
    if text.is_ascii() {
        return unit.min(text.len());
    }
    let mut seen = 0;
    for (at, c) in text.char_indices() {
        if seen >= unit {
            return at;
        }
        seen += c.len_utf16();
    }
    text.len()
}

/// Whether the arguments ask for a comparison without regard to case.
pub fn ignores_case(args: &[Value]) -> bool {
    args.iter().any(|arg| match arg {
        Value::Bool(claim) => *claim,
        other => super::enumeration::argument("System.StringComparison", other)
            .is_ok_and(|name| name.ends_with("IgnoreCase")),
    })
}

fn char_set(args: &[Value]) -> Vec<char> {
    args.iter()
        .flat_map(Value::to_items)
        .flat_map(|item| item.text().chars().collect::<Vec<_>>())
        .collect()
}

fn trim(text: &str, args: &[Value], start: bool, end: bool) -> String {
    let set = char_set(args);
    let is_trimmed = |c: char| {
        if set.is_empty() {
            c.is_whitespace()
        } else {
            set.contains(&c)
        }
    };
    let mut text = text;
    if start {
        text = text.trim_start_matches(is_trimmed);
    }
    if end {
        text = text.trim_end_matches(is_trimmed);
    }
    text.to_owned()
}

fn fold_if(text: &str, folds: bool) -> String {
    if folds {
        crate::value::fold(text)
    } else {
        text.to_owned()
    }
}

pub fn call(engine: &mut Engine, text: &Rc<str>, name: &str, args: &[Value]) -> Option<R<Value>> {
    let result = match name {
        "toupper" | "toupperinvariant" => Ok(Value::from(upper(text))),
        "tolower" | "tolowerinvariant" => Ok(Value::from(text.to_lowercase())),
        "trim" => Ok(Value::from(trim(text, args, true, true))),
        "trimstart" => Ok(Value::from(trim(text, args, true, false))),
        "trimend" => Ok(Value::from(trim(text, args, false, true))),
        "tostring" => Ok(Value::Str(Rc::clone(text))),
        "substring" => sub(text, args),
        "contains" | "startswith" | "endswith" if !args.is_empty() => {
            let folds = ignores_case(&args[1..]);
            let (own, part) = (fold_if(text, folds), fold_if(&args[0].text(), folds));
            Ok(Value::Bool(match name {
                "contains" => own.contains(&part),
                "startswith" => own.starts_with(&part),
                _ => own.ends_with(&part),
            }))
        }
        "indexof" | "lastindexof" if !args.is_empty() => {
            index_of(text, name == "lastindexof", args)
        }
        "indexofany" if !args.is_empty() => {
            let set = char_set(&args[..1]);
            Ok(Value::Int(
                text.find(|c| set.contains(&c))
                    .map_or(-1, |at| position(text, at)),
            ))
        }
        "replace" if args.len() >= 2 => {
            let (from, to) = (args[0].text(), args[1].text());
            if from.is_empty() {
                return Some(Err(method_error(
                    "System.ArgumentException",
                    "String cannot be of zero length. (Parameter 'oldValue')",
                )));
            }
            if ignores_case(&args[2..]) {
                crate::eval::pattern::regex(&crate::eval::pattern::escape(&from), false).map(
                    |regex| {
                        Value::from(
                            regex
                                .replace_all(text, fancy_regex::NoExpand(&to))
                                .into_owned(),
                        )
                    },
                )
            } else {
                Ok(Value::from(text.replace(&from, &to)))
            }
        }
        "split" => split(text, args),
        "padleft" | "padright" if !args.is_empty() => pad(text, name == "padleft", args),
        "insert" if args.len() == 2 => to_int(&args[0]).and_then(|at| {
            let head = substring(text, 0, Some(at))?;
            Ok(Value::from(format!(
                "{head}{}{}",
                args[1].text(),
                substring(text, at, None)?
            )))
        }),
        "remove" if !args.is_empty() => remove(text, args),
        "tochararray" => Ok(Value::Array(Rc::new(crate::value::Array::typed(
            text.chars().map(Value::Char).collect(),
            super::TypeRef::named("char"),
        )))),
        "equals" if !args.is_empty() => {
            let folds = ignores_case(&args[1..]);
            Ok(Value::Bool(
                matches!(&args[0], Value::Str(other) if fold_if(text, folds) == fold_if(other, folds)),
            ))
        }
        "compareto" if args.len() == 1 => {
            Ok(Value::Int(
                crate::value::compare_texts(text, &args[0].text(), true) as i32,
            ))
        }
        "getenumerator" => Ok(super::enumerator::value(
            text.chars().map(Value::Char).collect(),
            None,
        )),
        "isnullorempty" => return None,
        "chars" | "get_chars" if args.len() == 1 => to_int(&args[0]).map(|at| {
            text.chars()
                .nth(at as usize)
                .map_or(Value::Null, Value::Char)
        }),
        "clone" => Ok(Value::Str(Rc::clone(text))),
        "normalize" if args.is_empty() && text.is_ascii() => Ok(Value::Str(Rc::clone(text))),
        "gettype" => return None,
        _ => return None,
    };
    let _ = engine;
    Some(result)
}

fn sub(text: &str, args: &[Value]) -> R<Value> {
    let from = to_int(args.first().unwrap_or(&Value::Null))?;
    let n = args.get(1).map(to_int).transpose()?;
    substring(text, from, n).map(Value::from)
}

fn index_of(text: &str, is_last: bool, args: &[Value]) -> R<Value> {
    let folds = ignores_case(&args[1..]);
    let (own, part) = (fold_if(text, folds), fold_if(&args[0].text(), folds));
    let from = match args.get(1) {
        Some(n) if n.is_number() && !is_last => byte_at(&own, to_int(n)?.max(0) as usize),
        _ => 0,
    };
    let found = if is_last {
        own.rfind(&part)
    } else {
        own[from..].find(&part).map(|at| at + from)
    };
    Ok(Value::Int(found.map_or(-1, |at| position(&own, at))))
}

fn pad(text: &str, is_left: bool, args: &[Value]) -> R<Value> {
    let width = to_int(&args[0])?.max(0) as usize;
    let fill = args
        .get(1)
        .and_then(|c| c.text().chars().next())
        .unwrap_or(' ');
    let filling: String = std::iter::repeat_n(fill, width.saturating_sub(length(text))).collect();
    Ok(Value::from(if is_left {
        format!("{filling}{text}")
    } else {
        format!("{text}{filling}")
    }))
}

fn remove(text: &str, args: &[Value]) -> R<Value> {
    let from = to_int(&args[0])?;
    let head = substring(text, 0, Some(from))?;
    let tail = match args.get(1) {
        Some(n) => substring(text, from + to_int(n)?, None)?,
        None => String::new(),
    };
    Ok(Value::from(head + &tail))
}

/// `Split(separators, count, options)`: an array of strings separates by each, a string as a whole.
/// One character that can't be meant as a count or an option.
fn is_separator(value: &Value) -> bool {
    let text = value.text();
    let mut chars = text.chars();
    matches!(value, Value::Str(_) | Value::Char(_))
        && matches!((chars.next(), chars.next()), (Some(c), None) if !c.is_ascii_digit())
}

/// Capitals as .NET makes them, one for one: 'ß' has none.
fn upper(text: &str) -> String {
    text.chars()
        .map(|c| {
            let mut capitals = c.to_uppercase();
            match (capitals.next(), capitals.next()) {
                (Some(capital), None) => capital,
                _ => c,
            }
        })
        .collect()
}

fn split(text: &str, args: &[Value]) -> R<Value> {
    let (mut limit, mut drops_empty, mut trims) = (usize::MAX, false, false);
    // `Split('-', '_')` is Split(params char[]).
    let are_characters = args.len() > 1 && args.iter().all(is_separator);
    let n_options = if are_characters { 0 } else { args.len() };
    for option in args[..n_options].iter().skip(1) {
        match option {
            Value::Int(n) => limit = (*n).max(0) as usize,
            Value::Bool(claim) => drops_empty = *claim,
            other => {
                let named = super::enumeration::argument("System.StringSplitOptions", other)?;
                drops_empty |= named.contains("RemoveEmptyEntries");
                trims |= named.contains("TrimEntries");
            }
        }
    }
    let separators: Vec<String> = match args.first() {
        Some(_) if are_characters => args.iter().map(Value::text).collect(),
        None => Vec::new(),
        // PowerShell picks Split(char[]) for a literal array of strings only if each is one character; both agree then.
        Some(Value::Array(items)) => items.items.borrow().iter().map(Value::text).collect(),
        Some(one) => vec![one.text()],
    };
    let mut parts = Vec::new();
    let mut rest: &str = text;
    while parts.len() + 1 < limit {
        let next = if separators.iter().all(String::is_empty) {
            rest.char_indices()
                .find(|(_, c)| c.is_whitespace())
                .map(|(at, c)| (at, c.len_utf8()))
        } else {
            separators
                .iter()
                .filter(|separator| !separator.is_empty())
                .filter_map(|separator| {
                    rest.find(separator.as_str())
                        .map(|at| (at, separator.len()))
                })
                .min_by_key(|(at, n)| (*at, std::cmp::Reverse(*n)))
        };
        let Some((at, n)) = next else { break };
        let part = if trims {
            rest[..at].trim()
        } else {
            &rest[..at]
        };
        if !(drops_empty && part.is_empty()) {
            parts.push(part.to_owned());
        }
        rest = &rest[at + n..];
    }
    let part = if trims { rest.trim() } else { rest };
    if !(drops_empty && part.is_empty()) {
        parts.push(part.to_owned());
    }
    Ok(Value::strings(parts))
}

/// `[string]` of a list with a comparison for tests of equality.
pub fn same(a: &str, b: &str, folds: bool) -> bool {
    fold_if(a, folds) == fold_if(b, folds)
}

pub fn truth(value: &Value) -> bool {
    to_bool(value)
}
