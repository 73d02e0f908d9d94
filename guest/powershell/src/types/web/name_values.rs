//! `NameValueCollection`, and what derives from it: `WebHeaderCollection` and what `ParseQueryString` gives.
//!
//! A name may have several values; it is found whatever its case, and listed where it first came.

use std::cell::RefCell;
use std::rc::Rc;

use crate::eval::Engine;
use crate::net_any;
use crate::types::TypeInfo;
use crate::types::enumeration::EnumValue;
use crate::types::uri::form_escape;
use crate::types::web_text::small_hex;
use crate::value::{Net, R, Value, method_error, to_int};

pub const NAME_VALUES: TypeInfo = TypeInfo {
    create: Some(|_, args| match args {
        [] => Some(Ok(NameValues::value(Kind::Plain))),
        _ => None,
    }),
    ..TypeInfo::named("System.Collections.Specialized.NameValueCollection", &[])
};
pub const WEB_HEADERS: TypeInfo = TypeInfo {
    create: Some(|_, args| match args {
        [] => Some(Ok(NameValues::value(Kind::Headers))),
        _ => None,
    }),
    bases: &["System.Collections.Specialized.NameValueCollection"],
    ..TypeInfo::named("System.Net.WebHeaderCollection", &[])
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Plain,
    /// A query, which is escaped again as text.
    Query,
    Headers,
}

pub struct NameValues {
    kind: Kind,
    entries: RefCell<Vec<(Option<String>, Vec<String>)>>,
}

impl NameValues {
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            entries: RefCell::new(Vec::new()),
        }
    }

    pub fn value(kind: Kind) -> Value {
        Value::net(Self::new(kind))
    }

    pub fn of_headers(headers: &[(String, String)]) -> Self {
        let all = Self::new(Kind::Headers);
        for (name, value) in headers {
            all.add(Some(name.clone()), value.clone());
        }
        all
    }

    pub fn add(&self, name: Option<String>, value: String) {
        let mut entries = self.entries.borrow_mut();
        match entries
            .iter_mut()
            .find(|(own, _)| is_same(own.as_deref(), name.as_deref()))
        {
            Some((_, values)) => values.push(value),
            None => entries.push((name, vec![value])),
        }
    }

    pub fn set(&self, name: &str, value: String) {
        let mut entries = self.entries.borrow_mut();
        match entries
            .iter_mut()
            .find(|(own, _)| is_same(own.as_deref(), Some(name)))
        {
            Some((_, values)) => *values = vec![value],
            None => entries.push((Some(name.to_owned()), vec![value])),
        }
    }

    pub fn remove(&self, name: &str) {
        let mut entries = self.entries.borrow_mut();
        entries.retain(|(own, _)| !is_same(own.as_deref(), Some(name)));
    }

    /// The values of a name as one text.
    pub fn joined(&self, name: &str) -> Option<String> {
        self.values(Some(name)).map(|values| values.join(","))
    }

    /// Names with their values as one text each.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let entries = self.entries.borrow();
        let pair = |(name, values): &(Option<String>, Vec<String>)| {
            (name.clone().unwrap_or_default(), values.join(","))
        };
        entries.iter().map(pair).collect()
    }

    fn values(&self, name: Option<&str>) -> Option<Vec<String>> {
        let entries = self.entries.borrow();
        let mut found = entries.iter();
        let (_, values) = found.find(|(own, _)| is_same(own.as_deref(), name))?;
        Some(values.clone())
    }

    fn keys(&self) -> Vec<Value> {
        let entries = self.entries.borrow();
        let key = |name: &Option<String>| name.as_deref().map_or(Value::Null, Value::from);
        entries.iter().map(|(name, _)| key(name)).collect()
    }

    /// The entry at a position, for `$all[0]` and `Get(0)`.
    fn at(&self, index: i32) -> R<Value> {
        let entries = self.entries.borrow();
        let at = usize::try_from(index).ok();
        match at.and_then(|at| entries.get(at)) {
            Some((_, values)) => Ok(Value::from(values.join(","))),
            None => Err(method_error(
                "System.ArgumentOutOfRangeException",
                "Index was out of range. Must be non-negative and less than the size of the collection. (Parameter 'index')",
            )),
        }
    }

    fn found(&self, name: &Value) -> R<Value> {
        if let Value::Int(index) = name {
            return self.at(*index);
        }
        let name = header_name(name);
        let values = self.values(name.as_deref());
        Ok(values.map_or(Value::Null, |values| Value::from(values.join(","))))
    }

    /// `Add` and `Set`, with a name that may be sent where it is a header's.
    fn put(&self, name: &Value, value: &Value, is_added: bool) -> R<Value> {
        let name = header_name(name);
        let text = value.text();
        if self.kind == Kind::Headers {
            is_sendable(name.as_deref().unwrap_or_default(), &text)?;
        }
        match name {
            Some(name) if !is_added => self.set(&name, text),
            name => self.add(name, text),
        }
        Ok(Value::Nothing)
    }

    /// `Add('Accept: text/plain')`
    fn add_line(&self, line: &str) -> R<Value> {
        let Some((name, value)) = line.split_once(':') else {
            return Err(method_error(
                "System.ArgumentException",
                "Specified value does not have a ':' separator. (Parameter 'header')",
            ));
        };
        is_sendable(name.trim(), value)?;
        self.add(Some(name.trim().to_owned()), value.trim().to_owned());
        Ok(Value::Nothing)
    }

    /// `a=1&b=x+y`
    fn query(&self) -> String {
        let entries = self.entries.borrow();
        let escaped = |text: &str| small_hex(&form_escape(text));
        let part = |name: &Option<String>, value: &String| match name.as_deref() {
            Some(name) if !name.is_empty() => format!("{}={}", escaped(name), escaped(value)),
            _ => escaped(value),
        };
        let parts = entries
            .iter()
            .flat_map(|(name, values)| values.iter().map(move |value| part(name, value)));
        parts.collect::<Vec<_>>().join("&")
    }
}

