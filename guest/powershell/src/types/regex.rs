//! `[regex]`, its matches and groups.

use std::rc::Rc;

use fancy_regex::{Captures, Regex};

use super::TypeInfo;
use crate::eval::groups::{net_groups, substitute};
use crate::eval::{Engine, pattern};
use crate::net_any;
use crate::value::{Array, Net, R, TypeRef, Value, to_int};

pub const INFO: TypeInfo = TypeInfo {
    statics: &[
        "Match", "Matches", "IsMatch", "Replace", "Split", "Escape", "Unescape",
    ],
    convert: Some(|value| match value {
        Value::Net(_) if value.downcast::<Pattern>().is_some() => Ok(value.clone()),
        other => Pattern::value(&other.text(), true, ""),
    }),
    create: Some(|_, args| match args {
        [pattern] => Some(Pattern::value(&pattern.text(), true, "")),
        [pattern, options] => Some(with_options(&pattern.text(), options)),
        _ => None,
    }),
    call: Some(call),
    ..TypeInfo::named("System.Text.RegularExpressions.Regex", &["regex"])
};
pub const MATCH: TypeInfo = TypeInfo::named("System.Text.RegularExpressions.Match", &[]);

pub struct Pattern {
    regex: Rc<Regex>,
    written: String,
}

/// The expression, if the value is a `[regex]`.
pub fn pattern_of(value: &Value) -> Option<Rc<Regex>> {
    value
        .downcast::<Pattern>()
        .map(|found| Rc::clone(&found.regex))
}

/// Whether a `[regex]` minds case; `None` for anything else.
pub fn minds_case(value: &Value) -> Option<bool> {
    pattern_of(value).map(|regex| !regex.as_str().starts_with("(?i)"))
}

impl Pattern {
    fn value(written: &str, minds_case: bool, flags: &str) -> R<Value> {
        let text = if flags.is_empty() {
            written.to_owned()
        } else {
            format!("(?{flags}){written}")
        };
        let regex = pattern::regex(&text, minds_case)?;
        Ok(Value::net(Self {
            regex,
            written: written.to_owned(),
        }))
    }
}

fn with_options(written: &str, options: &Value) -> R<Value> {
    let lower = options.text().to_ascii_lowercase();
    let number = crate::value::to_number(options)
        .and_then(|n| to_int(&n).ok())
        .unwrap_or(0);
    let has = |name: &str, bit: i32| {
        lower.split(',').any(|part| part.trim() == name) || number & bit != 0
    };
    let mut flags = String::new();
    for (name, bit, flag) in [
        ("multiline", 2, 'm'),
        ("singleline", 16, 's'),
        ("ignorepatternwhitespace", 32, 'x'),
    ] {
        if has(name, bit) {
            flags.push(flag);
        }
    }
    Pattern::value(written, !has("ignorecase", 1), &flags)
}

/// A group or a whole match.
pub struct Group {
    name: String,
    value: Option<(String, usize)>,
    groups: Vec<Rc<Group>>,
    /// What `NextMatch()` gives.
    rest: Option<(Rc<Regex>, Rc<str>, usize)>,
}

impl Group {
    /// What it took last, as a capture.
    fn alone(&self) -> Value {
        Value::net(Self {
            name: self.name.clone(),
            value: self.value.clone(),
            groups: Vec::new(),
            rest: None,
        })
    }
}

fn match_of(regex: &Rc<Regex>, text: &Rc<str>, captures: &Captures<str>) -> Group {
    let at = |byte: usize| super::string::length(&text[..byte]);
    let groups = net_groups(regex)
        .into_iter()
        .map(|group| {
            Rc::new(Group {
                value: group
                    .of(captures)
                    .map(|taken| (taken.as_str().to_owned(), at(taken.start()))),
                name: group.name,
                groups: Vec::new(),
                rest: None,
            })
        })
        .collect();
    let whole = captures.get(0);
    let end = whole.map_or(text.len(), |whole| {
        whole
            .end()
            .max(whole.start() + usize::from(whole.start() == whole.end()))
    });
    Group {
        name: "0".into(),
        value: whole.map(|whole| (whole.as_str().to_owned(), at(whole.start()))),
        groups,
        rest: Some((Rc::clone(regex), Rc::clone(text), end)),
    }
}

fn no_match() -> Group {
    Group {
        name: "0".into(),
        value: None,
        groups: Vec::new(),
        rest: None,
    }
}

