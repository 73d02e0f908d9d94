//! Secure strings and credentials, as values: nothing is encrypted in the memory of a sandbox.

use std::rc::Rc;

use super::TypeInfo;
use crate::eval::Engine;
use crate::net_any;
use crate::value::{Net, R, Value, method_error, no_cast};

pub const SECURE_STRING: TypeInfo = TypeInfo {
    create: Some(|_, args| args.is_empty().then(|| Ok(SecureString::value("")))),
    ..TypeInfo::named("System.Security.SecureString", &["securestring"])
};
pub const CREDENTIAL: TypeInfo = TypeInfo {
    create: Some(create),
    statics: &["Empty"],
    get: Some(|name| (name == "empty").then(|| NOBODY.with(Value::clone))),
    ..TypeInfo::named(
        "System.Management.Automation.PSCredential",
        &["pscredential"],
    )
};
thread_local! {
    /// `[pscredential]::Empty`, of which there is one.
    static NOBODY: Value = Value::net(Credential {
        user: String::new(),
        password: String::new(),
        domain: String::new(),
        is_network: false,
    });
}

pub const NETWORK: TypeInfo = TypeInfo {
    create: Some(|_, args| match args {
        [user, password, rest @ ..] => Some(Ok(Value::net(Credential {
            user: user.text(),
            password: password
                .downcast::<SecureString>()
                .map_or_else(|| password.text(), |secret| secret.plain()),
            domain: rest.first().map(Value::text).unwrap_or_default(),
            is_network: true,
        }))),
        _ => None,
    }),
    ..TypeInfo::named("System.Net.NetworkCredential", &[])
};

pub struct SecureString(std::cell::RefCell<String>);

impl SecureString {
    pub fn value(plain: &str) -> Value {
        Value::net(Self(std::cell::RefCell::new(plain.to_owned())))
    }

    pub fn plain(&self) -> String {
        self.0.borrow().clone()
    }
}

pub struct Credential {
    pub user: String,
    pub password: String,
    domain: String,
    is_network: bool,
}

fn create(_: &mut Engine, args: &[Value]) -> Option<R<Value>> {
    let [user, password] = args else { return None };
    if user.text().is_empty() {
        let why = "Cannot process argument because the value of argument \"userName\" is not valid. Change the value of the \"userName\" argument and run the operation again.";
        return Some(Err(method_error(
            "System.Management.Automation.PSArgumentException",
            why,
        )));
    }
    Some(match password.downcast::<SecureString>() {
        Some(secret) => Ok(Value::net(Credential {
            user: user.text(),
            password: secret.plain(),
            domain: String::new(),
            is_network: false,
        })),
        None => Err(no_cast(password, "System.Security.SecureString")),
    })
}

/// `domain\user` or `user@domain`, as the name and the domain; a mail address is all name
/// (PSCredential.SplitUserDomain).
fn parted(user: &str) -> (&str, &str) {
    if let Some((domain, user)) = user.split_once('\\') {
        return (user, domain);
    }
    match user.rsplit_once('@') {
        Some((name, domain)) if !domain.contains('.') || name.contains('@') => (name, domain),
        _ => (user, ""),
    }
}

impl Net for SecureString {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Security.SecureString"
    }

    fn get(&self, name: &str) -> Option<Value> {
        (name == "length").then(|| Value::from(super::string::length(&self.plain())))
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        match (name, args) {
            ("appendchar", [c]) => {
                self.0.borrow_mut().push_str(&c.text());
                Some(Ok(Value::Nothing))
            }
            ("makereadonly" | "dispose", []) => Some(Ok(Value::Nothing)),
            ("copy", []) => Some(Ok(Self::value(&self.plain()))),
            _ => None,
        }
    }
}

impl Credential {
    /// The sandbox's own user, who has no name.
    pub fn nobody() -> Value {
        Value::net(Self {
            user: String::new(),
            password: String::new(),
            domain: String::new(),
            is_network: true,
        })
    }

    /// What `Authorization` says where a server asks for Basic; nothing for nobody.
    pub fn basic(&self) -> Option<String> {
        let pair = format!("{}:{}", self.user, self.password);
        let encoded = ::octopus::base64::encode(pair.as_bytes());
        (!self.user.is_empty()).then(|| format!("Basic {encoded}"))
    }
}

impl Net for Credential {
    net_any!();

    fn type_name(&self) -> &str {
        if self.is_network {
            "System.Net.NetworkCredential"
        } else {
            "System.Management.Automation.PSCredential"
        }
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match (name, self.is_network) {
            // `[pscredential]::Empty`, which nothing else can be.
            ("username" | "password", false) if self.user.is_empty() => Value::Null,
            ("username", _) => Value::from(self.user.as_str()),
            ("password", true) => Value::from(self.password.as_str()),
            ("password", false) | ("securepassword", true) => SecureString::value(&self.password),
            ("domain", true) => Value::from(self.domain.as_str()),
            _ => return None,
        })
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        match (name, args) {
            ("getnetworkcredential", []) if self.user.is_empty() => Some(Ok(Value::Null)),
            ("getnetworkcredential", []) => {
                let (user, domain) = parted(&self.user);
                Some(Ok(Value::net(Self {
                    user: user.to_owned(),
                    password: self.password.clone(),
                    domain: domain.to_owned(),
                    is_network: true,
                })))
            }
            _ => None,
        }
    }

    fn properties(&self) -> Vec<String> {
        vec!["UserName".into(), "Password".into()]
    }
}
