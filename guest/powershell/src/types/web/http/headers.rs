//! `HttpHeaders`: the headers of a request, of a response and of a content, which are three kinds in .NET.

use std::cell::RefCell;
use std::rc::Rc;

use super::header_value::{AUTHENTICATION, DISPOSITION, HeaderValue, MEDIA_TYPE, QUALITY};
use crate::eval::Engine;
use crate::net_any;
use crate::types::numbers::set_reference;
use crate::types::uri::Uri;
use crate::value::{Ctl, Net, Object, R, Value, method_error, to_bool};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Request,
    Response,
    Content,
}

/// Headers that belong to the content.
const OF_CONTENT: [&str; 11] = [
    "Allow",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Location",
    "Content-MD5",
    "Content-Range",
    "Content-Type",
    "Expires",
    "Last-Modified",
];

pub fn is_of_content(name: &str) -> bool {
    let mut all = OF_CONTENT.iter();
    all.any(|own| own.eq_ignore_ascii_case(name))
}

type Entries = Vec<(String, Vec<Value>)>;

#[derive(Clone)]
pub struct HttpHeaders {
    kind: Kind,
    /// Shared with the lists of values that are asked for.
    entries: Rc<RefCell<Entries>>,
}

impl HttpHeaders {
    pub fn new(kind: Kind) -> Rc<Self> {
        Rc::new(Self {
            kind,
            entries: Rc::default(),
        })
    }

    pub fn of(kind: Kind, headers: &[(String, String)]) -> Rc<Self> {
        let all = Self::new(kind);
        let own = headers
            .iter()
            .filter(|(name, _)| is_of_content(name) == (kind == Kind::Content));
        for (name, value) in own {
            all.add(name, Value::from(value.as_str()));
        }
        all
    }

    pub fn add(&self, name: &str, value: Value) {
        let mut entries = self.entries.borrow_mut();
        match entries
            .iter_mut()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
        {
            Some((_, values)) => values.push(value),
            None => entries.push((name.to_owned(), vec![value])),
        }
    }

    pub fn put(&self, name: &str, value: Value) {
        self.remove(name);
        if !value.is_null() {
            self.add(name, value);
        }
    }

    pub fn first(&self, name: &str) -> Option<Value> {
        self.values(name)?.into_iter().next()
    }

    fn remove(&self, name: &str) -> bool {
        let mut entries = self.entries.borrow_mut();
        let n_before = entries.len();
        entries.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
        entries.len() < n_before
    }

    fn values(&self, name: &str) -> Option<Vec<Value>> {
        let entries = self.entries.borrow();
        let mut found = entries.iter();
        let (_, values) = found.find(|(own, _)| own.eq_ignore_ascii_case(name))?;
        Some(values.clone())
    }

    /// As they are sent: products and comments with blanks between them, all else with commas.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let entries = self.entries.borrow();
        let pair = |(name, values): &(String, Vec<Value>)| {
            let between = match name.eq_ignore_ascii_case("User-Agent") {
                true => " ",
                false => ", ",
            };
            let texts: Vec<String> = values.iter().map(Value::text).collect();
            (name.clone(), texts.join(between))
        };
        entries.iter().map(pair).collect()
    }

    fn is_wrong_place(&self, name: &str) -> bool {
        is_of_content(name) != (self.kind == Kind::Content)
    }

    fn checked(&self, name: &str, values: &Value) -> R<Value> {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(is_token) {
            let message = format!("The header name '{name}' has an invalid format.");
            return Err(method_error("System.FormatException", message));
        }
        if self.is_wrong_place(name) {
            return Err(method_error(
                "System.InvalidOperationException",
                format!(
                    "Misused header name, '{name}'. Make sure request headers are used with HttpRequestMessage, response headers with HttpResponseMessage, and content headers with HttpContent objects."
                ),
            ));
        }
        for value in values.to_items() {
            if value.text().contains(['\r', '\n', '\0']) {
                return Err(method_error(
                    "System.FormatException",
                    "New-line or NUL characters are not allowed in header values.",
                ));
            }
            self.add(name, value);
        }
        Ok(Value::Nothing)
    }

    /// The header behind a property, and the type of its value.
    fn behind(&self, property: &str) -> Option<(&'static str, &'static str)> {
        Some(match (self.kind, property) {
            (Kind::Request, "authorization") => ("Authorization", AUTHENTICATION.name),
            (Kind::Request, "host") => ("Host", ""),
            (Kind::Request, "from") => ("From", ""),
            (Kind::Content, "contenttype") => ("Content-Type", MEDIA_TYPE.name),
            (Kind::Content, "contentdisposition") => ("Content-Disposition", DISPOSITION.name),
            _ => return None,
        })
    }
}

fn not_found() -> Ctl {
    method_error(
        "System.InvalidOperationException",
        "The given header was not found.",
    )
}

impl Net for HttpHeaders {
    net_any!();

    fn type_name(&self) -> &str {
        match self.kind {
            Kind::Request => "System.Net.Http.Headers.HttpRequestHeaders",
            Kind::Response => "System.Net.Http.Headers.HttpResponseHeaders",
            Kind::Content => "System.Net.Http.Headers.HttpContentHeaders",
        }
    }

    fn text(&self) -> String {
        let line = |(name, value): (String, String)| format!("{name}: {value}\n");
        self.pairs().into_iter().map(line).collect()
    }

