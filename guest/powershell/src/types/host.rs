//! `$Host` and `[Console]`

use super::TypeInfo;
use crate::eval::Engine;
use crate::value::{Object, R, Value};

pub const CONSOLE: TypeInfo = TypeInfo {
    statics: &[
        "WriteLine",
        "Write",
        "ReadLine",
        "OutputEncoding",
        "InputEncoding",
        "IsOutputRedirected",
    ],
    call: Some(call),
    get: Some(|name| match name {
        "outputencoding" | "inputencoding" => Some(super::encoding::utf8()),
        "isoutputredirected" | "isinputredirected" | "iserrorredirected" => Some(Value::Bool(true)),
        _ => None,
    }),
    ..TypeInfo::named("System.Console", &["console"])
};

fn call(engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    let text = || -> R<String> { Ok(args.first().map(Value::text).unwrap_or_default()) };
    Some(match (name, args.len()) {
        ("writeline", 0..=1) => text()
            .and_then(|text| engine.printer.write_text(&text, true))
            .map(|()| Value::Nothing),
        ("write", 1) => text()
            .and_then(|text| engine.printer.write_text(&text, false))
            .map(|()| Value::Nothing),
        ("writeline" | "write", _) => {
            crate::format::composite::format(engine, &args[0], &Value::from(args[1..].to_vec()))
                .and_then(|text| engine.printer.write_text(&text.text(), name == "writeline"))
                .map(|()| Value::Nothing)
        }
        ("readline", 0) => Ok(crate::host::stdin_line().map_or(Value::Null, Value::from)),
        _ => return None,
    })
}

pub fn host() -> Value {
    let raw = Object::with(
        "System.Management.Automation.Host.PSHostRawUserInterface",
        [(
            "BufferSize",
            Object::custom_with([("Width", Value::Int(120)), ("Height", Value::Int(50))]),
        )],
    );
    let ui = Object::with(
        "System.Management.Automation.Host.PSHostUserInterface",
        [("RawUI", raw)],
    );
    Object::with(
        "System.Management.Automation.Internal.Host.InternalHost",
        [
            ("Name", Value::from("Seawall")),
            ("Version", super::version::SemVer::value("7.4.0")),
            ("UI", ui),
        ],
    )
}
