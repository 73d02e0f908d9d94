//! `[ServicePointManager]`, and static properties that may be set.

use std::cell::RefCell;

use super::TypeInfo;
use super::enumeration::{self, EnumValue};
use crate::value::{R, Value, to_bool, to_int};

thread_local! {
    /// What a script has set of the service points.
    static SET: RefCell<Vec<(String, Value)>> = const { RefCell::new(Vec::new()) };
}

/// Connections are the host's: what is set here is kept and changes nothing, as for PowerShell 7's web cmdlets.
pub const SERVICE_POINT: TypeInfo = TypeInfo {
    statics: &[
        "SecurityProtocol",
        "Expect100Continue",
        "DefaultConnectionLimit",
        "MaxServicePointIdleTime",
        "MaxServicePoints",
        "DnsRefreshTimeout",
        "EnableDnsRoundRobin",
        "UseNagleAlgorithm",
        "CheckCertificateRevocationList",
        "ServerCertificateValidationCallback",
    ],
    get: Some(|name| {
        let set = SET.with_borrow(|all| all.iter().find(|(own, _)| own == name).cloned());
        set.map(|(_, value)| value).or_else(|| untouched(name))
    }),
    ..TypeInfo::named("System.Net.ServicePointManager", &[])
};

/// What .NET starts with.
fn untouched(name: &str) -> Option<Value> {
    Some(match name {
        "securityprotocol" => EnumValue::builtin(PROTOCOL, 0),
        "expect100continue" | "usenaglealgorithm" => Value::Bool(true),
        "enablednsroundrobin" | "checkcertificaterevocationlist" => Value::Bool(false),
        "defaultconnectionlimit" => Value::Int(2),
        "maxservicepoints" => Value::Int(0),
        "maxservicepointidletime" => Value::Int(100_000),
        "dnsrefreshtimeout" => Value::Int(120_000),
        "servercertificatevalidationcallback" => Value::Null,
        _ => return None,
    })
}

const PROTOCOL: &str = "System.Net.SecurityProtocolType";

fn set_service_point(name: &str, value: &Value) -> Option<R<()>> {
    let before = untouched(name)?;
    let made = match before {
        Value::Bool(_) => Ok(Value::Bool(to_bool(value))),
        Value::Int(_) => to_int(value).map(Value::Int),
        Value::Null => Ok(value.clone()),
        _ => enumeration::builtin(PROTOCOL)
            .map_or_else(|| Ok(value.clone()), |of| EnumValue::convert(&of, value)),
    };
    Some(made.map(|made| {
        SET.with_borrow_mut(|all| {
            all.retain(|(own, _)| own != name);
            all.push((name.to_owned(), made));
        });
    }))
}

/// Static properties that may be set.
pub fn set_static(type_name: &str, lower: &str, value: &Value) -> Option<R<()>> {
    match (type_name, lower) {
        ("System.Net.ServicePointManager", name) => set_service_point(name, value),
        ("System.Console", "outputencoding" | "inputencoding") => Some(Ok(())),
        ("System.Net.WebRequest", super::web::DEFAULT_PROXY) => {
            Some(super::web::check_proxy(value))
        }
        _ => None,
    }
}
