//! Hash algorithms, with a key and without.

use std::cell::RefCell;
use std::rc::Rc;

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha2::Digest;

use super::TypeInfo;
use super::convert_class::bytes_of;
use super::text_io::memory_stream::MemoryStream;
use crate::eval::Engine;
use crate::net_any;
use crate::value::{Net, R, Value};

const fn algorithm(name: &'static str, call: super::CallFn) -> TypeInfo {
    TypeInfo {
        statics: &["Create", "HashData"],
        call: Some(call),
        ..TypeInfo::named(name, &[])
    }
}

pub const SHA256: TypeInfo = algorithm("System.Security.Cryptography.SHA256", |_, name, args| {
    hash_call("SHA256", name, args)
});
pub const SHA1: TypeInfo = algorithm("System.Security.Cryptography.SHA1", |_, name, args| {
    hash_call("SHA1", name, args)
});
pub const SHA384: TypeInfo = algorithm("System.Security.Cryptography.SHA384", |_, name, args| {
    hash_call("SHA384", name, args)
});
pub const SHA512: TypeInfo = algorithm("System.Security.Cryptography.SHA512", |_, name, args| {
    hash_call("SHA512", name, args)
});
pub const MD5: TypeInfo = algorithm("System.Security.Cryptography.MD5", |_, name, args| {
    hash_call("MD5", name, args)
});

const fn keyed(name: &'static str, create: super::CreateFn, call: super::CallFn) -> TypeInfo {
    TypeInfo {
        statics: &["HashData"],
        create: Some(create),
        call: Some(call),
        ..TypeInfo::named(name, &[])
    }
}

pub const HMAC_SHA256: TypeInfo = keyed(
    "System.Security.Cryptography.HMACSHA256",
    |_, args| keyed_new("SHA256", args),
    |_, name, args| keyed_call("SHA256", name, args),
);
pub const HMAC_SHA1: TypeInfo = keyed(
    "System.Security.Cryptography.HMACSHA1",
    |_, args| keyed_new("SHA1", args),
    |_, name, args| keyed_call("SHA1", name, args),
);
pub const HMAC_SHA384: TypeInfo = keyed(
    "System.Security.Cryptography.HMACSHA384",
    |_, args| keyed_new("SHA384", args),
    |_, name, args| keyed_call("SHA384", name, args),
);
pub const HMAC_SHA512: TypeInfo = keyed(
    "System.Security.Cryptography.HMACSHA512",
    |_, args| keyed_new("SHA512", args),
    |_, name, args| keyed_call("SHA512", name, args),
);
pub const HMAC_MD5: TypeInfo = keyed(
    "System.Security.Cryptography.HMACMD5",
    |_, args| keyed_new("MD5", args),
    |_, name, args| keyed_call("MD5", name, args),
);

fn keyed_new(algorithm: &'static str, args: &[Value]) -> Option<R<Value>> {
    let key = match args {
        // .NET makes one up.
        [] => Ok(crate::host::random_bytes::<64>().to_vec()),
        [key] => bytes_of(key),
        _ => return None,
    };
    Some(key.map(|key| {
        Value::net(Keyed {
            algorithm,
            key: RefCell::new(key),
        })
    }))
}

fn keyed_call(algorithm: &'static str, name: &str, args: &[Value]) -> Option<R<Value>> {
    match (name, args) {
        ("hashdata", [key, bytes]) => Some(bytes_of(key).and_then(|key| {
            let bytes = bytes_of(bytes)?;
            Ok(Value::bytes(&signed(algorithm, &key, &bytes)))
        })),
        _ => None,
    }
}

/// The code that says that who has the key has seen the bytes (RFC 2104).
fn signed(algorithm: &str, key: &[u8], bytes: &[u8]) -> Vec<u8> {
    fn by<M: Mac + KeyInit>(key: &[u8], bytes: &[u8]) -> Vec<u8> {
        let mut mac = <M as Mac>::new_from_slice(key).expect("a key of any length does");
        mac.update(bytes);
        mac.finalize().into_bytes().to_vec()
    }
    match algorithm {
        "SHA1" => by::<Hmac<sha1::Sha1>>(key, bytes),
        "SHA384" => by::<Hmac<sha2::Sha384>>(key, bytes),
        "SHA512" => by::<Hmac<sha2::Sha512>>(key, bytes),
        "MD5" => by::<Hmac<md5::Md5>>(key, bytes),
        _ => by::<Hmac<sha2::Sha256>>(key, bytes),
    }
}

struct Keyed {
    algorithm: &'static str,
    key: RefCell<Vec<u8>>,
}

impl Net for Keyed {
    net_any!();

    fn type_name(&self) -> &str {
        match self.algorithm {
            "SHA1" => HMAC_SHA1.name,
            "SHA384" => HMAC_SHA384.name,
            "SHA512" => HMAC_SHA512.name,
            "MD5" => HMAC_MD5.name,
            _ => HMAC_SHA256.name,
        }
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "key" => Some(Value::bytes(&self.key.borrow())),
            "hashname" => Some(Value::from(self.algorithm)),
            _ => None,
        }
    }

    fn set(&self, name: &str, value: &Value) -> Option<R<()>> {
        (name == "key").then(|| {
            *self.key.borrow_mut() = bytes_of(value)?;
            Ok(())
        })
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        match (name, args) {
            ("computehash", [from]) => Some(
                read(from)
                    .map(|bytes| Value::bytes(&signed(self.algorithm, &self.key.borrow(), &bytes))),
            ),
            ("dispose" | "clear", []) => Some(Ok(Value::Nothing)),
            _ => None,
        }
    }
}

fn hash_call(algorithm: &'static str, name: &str, args: &[Value]) -> Option<R<Value>> {
    match (name, args) {
        ("create", []) => Some(Ok(Value::net(Algorithm(algorithm)))),
        ("hashdata", [bytes]) => Some(
            bytes_of(bytes)
                .map(|bytes| Value::bytes(&digest(algorithm, &bytes).unwrap_or_default())),
        ),
        _ => None,
    }
}

/// The bytes, or what is left of a stream.
fn read(from: &Value) -> R<Vec<u8>> {
    match from.downcast::<MemoryStream>() {
        Some(stream) => stream.is_open().map(|()| stream.rest()),
        None => bytes_of(from),
    }
}

/// The digest by an algorithm that `Get-FileHash` knows.
pub fn digest(algorithm: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    Some(match algorithm.to_ascii_uppercase().as_str() {
        "SHA256" => sha2::Sha256::digest(bytes).to_vec(),
        "SHA384" => sha2::Sha384::digest(bytes).to_vec(),
        "SHA512" => sha2::Sha512::digest(bytes).to_vec(),
        "SHA1" => sha1::Sha1::digest(bytes).to_vec(),
        "MD5" => md5::Md5::digest(bytes).to_vec(),
        _ => return None,
    })
}

pub struct Algorithm(&'static str);

impl Net for Algorithm {
    net_any!();

    fn type_name(&self) -> &str {
        match self.0 {
            "SHA1" => "System.Security.Cryptography.SHA1",
            "SHA384" => "System.Security.Cryptography.SHA384",
            "SHA512" => "System.Security.Cryptography.SHA512",
            "MD5" => "System.Security.Cryptography.MD5",
            _ => "System.Security.Cryptography.SHA256",
        }
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        match (name, args) {
            ("computehash", [from]) => Some(
                read(from).map(|bytes| Value::bytes(&digest(self.0, &bytes).unwrap_or_default())),
            ),
            ("dispose" | "clear", []) => Some(Ok(Value::Nothing)),
            _ => None,
        }
    }
}
