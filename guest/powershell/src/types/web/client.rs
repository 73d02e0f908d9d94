//! `[System.Net.WebClient]`: downloads and uploads of text, bytes, files and forms.
//!
//! [WebClient](https://learn.microsoft.com/dotnet/api/system.net.webclient). Some headers are for one request only, as in
//! .NET: `Content-Type` and its like are gone from `Headers` after it. Left out: `OpenWrite`, everything asynchronous.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use url::Url;

use super::failure;
use super::name_values::{Kind, NameValues};
use super::proxy::{self, NoProxy};
use crate::eval::Engine;
use crate::http::{Patience, Request, Response, fetch};
use crate::net_any;
use crate::place;
use crate::types::TypeInfo;
use crate::types::convert_class::bytes_of;
use crate::types::credential::Credential;
use crate::types::encoding::{self, Encoding};
use crate::types::text_io::memory_stream::MemoryStream;
use crate::types::uri::{address_of, escape};
use crate::types::web_text::small_hex;
use crate::value::{Ctl, Net, R, Value, method_error, refuse};

pub const INFO: TypeInfo = TypeInfo {
    create: Some(|_, args| args.is_empty().then(|| Ok(Value::net(WebClient::new())))),
    ..TypeInfo::named("System.Net.WebClient", &[])
};

/// .NET's time for a request.
const TIMEOUT: Duration = Duration::from_secs(100);
const N_REDIRECTS: u32 = 50;
/// Headers that `WebClient` takes out of its own when it sends them.
const SENT_ONCE: [&str; 7] = [
    "Accept",
    "Connection",
    "Content-Type",
    "Expect",
    "Referer",
    "User-Agent",
    "Host",
];
const FORM: &str = "application/x-www-form-urlencoded";

pub struct WebClient {
    headers: RefCell<Rc<NameValues>>,
    query: RefCell<Rc<NameValues>>,
    encoding: RefCell<Value>,
    base: RefCell<Option<Url>>,
    credentials: RefCell<Value>,
    proxy: RefCell<Value>,
    answered: RefCell<Value>,
}

/// What goes to the server besides the address.
struct Sent {
    method: String,
    kind: Option<String>,
    body: Option<Vec<u8>>,
}

impl Sent {
    fn nothing() -> Self {
        Self {
            method: "GET".to_owned(),
            kind: None,
            body: None,
        }
    }
}

impl WebClient {
    fn new() -> Self {
        Self {
            headers: RefCell::new(Rc::new(NameValues::new(Kind::Headers))),
            query: RefCell::new(Rc::new(NameValues::new(Kind::Plain))),
            encoding: RefCell::new(encoding::utf8()),
            base: RefCell::new(None),
            credentials: RefCell::new(Value::Null),
            proxy: RefCell::new(NoProxy::value()),
            answered: RefCell::new(Value::Null),
        }
    }

    /// The address below `BaseAddress`, with `QueryString` where it has no query of its own.
    fn url(&self, address: &Value) -> R<Url> {
        let written = address_of(address);
        let parsed = match self.base.borrow().as_ref() {
            Some(base) => base.join(&written),
            None => Url::parse(&written),
        };
        let Some(mut url) = parsed.ok().filter(|url| url.has_host()) else {
            return Err(refuse(format!(
                "WebClient reads addresses of http and https; '{written}' is none. Use Get-Content or [System.IO.File] for a file."
            )));
        };
        let query = self.query.borrow().pairs();
        if url.query().unwrap_or_default().is_empty() && !query.is_empty() {
            let parts: Vec<String> = query
                .into_iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            url.set_query(Some(&parts.join("&")));
        }
        Ok(url)
    }

    fn exchange(&self, engine: &mut Engine, address: &Value, sent: Sent) -> R<Response> {
        let url = self.url(address)?;
        engine.printer.before_waiting(crate::format::PATIENCE);
        let mut request = Request {
            method: sent.method,
            url,
            headers: self.headers.borrow().pairs(),
            body: sent.body,
            timeout: Some(TIMEOUT),
        };
        if let Some(kind) = sent.kind {
            request.set_header("Content-Type", kind);
        }
        for name in SENT_ONCE {
            self.headers.borrow().remove(name);
        }
        let credentials = self.credentials.borrow();
        let patience = Patience {
            n_redirects: N_REDIRECTS,
            n_retries: 0,
            interval: Duration::ZERO,
            keeps_authorization: false,
            when_asked: credentials
                .downcast::<Credential>()
                .and_then(Credential::basic),
        };
        let response = fetch(&request, &patience).map_err(failure::of_failure)?;
        if !(200..300).contains(&response.status) {
            return Err(failure::of_status(response));
        }
        *self.answered.borrow_mut() = Value::net(NameValues::of_headers(&response.headers));
        Ok(response)
    }

