//! `Export-ModuleMember`: says what a module shows.
//!
//! [Export-ModuleMember](https://learn.microsoft.com/powershell/module/microsoft.powershell.core/export-modulemember)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value, intern};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Export-ModuleMember",
    aliases: &[],
    params: "Function@0 Cmdlet Variable Alias",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, _: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let scope = engine.scope.script();
    let mut names = scope
        .get_here(intern("module:exported"))
        .map(|names| names.to_items())
        .unwrap_or_default();
    names.extend(args.texts("Function").into_iter().map(Value::from));
    scope.put(intern("module:exported"), Value::from(names));
    Ok(())
}
