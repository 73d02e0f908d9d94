//! `Set-Alias`: names a command anew.
//!
//! [Set-Alias](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/set-alias)

use std::rc::Rc;

use crate::cmdlets::variables::named_scope::scope;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value, fail, intern};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Set-Alias",
    aliases: &["sal"],
    params: "Name@0! Value@1! Scope Force?",
    run: Run::Each(run),
};

pub fn run(engine: &mut Engine, args: &Args, _: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let name = args.text("Name").unwrap_or_default();
    let target = args.text("Value").unwrap_or_default();
    if engine.scope.function(intern(&target)).is_none()
        && crate::cmdlets::find(&target).is_none()
        && engine.scope.alias(intern(&target)).is_none()
    {
        return Err(fail(
            "System.Management.Automation.CommandNotFoundException",
            "CommandNotFoundException",
            format!("The alias '{name}' names '{target}', which is not a known command."),
        ));
    }
    scope(engine, args)?
        .aliases
        .borrow_mut()
        .insert(intern(&name), Rc::from(target));
    Ok(())
}
