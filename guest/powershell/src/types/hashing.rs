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

/// The algorithms that .NET and `Get-FileHash` know.
#[derive(Clone, Copy)]
enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// The type of an algorithm, and that of the one with a key.
macro_rules! algorithm {
    ($plain:ident, $keyed:ident, $of:expr, $name:literal) => {
        pub const $plain: TypeInfo = TypeInfo {
            statics: &["Create", "HashData"],
            call: Some(|_, name, args| plain_call($of, name, args)),
            ..TypeInfo::named(concat!("System.Security.Cryptography.", $name), &[])
        };
        pub const $keyed: TypeInfo = TypeInfo {
            statics: &["HashData"],
            create: Some(|_, args| keyed_new($of, args)),
            call: Some(|_, name, args| keyed_call($of, name, args)),
            ..TypeInfo::named(concat!("System.Security.Cryptography.HMAC", $name), &[])
        };
    };
}

algorithm!(MD5, HMAC_MD5, Algorithm::Md5, "MD5");
algorithm!(SHA1, HMAC_SHA1, Algorithm::Sha1, "SHA1");
algorithm!(SHA256, HMAC_SHA256, Algorithm::Sha256, "SHA256");
algorithm!(SHA384, HMAC_SHA384, Algorithm::Sha384, "SHA384");
algorithm!(SHA512, HMAC_SHA512, Algorithm::Sha512, "SHA512");

impl Algorithm {
    fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "MD5" => Self::Md5,
            "SHA1" => Self::Sha1,
            "SHA256" => Self::Sha256,
            "SHA384" => Self::Sha384,
            "SHA512" => Self::Sha512,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
        }
    }

    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => md5::Md5::digest(bytes).to_vec(),
            Self::Sha1 => sha1::Sha1::digest(bytes).to_vec(),
            Self::Sha256 => sha2::Sha256::digest(bytes).to_vec(),
            Self::Sha384 => sha2::Sha384::digest(bytes).to_vec(),
            Self::Sha512 => sha2::Sha512::digest(bytes).to_vec(),
        }
    }

    /// The code that says that who has the key has seen the bytes (RFC 2104).
    fn signed(self, key: &[u8], bytes: &[u8]) -> Vec<u8> {
        fn by<M: Mac + KeyInit>(key: &[u8], bytes: &[u8]) -> Vec<u8> {
            let mut mac = <M as Mac>::new_from_slice(key).expect("a key of any length does");
            mac.update(bytes);
            mac.finalize().into_bytes().to_vec()
        }
        match self {
            Self::Md5 => by::<Hmac<md5::Md5>>(key, bytes),
            Self::Sha1 => by::<Hmac<sha1::Sha1>>(key, bytes),
            Self::Sha256 => by::<Hmac<sha2::Sha256>>(key, bytes),
            Self::Sha384 => by::<Hmac<sha2::Sha384>>(key, bytes),
            Self::Sha512 => by::<Hmac<sha2::Sha512>>(key, bytes),
        }
    }
}

/// The digest by an algorithm that `Get-FileHash` knows.
pub fn digest(algorithm: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    Algorithm::named(algorithm).map(|algorithm| algorithm.digest(bytes))
}

/// The bytes, or what is left of a stream.
fn read(from: &Value) -> R<Vec<u8>> {
    match from.downcast::<MemoryStream>() {
        Some(stream) => stream.is_open().map(|()| stream.rest()),
        None => bytes_of(from),
    }
}

fn plain_call(algorithm: Algorithm, name: &str, args: &[Value]) -> Option<R<Value>> {
    match (name, args) {
        ("create", []) => Some(Ok(Value::net(Plain(algorithm)))),
        ("hashdata", [bytes]) => {
            Some(bytes_of(bytes).map(|bytes| Value::bytes(&algorithm.digest(&bytes))))
        }
        _ => None,
    }
}

fn keyed_new(algorithm: Algorithm, args: &[Value]) -> Option<R<Value>> {
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

fn keyed_call(algorithm: Algorithm, name: &str, args: &[Value]) -> Option<R<Value>> {
    match (name, args) {
        ("hashdata", [key, bytes]) => Some(bytes_of(key).and_then(|key| {
            let bytes = bytes_of(bytes)?;
            Ok(Value::bytes(&algorithm.signed(&key, &bytes)))
        })),
        _ => None,
    }
}

struct Plain(Algorithm);

impl Net for Plain {
    net_any!();

    fn type_name(&self) -> &str {
        match self.0 {
            Algorithm::Md5 => MD5.name,
            Algorithm::Sha1 => SHA1.name,
            Algorithm::Sha256 => SHA256.name,
            Algorithm::Sha384 => SHA384.name,
            Algorithm::Sha512 => SHA512.name,
        }
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        match (name, args) {
            ("computehash", [from]) => {
                Some(read(from).map(|bytes| Value::bytes(&self.0.digest(&bytes))))
            }
            ("dispose" | "clear", []) => Some(Ok(Value::Nothing)),
            _ => None,
        }
    }
}

struct Keyed {
    algorithm: Algorithm,
    key: RefCell<Vec<u8>>,
}

impl Net for Keyed {
    net_any!();

    fn type_name(&self) -> &str {
        match self.algorithm {
            Algorithm::Md5 => HMAC_MD5.name,
            Algorithm::Sha1 => HMAC_SHA1.name,
            Algorithm::Sha256 => HMAC_SHA256.name,
            Algorithm::Sha384 => HMAC_SHA384.name,
            Algorithm::Sha512 => HMAC_SHA512.name,
        }
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "key" => Some(Value::bytes(&self.key.borrow())),
            "hashname" => Some(Value::from(self.algorithm.name())),
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
            ("computehash", [from]) => Some(read(from).map(|bytes| {
                let signed = self.algorithm.signed(&self.key.borrow(), &bytes);
                Value::bytes(&signed)
            })),
            ("dispose" | "clear", []) => Some(Ok(Value::Nothing)),
            _ => None,
        }
    }
}
