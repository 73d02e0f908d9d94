//! Variables and aliases by name.

use super::{Cmdlet, Run};
use crate::eval::{Args, Engine, Scope, Sink, Var, pattern};
use crate::value::{Object, R, Value, fail, intern};
use std::rc::Rc;

pub const GET: Cmdlet = Cmdlet {
    name: "Get-Variable",
    aliases: &["gv"],
    params: "Name@0| ValueOnly? Scope Include Exclude",
    run: Run::Each(get),
};
pub const SET: Cmdlet = Cmdlet {
    name: "Set-Variable",
    aliases: &["sv", "set"],
    params: "Name@0! Value@1| Scope Option Force? Description PassThru? Visibility",
    run: Run::Each(set),
};
pub const NEW: Cmdlet = Cmdlet {
    name: "New-Variable",
    aliases: &["nv"],
    params: "Name@0! Value@1| Scope Option Force? Description PassThru? Visibility",
    run: Run::Each(set),
};
pub const REMOVE: Cmdlet = Cmdlet {
    name: "Remove-Variable",
    aliases: &["rv"],
    params: "Name@0|! Scope Force?",
    run: Run::Each(remove),
};
pub const CLEAR: Cmdlet = Cmdlet {
    name: "Clear-Variable",
    aliases: &["clv"],
    params: "Name@0|! Scope Force?",
    run: Run::Each(clear),
};
pub const SET_ALIAS: Cmdlet = Cmdlet {
    name: "Set-Alias",
    aliases: &["sal"],
    params: "Name@0! Value@1! Scope Force? Option Description PassThru?",
    run: Run::Each(set_alias),
};
pub const NEW_ALIAS: Cmdlet = Cmdlet {
    name: "New-Alias",
    aliases: &["nal"],
    params: "Name@0! Value@1! Scope Force? Option Description PassThru?",
    run: Run::Each(set_alias),
};

fn scope(engine: &Engine, args: &Args) -> R<Rc<Scope>> {
    Ok(
        match args
            .text("Scope")
            .map(|name| name.to_ascii_lowercase())
            .as_deref()
        {
            None | Some("local") | Some("0") => Rc::clone(&engine.scope),
            Some("global") => Rc::clone(&engine.global),
            Some("script") => engine.scope.script(),
            Some(n) => {
                let n: usize = n.parse().map_err(|_| {
                    crate::value::argument_error("Scope", format!("'{n}' is not a scope."))
                })?;
                let mut scope = Rc::clone(&engine.scope);
                for _ in 0..n {
                    scope = scope.parent.clone().unwrap_or(scope);
                }
                scope
            }
        },
    )
}

fn get(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
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

fn set(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let scope = scope(engine, args)?;
    let value = item
        .or_else(|| args.get("Value").cloned())
        .unwrap_or_default();
    let option = args.text("Option").unwrap_or_default().to_ascii_lowercase();
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
        if args.switch("Force") {
            scope.vars.borrow_mut().remove(&name);
        }
        engine.set_in(&scope, name, value.clone())?;
        if (option.contains("readonly") || option.contains("constant"))
            && let Some(var) = scope.vars.borrow_mut().get_mut(&name)
        {
            *var = Var {
                value: value.clone(),
                is_read_only: true,
                ..Var::default()
            };
        }
    }
    Ok(())
}

fn remove(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let scope = scope(engine, args)?;
    for name in item.map_or_else(|| args.texts("Name"), |item| vec![item.text()]) {
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

fn clear(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let scope = scope(engine, args)?;
    for name in item.map_or_else(|| args.texts("Name"), |item| vec![item.text()]) {
        scope.put(intern(&name), Value::Null);
    }
    Ok(())
}

fn set_alias(engine: &mut Engine, args: &Args, _: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let name = args.text("Name").unwrap_or_default();
    let target = args.text("Value").unwrap_or_default();
    if engine.scope.function(intern(&target)).is_none()
        && super::find(&target).is_none()
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
