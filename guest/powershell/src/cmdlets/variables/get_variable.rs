//! `Get-Variable`: variables by name or wildcard.
//!
//! [Get-Variable](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/get-variable)

use std::rc::Rc;

use crate::cmdlets::variables::named_scope::scope;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, pattern};
use crate::value::{Object, R, Value, intern};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Get-Variable",
    aliases: &["gv"],
    params: "Name@0| ValueOnly? Scope",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let names = item.map_or_else(|| args.texts("Name"), |item| vec![item.text()]);
    for name in names {
        if pattern::has_wildcards(&name) {
            let mut found: Vec<(String, Value)> = Vec::new();
            let mut at = Some(Rc::clone(&engine.scope));
            while let Some(scope) = at {
                for (own, var) in scope.vars.borrow().iter() {
                    let own = own.text().to_string();
                    if pattern::wildcard(&name, &own, false)
                        && !found.iter().any(|(seen, _)| *seen == own)
                        && !own.contains(':')
                    {
                        found.push((own, var.value.clone()));
                    }
                }
                at = scope.parent.clone();
            }
            found.sort_by_key(|a| a.0.to_lowercase());
            for (name, value) in found {
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
            None => engine.soft_error(
                "System.Management.Automation.ItemNotFoundException",
                "VariableNotFound",
                "ObjectNotFound",
                format!("Cannot find a variable with the name '{name}'."),
                Value::from(name.as_str()),
            )?,
        }
    }
    Ok(())
}

fn put(engine: &mut Engine, args: &Args, name: &str, value: Value, out: &mut dyn Sink) -> R<()> {
    if args.switch("ValueOnly") {
        return out.put(engine, value);
    }
    out.put(
        engine,
        Object::with(
            "System.Management.Automation.PSVariable",
            [("Name", Value::from(name)), ("Value", value)],
        ),
    )
}
