//! The values of headers as objects: a media type, what a part of a form is, who asks and with what.

use std::cell::RefCell;
use std::rc::Rc;

use crate::eval::Engine;
use crate::net_any;
use crate::types::TypeInfo;
use crate::types::uri::escape;
use crate::value::{Net, R, Value, method_error};

pub const MEDIA_TYPE: TypeInfo = TypeInfo {
    statics: &["Parse"],
    create: Some(media_type),
    call: Some(|engine, name, args| match name {
        "parse" => media_type(engine, args),
        _ => None,
    }),
    ..TypeInfo::named("System.Net.Http.Headers.MediaTypeHeaderValue", &[])
};
pub const QUALITY: TypeInfo = TypeInfo {
    create: Some(|_, args| match args {
        [kind] => Some(of_words(QUALITY.name, &[kind])),
        [kind, quality] => {
            let text = format!(
                "{}; q={:.1}",
                kind.text(),
                quality.text().parse().unwrap_or(1.0)
            );
            Some(Ok(HeaderValue::value(QUALITY.name, text)))
        }
        _ => None,
    }),
    bases: &["System.Net.Http.Headers.MediaTypeHeaderValue"],
    ..TypeInfo::named(
        "System.Net.Http.Headers.MediaTypeWithQualityHeaderValue",
        &[],
    )
};
pub const AUTHENTICATION: TypeInfo = TypeInfo {
    statics: &["Parse"],
    create: Some(|_, args| match args {
        [scheme] => Some(of_words(AUTHENTICATION.name, &[scheme])),
        [scheme, parameter] => Some(of_words(AUTHENTICATION.name, &[scheme, parameter])),
        _ => None,
    }),
    call: Some(|_, name, args| match (name, args) {
        ("parse", [text]) => Some(of_words(AUTHENTICATION.name, &[text])),
        _ => None,
    }),
    ..TypeInfo::named("System.Net.Http.Headers.AuthenticationHeaderValue", &[])
};
pub const PRODUCT: TypeInfo = TypeInfo {
    create: Some(|_, args| match args {
        [comment] => Some(of_words(PRODUCT.name, &[comment])),
        [name, version] => {
            let text = format!("{}/{}", name.text(), version.text());
            Some(Ok(HeaderValue::value(PRODUCT.name, text)))
        }
        _ => None,
    }),
    ..TypeInfo::named("System.Net.Http.Headers.ProductInfoHeaderValue", &[])
};
pub const DISPOSITION: TypeInfo = TypeInfo {
    create: Some(|_, args| match args {
        [kind] => Some(of_words(DISPOSITION.name, &[kind])),
        _ => None,
    }),
    ..TypeInfo::named("System.Net.Http.Headers.ContentDispositionHeaderValue", &[])
};

fn media_type(_: &mut Engine, args: &[Value]) -> Option<R<Value>> {
    match args {
        [kind] if !kind.text().contains('/') => {
            let message = format!("The format of value '{}' is invalid.", kind.text());
            Some(Err(method_error("System.FormatException", message)))
        }
        [kind] => Some(of_words(MEDIA_TYPE.name, &[kind])),
        [kind, charset] => {
            let text = format!("{}; charset={}", kind.text(), charset.text());
            Some(Ok(HeaderValue::value(MEDIA_TYPE.name, text)))
        }
        _ => None,
    }
}

fn of_words(name: &'static str, words: &[&Value]) -> R<Value> {
    let words: Vec<String> = words.iter().map(|word| word.text()).collect();
    let text = words.join(" ");
    if text.trim().is_empty() || text.contains(['\r', '\n']) {
        let message = format!("The format of value '{text}' is invalid.");
        return Err(method_error("System.FormatException", message));
    }
    Ok(HeaderValue::value(name, text))
}

pub struct HeaderValue {
    name: &'static str,
    /// What stands before the first `;`.
    main: RefCell<String>,
    parameters: RefCell<Vec<(String, String)>>,
}

impl HeaderValue {
    pub fn value(name: &'static str, text: impl AsRef<str>) -> Value {
        let mut parts = text.as_ref().split(';').map(str::trim);
        let main = parts.next().unwrap_or_default().to_owned();
        let parameters = parts.filter_map(|part| {
            let (name, value) = part.split_once('=')?;
            Some((name.trim().to_owned(), value.trim().to_owned()))
        });
        Value::net(Self {
            name,
            main: RefCell::new(main),
            parameters: RefCell::new(parameters.collect()),
        })
    }

