//! What is sent with a request and what comes with a response: text, bytes, a stream, a form, a form of several parts.
//!
//! [HttpContent](https://learn.microsoft.com/dotnet/api/system.net.http.httpcontent)

use std::cell::RefCell;
use std::rc::Rc;

use super::header_value::HeaderValue;
use super::headers::{HttpHeaders, Kind};
use super::task::Task;
use crate::eval::Engine;
use crate::net_any;
use crate::place;
use crate::types::TypeInfo;
use crate::types::convert_class::bytes_of;
use crate::types::encoding::{self, Encoding};
use crate::types::guid::Guid;
use crate::types::text_io::memory_stream::MemoryStream;
use crate::types::uri::escape;
use crate::value::{Hash, HashKind, Net, R, Value, to_int};

pub const STRING: TypeInfo = TypeInfo {
    create: Some(|_, args| match args {
        [text, rest @ ..] if rest.len() < 3 => Some(text_content(text, rest)),
        _ => None,
    }),
    bases: &BASES,
    ..TypeInfo::named("System.Net.Http.StringContent", &[])
};
pub const BYTES: TypeInfo = TypeInfo {
    create: Some(|_, args| match args {
        [bytes] => Some(bytes_of(bytes).map(|bytes| Content::value(BYTES.name, bytes, ""))),
        [bytes, offset, count] => Some(part_of(bytes, offset, count)),
        _ => None,
    }),
    bases: &BASES,
    ..TypeInfo::named("System.Net.Http.ByteArrayContent", &[])
};
pub const STREAM: TypeInfo = TypeInfo {
    create: Some(|_, args| {
        let stream = args.first()?.downcast::<MemoryStream>()?;
        let bytes = stream.is_open().map(|()| stream.rest());
        Some(bytes.map(|bytes| Content::value(STREAM.name, bytes, "")))
    }),
    bases: &BASES,
    ..TypeInfo::named("System.Net.Http.StreamContent", &[])
};
pub const FORM: TypeInfo = TypeInfo {
    create: Some(|_, args| match args {
        [Value::Hash(pairs)] if matches!(pairs.kind, HashKind::Dictionary(..)) => {
            let kind = "application/x-www-form-urlencoded";
            Some(Ok(Content::value(FORM.name, form(pairs), kind)))
        }
        _ => None,
    }),
    bases: &BASES,
    ..TypeInfo::named("System.Net.Http.FormUrlEncodedContent", &[])
};
pub const MULTIPART: TypeInfo = TypeInfo {
    create: Some(|_, args| match args {
        [] => Some(Ok(multipart(&Guid::random().text()))),
        [boundary] => Some(Ok(multipart(&boundary.text()))),
        _ => None,
    }),
    bases: &BASES,
    ..TypeInfo::named("System.Net.Http.MultipartFormDataContent", &[])
};

const BASES: [&str; 1] = ["System.Net.Http.HttpContent"];
/// What a response has.
const RECEIVED: &str = "System.Net.Http.HttpConnectionResponseContent";

enum Body {
    Bytes(Vec<u8>),
    Parts {
        boundary: String,
        parts: RefCell<Vec<Rc<Content>>>,
    },
}

pub struct Content {
    name: &'static str,
    pub headers: Rc<HttpHeaders>,
    body: Body,
}

fn text_content(text: &Value, rest: &[Value]) -> R<Value> {
    let (kind, charset) = match rest.first().filter(|given| !given.is_null()) {
        Some(given) => (Encoding::of(given)?.0, given.clone()),
        None => (encoding::Kind::Utf8, encoding::utf8()),
    };
    let charset = charset
        .downcast::<Encoding>()
        .and_then(|own| own.get("webname"));
    let charset = charset.map_or_else(|| "utf-8".to_owned(), |name| name.text());
    let media = rest
        .get(1)
        .map_or_else(|| "text/plain".to_owned(), Value::text);
    let bytes = encoding::encode(kind, &text.text());
    let kind = format!("{media}; charset={charset}");
    Ok(Content::value(STRING.name, bytes, &kind))
}

fn part_of(bytes: &Value, offset: &Value, count: &Value) -> R<Value> {
    let bytes = bytes_of(bytes)?;
    let from = usize::try_from(to_int(offset)?).unwrap_or(usize::MAX);
    let n = usize::try_from(to_int(count)?).unwrap_or(usize::MAX);
    match bytes.get(from..from.saturating_add(n)) {
        Some(part) => Ok(Content::value(BYTES.name, part.to_vec(), "")),
        None => Err(crate::value::method_error(
            "System.ArgumentOutOfRangeException",
            "Specified argument was out of the range of valid values. (Parameter 'offset')",
        )),
    }
}

