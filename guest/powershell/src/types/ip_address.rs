//! `[ipaddress]`. Left out: scopes of link-local addresses (`fe80::1%2`), and the number that IPv4 has in `Address`.
//!
//! [IPAddress](https://learn.microsoft.com/dotnet/api/system.net.ipaddress)

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use super::TypeInfo;
use super::convert_class::bytes_of;
use super::enumeration::EnumValue;
use super::version::no_version as no_address;
use crate::net_any;
use crate::value::{Net, R, Value, method_error, to_long};

const INVALID: &str = "An invalid IP address was specified.";

pub const INFO: TypeInfo = TypeInfo {
    statics: &[
        "Parse",
        "TryParse",
        "IsLoopback",
        "Any",
        "Broadcast",
        "Loopback",
        "None",
        "IPv6Any",
        "IPv6Loopback",
        "IPv6None",
    ],
    convert: Some(|value| match value {
        Value::Net(_) if value.downcast::<IpAddress>().is_some() => Ok(value.clone()),
        Value::Array(_) | Value::List(_) => of_bytes(value),
        number if number.is_number() => of_number(number),
        other => parse(&other.text())
            .map(IpAddress::value)
            .ok_or_else(|| no_address(&other.text(), INFO.name, INVALID)),
    }),
    create: Some(|_, args| match args {
        [bytes @ (Value::Array(_) | Value::List(_))] => Some(of_bytes(bytes)),
        [number] => Some(of_number(number)),
        _ => None,
    }),
    call: Some(|_, name, args| match (name, args) {
        ("parse", [text]) => {
            let found = parse(&text.text()).map(IpAddress::value);
            Some(found.ok_or_else(|| method_error("System.FormatException", INVALID)))
        }
        ("tryparse", [text, reference]) => {
            let found = parse(&text.text());
            let value = found.map_or(Value::Null, IpAddress::value);
            let set = super::numbers::set_reference(reference, value);
            Some(set.map(|()| Value::Bool(found.is_some())))
        }
        ("isloopback", [address]) => {
            let address = parse(&address.text())?.to_canonical();
            Some(Ok(Value::Bool(address.is_loopback())))
        }
        _ => None,
    }),
    get: Some(|name| {
        let address: IpAddr = match name {
            "any" => Ipv4Addr::UNSPECIFIED.into(),
            "broadcast" | "none" => Ipv4Addr::BROADCAST.into(),
            "loopback" => Ipv4Addr::LOCALHOST.into(),
            "ipv6any" | "ipv6none" => Ipv6Addr::UNSPECIFIED.into(),
            "ipv6loopback" => Ipv6Addr::LOCALHOST.into(),
            _ => return None,
        };
        Some(IpAddress::value(address))
    }),
    ..TypeInfo::named("System.Net.IPAddress", &["ipaddress"])
};

struct IpAddress(IpAddr);

impl IpAddress {
    fn value(address: IpAddr) -> Value {
        Value::net(Self(address))
    }
}

/// As .NET reads it: IPv6, or IPv4 as C's `inet_aton` has it: one to four numbers, hexadecimal and octal ones too, of
/// which the last fills what is left.
fn parse(text: &str) -> Option<IpAddr> {
    if text.contains(':') {
        let inner = text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        return inner.unwrap_or(text).parse().ok().map(IpAddr::V6);
    }
    let parts: Vec<&str> = text.split('.').collect();
    let (last, first) = parts.split_last()?;
    let mut address = 0u32;
    for (at, part) in first.iter().enumerate() {
        let byte = u8::try_from(number(part)?).ok()?;
        address |= u32::from(byte) << 24u32.checked_sub(8 * u32::try_from(at).ok()?)?;
    }
    let bits = 32u32.checked_sub(8 * u32::try_from(first.len()).ok()?)?;
    let rest = number(last)?;
    let fits = bits > 0 && u64::from(rest) < 1u64 << bits;
    fits.then(|| IpAddr::V4((address | rest).into()))
}

