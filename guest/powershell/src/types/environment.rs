//! `[Environment]`

use super::TypeInfo;
use crate::eval::Engine;
use crate::place;
use crate::value::{Ctl, Hash, HashKind, R, Value, to_int};

pub const INFO: TypeInfo = TypeInfo {
    statics: &[
        "GetEnvironmentVariable",
        "SetEnvironmentVariable",
        "GetEnvironmentVariables",
        "ExpandEnvironmentVariables",
        "GetFolderPath",
        "Exit",
        "NewLine",
        "MachineName",
        "UserName",
        "OSVersion",
        "ProcessorCount",
        "CurrentDirectory",
        "Is64BitProcess",
        "Is64BitOperatingSystem",
        "TickCount",
        "TickCount64",
        "Version",
        "UserInteractive",
    ],
    call: Some(call),
    get: Some(get),
    ..TypeInfo::named("System.Environment", &["environment"])
};

fn get(name: &str) -> Option<Value> {
    Some(match name {
        "newline" => Value::from("\n"),
        "machinename" => Value::from("seawall"),
        "username" => Value::from(place::env("USER").unwrap_or_else(|| "seawall".to_owned())),
        "processorcount" => Value::Int(1),
        "currentdirectory" => Value::from(place::start()),
        "is64bitprocess" | "is64bitoperatingsystem" => Value::Bool(true),
        "userinteractive" => Value::Bool(false),
        "tickcount" | "tickcount64" => {
            Value::Long(super::datetime::DateTime::now_ticks() / 10_000 % 4_000_000_000)
        }
        "osversion" => crate::value::Object::with(
            "System.OperatingSystem",
            [
                ("Platform", Value::from("Unix")),
                ("VersionString", Value::from("WASI 0.2")),
            ],
        ),
        "version" => super::version::Version::parse("8.0.0").map_or(Value::Null, Value::net),
        _ => return None,
    })
}

fn call(_: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    Some(match (name, args) {
        ("getenvironmentvariable", [name] | [name, _]) => {
            Ok(place::env(&name.text()).map_or(Value::Null, Value::from))
        }
        ("setenvironmentvariable", [name, value] | [name, value, _]) => {
            place::set_env(&name.text(), value);
            Ok(Value::Nothing)
        }
        ("getenvironmentvariables", _) => {
            let hash = Hash::new(HashKind::Table);
            for (name, value) in place::environment() {
                hash.insert(Value::from(name), Value::from(value));
            }
            Ok(Value::Hash(std::rc::Rc::new(hash)))
        }
        ("expandenvironmentvariables", [text]) => {
            let mut text = text.text();
            for (name, value) in place::environment() {
                text = text.replace(&format!("%{name}%"), &value);
            }
            Ok(Value::from(text))
        }
        ("getfolderpath", [_]) => Ok(Value::from(place::home())),
        ("exit", [code]) => match to_int(code) {
            Ok(code) => Err(Ctl::Exit(code)),
            Err(ctl) => Err(ctl),
        },
        _ => return None,
    })
}
