//! `$Host` and `[Console]`: a step has standard input and output, and no screen.

use std::rc::Rc;

use super::TypeInfo;
use super::text_io::writer::said;
use crate::eval::Engine;
use crate::net_any;
use crate::value::{Net, Object, R, Value};

pub const CONSOLE: TypeInfo = TypeInfo {
    statics: &[
        "WriteLine",
        "Write",
        "ReadLine",
        "OutputEncoding",
        "InputEncoding",
        "IsInputRedirected",
        "IsOutputRedirected",
        "IsErrorRedirected",
        "In",
        "Out",
        "Error",
    ],
    call: Some(call),
    get: Some(|name| match name {
        "outputencoding" | "inputencoding" => Some(super::encoding::utf8()),
        "in" => Some(Value::net(Reader)),
        "out" => Some(Value::net(Writer { is_error: false })),
        "error" => Some(Value::net(Writer { is_error: true })),
        "isoutputredirected" | "isinputredirected" | "iserrorredirected" => Some(Value::Bool(true)),
        _ => None,
    }),
    ..TypeInfo::named("System.Console", &["console"])
};

fn call(engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    Some(match (name, args.len()) {
        ("writeline", _) | ("write", 1..) => said(engine, args)
            .and_then(|text| engine.printer.write_text(&text, name == "writeline"))
            .map(|()| Value::Nothing),
        ("readline", 0) => Ok(read_line()),
        _ => return None,
    })
}

/// The next line of standard input; null at its end.
fn read_line() -> Value {
    crate::host::stdin_line().map_or(Value::Null, Value::from)
}

/// `[Console]::In`
struct Reader;

impl Net for Reader {
    net_any!();

    fn type_name(&self) -> &str {
        "System.IO.SyncTextReader"
    }

    fn bases(&self) -> Vec<String> {
        vec!["System.IO.TextReader".to_owned()]
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        match (name, args) {
            ("readline", []) => Some(Ok(read_line())),
            ("readtoend", []) => Some(Ok(Value::from(crate::host::stdin()))),
            _ => None,
        }
    }
}

/// `[Console]::Out` and `[Console]::Error`
struct Writer {
    is_error: bool,
}

impl Net for Writer {
    net_any!();

    fn type_name(&self) -> &str {
        "System.IO.TextWriter"
    }

    fn call(self: Rc<Self>, engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        if !self.is_error {
            return match name {
                "writeline" | "write" => call(engine, name, args),
                "flush" => Some(Ok(Value::Nothing)),
                _ => None,
            };
        }
        let end = match name {
            "writeline" => "\n",
            "write" => "",
            "flush" => return Some(Ok(Value::Nothing)),
            _ => return None,
        };
        Some(said(engine, args).and_then(|text| {
            engine.printer.flush_pending()?;
            crate::host::stderr(&format!("{text}{end}"));
            Ok(Value::Nothing)
        }))
    }
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
            ("Version", super::semver::SemVer::value("7.4.0")),
            ("UI", ui),
        ],
    )
}
