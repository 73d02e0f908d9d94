//! `Clear-Variable`: sets variables to null.
//!
//! [Clear-Variable](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/clear-variable)

use crate::cmdlets::variables::named_scope::scope;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value, intern};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Clear-Variable",
    aliases: &["clv"],
    params: "Name@0|! Scope Force?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let scope = scope(engine, args)?;
    for name in item.map_or_else(|| args.texts("Name"), |item| vec![item.text()]) {
        scope.put(intern(&name), Value::Null);
    }
    Ok(())
}