    /// `form-data`, with the names that a part of a form has.
    pub fn form_data(name: Option<&str>, file: Option<&str>) -> Value {
        let made = Self {
            name: DISPOSITION.name,
            main: RefCell::new("form-data".to_owned()),
            parameters: RefCell::default(),
        };
        if let Some(name) = name {
            made.set_parameter("name", quoted(name));
        }
        if let Some(file) = file {
            made.set_parameter("filename", quoted(file));
            let escaped = escape(file, b"-_.~!#$&+^`|");
            made.set_parameter("filename*", format!("utf-8''{escaped}"));
        }
        Value::net(made)
    }

    fn parameter(&self, name: &str) -> Value {
        let parameters = self.parameters.borrow();
        let mut found = parameters.iter();
        let found = found.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map_or(Value::Null, |(_, value)| Value::from(value.as_str()))
    }

    fn set_parameter(&self, name: &str, value: String) {
        let mut parameters = self.parameters.borrow_mut();
        match parameters.iter_mut().find(|(own, _)| own == name) {
            Some((_, own)) => *own = value,
            None => parameters.push((name.to_owned(), value)),
        }
    }

    /// The parameter behind a property.
    fn behind(&self, property: &str) -> Option<&'static str> {
        Some(match (property, self.name) {
            ("name", name) if name == DISPOSITION.name => "name",
            ("filename", name) if name == DISPOSITION.name => "filename",
            ("charset", name) if name == MEDIA_TYPE.name || name == QUALITY.name => "charset",
            _ => return None,
        })
    }
}

/// In quotes where it isn't one word (`ContentDispositionHeaderValue.EncodeAndQuoteMime`).
fn quoted(text: &str) -> String {
    let bare = text.trim_matches('"');
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if !bare.is_ascii() {
        let encoded = ::octopus::base64::encode(bare.as_bytes());
        return format!("\"=?utf-8?B?{encoded}?=\"");
    }
    match bare == text && !bare.is_empty() && bare.chars().all(is_token) {
        true => bare.to_owned(),
        false => format!("\"{bare}\""),
    }
}

impl Net for HeaderValue {
    net_any!();

    fn type_name(&self) -> &str {
        self.name
    }

    fn text(&self) -> String {
        let mut text = self.main.borrow().clone();
        for (name, value) in self.parameters.borrow().iter() {
            text.push_str(&format!("; {name}={value}"));
        }
        text
    }

    fn get(&self, name: &str) -> Option<Value> {
        if let Some(parameter) = self.behind(name) {
            return Some(self.parameter(parameter));
        }
        let main = self.main.borrow();
        let (first, rest) = main.split_once(' ').unwrap_or((&main, ""));
        Some(match (name, self.name) {
            ("mediatype", own) if own == MEDIA_TYPE.name || own == QUALITY.name => {
                Value::from(main.as_str())
            }
            ("dispositiontype", own) if own == DISPOSITION.name => Value::from(main.as_str()),
            ("scheme", own) if own == AUTHENTICATION.name => Value::from(first),
            ("parameter", own) if own == AUTHENTICATION.name && rest.is_empty() => Value::Null,
            ("parameter", own) if own == AUTHENTICATION.name => Value::from(rest),
            _ => return None,
        })
    }

    fn set(&self, name: &str, value: &Value) -> Option<R<()>> {
        if let Some(parameter) = self.behind(name) {
            self.set_parameter(parameter, quoted(&value.text()));
            return Some(Ok(()));
        }
        matches!(name, "mediatype" | "dispositiontype").then(|| {
            *self.main.borrow_mut() = value.text();
            Ok(())
        })
    }

    fn equal(&self, other: &Value) -> Option<bool> {
        let other = other.downcast::<Self>()?;
        Some(self.text().eq_ignore_ascii_case(&other.text()))
    }

    fn call(self: Rc<Self>, _: &mut Engine, _: &str, _: &[Value]) -> Option<R<Value>> {
        None
    }

    fn properties(&self) -> Vec<String> {
        let names: &[&str] = match self.name {
            name if name == AUTHENTICATION.name => &["Scheme", "Parameter"],
            name if name == DISPOSITION.name => &["DispositionType", "Name", "FileName"],
            name if name == PRODUCT.name => &[],
            _ => &["CharSet", "MediaType"],
        };
        names.iter().map(|name| (*name).to_owned()).collect()
    }
}
