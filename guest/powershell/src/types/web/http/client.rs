//! `[System.Net.Http.HttpClient]`
//!
//! [HttpClient](https://learn.microsoft.com/dotnet/api/system.net.http.httpclient). A status that isn't success is an answer
//! like others, except to the methods that give the content alone.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use url::Url;

use super::content::Content;
use super::handler::Handler;
use super::headers::{HttpHeaders, Kind};
use super::message::{RequestMessage, ResponseMessage};
use super::task::Task;
use crate::eval::Engine;
use crate::http::{Failure, Patience, Request, fetch};
use crate::net_any;
use crate::types::TypeInfo;
use crate::types::text_io::memory_stream::MemoryStream;
use crate::types::timespan::TimeSpan;
use crate::types::uri::{Uri, address_of};
use crate::value::{Ctl, Net, R, Value, method_error, no_cast};

pub const INFO: TypeInfo = TypeInfo {
    create: Some(|_, args| match args {
        [] => Some(Ok(HttpClient::value(Rc::default()))),
        [handler] | [handler, _] => handler
            .downcast_rc::<Handler>()
            .map(|of| Ok(HttpClient::value(of))),
        _ => None,
    }),
    ..TypeInfo::named("System.Net.Http.HttpClient", &[])
};

/// .NET's time for a request, in its ticks.
const TIMEOUT: i64 = 100 * 10_000_000;

struct HttpClient {
    handler: Rc<Handler>,
    headers: Rc<HttpHeaders>,
    base: RefCell<Value>,
    timeout: Cell<i64>,
}

impl HttpClient {
    fn value(handler: Rc<Handler>) -> Value {
        Value::net(Self {
            handler,
            headers: HttpHeaders::new(Kind::Request),
            base: RefCell::new(Value::Null),
            timeout: Cell::new(TIMEOUT),
        })
    }

    fn url(&self, address: &Value) -> R<Url> {
        let base = Url::parse(&address_of(&self.base.borrow())).ok();
        let parsed = match &base {
            Some(base) => base.join(&address_of(address)),
            None => Url::parse(&address_of(address)),
        };
        let url = parsed.map_err(|_| {
            method_error(
                "System.InvalidOperationException",
                "An invalid request URI was provided. Either the request URI must be an absolute URI or BaseAddress must be set.",
            )
        })?;
        match url.scheme() {
            "http" | "https" => Ok(url),
            other => Err(method_error(
                "System.NotSupportedException",
                format!("The '{other}' scheme is not supported."),
            )),
        }
    }

    /// The client's headers that the request has not, then the content's.
    fn headers_for(&self, message: &RequestMessage) -> Vec<(String, String)> {
        let mut all = message.headers.pairs();
        for (name, value) in self.headers.pairs() {
            if !all.iter().any(|(own, _)| own.eq_ignore_ascii_case(&name)) {
                all.push((name, value));
            }
        }
        if let Some(content) = message.content() {
            all.extend(content.headers.pairs());
        }
        all
    }

    fn send(&self, engine: &mut Engine, message: Rc<RequestMessage>) -> R<ResponseMessage> {
        engine.printer.before_waiting(crate::format::PATIENCE);
        let method = message.method.borrow().clone();
        let content = message.content();
        let has_body = matches!(method.as_str(), "POST" | "PUT" | "PATCH");
        let request = Request {
            url: self.url(&message.address.borrow())?,
            headers: self.headers_for(&message),
            body: match &content {
                Some(content) => Some(content.bytes()),
                None => has_body.then(Vec::new),
            },
            timeout: u64::try_from(self.timeout.get())
                .ok()
                .map(|ticks| Duration::from_nanos(ticks.saturating_mul(100))),
            method,
        };
        let patience = Patience {
            n_redirects: self.handler.n_redirects(),
            n_retries: 0,
            interval: Duration::ZERO,
            keeps_authorization: false,
            when_asked: self.handler.when_asked(),
        };
        let response = fetch(&request, &patience).map_err(|failure| self.failed(failure))?;
        *message.address.borrow_mut() = Value::from(response.url.as_str());
        let message: Rc<dyn Net> = message;
        Ok(ResponseMessage::new(response, Value::Net(message)))
    }

