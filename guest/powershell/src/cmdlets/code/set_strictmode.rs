//! `Set-StrictMode`: strict or not in this scope and those below; every version is the strictest.
//!
//! [Set-StrictMode](https://learn.microsoft.com/powershell/module/microsoft.powershell.core/set-strictmode)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Set-StrictMode",
    aliases: &[],
    params: "Version Off?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, _: Option<Value>, _: &mut dyn Sink) -> R<()> {
    engine.scope.strict.set(Some(!args.switch("Off")));
    Ok(())
}
