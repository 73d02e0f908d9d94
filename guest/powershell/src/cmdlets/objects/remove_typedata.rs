//! `Remove-TypeData`: takes away what types were given while the script ran. Left out: type files.
//!
//! [Remove-TypeData](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/remove-typedata)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{ErrorRecord, Exception, R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Remove-TypeData",
    aliases: &[],
    params: "TypeName@0|!^ WhatIf? Confirm?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let name = match item {
        Some(item) => item.text(),
        None => args.required("TypeName")?.text(),
    };
    if engine.type_table.remove(&name) {
        return Ok(());
    }
    let exception = Exception::new(
        "System.Management.Automation.RuntimeException",
        format!(
            "Error in TypeData \"{name}\": The type \"{name}\" was not found. The type name value must be the full name of the type. Verify the type name and run the command again."
        ),
    );
    let id = "TypesDynamicRemoveException";
    engine.report(ErrorRecord::new(exception, id, "InvalidOperation"))
}