    fn failed(&self, failure: Failure) -> Ctl {
        if !failure.is_timeout {
            return method_error("System.Net.Http.HttpRequestException", failure.message);
        }
        let seconds = self.timeout.get() as f64 / 10_000_000.0;
        method_error(
            "System.Threading.Tasks.TaskCanceledException",
            format!(
                "The request was canceled due to the configured HttpClient.Timeout of {seconds} seconds elapsing."
            ),
        )
    }

    /// What one of the `Get…Async` methods gives: the content, of a status that is success.
    fn content(
        &self,
        engine: &mut Engine,
        address: &Value,
        made: fn(&Content) -> Value,
    ) -> R<Value> {
        let message = Rc::new(RequestMessage::new("GET", address.clone(), Value::Null));
        let response = self.send(engine, message)?;
        response.ensure_success()?;
        Ok(made(response.content()))
    }

    fn task(&self, engine: &mut Engine, message: RequestMessage) -> R<Value> {
        let sent = self.send(engine, Rc::new(message));
        Task::value(sent.map(Value::net))
    }
}

/// What a request is sent with: a content, or nothing.
fn content_of(value: &Value) -> R<Value> {
    match value.is_null() || value.downcast::<Content>().is_some() {
        true => Ok(value.clone()),
        false => Err(no_cast(value, "System.Net.Http.HttpContent")),
    }
}

impl Net for HttpClient {
    net_any!();

    fn type_name(&self) -> &str {
        INFO.name
    }

    fn bases(&self) -> Vec<String> {
        ["System.Net.Http.HttpMessageInvoker", "System.IDisposable"]
            .map(String::from)
            .to_vec()
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match name {
            "defaultrequestheaders" => {
                let headers: Rc<dyn Net> = Rc::<HttpHeaders>::clone(&self.headers);
                Value::Net(headers)
            }
            "baseaddress" if self.base.borrow().is_null() => Value::Null,
            "baseaddress" => Uri::value(&address_of(&self.base.borrow())),
            "timeout" => TimeSpan::value(self.timeout.get()),
            "maxresponsecontentbuffersize" => Value::Int(i32::MAX),
            _ => return None,
        })
    }

    fn set(&self, name: &str, value: &Value) -> Option<R<()>> {
        Some(match name {
            "baseaddress" => {
                *self.base.borrow_mut() = value.clone();
                Ok(())
            }
            "timeout" => {
                let info = crate::types::resolve::known("System.TimeSpan")?;
                (info.convert?)(value).map(|span| {
                    self.timeout.set(TimeSpan::of(&span).unwrap_or(TIMEOUT));
                })
            }
            "maxresponsecontentbuffersize" => Ok(()),
            _ => return None,
        })
    }

    fn call(self: Rc<Self>, engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        let method = match name {
            "getasync" => "GET",
            "deleteasync" => "DELETE",
            "postasync" => "POST",
            "putasync" => "PUT",
            "patchasync" => "PATCH",
            _ => "",
        };
        Some(match (name, args) {
            // How much is waited for doesn't matter: all of it is there.
            ("getasync" | "deleteasync", [address] | [address, _]) => self.task(
                engine,
                RequestMessage::new(method, address.clone(), Value::Null),
            ),
            ("postasync" | "putasync" | "patchasync", [address, content]) => content_of(content)
                .and_then(|content| {
                    self.task(
                        engine,
                        RequestMessage::new(method, address.clone(), content),
                    )
                }),
            ("sendasync" | "send", [message] | [message, _]) => {
                let message = message.downcast_rc::<RequestMessage>()?;
                let sent = self.send(engine, message).map(Value::net);
                if name == "send" {
                    sent
                } else {
                    Task::value(sent)
                }
            }
            ("getstringasync", [address]) => {
                let made = self.content(engine, address, |content| Value::from(content.text()));
                Task::value(made)
            }
            ("getbytearrayasync", [address]) => {
                let made = self.content(engine, address, |content| Value::bytes(&content.bytes()));
                Task::value(made)
            }
            ("getstreamasync", [address]) => {
                let made = self.content(engine, address, |content| {
                    MemoryStream::of_response(&content.bytes())
                });
                Task::value(made)
            }
            ("dispose" | "cancelpendingrequests", []) => Ok(Value::Nothing),
            _ => return None,
        })
    }

    fn properties(&self) -> Vec<String> {
        [
            "DefaultRequestHeaders",
            "BaseAddress",
            "Timeout",
            "MaxResponseContentBufferSize",
        ]
        .map(String::from)
        .to_vec()
    }
}
