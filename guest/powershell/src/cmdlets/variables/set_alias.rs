//! `Set-Alias`: names a command anew; what it names need not be there yet.
//!
//! [Set-Alias](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/set-alias)

use std::rc::Rc;

use crate::cmdlets::variables::named_scope::scope;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value, intern};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Set-Alias",
    aliases: &["sal"],
    params: "Name@0!~ Value@1!~ Scope Force?",
    run: Run::Each(run),
};

pub fn run(engine: &mut Engine, args: &Args, _: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let name = args.text("Name").unwrap_or_default();
    let target = args.text("Value").unwrap_or_default();
    scope(engine, args)?
        .aliases
        .borrow_mut()
        .insert(intern(&name), Rc::from(target));
    Ok(())
}