fn number(text: &str) -> Option<u32> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if text.len() > 1 && text.starts_with('0') => (text, 8),
        None => (text, 10),
    };
    let are_digits = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    are_digits.then(|| u32::from_str_radix(digits, radix).ok())?
}

fn of_bytes(bytes: &Value) -> R<Value> {
    let bytes = bytes_of(bytes)?;
    let v4 = <[u8; 4]>::try_from(bytes.as_slice()).map(IpAddr::from);
    let found = v4.or_else(|_| <[u8; 16]>::try_from(bytes.as_slice()).map(IpAddr::from));
    let why = "An invalid IP address was specified. (Parameter 'address')";
    found
        .map(IpAddress::value)
        .map_err(|_| method_error("System.ArgumentException", why))
}

/// The bytes of the number in memory's order: the first byte of the address is the least.
fn of_number(number: &Value) -> R<Value> {
    let number = u32::try_from(to_long(number)?).map_err(|_| {
        let why =
            "Specified argument was out of the range of valid values. (Parameter 'newAddress')";
        method_error("System.ArgumentOutOfRangeException", why)
    })?;
    Ok(IpAddress::value(IpAddr::from(number.to_le_bytes())))
}

impl Net for IpAddress {
    net_any!();

    fn type_name(&self) -> &str {
        INFO.name
    }

    fn text(&self) -> String {
        self.0.to_string()
    }

    fn get(&self, name: &str) -> Option<Value> {
        let is = |of: fn(&Ipv6Addr) -> bool| match &self.0 {
            IpAddr::V4(_) => false,
            IpAddr::V6(address) => of(address),
        };
        Some(match name {
            "addressfamily" => {
                // InterNetwork and InterNetworkV6.
                let family = if self.0.is_ipv4() { 2 } else { 23 };
                EnumValue::builtin("System.Net.Sockets.AddressFamily", family)
            }
            "ipaddresstostring" => Value::from(self.text()),
            "isipv4mappedtoipv6" => Value::Bool(is(|of| of.to_ipv4_mapped().is_some())),
            "isipv6linklocal" => Value::Bool(is(|of| of.segments()[0] & 0xffc0 == 0xfe80)),
            "isipv6multicast" => Value::Bool(is(Ipv6Addr::is_multicast)),
            "isipv6sitelocal" => Value::Bool(is(|of| of.segments()[0] & 0xffc0 == 0xfec0)),
            "isipv6teredo" => Value::Bool(is(|of| of.segments()[..2] == [0x2001, 0])),
            "isipv6uniquelocal" => Value::Bool(is(|of| of.segments()[0] & 0xfe00 == 0xfc00)),
            _ => return None,
        })
    }

    fn call(
        self: Rc<Self>,
        _: &mut crate::eval::Engine,
        name: &str,
        args: &[Value],
    ) -> Option<R<Value>> {
        match (name, args) {
            ("tostring", []) => Some(Ok(Value::from(self.text()))),
            ("getaddressbytes", []) => Some(Ok(match &self.0 {
                IpAddr::V4(address) => Value::bytes(&address.octets()),
                IpAddr::V6(address) => Value::bytes(&address.octets()),
            })),
            ("maptoipv4", []) => Some(Ok(match &self.0 {
                IpAddr::V4(_) => Self::value(self.0),
                IpAddr::V6(address) => {
                    let [.., a, b, c, d] = address.octets();
                    Self::value([a, b, c, d].into())
                }
            })),
            ("maptoipv6", []) => Some(Ok(match &self.0 {
                IpAddr::V4(address) => Self::value(address.to_ipv6_mapped().into()),
                IpAddr::V6(_) => Self::value(self.0),
            })),
            _ => None,
        }
    }

    fn equal(&self, other: &Value) -> Option<bool> {
        match other {
            Value::Str(text) => Some(parse(text)? == self.0),
            other => other.downcast::<Self>().map(|other| other.0 == self.0),
        }
    }

    fn hash_key(&self) -> Option<String> {
        Some(self.text())
    }
}
