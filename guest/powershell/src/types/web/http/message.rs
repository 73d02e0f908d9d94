//! `HttpRequestMessage`, `HttpResponseMessage` and `HttpMethod`.

use std::cell::RefCell;
use std::rc::Rc;

use super::content::Content;
use super::headers::{HttpHeaders, Kind};
use crate::cmdlets::web::reason::reason;
use crate::eval::Engine;
use crate::http::Response;
use crate::net_any;
use crate::types::TypeInfo;
use crate::types::enumeration::EnumValue;
use crate::types::uri::{Uri, address_of};
use crate::types::version::Version;
use crate::value::{Ctl, Net, R, Value, method_error, no_cast};

pub const METHOD: TypeInfo = TypeInfo {
    statics: &[
        "Get", "Put", "Post", "Delete", "Head", "Options", "Patch", "Trace",
    ],
    get: Some(|name| {
        let known = [
            "get", "put", "post", "delete", "head", "options", "patch", "trace",
        ];
        known.contains(&name).then(|| Method::value(name))
    }),
    create: Some(|_, args| match args {
        [name] => Some(Ok(Method::value(&name.text()))),
        _ => None,
    }),
    convert: Some(|value| match value.downcast::<Method>() {
        Some(_) => Ok(value.clone()),
        None => Ok(Method::value(&value.text())),
    }),
    ..TypeInfo::named("System.Net.Http.HttpMethod", &[])
};
pub const REQUEST: TypeInfo = TypeInfo {
    create: Some(|_, args| match args {
        [] => Some(Ok(RequestMessage::value("GET", Value::Null))),
        [method, address] => Some(Ok(RequestMessage::value(&method.text(), address.clone()))),
        _ => None,
    }),
    ..TypeInfo::named("System.Net.Http.HttpRequestMessage", &[])
};

const RESPONSE: &str = "System.Net.Http.HttpResponseMessage";

struct Method(String);

impl Method {
    fn value(name: &str) -> Value {
        Value::net(Self(name.to_ascii_uppercase()))
    }
}

impl Net for Method {
    net_any!();

    fn type_name(&self) -> &str {
        METHOD.name
    }

    fn text(&self) -> String {
        self.0.clone()
    }

    fn get(&self, name: &str) -> Option<Value> {
        (name == "method").then(|| Value::from(self.0.as_str()))
    }

    fn equal(&self, other: &Value) -> Option<bool> {
        Some(self.0.eq_ignore_ascii_case(&other.text()))
    }

    fn properties(&self) -> Vec<String> {
        vec!["Method".to_owned()]
    }
}

pub struct RequestMessage {
    pub method: RefCell<String>,
    pub address: RefCell<Value>,
    pub content: RefCell<Value>,
    pub headers: Rc<HttpHeaders>,
}

impl RequestMessage {
    pub fn new(method: &str, address: Value, content: Value) -> Self {
        Self {
            method: RefCell::new(method.to_ascii_uppercase()),
            address: RefCell::new(address),
            content: RefCell::new(content),
            headers: HttpHeaders::new(Kind::Request),
        }
    }

    fn value(method: &str, address: Value) -> Value {
        Value::net(Self::new(method, address, Value::Null))
    }

    pub fn content(&self) -> Option<Rc<Content>> {
        self.content.borrow().downcast_rc::<Content>()
    }
}

fn version() -> Value {
    Value::from(Version::parse("1.1").map(Value::net))
}

/// The headers as `{`, a line each, `}`.
fn block(headers: &[(String, String)]) -> String {
    let line = |(name, value): &(String, String)| format!("  {name}: {value}\r\n");
    let lines: String = headers.iter().map(line).collect();
    format!("{{\r\n{lines}}}")
}

impl Net for RequestMessage {
    net_any!();

    fn type_name(&self) -> &str {
        REQUEST.name
    }

