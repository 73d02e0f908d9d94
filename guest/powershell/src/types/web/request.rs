//! `[System.Net.WebRequest]`: a request made up property by property, then `GetResponse()`.
//!
//! [HttpWebRequest](https://learn.microsoft.com/dotnet/api/system.net.httpwebrequest). Left out: cookies, client certificates,
//! everything asynchronous.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use url::Url;

use super::failure;
use super::name_values::{Kind, NameValues};
use super::proxy::{self, NoProxy};
use super::response::WebResponse;
use crate::eval::Engine;
use crate::http::{Patience, Request, fetch};
use crate::net_any;
use crate::types::TypeInfo;
use crate::types::credential::Credential;
use crate::types::text_io::memory_stream::MemoryStream;
use crate::types::uri::{Uri, address_of};
use crate::value::{Net, R, Value, method_error, to_bool, to_int};

pub const INFO: TypeInfo = TypeInfo {
    statics: &[
        "Create",
        "CreateHttp",
        "DefaultWebProxy",
        "GetSystemWebProxy",
    ],
    call: Some(|_, name, args| match (name, args) {
        ("create" | "createhttp", [address]) => Some(create(&address_of(address))),
        ("getsystemwebproxy", []) => Some(Ok(NoProxy::value())),
        _ => None,
    }),
    get: Some(|name| (name == "defaultwebproxy").then(NoProxy::value)),
    ..TypeInfo::named(
        "System.Net.WebRequest",
        &["System.Net.HttpWebRequest", "Net.HttpWebRequest"],
    )
};

