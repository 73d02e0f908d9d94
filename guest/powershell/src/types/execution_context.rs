//! `$ExecutionContext` and the session state of `$PSCmdlet`: text expanded as a string in double quotes is, code out of text,
//! paths, variables. Everything else that PowerShell has there (providers, hosts, drives) is refused when it is reached.

use std::rc::Rc;

use crate::check::Loaded;
use crate::eval::closure::is_same;
use crate::eval::{Engine, Scope};
use crate::net_any;
use crate::value::{Net, R, Value, intern, refuse};

/// Whose variables are meant.
#[derive(Clone, Copy)]
enum Whose {
    /// Those of the code that asks.
    Own,
    /// Those of the caller, where that is of another module.
    Caller,
}

/// A part of it, which is what scripts go through: `$ExecutionContext.SessionState.Path`.
#[derive(Clone, Copy)]
enum Part {
    Context,
    Commands,
    Session(Whose),
    Paths,
    Variables(Whose),
}

pub fn context() -> Value {
    Value::net(Part::Context)
}

/// `$PSCmdlet.SessionState`: that of the caller.
pub fn of_cmdlet() -> Value {
    Value::net(Part::Session(Whose::Caller))
}

/// A path as it is, from the current folder on.
pub fn unresolved(engine: &Engine, path: &Value) -> Value {
    Value::from(crate::place::absolute(&engine.location, &path.text()))
}

fn scope(engine: &Engine, whose: Whose) -> Rc<Scope> {
    let caller = engine.frames.last().map(|frame| &frame.scope);
    let own = engine.scope.module();
    let is_other = |caller: &&Rc<Scope>| !is_same(caller.module().as_ref(), own.as_ref());
    match (whose, caller.filter(is_other)) {
        (Whose::Caller, Some(caller)) => Rc::clone(caller),
        _ => Rc::clone(&engine.scope),
    }
}

impl Net for Part {
    net_any!();

    fn type_name(&self) -> &str {
        match self {
            Self::Context => "System.Management.Automation.EngineIntrinsics",
            Self::Commands => "System.Management.Automation.CommandInvocationIntrinsics",
            Self::Session(_) => "System.Management.Automation.SessionState",
            Self::Paths => "System.Management.Automation.PathIntrinsics",
            Self::Variables(_) => "System.Management.Automation.PSVariableIntrinsics",
        }
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match (self, name) {
            (Self::Context | Self::Session(_), "invokecommand") => Value::net(Self::Commands),
            (Self::Context, "sessionstate") => Value::net(Self::Session(Whose::Own)),
            (Self::Session(_), "path") => Value::net(Self::Paths),
            (Self::Session(whose), "psvariable") => Value::net(Self::Variables(*whose)),
            (Self::Session(_), "languagemode") => Value::from("FullLanguage"),
            _ => return None,
        })
    }

    fn call(self: Rc<Self>, engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        Some(match (*self, name, args) {
            (Self::Commands, "expandstring", [text]) => expanded(engine, &text.text()),
            (Self::Commands, "newscriptblock", [text]) => engine.compile(&text.text()),
            (Self::Paths, "getunresolvedproviderpathfrompspath", [path]) => {
                Ok(unresolved(engine, path))
            }
            (Self::Variables(whose), "getvalue", [name, rest @ ..]) => {
                let found = scope(engine, whose).get(intern(&name.text()));
                Ok(found.or_else(|| rest.first().cloned()).unwrap_or_default())
            }
            (Self::Variables(whose), "set", [name, value]) => {
                let scope = scope(engine, whose);
                engine
                    .set_in(&scope, intern(&name.text()), value.clone())
                    .map(|()| Value::Nothing)
            }
            (Self::Variables(whose), "remove", [name]) => {
                scope(engine, whose).forget_variable(intern(&name.text()));
                Ok(Value::Nothing)
            }
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
