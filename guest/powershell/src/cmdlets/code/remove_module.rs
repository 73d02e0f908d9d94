//! `Remove-Module`: takes away what an imported module brought.
//!
//! [Remove-Module](https://learn.microsoft.com/powershell/module/microsoft.powershell.core/remove-module)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::pattern::{has_wildcards, wildcard};
use crate::eval::{Args, Engine, Sink};
use crate::value::{Object, R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Remove-Module",
    aliases: &["rmo"],
    params: "Name/ModuleInfo@0|! Force?",
    run: Run::Each(run),
};

/// The name that a text is, or that a module's description has.
fn name_of(value: &Value) -> String {
    let described = match value {
        Value::Object(object) => Object::note(object, "Name"),
        _ => None,
    };
    described.unwrap_or_else(|| value.clone()).text()
}

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let given = item.or_else(|| args.value("Name")).unwrap_or_default();
    for name in given.to_items().iter().map(name_of) {
        let modules = std::mem::take(&mut engine.modules);
        let (gone, kept): (Vec<_>, Vec<_>) = modules
            .into_iter()
            .partition(|module| wildcard(&name, &module.name, false));
        engine.modules = kept;
        gone.iter().for_each(|module| module.withdraw());
        if gone.is_empty() && !has_wildcards(&name) {
            engine.soft_error(
                "System.InvalidOperationException",
                "Modules_NoModulesRemoved",
                "ResourceUnavailable",
                "No modules were removed. Verify that the specification of modules to remove is correct and those modules exist in the runspace.",
                Value::from(name),
            )?;
        }
    }
    Ok(())
}
