//! `Export-ModuleMember`: says what a module shows.
//!
//! [Export-ModuleMember](https://learn.microsoft.com/powershell/module/microsoft.powershell.core/export-modulemember)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Scope, Sink};
use crate::value::{R, Value, intern};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Export-ModuleMember",
    aliases: &[],
    params: "Function@0 Alias",
    run: Run::Each(run),
};

/// Variables of the module's scope that no script can name.
pub const FUNCTIONS: &str = "module:functions";
pub const ALIASES: &str = "module:aliases";

fn run(engine: &mut Engine, args: &Args, _: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let scope = engine.scope.script();
    for (kind, parameter) in [(FUNCTIONS, "Function"), (ALIASES, "Alias")] {
        let mut names = exported(&scope, kind).unwrap_or_default();
        names.extend(args.texts(parameter));
        let names = names.into_iter().map(Value::from).collect::<Vec<_>>();
        scope.put(intern(kind), Value::from(names));
    }
    Ok(())
}

/// The patterns that a module exports; `None` if it never said, and so exports all of them.
pub fn exported(scope: &Scope, kind: &str) -> Option<Vec<String>> {
    let names = scope.get_here(intern(kind))?;
    Some(names.to_items().iter().map(Value::text).collect())
}