    fn download(&self, engine: &mut Engine, address: &Value) -> R<Vec<u8>> {
        Ok(self.exchange(engine, address, Sent::nothing())?.body)
    }

    /// The file is made first; where nothing comes it is gone.
    fn download_file(&self, engine: &mut Engine, address: &Value, path: &Value) -> R<Value> {
        let path = place::absolute(&engine.location, &path.text());
        let real = place::real(&path);
        std::fs::write(&real, []).map_err(|_| failure::of_client())?;
        let written = self
            .download(engine, address)
            .and_then(|bytes| std::fs::write(&real, bytes).map_err(|_| failure::of_client()));
        if written.is_err() {
            std::fs::remove_file(&real).map_err(|_| failure::of_client())?;
        }
        written.map(|()| Value::Nothing)
    }

    /// `(address, body)` or `(address, method, body)`.
    fn upload(&self, engine: &mut Engine, args: &[Value], sent: Body) -> R<Vec<u8>> {
        let (address, method, data) = match args {
            [address, data] => (address, "POST".to_owned(), data),
            [address, method, data] => (address, method_name(method), data),
            _ => return Err(no_overload()),
        };
        let own = self.headers.borrow().joined("Content-Type");
        let (kind, body) = match sent {
            Body::Text => {
                let (kind, _) = Encoding::of(&self.encoding.borrow())?;
                (own, encoding::encode(kind, &data.text()))
            }
            Body::Bytes => (own, bytes_of(data)?),
            Body::Form => (Some(FORM.to_owned()), form(own, data)?),
            Body::File => self.file(engine, own, &method, data)?,
        };
        let sent = Sent {
            method,
            kind,
            body: Some(body),
        };
        Ok(self.exchange(engine, address, sent)?.body)
    }

    /// A file goes as a form's only part where it is posted, else as it is.
    fn file(
        &self,
        engine: &Engine,
        own: Option<String>,
        method: &str,
        path: &Value,
    ) -> R<(Option<String>, Vec<u8>)> {
        let path = place::absolute(&engine.location, &path.text());
        let bytes = std::fs::read(place::real(&path)).map_err(|_| failure::of_client())?;
        let kind = own.unwrap_or_else(|| "application/octet-stream".to_owned());
        if method != "POST" {
            return Ok((Some(kind), bytes));
        }
        let boundary = format!("---------------------{}", crate::types::path::random_name());
        let name = place::file_name(&path);
        let mut body = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n"
        )
        .into_bytes();
        body.extend(bytes);
        body.extend(format!("\r\n--{boundary}--\r\n").bytes());
        let kind = format!("multipart/form-data; boundary={boundary}");
        Ok((Some(kind), body))
    }

    /// The text of a body. What the response says of its charset doesn't count, only a mark, then `Encoding`: so in .NET.
    fn decoded(&self, asked: Option<&str>, bytes: &[u8]) -> R<Value> {
        let marks = [
            encoding::Kind::Utf8,
            encoding::Kind::Utf32,
            encoding::Kind::Utf16,
            encoding::Kind::Utf16Big,
        ];
        let marked = marks.iter().copied();
        let mut marked = marked.filter(|kind| bytes.starts_with(encoding::mark(*kind)));
        let kind = match asked.and_then(encoding::charset).or_else(|| marked.next()) {
            Some(kind) => kind,
            None => Encoding::of(&self.encoding.borrow())?.0,
        };
        let rest = bytes.strip_prefix(encoding::mark(kind)).unwrap_or(bytes);
        Ok(Value::from(encoding::decode(kind, rest)))
    }
}

/// What is uploaded.
#[derive(Clone, Copy)]
enum Body {
    Text,
    Bytes,
    Form,
    File,
}

fn method_name(method: &Value) -> String {
    match method.is_null() {
        true => "POST".to_owned(),
        false => method.text().to_ascii_uppercase(),
    }
}

fn no_overload() -> Ctl {
    method_error(
        "System.Management.Automation.MethodException",
        "The arguments of the upload are an address, maybe a method, and what is sent.",
    )
}

