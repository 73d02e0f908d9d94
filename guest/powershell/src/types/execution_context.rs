//! `$ExecutionContext`: text expanded as a string in double quotes is, code out of text, paths. Everything else that
//! PowerShell has there (providers, hosts, drives) is refused when it is reached.

use std::rc::Rc;

use crate::check::Loaded;
use crate::eval::Engine;
use crate::net_any;
use crate::value::{Net, R, Value, refuse};

/// A part of it, which is what scripts go through: `$ExecutionContext.SessionState.Path`.
#[derive(Clone, Copy)]
enum Part {
    Context,
    Commands,
    Session,
    Paths,
}

pub fn context() -> Value {
    Value::net(Part::Context)
}

impl Net for Part {
    net_any!();

    fn type_name(&self) -> &str {
        match self {
            Self::Context => "System.Management.Automation.EngineIntrinsics",
            Self::Commands => "System.Management.Automation.CommandInvocationIntrinsics",
            Self::Session => "System.Management.Automation.SessionState",
            Self::Paths => "System.Management.Automation.PathIntrinsics",
        }
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match (self, name) {
            (Self::Context | Self::Session, "invokecommand") => Value::net(Self::Commands),
            (Self::Context, "sessionstate") => Value::net(Self::Session),
            (Self::Session, "path") => Value::net(Self::Paths),
            (Self::Session, "languagemode") => Value::from("FullLanguage"),
            _ => return None,
        })
    }

    fn call(self: Rc<Self>, engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        Some(match (*self, name, args) {
            (Self::Commands, "expandstring", [text]) => expanded(engine, &text.text()),
            (Self::Commands, "newscriptblock", [text]) => engine.compile(&text.text()),
            (Self::Paths, "getunresolvedproviderpathfrompspath", [path]) => Ok(Value::from(
                crate::place::absolute(&engine.location, &path.text()),
            )),
            _ => return None,
        })
    }
}

/// The text with its variables and subexpressions, as a here-string in the current scope has them.
fn expanded(engine: &mut Engine, text: &str) -> R<Value> {
    const END: &str = "\n\"@";
    if text.contains(END) || text.starts_with(&END[1..]) {
        return Err(refuse(
            "ExpandString of text with the end of a here-string in it is not supported.",
        ));
    }
    let body = engine.load("", format!("@\"\n{text}{END}"), Loaded::Library)?;
    let scope = Rc::clone(&engine.scope);
    let mut found = Vec::new();
    engine.run_in(scope, &body, Vec::new(), None, &mut found)?;
    Ok(found.pop().unwrap_or_else(|| Value::from("")))
}
