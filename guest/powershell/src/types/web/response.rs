//! `HttpWebResponse`: a response that came whole, read as a stream.

use std::rc::Rc;

use super::name_values::NameValues;
use crate::cmdlets::web::reason::reason;
use crate::eval::Engine;
use crate::http::Response;
use crate::net_any;
use crate::types::enumeration::EnumValue;
use crate::types::text_io::memory_stream::MemoryStream;
use crate::types::uri::Uri;
use crate::value::{Net, R, Value};

pub struct WebResponse(Response);

impl WebResponse {
    pub fn value(response: Response) -> Value {
        Value::net(Self(response))
    }

    fn header(&self, name: &str) -> Value {
        Value::from(self.0.header(name).unwrap_or_default())
    }
}

impl Net for WebResponse {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Net.HttpWebResponse"
    }

    fn bases(&self) -> Vec<String> {
        ["System.Net.WebResponse", "System.IDisposable"]
            .map(String::from)
            .to_vec()
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match name {
            "statuscode" => {
                EnumValue::builtin("System.Net.HttpStatusCode", i64::from(self.0.status))
            }
            "statusdescription" => Value::from(reason(self.0.status)),
            "headers" => Value::net(NameValues::of_headers(&self.0.headers)),
            "contenttype" => self.header("content-type"),
            "contentlength" => Value::Long(self.0.body.len() as i64),
            "server" => self.header("server"),
            "responseuri" => Uri::value(self.0.url.as_str()),
            _ => return None,
        })
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        Some(Ok(match (name, args) {
            ("getresponsestream", []) => MemoryStream::of_response(&self.0.body),
            ("getresponseheader", [name]) => self.header(&name.text()),
            ("close" | "dispose", []) => Value::Nothing,
            _ => return None,
        }))
    }

    fn properties(&self) -> Vec<String> {
        [
            "StatusCode",
            "StatusDescription",
            "ContentLength",
            "ContentType",
            "Headers",
            "ResponseUri",
            "Server",
        ]
        .map(String::from)
        .to_vec()
    }
}
