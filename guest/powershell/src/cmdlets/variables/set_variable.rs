//! `Set-Variable`: sets variables.
//!
//! [Set-Variable](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/set-variable)

use std::rc::Rc;

use crate::cmdlets::items::change::is_dry;
use crate::cmdlets::variables::named_scope::scope;
use crate::cmdlets::variables::shown::{is_chosen, matching, shown};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Scope, Sink, pattern};
use crate::value::{Ctl, R, Sym, Value, intern, refuse};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Set-Variable",
    aliases: &["sv", "set"],
    params: "Name@0!~ Value@1| Scope Option Force? PassThru? Description Include Exclude WhatIf? Confirm?",
    run: Run::Whole(run),
};

/// What comes through a pipe is one value: several items are an array (`SetVariableCommand.EndProcessing`).
fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let piped = args.has_input.then(|| match Value::collapse(input) {
        Value::Nothing => Value::Null,
        value => value,
    });
    set(engine, args, piped, out)
}

pub fn set(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let scope = scope(engine, args)?;
    let given = item.or_else(|| args.get("Value").cloned());
    let option = args.text("Option").unwrap_or_default();
    if let Some(message) = unsupported(&option) {
        return Err(refuse(message));
    }
    let is_new = args.cmdlet.name == "New-Variable";
    let mut names = Vec::new();
    for name in args.texts("Name") {
        match !is_new && pattern::has_wildcards(&name) {
            true => names.extend(matching(engine, &name).into_iter().map(|(name, _)| name)),
            false => names.push(name),
        }
    }
    for written in names.into_iter().filter(|name| is_chosen(args, name)) {
        let name = intern(&written);
        // Without a value, `Set-Variable` leaves what is there.
        let value = match &given {
            Some(value) => value.clone(),
            None if is_new => Value::Null,
            None => scope.get_here(name).unwrap_or_default(),
        };
        let action = if is_new {
            "New variable"
        } else {
            "Set variable"
        };
        let target = format!("Name: {written} Value: {}", value.text());
        if is_dry(engine, args, action, &target)? {
            continue;
        }
        let exists = scope.get_here(name).is_some();
        if exists && is_new && !args.switch("Force") {
            engine.soft_error(
                "System.Management.Automation.SessionStateException",
                "VariableAlreadyExists",
                "ResourceExists",
                format!("A variable with name '{name}' already exists."),
                Value::from(written),
            )?;
            continue;
        }
        if exists && !is_new && option.contains("Constant") {
            engine.soft_error(
                "System.Management.Automation.SessionStateUnauthorizedAccessException",
                "VariableCannotBeMadeConstant",
                "WriteError",
                format!("Existing variable {name} cannot be made constant. Variables can be made constant only at creation time."),
                Value::from(written),
            )?;
            continue;
        }
        let was_read_only = args.switch("Force") && unlock(&scope, name, is_new);
        match engine.set_in(&scope, name, value.clone()) {
            Ok(()) => {}
            Err(Ctl::Throw(record)) if record.id == "VariableNotWritable" => {
                engine.report(record.copied())?;
                continue;
            }
            Err(ctl) => return Err(ctl),
        }
        if let Some(var) = scope.vars.borrow_mut().get_mut(&name) {
            var.is_constant = option.contains("Constant");
            var.is_read_only = match args.has("Option") {
                true => var.is_constant || option.contains("ReadOnly"),
                false => was_read_only,
            };
        }
        if let Some(text) = args.text("Description")
            && let Some(var) = scope.vars.borrow_mut().get_mut(&name)
        {
            var.description = Some(Rc::from(text));
        }
        if args.switch("PassThru") {
            let value = shown(&scope, &written, value);
            out.put(engine, value)?;
        }
    }
    Ok(())
}

/// Makes way for a value: a new variable takes the old one's place, and one that is set stays what it is, read-only too.
/// Says whether it was that.
fn unlock(scope: &Scope, name: Sym, is_new: bool) -> bool {
    let mut vars = scope.vars.borrow_mut();
    let Some(var) = vars.get_mut(&name).filter(|var| !var.is_constant) else {
        return false;
    };
    if is_new {
        vars.remove(&name);
        return false;
    }
    std::mem::take(&mut var.is_read_only)
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
