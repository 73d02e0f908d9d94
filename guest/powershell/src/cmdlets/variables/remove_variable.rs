//! `Remove-Variable`: removes variables.
//!
//! [Remove-Variable](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/remove-variable)

use crate::cmdlets::variables::named_scope::scope;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value, intern};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Remove-Variable",
    aliases: &["rv"],
    params: "Name@0|! Scope Force?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let scope = scope(engine, args)?;
    for name in item.map_or_else(|| args.texts("Name"), |item| vec![item.text()]) {
        let kept = scope
            .vars
            .borrow()
            .get(&intern(&name))
            .is_some_and(|var| var.is_constant || var.is_read_only && !args.switch("Force"));
        if kept {
            engine.soft_error(
                "System.Management.Automation.SessionStateUnauthorizedAccessException",
                "VariableNotRemovable",
                "WriteError",
                format!("Cannot remove variable {name} because it is constant or read-only. If the variable is read-only, try the operation again specifying the Force option."),
                Value::from(name.as_str()),
            )?;
            continue;
        }
        let removed = scope.vars.borrow_mut().remove(&intern(&name)).is_some();
        if !removed {
            engine.soft_error(
                "System.Management.Automation.ItemNotFoundException",
                "VariableNotFound",
                "ObjectNotFound",
                format!("Cannot find a variable with the name '{name}'."),
                Value::from(name.as_str()),
            )?;
        }
    }
    Ok(())
}
