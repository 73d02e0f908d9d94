//! `Remove-Alias`: takes an alias of the script away. Those that are always there stay.
//!
//! [Remove-Alias](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/remove-alias)

use crate::cmdlets::variables::get_alias::not_found;
use crate::cmdlets::variables::named_scope::scope;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value, intern, refuse};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Remove-Alias",
    aliases: &[],
    params: "Name@0|! Scope Force?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let names = item.map_or_else(|| args.texts("Name"), |item| vec![item.text()]);
    for name in names {
        let was_there = match args.has("Scope") {
            true => scope(engine, args)?
                .aliases
                .borrow_mut()
                .remove(&intern(&name))
                .is_some(),
            false => engine.scope.forget_alias(intern(&name)),
        };
        if was_there {
            continue;
        }
        let built_in = crate::cmdlets::find(&name);
        if built_in.is_some_and(|cmdlet| !cmdlet.name.eq_ignore_ascii_case(&name)) {
            return Err(refuse(format!(
                "The alias '{name}' is always there and can't be removed."
            )));
        }
        not_found(engine, "name", &name)?;
    }
    Ok(())
}
