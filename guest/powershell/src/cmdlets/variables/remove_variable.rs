//! `Remove-Variable`: removes variables.
//!
//! [Remove-Variable](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/remove-variable)

use crate::cmdlets::items::change::is_dry;
use crate::cmdlets::variables::named_scope::scope;
use crate::cmdlets::variables::shown::{is_chosen, matching_in, not_found};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, pattern};
use crate::value::{R, Value, intern};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Remove-Variable",
    aliases: &["rv"],
    params: "Name@0|! Scope Force? Include Exclude WhatIf? Confirm?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let scope = scope(engine, args)?;
    let mut names = Vec::new();
    for name in item.map_or_else(|| args.texts("Name"), |item| vec![item.text()]) {
        if pattern::has_wildcards(&name) {
            names.extend(matching_in(&scope, &name).into_iter().map(|(name, _)| name));
        } else {
            names.push(name);
        }
    }
    for name in names.into_iter().filter(|name| is_chosen(args, name)) {
        if is_dry(engine, args, "Remove variable", &format!("Name: {name}"))? {
            continue;
        }
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
            not_found(engine, &name)?;
        }
    }
    Ok(())
}