fn create(address: &str) -> R<Value> {
    let url = Url::parse(address).map_err(|_| {
        method_error(
            "System.UriFormatException",
            "Invalid URI: The format of the URI could not be determined.",
        )
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(method_error(
            "System.NotSupportedException",
            "The URI prefix is not recognized.",
        ));
    }
    Ok(Value::net(WebRequest::new(url)))
}

struct WebRequest {
    url: Url,
    method: RefCell<String>,
    headers: RefCell<Rc<NameValues>>,
    body: RefCell<Option<Rc<MemoryStream>>>,
    credentials: RefCell<Value>,
    proxy: RefCell<Value>,
    /// Milliseconds; below zero is without end.
    timeout: Cell<i32>,
    follows: Cell<bool>,
    n_redirects: Cell<i32>,
    /// What is kept for the script and changes nothing: a connection is of one request here.
    kept: RefCell<Vec<(&'static str, Value)>>,
}

/// Headers that are properties too.
const HEADERS: [(&str, &str); 6] = [
    ("contenttype", "Content-Type"),
    ("accept", "Accept"),
    ("useragent", "User-Agent"),
    ("referer", "Referer"),
    ("expect", "Expect"),
    ("host", "Host"),
];
const KEPT: [&str; 9] = [
    "keepalive",
    "preauthenticate",
    "usedefaultcredentials",
    "protocolversion",
    "readwritetimeout",
    "sendchunked",
    "cachepolicy",
    "allowwritestreambuffering",
    "contentlength",
];

fn header_of(property: &str) -> Option<&'static str> {
    let mut all = HEADERS.iter();
    all.find(|(own, _)| *own == property).map(|(_, name)| *name)
}

impl WebRequest {
    fn new(url: Url) -> Self {
        Self {
            url,
            method: RefCell::new("GET".to_owned()),
            headers: RefCell::new(Rc::new(NameValues::new(Kind::Headers))),
            body: RefCell::new(None),
            credentials: RefCell::new(Value::Null),
            proxy: RefCell::new(NoProxy::value()),
            timeout: Cell::new(100_000),
            follows: Cell::new(true),
            n_redirects: Cell::new(50),
            kept: RefCell::new(Vec::new()),
        }
    }

    fn request_stream(&self) -> R<Value> {
        if matches!(self.method.borrow().as_str(), "GET" | "HEAD") {
            return Err(method_error(
                "System.Net.ProtocolViolationException",
                "Cannot send a content-body with this verb-type.",
            ));
        }
        let mut body = self.body.borrow_mut();
        let stream: Rc<dyn Net> =
            Rc::<MemoryStream>::clone(body.get_or_insert_with(MemoryStream::to_request));
        Ok(Value::Net(stream))
    }

    fn response(&self, engine: &mut Engine) -> R<Value> {
        engine.printer.before_waiting(crate::format::PATIENCE);
        let body = self.body.borrow();
        let has_body = matches!(self.method.borrow().as_str(), "POST" | "PUT" | "PATCH");
        let millis = u64::try_from(self.timeout.get()).ok();
        let request = Request {
            method: self.method.borrow().clone(),
            url: self.url.clone(),
            headers: self.headers.borrow().pairs(),
            body: match body.as_ref() {
                Some(stream) => Some(stream.whole()),
                None => has_body.then(Vec::new),
            },
            timeout: millis.map(Duration::from_millis),
        };
        let credentials = self.credentials.borrow();
        let n_redirects = u32::try_from(self.n_redirects.get()).unwrap_or_default();
        let patience = Patience {
            n_redirects: if self.follows.get() { n_redirects } else { 0 },
            n_retries: 0,
            interval: Duration::ZERO,
            keeps_authorization: false,
            when_asked: credentials
                .downcast::<Credential>()
                .and_then(Credential::basic),
        };
        let response = fetch(&request, &patience).map_err(failure::of_failure)?;
        // A redirect that isn't followed is an answer.
        let last = if self.follows.get() { 299 } else { 399 };
        match (200..=last).contains(&response.status) {
            true => Ok(WebResponse::value(response)),
            false => Err(failure::of_status(response)),
        }
    }
}

impl Net for WebRequest {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Net.HttpWebRequest"
    }

    fn bases(&self) -> Vec<String> {
        vec![INFO.name.to_owned()]
    }

    fn get(&self, name: &str) -> Option<Value> {
        if let Some(header) = header_of(name) {
            return Some(
                self.headers
                    .borrow()
                    .joined(header)
                    .map_or(Value::Null, Value::from),
            );
        }
        if KEPT.contains(&name) {
            let kept = self.kept.borrow();
            let found = kept.iter().find(|(own, _)| *own == name);
            return Some(found.map_or(Value::Null, |(_, value)| value.clone()));
        }
        Some(match name {
            "method" => Value::from(self.method.borrow().as_str()),
            "requesturi" | "address" => Uri::value(self.url.as_str()),
            "headers" => {
                let all: Rc<dyn Net> = Rc::<NameValues>::clone(&self.headers.borrow());
                Value::Net(all)
            }
            "timeout" => Value::Int(self.timeout.get()),
            "allowautoredirect" => Value::Bool(self.follows.get()),
            "maximumautomaticredirections" => Value::Int(self.n_redirects.get()),
            "credentials" => self.credentials.borrow().clone(),
            "proxy" => self.proxy.borrow().clone(),
            _ => return None,
        })
    }

    fn set(&self, name: &str, value: &Value) -> Option<R<()>> {
        if let Some(header) = header_of(name) {
            let headers = self.headers.borrow();
            match value.is_null() {
                true => headers.remove(header),
                false => headers.set(header, value.text()),
            }
            return Some(Ok(()));
        }
        if let Some(known) = KEPT.iter().find(|known| **known == name) {
            let mut kept = self.kept.borrow_mut();
            kept.retain(|(own, _)| own != known);
            kept.push((known, value.clone()));
            return Some(Ok(()));
        }
        Some(match name {
            "method" => {
                *self.method.borrow_mut() = value.text().to_ascii_uppercase();
                Ok(())
            }
            "headers" => match value.downcast_rc::<NameValues>() {
                Some(given) => {
                    *self.headers.borrow_mut() = given;
                    Ok(())
                }
                None => Err(crate::value::no_cast(value, super::WEB_HEADERS.name)),
            },
            "timeout" => to_int(value).map(|millis| self.timeout.set(millis)),
            "allowautoredirect" => {
                self.follows.set(to_bool(value));
                Ok(())
            }
            "maximumautomaticredirections" => to_int(value).map(|n| self.n_redirects.set(n)),
            "credentials" => {
                *self.credentials.borrow_mut() = value.clone();
                Ok(())
            }
            "proxy" => proxy::check(value).map(|()| *self.proxy.borrow_mut() = value.clone()),
            _ => return None,
        })
    }

    fn call(self: Rc<Self>, engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        Some(match (name, args) {
            ("getresponse", []) => self.response(engine),
            ("getrequeststream", []) => self.request_stream(),
            ("abort", []) => Ok(Value::Nothing),
            _ => return None,
        })
    }
}