fn form(own: Option<String>, data: &Value) -> R<Vec<u8>> {
    if own.is_some_and(|own| !own.eq_ignore_ascii_case(FORM)) {
        return Err(method_error(
            "System.Net.WebException",
            "The Content-Type header cannot be changed from its default value for this request.",
        ));
    }
    let pairs = match data.downcast::<NameValues>() {
        Some(all) => all.pairs(),
        None => return Err(crate::value::no_cast(data, super::NAME_VALUES.name)),
    };
    let escaped = |text: &str| small_hex(&escape(text, b"-_.!*'() ")).replace(' ', "+");
    let parts: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
        .collect();
    Ok(parts.join("&").into_bytes())
}

impl Net for WebClient {
    net_any!();

    fn type_name(&self) -> &str {
        INFO.name
    }

    fn bases(&self) -> Vec<String> {
        ["System.ComponentModel.Component", "System.IDisposable"]
            .map(String::from)
            .to_vec()
    }

    fn get(&self, name: &str) -> Option<Value> {
        let shared = |all: &RefCell<Rc<NameValues>>| {
            let all: Rc<dyn Net> = Rc::<NameValues>::clone(&all.borrow());
            Value::Net(all)
        };
        Some(match name {
            "headers" => shared(&self.headers),
            "querystring" => shared(&self.query),
            "encoding" => self.encoding.borrow().clone(),
            "baseaddress" => {
                let base = self.base.borrow();
                Value::from(base.as_ref().map_or("", Url::as_str))
            }
            "credentials" => self.credentials.borrow().clone(),
            "usedefaultcredentials" => Value::Bool(false),
            "proxy" => self.proxy.borrow().clone(),
            "responseheaders" => self.answered.borrow().clone(),
            "isbusy" => Value::Bool(false),
            _ => return None,
        })
    }

    fn set(&self, name: &str, value: &Value) -> Option<R<()>> {
        let collection = |all: &RefCell<Rc<NameValues>>| match value.downcast_rc::<NameValues>() {
            Some(given) => {
                *all.borrow_mut() = given;
                Ok(())
            }
            None => Err(crate::value::no_cast(value, super::NAME_VALUES.name)),
        };
        Some(match name {
            "headers" => collection(&self.headers),
            "querystring" => collection(&self.query),
            "encoding" => Encoding::of(value).map(|_| {
                *self.encoding.borrow_mut() = value.clone();
            }),
            "baseaddress" => {
                *self.base.borrow_mut() = Url::parse(&value.text()).ok();
                Ok(())
            }
            "credentials" => {
                *self.credentials.borrow_mut() = value.clone();
                Ok(())
            }
            // The sandbox's user is nobody.
            "usedefaultcredentials" => Ok(()),
            "proxy" => proxy::check(value).map(|()| *self.proxy.borrow_mut() = value.clone()),
            _ => return None,
        })
    }

    fn call(self: Rc<Self>, engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        let asked = self.headers.borrow().joined("Content-Type");
        Some(match (name, args) {
            ("downloadstring", [address]) => {
                let bytes = self.download(engine, address);
                bytes.and_then(|bytes| self.decoded(asked.as_deref(), &bytes))
            }
            ("downloaddata", [address]) => {
                let bytes = self.download(engine, address);
                bytes.map(|bytes| Value::bytes(&bytes))
            }
            ("openread", [address]) => {
                let bytes = self.download(engine, address);
                bytes.map(|bytes| MemoryStream::of_response(&bytes))
            }
            ("downloadfile", [address, path]) => self.download_file(engine, address, path),
            ("uploadstring", [_, _] | [_, _, _]) => {
                let bytes = self.upload(engine, args, Body::Text);
                bytes.and_then(|bytes| self.decoded(asked.as_deref(), &bytes))
            }
            ("uploaddata" | "uploadvalues" | "uploadfile", [_, _] | [_, _, _]) => {
                let body = match name {
                    "uploaddata" => Body::Bytes,
                    "uploadvalues" => Body::Form,
                    _ => Body::File,
                };
                let bytes = self.upload(engine, args, body);
                bytes.map(|bytes| Value::bytes(&bytes))
            }
            ("dispose", []) => Ok(Value::Nothing),
            _ => return None,
        })
    }

    fn properties(&self) -> Vec<String> {
        [
            "Encoding",
            "BaseAddress",
            "Credentials",
            "UseDefaultCredentials",
            "Headers",
            "QueryString",
            "ResponseHeaders",
            "Proxy",
            "IsBusy",
        ]
        .map(String::from)
        .to_vec()
    }
}
