//! `[System.UriBuilder]`: an address whose parts can be set one by one.
//!
//! [UriBuilder](https://learn.microsoft.com/dotnet/api/system.uribuilder). As text it always says its port where one was
//! given or known; its `Uri` leaves out the scheme's own.

use std::cell::RefCell;
use std::rc::Rc;

use url::Url;

use super::TypeInfo;
use super::uri::Uri;
use crate::eval::Engine;
use crate::net_any;
use crate::value::{Net, R, Value, method_error, to_int};

pub const INFO: TypeInfo = TypeInfo {
    convert: Some(|value| match value.downcast::<UriBuilder>() {
        Some(_) => Ok(value.clone()),
        None => of_text(&value.text()),
    }),
    create: Some(create),
    ..TypeInfo::named("System.UriBuilder", &[])
};

#[derive(Clone)]
struct Parts {
    scheme: String,
    user: String,
    password: String,
    host: String,
    /// Below zero where nothing is said of it.
    port: i32,
    path: String,
    /// With its `?`, where there is one.
    query: String,
    /// With its `#`.
    fragment: String,
}

struct UriBuilder(RefCell<Parts>);

fn invalid() -> crate::value::Ctl {
    method_error(
        "System.UriFormatException",
        "Invalid URI: The hostname could not be parsed.",
    )
}

fn parts_of(text: &str) -> R<Parts> {
    // What has no scheme is of http.
    let parsed = match text.contains("://") {
        true => Url::parse(text),
        false => Url::parse(&format!("http://{text}")),
    };
    let url = parsed.map_err(|_| invalid())?;
    let after = |mark: &str, part: Option<&str>| {
        part.filter(|part| !part.is_empty())
            .map_or_else(String::new, |part| format!("{mark}{part}"))
    };
    Ok(Parts {
        scheme: url.scheme().to_owned(),
        user: url.username().to_owned(),
        password: url.password().unwrap_or_default().to_owned(),
        host: url.host_str().unwrap_or_default().to_owned(),
        port: url.port_or_known_default().map_or(-1, i32::from),
        path: url.path().to_owned(),
        query: after("?", url.query()),
        fragment: after("#", url.fragment()),
    })
}

fn of_text(text: &str) -> R<Value> {
    parts_of(text).map(|parts| Value::net(UriBuilder(RefCell::new(parts))))
}

/// Nothing; an address; or scheme, host, port, path and what follows it.
fn create(_: &mut Engine, args: &[Value]) -> Option<R<Value>> {
    match args {
        [] => Some(of_text("http://localhost/")),
        [address] => Some(of_text(&address.text())),
        [scheme, host, rest @ ..] if rest.len() < 4 => Some(of_arguments(scheme, host, rest)),
        _ => None,
    }
}

fn of_arguments(scheme: &Value, host: &Value, rest: &[Value]) -> R<Value> {
    let made = UriBuilder(RefCell::new(Parts {
        port: -1,
        ..parts_of(&format!("{}://{}/", scheme.text(), host.text()))?
    }));
    if let Some(port) = rest.first() {
        made.0.borrow_mut().port = to_int(port)?;
    }
    if let Some(path) = rest.get(1) {
        made.put("path", path.text());
    }
    if let Some(extra) = rest.get(2).map(Value::text) {
        let part = if extra.starts_with('#') {
            "fragment"
        } else {
            "query"
        };
        made.put(part, extra);
    }
    Ok(Value::net(made))
}

impl UriBuilder {
    /// Sets a part of text; false where there is none of that name.
    fn put(&self, name: &str, text: String) -> bool {
        let marked = |mark: char, text: String| match text.is_empty() || text.starts_with(mark) {
            true => text,
            false => format!("{mark}{text}"),
        };
        let mut parts = self.0.borrow_mut();
        match name {
            "scheme" => parts.scheme = text.trim_end_matches("://").to_ascii_lowercase(),
            "host" => parts.host = text,
            "username" => parts.user = text,
            "password" => parts.password = text,
            "path" => parts.path = marked('/', text.replace('\\', "/")),
            "query" => parts.query = marked('?', text),
            "fragment" => parts.fragment = marked('#', text),
            _ => return false,
        }
        true
    }

    fn address(&self) -> String {
        let parts = self.0.borrow();
        let user = match (parts.user.is_empty(), parts.password.is_empty()) {
            (true, _) => String::new(),
            (false, true) => format!("{}@", parts.user),
            (false, false) => format!("{}:{}@", parts.user, parts.password),
        };
        let port = match parts.port {
            port if port < 0 => String::new(),
            port => format!(":{port}"),
        };
        let path = if parts.path.is_empty() {
            "/"
        } else {
            &parts.path
        };
        format!(
            "{}://{user}{}{port}{path}{}{}",
            parts.scheme, parts.host, parts.query, parts.fragment
        )
    }
}

impl Net for UriBuilder {
    net_any!();

    fn type_name(&self) -> &str {
        INFO.name
    }

    fn text(&self) -> String {
        self.address()
    }

    fn get(&self, name: &str) -> Option<Value> {
        let parts = self.0.borrow();
        Some(match name {
            "uri" => Uri::value(&self.address()),
            "scheme" => Value::from(parts.scheme.as_str()),
            "host" => Value::from(parts.host.as_str()),
            "port" => Value::Int(parts.port),
            "path" if parts.path.is_empty() => Value::from("/"),
            "path" => Value::from(parts.path.as_str()),
            "query" => Value::from(parts.query.as_str()),
            "fragment" => Value::from(parts.fragment.as_str()),
            "username" => Value::from(parts.user.as_str()),
            "password" => Value::from(parts.password.as_str()),
            _ => return None,
        })
    }

    fn set(&self, name: &str, value: &Value) -> Option<R<()>> {
        if name == "port" {
            return Some(to_int(value).and_then(|port| match port {
                -1..=65_535 => {
                    self.0.borrow_mut().port = port;
                    Ok(())
                }
                _ => Err(method_error(
                    "System.ArgumentOutOfRangeException",
                    "Specified argument was out of the range of valid values. (Parameter 'value')",
                )),
            }));
        }
        self.put(name, value.text()).then_some(Ok(()))
    }

    fn call(self: Rc<Self>, _: &mut Engine, _: &str, _: &[Value]) -> Option<R<Value>> {
        None
    }

    fn properties(&self) -> Vec<String> {
        [
            "Scheme", "UserName", "Password", "Host", "Port", "Path", "Query", "Fragment", "Uri",
        ]
        .map(String::from)
        .to_vec()
    }
}
