//! `HttpClientHandler`: how a client's requests are made. What it is told of certificates is kept and changes nothing: they
//! are judged outside the sandbox.

use std::cell::{Cell, RefCell};

use crate::net_any;
use crate::types::TypeInfo;
use crate::types::credential::Credential;
use crate::types::web::check_proxy;
use crate::value::{Net, R, Value, to_bool, to_int};

pub const INFO: TypeInfo = TypeInfo {
    create: Some(|_, args| args.is_empty().then(|| Ok(Value::net(Handler::default())))),
    bases: &["System.Net.Http.HttpMessageHandler"],
    ..TypeInfo::named("System.Net.Http.HttpClientHandler", &[])
};

pub struct Handler {
    follows: Cell<bool>,
    n_redirects: Cell<i32>,
    credentials: RefCell<Value>,
    /// What changes nothing here.
    kept: RefCell<Vec<(&'static str, Value)>>,
}

const KEPT: [&str; 9] = [
    "usedefaultcredentials",
    "preauthenticate",
    "useproxy",
    "proxy",
    "usecookies",
    "servercertificatecustomvalidationcallback",
    "checkcertificaterevocationlist",
    "sslprotocols",
    "automaticdecompression",
];

impl Default for Handler {
    fn default() -> Self {
        Self {
            follows: Cell::new(true),
            n_redirects: Cell::new(50),
            credentials: RefCell::new(Value::Null),
            kept: RefCell::default(),
        }
    }
}

impl Handler {
    pub fn n_redirects(&self) -> u32 {
        let most = u32::try_from(self.n_redirects.get()).unwrap_or_default();
        if self.follows.get() { most } else { 0 }
    }

    pub fn when_asked(&self) -> Option<String> {
        let credentials = self.credentials.borrow();
        credentials
            .downcast::<Credential>()
            .and_then(Credential::basic)
    }
}

impl Net for Handler {
    net_any!();

    fn type_name(&self) -> &str {
        INFO.name
    }

    fn get(&self, name: &str) -> Option<Value> {
        if KEPT.contains(&name) {
            let kept = self.kept.borrow();
            let found = kept.iter().find(|(own, _)| *own == name);
            return Some(found.map_or(Value::Null, |(_, value)| value.clone()));
        }
        Some(match name {
            "allowautoredirect" => Value::Bool(self.follows.get()),
            "maxautomaticredirections" => Value::Int(self.n_redirects.get()),
            "credentials" => self.credentials.borrow().clone(),
            _ => return None,
        })
    }

    fn set(&self, name: &str, value: &Value) -> Option<R<()>> {
        if let Some(known) = KEPT.iter().find(|known| **known == name) {
            if name == "proxy"
                && let Err(refused) = check_proxy(value)
            {
                return Some(Err(refused));
            }
            let mut kept = self.kept.borrow_mut();
            kept.retain(|(own, _)| own != known);
            kept.push((known, value.clone()));
            return Some(Ok(()));
        }
        Some(match name {
            "allowautoredirect" => {
                self.follows.set(to_bool(value));
                Ok(())
            }
            "maxautomaticredirections" => to_int(value).map(|n| self.n_redirects.set(n)),
            "credentials" => {
                *self.credentials.borrow_mut() = value.clone();
                Ok(())
            }
            _ => return None,
        })
    }

    fn call(
        self: std::rc::Rc<Self>,
        _: &mut crate::eval::Engine,
        name: &str,
        args: &[Value],
    ) -> Option<R<Value>> {
        (name == "dispose" && args.is_empty()).then_some(Ok(Value::Nothing))
    }
}
