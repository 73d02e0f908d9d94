//! `Set-Variable`: sets variables.
//!
//! [Set-Variable](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/set-variable)

use crate::cmdlets::variables::named_scope::scope;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, Var};
use crate::value::{R, Value, intern, refuse};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Set-Variable",
    aliases: &["sv", "set"],
    params: "Name@0! Value@1| Scope Option Force?",
    run: Run::Each(run),
};

pub fn run(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let scope = scope(engine, args)?;
    let value = item
        .or_else(|| args.get("Value").cloned())
        .unwrap_or_default();
    let option = args.text("Option").unwrap_or_default();
    if let Some(message) = unsupported(&option) {
        return Err(refuse(message));
    }
    for name in args.texts("Name") {
        let name = intern(&name);
        let exists = scope.get_here(name).is_some();
        if exists && args.cmdlet.name == "New-Variable" && !args.switch("Force") {
            return engine.soft_error(
                "System.Management.Automation.SessionStateException",
                "VariableAlreadyExists",
                "ResourceExists",
                format!("A variable with name '{name}' already exists."),
                Value::from(&*name.text()),
            );
        }
        let mut vars = scope.vars.borrow_mut();
        if args.switch("Force") && vars.get(&name).is_none_or(|var| !var.is_constant) {
            vars.remove(&name);
        }
        drop(vars);
        engine.set_in(&scope, name, value.clone())?;
        if (option.contains("ReadOnly") || option.contains("Constant"))
            && let Some(var) = scope.vars.borrow_mut().get_mut(&name)
        {
            *var = Var {
                value: value.clone(),
                is_read_only: true,
                is_constant: option.contains("Constant"),
                ..Var::default()
            };
        }
    }
    Ok(())
}

/// What is said of options that aren't there: a variable is seen by what its scope calls, whatever it is marked as.
pub fn unsupported(option: &str) -> Option<String> {
    let lower = option.to_ascii_lowercase();
    let found = ["Private", "AllScope"]
        .into_iter()
        .find(|name| lower.contains(&name.to_ascii_lowercase()))?;
    Some(format!(
        "-Option {found} is not supported. Use ReadOnly or Constant."
    ))
}
