//! `New-Alias`: names a command anew, unless the name is taken.
//!
//! [New-Alias](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/new-alias)

use crate::cmdlets::variables::named_scope::scope;
use crate::cmdlets::variables::set_alias;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value, intern};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "New-Alias",
    aliases: &["nal"],
    params: "Name@0!~ Value@1!~ Scope Force?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let name = args.text("Name").unwrap_or_default();
    let scope = scope(engine, args)?;
    let is_taken = scope.aliases.borrow().contains_key(&intern(&name));
    if is_taken && !args.switch("Force") {
        return engine.soft_error(
            "System.Management.Automation.SessionStateException",
            "AliasAlreadyExists",
            "ResourceExists",
            format!(
                "The alias is not allowed, because an alias with the name '{name}' already exists."
            ),
            Value::from(name),
        );
    }
    set_alias::run(engine, args, item, out)
}