    fn text(&self) -> String {
        let content = self.content.borrow();
        let mut headers = self.headers.pairs();
        if let Some(content) = self.content() {
            headers.extend(content.headers.pairs());
        }
        format!(
            "Method: {}, RequestUri: '{}', Version: 1.1, Content: {}, Headers:\r\n{}",
            self.method.borrow(),
            self.address.borrow().text(),
            if content.is_null() {
                "<null>".to_owned()
            } else {
                content.text()
            },
            block(&headers)
        )
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match name {
            "method" => Method::value(&self.method.borrow()),
            "requesturi" if self.address.borrow().is_null() => Value::Null,
            "requesturi" => Uri::value(&address_of(&self.address.borrow())),
            "content" => self.content.borrow().clone(),
            "headers" => {
                let headers: Rc<dyn Net> = Rc::<HttpHeaders>::clone(&self.headers);
                Value::Net(headers)
            }
            "version" => version(),
            _ => return None,
        })
    }

    fn set(&self, name: &str, value: &Value) -> Option<R<()>> {
        Some(match name {
            "method" => {
                *self.method.borrow_mut() = value.text().to_ascii_uppercase();
                Ok(())
            }
            "requesturi" => {
                *self.address.borrow_mut() = value.clone();
                Ok(())
            }
            "content" if !value.is_null() && value.downcast::<Content>().is_none() => {
                Err(no_cast(value, "System.Net.Http.HttpContent"))
            }
            "content" => {
                *self.content.borrow_mut() = value.clone();
                Ok(())
            }
            // One version is spoken outside, whatever is asked for.
            "version" => Ok(()),
            _ => return None,
        })
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        (name == "dispose" && args.is_empty()).then_some(Ok(Value::Nothing))
    }

    fn properties(&self) -> Vec<String> {
        ["Version", "Content", "Method", "RequestUri", "Headers"]
            .map(String::from)
            .to_vec()
    }
}

pub struct ResponseMessage {
    status: u16,
    content: Rc<Content>,
    headers: Rc<HttpHeaders>,
    request: Value,
}

impl ResponseMessage {
    pub fn new(response: Response, request: Value) -> Self {
        Self {
            status: response.status,
            headers: HttpHeaders::of(Kind::Response, &response.headers),
            content: Rc::new(Content::received(&response.headers, response.body)),
            request,
        }
    }

    pub fn content(&self) -> &Content {
        &self.content
    }

    fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub fn ensure_success(&self) -> R<()> {
        match self.is_success() {
            true => Ok(()),
            false => Err(self.failure()),
        }
    }

    fn failure(&self) -> Ctl {
        let message = format!(
            "Response status code does not indicate success: {} ({}).",
            self.status,
            reason(self.status)
        );
        method_error("System.Net.Http.HttpRequestException", message)
    }
}

impl Net for ResponseMessage {
    net_any!();

    fn type_name(&self) -> &str {
        RESPONSE
    }

    fn text(&self) -> String {
        let mut headers = self.headers.pairs();
        headers.extend(self.content.headers.pairs());
        format!(
            "StatusCode: {}, ReasonPhrase: '{}', Version: 1.1, Content: {}, Headers:\r\n{}",
            self.status,
            reason(self.status),
            self.content.type_name(),
            block(&headers)
        )
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match name {
            "statuscode" => EnumValue::builtin("System.Net.HttpStatusCode", i64::from(self.status)),
            "reasonphrase" => Value::from(reason(self.status)),
            "issuccessstatuscode" => Value::Bool(self.is_success()),
            "content" => {
                let content: Rc<dyn Net> = Rc::<Content>::clone(&self.content);
                Value::Net(content)
            }
            "headers" => {
                let headers: Rc<dyn Net> = Rc::<HttpHeaders>::clone(&self.headers);
                Value::Net(headers)
            }
            "trailingheaders" => {
                let none: Rc<dyn Net> = HttpHeaders::new(Kind::Response);
                Value::Net(none)
            }
            "requestmessage" => self.request.clone(),
            "version" => version(),
            _ => return None,
        })
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        Some(match (name, args) {
            ("ensuresuccessstatuscode", []) => self.ensure_success().map(|()| Value::Net(self)),
            ("dispose", []) => Ok(Value::Nothing),
            _ => return None,
        })
    }

    fn properties(&self) -> Vec<String> {
        [
            "Version",
            "Content",
            "StatusCode",
            "ReasonPhrase",
            "Headers",
            "TrailingHeaders",
            "RequestMessage",
            "IsSuccessStatusCode",
        ]
        .map(String::from)
        .to_vec()
    }
}