fn first_match(regex: &Rc<Regex>, text: &str, from: usize) -> R<Value> {
    let text: Rc<str> = Rc::from(text);
    if from > text.len() {
        return Ok(Value::net(no_match()));
    }
    let found = regex
        .captures_from_pos(&*text, from)
        .map_err(pattern::too_hard)?;
    Ok(Value::net(found.map_or_else(no_match, |captures| {
        match_of(regex, &text, &captures)
    })))
}

fn all_matches(regex: &Rc<Regex>, text: &str) -> R<Value> {
    let text: Rc<str> = Rc::from(text);
    let mut found = Vec::new();
    for captures in regex.captures_iter(&*text) {
        found.push(Value::net(match_of(
            regex,
            &text,
            &captures.map_err(pattern::too_hard)?,
        )));
    }
    Ok(Value::from(found))
}

/// Replaces, at most `limit` times (-1: all); `with` is .NET's replacement text or a script block.
pub fn replace(
    engine: &mut Engine,
    regex: &Rc<Regex>,
    text: &str,
    with: &Value,
    limit: i32,
) -> R<String> {
    let shared: Rc<str> = Rc::from(text);
    let template = match with {
        Value::Script(_) => String::new(),
        other => engine.text(other)?,
    };
    let groups = net_groups(regex);
    let mut result = String::new();
    let mut at = 0;
    for (n, captures) in regex.captures_iter(&*shared).enumerate() {
        if limit >= 0 && n as i32 >= limit {
            break;
        }
        let captures = captures.map_err(pattern::too_hard)?;
        let Some(whole) = captures.get(0) else {
            continue;
        };
        result.push_str(&shared[at..whole.start()]);
        match with {
            Value::Script(block) => {
                let found = Value::net(match_of(regex, &shared, &captures));
                let value = engine.call_script(block, vec![found.clone()], Some(found))?;
                result.push_str(&engine.text(&value)?);
            }
            _ => substitute(&template, &groups, &captures, &shared, &mut result),
        }
        at = whole.end();
    }
    result.push_str(&shared[at..]);
    Ok(result)
}

fn call(engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    match (name, args) {
        ("escape", [text]) => return Some(Ok(Value::from(pattern::escape(&text.text())))),
        ("unescape", [text]) => return Some(Ok(Value::from(unescape(&text.text())))),
        _ => {}
    }
    let [text, written, rest @ ..] = args else {
        return None;
    };
    let is_replace = name == "replace";
    let options = rest.get(usize::from(is_replace));
    let made = match options {
        Some(options) => with_options(&written.text(), options),
        None => Pattern::value(&written.text(), true, ""),
    };
    let made = match made {
        Ok(made) => made,
        Err(ctl) => return Some(Err(ctl)),
    };
    let regex = pattern_of(&made)?;
    run(
        engine,
        &regex,
        name,
        &text.text(),
        if is_replace {
            rest.get(..1).unwrap_or_default()
        } else {
            &[]
        },
    )
}

/// What a pattern's escapes stand for, as literal text.
pub fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => plain.push('\n'),
                Some('t') => plain.push('\t'),
                Some('r') => plain.push('\r'),
                Some(other) => plain.push(other),
                None => {}
            },
            _ => plain.push(c),
        }
    }
    plain
}

fn run(
    engine: &mut Engine,
    regex: &Rc<Regex>,
    name: &str,
    text: &str,
    rest: &[Value],
) -> Option<R<Value>> {
    Some(match (name, rest) {
        ("match", []) => first_match(regex, text, 0),
        ("match", [from]) => {
            to_int(from).and_then(|from| first_match(regex, text, from.max(0) as usize))
        }
        ("matches", []) => all_matches(regex, text),
        ("ismatch", []) => regex
            .is_match(text)
            .map(Value::Bool)
            .map_err(pattern::too_hard),
        ("replace", [with]) => replace(engine, regex, text, with, -1).map(Value::from),
        ("replace", [with, n]) => to_int(n)
            .and_then(|n| replace(engine, regex, text, with, n))
            .map(Value::from),
        ("split", []) => pattern::split(regex, text, 0, false).map(Value::strings),
        ("split", [n]) => to_int(n)
            .and_then(|n| pattern::split(regex, text, n, false))
            .map(Value::strings),
        _ => return None,
    })
}

