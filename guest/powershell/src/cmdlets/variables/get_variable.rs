//! `Get-Variable`: variables by name or wildcard.
//!
//! [Get-Variable](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/get-variable)

use crate::cmdlets::variables::named_scope::scope;
use crate::cmdlets::variables::shown::{is_chosen, matching, not_found, shown};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, pattern};
use crate::value::{R, Value, intern};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Get-Variable",
    aliases: &["gv"],
    params: "Name@0| ValueOnly? Scope Include Exclude",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let mut names = item.map_or_else(|| args.texts("Name"), |item| vec![item.text()]);
    if names.is_empty() {
        names.push("*".to_owned());
    }
    for name in names {
        if pattern::has_wildcards(&name) {
            for (name, value) in matching(engine, &name) {
                put(engine, args, &name, value, out)?;
            }
            continue;
        }
        let found = match args.has("Scope") {
            true => scope(engine, args)?.get_here(intern(&name)),
            false => engine.lookup(crate::parse::ast::VarRef {
                scope: crate::parse::ast::VarScope::None,
                name: intern(&name),
            }),
        };
        match found {
            Some(value) => put(engine, args, &name, value, out)?,
            None => not_found(engine, &name)?,
        }
    }
    Ok(())
}

fn put(engine: &mut Engine, args: &Args, name: &str, value: Value, out: &mut dyn Sink) -> R<()> {
    if !is_chosen(args, name) {
        return Ok(());
    }
    if args.switch("ValueOnly") {
        return engine.put_value(value, out);
    }
    let value = shown(&scope(engine, args)?, name, value);
    out.put(engine, value)
}