fn is_same(own: Option<&str>, name: Option<&str>) -> bool {
    match (own, name) {
        (Some(own), Some(name)) => own.eq_ignore_ascii_case(name),
        (own, name) => own.is_none() && name.is_none(),
    }
}

/// A name as text; `[System.Net.HttpRequestHeader]::ContentType` is `Content-Type`.
fn header_name(name: &Value) -> Option<String> {
    if name.is_null() {
        return None;
    }
    let text = name.text();
    match name.downcast::<EnumValue>() {
        Some(_) if text == "ContentMd5" => Some("Content-MD5".to_owned()),
        Some(_) if text == "Te" => Some("TE".to_owned()),
        Some(_) => Some(dashed(&text)),
        None => Some(text),
    }
}

/// `IfModifiedSince` as `If-Modified-Since`.
fn dashed(words: &str) -> String {
    let mut name = String::with_capacity(words.len() + 3);
    for c in words.chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(c);
    }
    name
}

fn is_sendable(name: &str, value: &str) -> R<()> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(is_token) {
        return Err(method_error(
            "System.ArgumentException",
            "Specified value has invalid HTTP Header characters. (Parameter 'name')",
        ));
    }
    if value.contains(['\r', '\n', '\0']) {
        return Err(method_error(
            "System.ArgumentException",
            "Specified value has invalid CRLF characters. (Parameter 'value')",
        ));
    }
    Ok(())
}

impl Net for NameValues {
    net_any!();

    fn type_name(&self) -> &str {
        match self.kind {
            Kind::Plain => NAME_VALUES.name,
            Kind::Query => "System.Web.HttpUtility+HttpQSCollection",
            Kind::Headers => WEB_HEADERS.name,
        }
    }

    fn text(&self) -> String {
        match self.kind {
            Kind::Plain => NAME_VALUES.name.to_owned(),
            Kind::Query => self.query(),
            Kind::Headers => {
                let line = |(name, value): (String, String)| format!("{name}: {value}\r\n");
                let lines: String = self.pairs().into_iter().map(line).collect();
                lines + "\r\n"
            }
        }
    }

    fn bases(&self) -> Vec<String> {
        [NAME_VALUES.name, "System.Collections.ICollection"]
            .map(String::from)
            .to_vec()
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match name {
            "count" => Value::from(self.entries.borrow().len()),
            "keys" => Value::from(self.keys()),
            "allkeys" => {
                let keys = self.keys();
                Value::strings(keys.iter().map(Value::text))
            }
            _ => return None,
        })
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        Some(match (name, args) {
            ("add", [line]) if self.kind == Kind::Headers => self.add_line(&line.text()),
            ("add", [name, value]) => self.put(name, value, true),
            ("set", [name, value]) => self.put(name, value, false),
            ("get" | "get_item", [name]) => self.found(name),
            ("getvalues", [name]) => {
                let values = self.values(header_name(name).as_deref());
                Ok(values.map_or(Value::Null, Value::strings))
            }
            ("getkey", [index]) => to_int(index).map(|index| {
                let keys = self.keys();
                keys.into_iter()
                    .nth(index.max(0) as usize)
                    .unwrap_or_default()
            }),
            ("remove", [name]) => {
                self.remove(&header_name(name).unwrap_or_default());
                Ok(Value::Nothing)
            }
            ("clear", []) => {
                self.entries.borrow_mut().clear();
                Ok(Value::Nothing)
            }
            ("haskeys", []) => {
                let entries = self.entries.borrow();
                Ok(Value::Bool(entries.iter().any(|(name, _)| name.is_some())))
            }
            _ => return None,
        })
    }

    fn items(&self) -> Option<Vec<Value>> {
        Some(self.keys())
    }

    fn index(&self, index: &Value) -> Option<R<Value>> {
        Some(self.found(index))
    }

    fn set_index(&self, index: &Value, value: &Value) -> Option<R<()>> {
        Some(self.put(index, value, false).map(drop))
    }
}
