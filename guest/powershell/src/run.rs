//! One run: read, check, evaluate, exit code.

use std::rc::Rc;

use crate::check;
use crate::eval::{ArgValue, Engine, Sink};
use crate::value::{Ctl, R, Value};

/// The PowerShell that this is like: `$PSVersionTable.PSVersion`.
pub const VERSION: &str = "7.4.0";

/// What reaches the end of the script's output is shown.
struct Out;

impl Sink for Out {
    fn put(&mut self, engine: &mut Engine, value: Value) -> R<()> {
        crate::format::show(engine, value)
    }
}

/// Runs the file; its exit code.
pub fn file(path: &str, args: &[String]) -> i32 {
    let full = crate::place::absolute(&crate::place::start(), path);
    let text = match crate::place::read_text(&full) {
        Ok(text) => text,
        Err(error) => {
            crate::host::stderr(&format!("The script '{path}' can't be read: {error}\n"));
            return 64;
        }
    };
    let body = match check::load(&full, text) {
        Ok(body) => body,
        Err(problem) => {
            crate::host::stderr(&format!("{problem}\n"));
            return 1;
        }
    };
    let mut engine = Engine::new();
    // As `pwsh -File` does and Octopus's bootstrap: the script is dot-sourced in the global scope.
    let scope = Rc::clone(&engine.global);
    let result = engine.in_script_scope(
        scope,
        &body,
        args.iter().map(|arg| argument(arg)).collect(),
        None,
        &mut Out,
    );
    let _ = engine.printer.flush_pending();
    ended(&mut engine, result)
}

/// `-Name` names a parameter; everything else is a string.
fn argument(arg: &str) -> ArgValue {
    match arg.strip_prefix('-') {
        Some(name) if name.starts_with(char::is_alphabetic) => match name.split_once(':') {
            Some((name, value)) => {
                let value = match value.to_ascii_lowercase().as_str() {
                    "$true" => Value::Bool(true),
                    "$false" => Value::Bool(false),
                    _ => Value::from(value),
                };
                ArgValue::Named(name.to_owned(), Some(value))
            }
            None => ArgValue::Named(name.to_owned(), None),
        },
        _ => ArgValue::Value(Value::from(arg)),
    }
}

fn ended(engine: &mut Engine, result: R<()>) -> i32 {
    match result {
        Ok(()) | Err(Ctl::Return | Ctl::Break(_) | Ctl::Continue(_) | Ctl::Stop(_)) => 0,
        Err(Ctl::Exit(code)) => code,
        Err(Ctl::Throw(record)) => {
            let _ = engine.show_error(&record);
            1
        }
        Err(Ctl::Refused(refusal)) => {
            let position = refusal.position.borrow();
            let message = crate::check::hints::elsewhere(&refusal.message);
            let text = match position.as_ref() {
                Some(position) => crate::eval::refusal_text("NotSupported", &message, position),
                None => format!("NotSupported: {message}\n"),
            };
            crate::host::stderr(&text);
            1
        }
    }
}

/// `--list`: what is covered.
pub fn list() -> i32 {
    for cmdlet in crate::cmdlets::CMDLETS {
        let names: Vec<&str> = cmdlet
            .parameters()
            .iter()
            .take_while(|param| param.name != "ErrorAction")
            .map(|param| param.name)
            .collect();
        let parameters: Vec<String> = names.iter().map(|name| format!("-{name}")).collect();
        crate::host::stdout(&format!("{} {}\n", cmdlet.name, parameters.join(" ")));
    }
    for info in crate::types::TYPES {
        crate::host::stdout(&format!("[{}] {}\n", info.name, info.statics.join(" ")));
    }
    0
}

/// `--readme`: the tables of the README, in Markdown.
pub fn readme() -> i32 {
    let mut text = String::from("| cmdlet | aliases | parameters |\n|---|---|---|\n");
    for cmdlet in crate::cmdlets::CMDLETS {
        let names: Vec<String> = cmdlet
            .parameters()
            .iter()
            .take_while(|param| param.name != "ErrorAction")
            .map(|param| format!("`-{}`", param.name))
            .collect();
        text.push_str(&format!(
            "| `{}` | {} | {} |\n",
            cmdlet.name,
            cmdlet.aliases.join(" "),
            names.join(" ")
        ));
    }
    text.push_str("\n| type | also as | static members |\n|---|---|---|\n");
    for info in crate::types::TYPES {
        text.push_str(&format!(
            "| `{}` | {} | {} |\n",
            info.name,
            info.aliases.join(" "),
            info.statics.join(" ")
        ));
    }
    crate::host::stdout(&text);
    0
}