fn form(pairs: &Hash) -> Vec<u8> {
    let escaped = |value: &Value| escape(&value.text(), b"-_.~ ").replace(' ', "+");
    let entries = pairs.entries().into_iter();
    let parts: Vec<String> = entries
        .map(|(name, value)| format!("{}={}", escaped(&name), escaped(&value)))
        .collect();
    parts.join("&").into_bytes()
}

fn multipart(boundary: &str) -> Value {
    let headers = HttpHeaders::new(Kind::Content);
    let kind = format!("multipart/form-data; boundary=\"{boundary}\"");
    headers.put("Content-Type", Value::from(kind));
    Value::net(Content {
        name: MULTIPART.name,
        headers,
        body: Body::Parts {
            boundary: boundary.to_owned(),
            parts: RefCell::default(),
        },
    })
}

impl Content {
    fn value(name: &'static str, bytes: Vec<u8>, kind: &str) -> Value {
        let headers = HttpHeaders::new(Kind::Content);
        if !kind.is_empty() {
            headers.put("Content-Type", Value::from(kind));
        }
        Value::net(Self {
            name,
            headers,
            body: Body::Bytes(bytes),
        })
    }

    /// The content of a response.
    pub fn received(headers: &[(String, String)], bytes: Vec<u8>) -> Self {
        Self {
            name: RECEIVED,
            headers: HttpHeaders::of(Kind::Content, headers),
            body: Body::Bytes(bytes),
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        match &self.body {
            Body::Bytes(bytes) => bytes.clone(),
            Body::Parts { boundary, parts } => {
                let mut all = format!("--{boundary}\r\n").into_bytes();
                for (at, part) in parts.borrow().iter().enumerate() {
                    if at > 0 {
                        all.extend(format!("\r\n--{boundary}\r\n").bytes());
                    }
                    for (name, value) in part.headers.pairs() {
                        all.extend(format!("{name}: {value}\r\n").bytes());
                    }
                    all.extend(b"\r\n");
                    all.extend(part.bytes());
                }
                all.extend(format!("\r\n--{boundary}--\r\n").bytes());
                all
            }
        }
    }

    /// In the charset that the type names; without one by the mark, else UTF-8.
    pub fn text(&self) -> String {
        let kind = self.headers.first("Content-Type");
        let kind = kind.map(|kind| kind.text()).unwrap_or_default();
        let bytes = self.bytes();
        match encoding::charset(&kind) {
            Some(of) => {
                let rest = bytes.strip_prefix(encoding::mark(of));
                encoding::decode(of, rest.unwrap_or(&bytes))
            }
            None => place::decode(&bytes),
        }
    }

    /// Adds a part; without a name it still says that it is of a form.
    fn add(&self, part: &Value, names: &[Value]) -> Option<R<Value>> {
        let Body::Parts { parts, .. } = &self.body else {
            return None;
        };
        let part = part.downcast_rc::<Self>()?;
        let names: Vec<String> = names.iter().map(Value::text).collect();
        let is_named = part.headers.first("Content-Disposition").is_some();
        if !names.is_empty() || !is_named {
            let name = names.first().map(String::as_str);
            let of = HeaderValue::form_data(name, names.get(1).map(String::as_str));
            part.headers.put("Content-Disposition", of);
        }
        parts.borrow_mut().push(part);
        Some(Ok(Value::Nothing))
    }
}

impl Net for Content {
    net_any!();

    fn type_name(&self) -> &str {
        self.name
    }

    fn bases(&self) -> Vec<String> {
        BASES.map(String::from).to_vec()
    }

    fn get(&self, name: &str) -> Option<Value> {
        (name == "headers").then(|| {
            let headers: Rc<dyn Net> = Rc::<HttpHeaders>::clone(&self.headers);
            Value::Net(headers)
        })
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        let text = || Value::from(Self::text(&self));
        Some(match (name, args) {
            ("readasstringasync", []) => Task::value(Ok(text())),
            ("readasbytearrayasync", []) => Task::value(Ok(Value::bytes(&self.bytes()))),
            ("readasstreamasync", []) => Task::value(Ok(MemoryStream::of_response(&self.bytes()))),
            ("readasstream", []) => Ok(MemoryStream::of_response(&self.bytes())),
            ("loadintobufferasync", []) => Task::value(Ok(Value::Nothing)),
            ("copytoasync", [to]) => {
                let to = to.downcast::<MemoryStream>()?;
                let copied = to.is_open().map(|()| {
                    to.write(&self.bytes());
                    Value::Nothing
                });
                Task::value(copied)
            }
            ("add", [part, names @ ..]) if names.len() < 3 => return self.add(part, names),
            ("dispose", []) => Ok(Value::Nothing),
            _ => return None,
        })
    }

    fn properties(&self) -> Vec<String> {
        vec!["Headers".to_owned()]
    }
}