    fn get(&self, name: &str) -> Option<Value> {
        if let Some((header, of)) = self.behind(name) {
            let found = self.first(header);
            return Some(match found {
                Some(Value::Str(text)) if !of.is_empty() => match of {
                    of if of == MEDIA_TYPE.name => HeaderValue::value(MEDIA_TYPE.name, &text),
                    of if of == DISPOSITION.name => HeaderValue::value(DISPOSITION.name, &text),
                    _ => HeaderValue::value(AUTHENTICATION.name, &text),
                },
                found => found.unwrap_or_default(),
            });
        }
        Some(match (self.kind, name) {
            (Kind::Request, "accept") => list(self, "Accept"),
            (Kind::Request, "acceptencoding") => list(self, "Accept-Encoding"),
            (Kind::Request, "acceptlanguage") => list(self, "Accept-Language"),
            (Kind::Request, "useragent") => list(self, "User-Agent"),
            (Kind::Request, "expectcontinue" | "connectionclose") => Value::Null,
            (Kind::Response, "location") => {
                let found = self.first("Location");
                found.map_or(Value::Null, |to| Uri::value(&to.text()))
            }
            (Kind::Response, "server" | "etag") => self
                .first(name)
                .map_or(Value::Null, |found| Value::from(found.text())),
            (Kind::Content, "contentlength") => {
                let found = self.first("Content-Length");
                let length = found.and_then(|length| length.text().parse().ok());
                length.map_or(Value::Null, Value::Long)
            }
            _ => return None,
        })
    }

    fn set(&self, name: &str, value: &Value) -> Option<R<()>> {
        let Some((header, of)) = self.behind(name) else {
            // Said of the connection, which is of one request here.
            let is_taken = matches!(name, "expectcontinue" | "connectionclose") && !to_bool(value);
            return (self.kind == Kind::Request && is_taken).then_some(Ok(()));
        };
        let is_one = value.is_null() || value.downcast::<HeaderValue>().is_some();
        let value = match is_one || of.is_empty() {
            true => value.clone(),
            false => Value::from(value.text()),
        };
        self.put(header, value);
        Some(Ok(()))
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        Some(match (name, args) {
            ("add", [name, values]) => self.checked(&name.text(), values),
            ("tryaddwithoutvalidation", [name, values]) => {
                let name = name.text();
                let is_wrong = self.is_wrong_place(&name);
                for value in values.to_items().into_iter().filter(|_| !is_wrong) {
                    self.add(&name, value);
                }
                Ok(Value::Bool(!is_wrong))
            }
            ("remove", [name]) => Ok(Value::Bool(self.remove(&name.text()))),
            ("contains", [name]) => Ok(Value::Bool(self.values(&name.text()).is_some())),
            ("getvalues", [name]) => match self.values(&name.text()) {
                Some(values) => Ok(Value::strings(values.iter().map(Value::text))),
                None => Err(not_found()),
            },
            ("trygetvalues", [name, reference]) => {
                let found = self.values(&name.text());
                let is_found = found.is_some();
                let values = found.map(|values| Value::strings(values.iter().map(Value::text)));
                set_reference(reference, values.unwrap_or_default()).map(|()| Value::Bool(is_found))
            }
            ("clear", []) => {
                self.entries.borrow_mut().clear();
                Ok(Value::Nothing)
            }
            _ => return None,
        })
    }

    fn items(&self) -> Option<Vec<Value>> {
        let entries = self.entries.borrow();
        let item = |(name, values): &(String, Vec<Value>)| {
            let values = Value::strings(values.iter().map(Value::text));
            Object::with(
                "System.Collections.Generic.KeyValuePair`2[[System.String],[System.Collections.Generic.IEnumerable`1[System.String]]]",
                [("Key", Value::from(name.as_str())), ("Value", values)],
            )
        };
        Some(entries.iter().map(item).collect())
    }
}

/// The values of one header, which more can be added to.
fn list(headers: &HttpHeaders, name: &'static str) -> Value {
    Value::net(ValueList {
        name,
        headers: headers.clone(),
    })
}

struct ValueList {
    name: &'static str,
    headers: HttpHeaders,
}

impl ValueList {
    fn values(&self) -> Vec<Value> {
        let values = self.headers.values(self.name).unwrap_or_default();
        let one = |value: Value| match value {
            Value::Str(text) if self.name == "Accept" => HeaderValue::value(QUALITY.name, &text),
            value => value,
        };
        values.into_iter().map(one).collect()
    }
}

impl Net for ValueList {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Net.Http.Headers.HttpHeaderValueCollection"
    }

    fn text(&self) -> String {
        let texts: Vec<String> = self.values().iter().map(Value::text).collect();
        texts.join(if self.name == "User-Agent" { " " } else { ", " })
    }

    fn get(&self, name: &str) -> Option<Value> {
        (name == "count").then(|| Value::from(self.values().len()))
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        Some(match (name, args) {
            ("add", [value]) => {
                self.headers.add(self.name, value.clone());
                Ok(Value::Nothing)
            }
            ("parseadd", [text]) => self.headers.checked(self.name, text),
            ("tryparseadd", [text]) => {
                let is_fine = self.headers.checked(self.name, text).is_ok();
                Ok(Value::Bool(is_fine))
            }
            ("clear", []) => {
                self.headers.remove(self.name);
                Ok(Value::Nothing)
            }
            _ => return None,
        })
    }

    fn items(&self) -> Option<Vec<Value>> {
        Some(self.values())
    }
}
