//! `Clear-Variable`: sets variables to null.
//!
//! [Clear-Variable](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/clear-variable)

use crate::cmdlets::items::change::is_dry;
use crate::cmdlets::variables::named_scope::scope;
use crate::cmdlets::variables::shown::{is_chosen, matching, not_found, shown};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, pattern};
use crate::parse::ast::{VarRef, VarScope};
use crate::value::{Ctl, R, Value, intern};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Clear-Variable",
    aliases: &["clv"],
    params: "Name@0|! Scope Force? PassThru? Include Exclude WhatIf? Confirm?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let scope = scope(engine, args)?;
    let mut names = Vec::new();
    for name in item.map_or_else(|| args.texts("Name"), |item| vec![item.text()]) {
        if pattern::has_wildcards(&name) {
            names.extend(matching(engine, &name).into_iter().map(|(name, _)| name));
            continue;
        }
        let seen = VarRef {
            scope: VarScope::None,
            name: intern(&name),
        };
        let is_there = match args.has("Scope") {
            true => scope.get_here(intern(&name)).is_some(),
            false => engine.lookup(seen).is_some(),
        };
        match is_there {
            true => names.push(name),
            false => not_found(engine, &name)?,
        }
    }
    for written in names.into_iter().filter(|name| is_chosen(args, name)) {
        if is_dry(engine, args, "Clear variable", &format!("Name: {written}"))? {
            continue;
        }
        let name = intern(&written);
        let lock = |is_read_only: bool| {
            let mut vars = scope.vars.borrow_mut();
            let var = vars.get_mut(&name).filter(|var| !var.is_constant)?;
            Some(std::mem::replace(&mut var.is_read_only, is_read_only))
        };
        // What is read-only stays so, whatever its value.
        let was_locked = args.switch("Force").then(|| lock(false)).flatten();
        let done = engine.set_in(&scope, name, Value::Null);
        if was_locked == Some(true) {
            lock(true);
        }
        match done {
            Ok(()) => {}
            Err(Ctl::Throw(record)) if record.id == "VariableNotWritable" => {
                engine.report(record.copied())?;
                continue;
            }
            Err(ctl) => return Err(ctl),
        }
        if args.switch("PassThru") {
            let value = shown(&scope, &written, Value::Null);
            out.put(engine, value)?;
        }
    }
    Ok(())
}
