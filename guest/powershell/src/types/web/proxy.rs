//! What scripts say of proxies: no proxy is ever asked, so a credential for one changes nothing, and another one is refused.

use std::cell::RefCell;

use crate::net_any;
use crate::types::TypeInfo;
use crate::types::credential::Credential;
use crate::value::{Net, R, Value, refuse};

/// `[System.Net.CredentialCache]`: the sandbox's user, who is nobody.
pub const CREDENTIAL_CACHE: TypeInfo = TypeInfo {
    statics: &["DefaultCredentials", "DefaultNetworkCredentials"],
    get: Some(|name| {
        let is_known = matches!(name, "defaultcredentials" | "defaultnetworkcredentials");
        is_known.then(Credential::nobody)
    }),
    ..TypeInfo::named("System.Net.CredentialCache", &[])
};

/// The name of `[System.Net.WebRequest]::DefaultWebProxy`, which may be set to what it is.
pub const DEFAULT_PROXY: &str = "defaultwebproxy";

/// The proxy that isn't one.
pub struct NoProxy {
    credentials: RefCell<Value>,
}

impl NoProxy {
    pub fn value() -> Value {
        Value::net(Self {
            credentials: RefCell::new(Value::Null),
        })
    }
}

/// Takes no proxy, and refuses one.
pub fn check(value: &Value) -> R<()> {
    match value.is_null() || value.downcast::<NoProxy>().is_some() {
        true => Ok(()),
        false => Err(refuse(
            "A proxy is not supported: requests leave the sandbox as the policy has it.",
        )),
    }
}

impl Net for NoProxy {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Net.Http.HttpNoProxy"
    }

    fn bases(&self) -> Vec<String> {
        vec!["System.Net.IWebProxy".to_owned()]
    }

    fn get(&self, name: &str) -> Option<Value> {
        (name == "credentials").then(|| self.credentials.borrow().clone())
    }

    fn set(&self, name: &str, value: &Value) -> Option<R<()>> {
        (name == "credentials").then(|| {
            *self.credentials.borrow_mut() = value.clone();
            Ok(())
        })
    }

    fn properties(&self) -> Vec<String> {
        vec!["Credentials".to_owned()]
    }
}
