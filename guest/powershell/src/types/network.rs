//! `[System.Net.WebUtility]`, `[ServicePointManager]`, cultures, hash algorithms.

use std::rc::Rc;

use sha2::Digest;

use super::TypeInfo;
use super::convert_class::bytes_of;
use super::text_io::memory_stream::MemoryStream;
use crate::eval::Engine;
use crate::net_any;
use crate::value::{Net, R, Value};

pub const WEB_UTILITY: TypeInfo = TypeInfo {
    statics: &["UrlEncode", "UrlDecode", "HtmlEncode", "HtmlDecode"],
    call: Some(|_, name, args| {
        let [text] = args else { return None };
        let text = text.text();
        Some(Ok(Value::from(match name {
            "urlencode" => super::uri::form_escape(&text),
            "urldecode" => super::uri::unescape(&text, true),
            "htmlencode" => html_encode(&text),
            "htmldecode" => html_decode(&text),
            _ => return None,
        })))
    }),
    ..TypeInfo::named("System.Net.WebUtility", &["System.Web.HttpUtility"])
};
/// TLS is the host's: setting a protocol changes nothing, which is what a script that does so wants.
pub const SERVICE_POINT: TypeInfo = TypeInfo {
    statics: &["SecurityProtocol"],
    get: Some(|name| {
        (name == "securityprotocol").then(|| {
            super::enumeration::EnumValue::builtin("System.Net.SecurityProtocolType", 12288)
        })
    }),
    ..TypeInfo::named("System.Net.ServicePointManager", &[])
};
pub const CULTURE: TypeInfo = TypeInfo {
    statics: &["InvariantCulture", "CurrentCulture", "GetCultureInfo"],
    create: Some(|_, args| {
        args.first().map(|name| {
            Ok(super::record::named_object(
                "System.Globalization.CultureInfo",
                &name.text(),
            ))
        })
    }),
    call: Some(|_, name, args| match (name, args) {
        ("getcultureinfo", [name]) => Some(Ok(super::record::named_object(
            "System.Globalization.CultureInfo",
            &name.text(),
        ))),
        _ => None,
    }),
    get: Some(|name| match name {
        "invariantculture" => Some(super::record::named_object(
            "System.Globalization.CultureInfo",
            "",
        )),
        "currentculture" | "currentuiculture" => Some(super::record::named_object(
            "System.Globalization.CultureInfo",
            "en-US",
        )),
        _ => None,
    }),
    ..TypeInfo::named("System.Globalization.CultureInfo", &["cultureinfo"])
};

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
pub const SHA512: TypeInfo = algorithm("System.Security.Cryptography.SHA512", |_, name, args| {
    hash_call("SHA512", name, args)
});
pub const MD5: TypeInfo = algorithm("System.Security.Cryptography.MD5", |_, name, args| {
    hash_call("MD5", name, args)
});

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
            "SHA512" => "System.Security.Cryptography.SHA512",
            "MD5" => "System.Security.Cryptography.MD5",
            _ => "System.Security.Cryptography.SHA256",
        }
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        match (name, args) {
            ("computehash", [from]) => {
                let bytes = match from.downcast::<MemoryStream>() {
                    Some(stream) => stream.is_open().map(|()| stream.rest()),
                    None => bytes_of(from),
                };
                let digested = |bytes: Vec<u8>| digest(self.0, &bytes).unwrap_or_default();
                Some(bytes.map(|bytes| Value::bytes(&digested(bytes))))
            }
            ("dispose", []) => Some(Ok(Value::Nothing)),
            _ => None,
        }
    }
}

/// Static properties that may be set.
pub fn set_static(type_name: &str, lower: &str, _: &Value) -> Option<R<()>> {
    match (type_name, lower) {
        ("System.Net.ServicePointManager", "securityprotocol")
        | ("System.Console", "outputencoding" | "inputencoding") => Some(Ok(())),
        _ => None,
    }
}

pub fn html_encode(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn html_decode(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&")
}