impl Net for Pattern {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Text.RegularExpressions.Regex"
    }

    fn text(&self) -> String {
        self.written.clone()
    }

    fn call(self: Rc<Self>, engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        match (name, args) {
            ("getgroupnames", []) => {
                let groups = net_groups(&self.regex);
                Some(Ok(Value::strings(groups.iter().map(|group| &group.name))))
            }
            ("getgroupnumbers", []) => {
                let n = net_groups(&self.regex).len();
                let numbers = (0..n).map(Value::from).collect();
                let int = TypeRef::named("int");
                Some(Ok(Value::Array(Rc::new(Array::typed(numbers, int)))))
            }
            ("groupnamefromnumber", [n]) => {
                let groups = net_groups(&self.regex);
                let name = to_int(n).map(|n| match groups.get(n as usize) {
                    Some(group) => Value::from(group.name.as_str()),
                    None => Value::from(""),
                });
                Some(name)
            }
            ("groupnumberfromname", [name]) => {
                let (groups, name) = (net_groups(&self.regex), name.text());
                let at = groups.iter().position(|group| group.name == name);
                Some(Ok(Value::Int(at.map_or(-1, |at| at as i32))))
            }
            (_, [text, rest @ ..]) => run(engine, &self.regex, name, &text.text(), rest),
            _ => None,
        }
    }
}

impl Net for Group {
    net_any!();

    fn type_name(&self) -> &str {
        if self.rest.is_some() || self.groups.is_empty() && self.name == "0" && self.value.is_none()
        {
            "System.Text.RegularExpressions.Match"
        } else {
            "System.Text.RegularExpressions.Group"
        }
    }

    fn text(&self) -> String {
        self.value
            .as_ref()
            .map(|(text, _)| text.clone())
            .unwrap_or_default()
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match name {
            "value" => Value::from(self.text()),
            "success" => Value::Bool(self.value.is_some()),
            "index" => Value::from(self.value.as_ref().map_or(0, |(_, at)| *at)),
            "length" => Value::from(super::string::length(&self.text())),
            "name" => Value::from(self.name.as_str()),
            "groups" => Value::net(Groups(self.groups.clone())),
            // Of what a group took before, nothing is known.
            "captures" => Value::from(match &self.value {
                Some(_) => vec![self.alone()],
                None => Vec::new(),
            }),
            // A span has no text.
            "valuespan" => Value::Null,
            _ => return None,
        })
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        match (name, args) {
            ("nextmatch", []) => Some(match &self.rest {
                Some((regex, text, from)) => first_match(regex, text, *from),
                None => Ok(Value::net(no_match())),
            }),
            ("result", [template]) => {
                let (regex, text, _) = self.rest.as_ref()?;
                let captures = regex.captures(&**text).ok()??;
                let mut into = String::new();
                substitute(
                    &template.text(),
                    &net_groups(regex),
                    &captures,
                    text,
                    &mut into,
                );
                Some(Ok(Value::from(into)))
            }
            _ => None,
        }
    }

    fn properties(&self) -> Vec<String> {
        [
            "Groups",
            "Success",
            "Name",
            "Captures",
            "Index",
            "Length",
            "Value",
            "ValueSpan",
        ]
        .map(String::from)
        .to_vec()
    }
}

/// The names of a match's groups, which a list shows it by; `None` for anything else.
pub fn group_names(value: &Value) -> Option<Vec<String>> {
    let groups = value.downcast::<Groups>()?;
    Some(groups.0.iter().map(|group| group.name.clone()).collect())
}

/// The name of a match or a group; `None` for anything else.
pub fn group_name(value: &Value) -> Option<String> {
    value.downcast::<Group>().map(|group| group.name.clone())
}

/// `.Groups`: by number or name.
struct Groups(Vec<Rc<Group>>);

impl Net for Groups {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Text.RegularExpressions.GroupCollection"
    }

    fn items(&self) -> Option<Vec<Value>> {
        Some(
            self.0
                .iter()
                .map(|group| Value::Net(Rc::clone(group) as Rc<dyn Net>))
                .collect(),
        )
    }

    fn index(&self, index: &Value) -> Option<R<Value>> {
        let found = match index {
            Value::Str(name) => self.0.iter().find(|group| group.name == **name).cloned(),
            other => self.0.get(to_int(other).ok()? as usize).cloned(),
        };
        let found = found.unwrap_or_else(|| Rc::new(no_match()));
        Some(Ok(Value::Net(found as Rc<dyn Net>)))
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "count" => Some(Value::from(self.0.len())),
            "keys" => Some(Value::strings(self.0.iter().map(|group| &*group.name))),
            "values" => self.items().map(Value::from),
            _ => self
                .0
                .iter()
                .find(|group| group.name.eq_ignore_ascii_case(name))
                .map(|group| Value::Net(Rc::clone(group) as Rc<dyn Net>)),
        }
    }
}

/// `Match` or `Matches` of a compiled expression.
pub fn run_shared(engine: &mut Engine, regex: &Rc<Regex>, method: &str, text: &str) -> R<Value> {
    run(engine, regex, method, text, &[]).unwrap_or(Ok(Value::Null))
}
