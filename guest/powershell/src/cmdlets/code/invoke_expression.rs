//! `Invoke-Expression`: runs text as code in the current scope; the text is checked whole first.
//!
//! [Invoke-Expression](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/invoke-expression)

use std::rc::Rc;

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Invoke-Expression",
    aliases: &["iex"],
    params: "Command@0|!^",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let text = item
        .or_else(|| args.value("Command"))
        .unwrap_or_default()
        .text();
    let Value::Script(script) = engine.compile(&text)? else {
        return Ok(());
    };
    // In the current scope, as if it stood there.
    let scope = Rc::clone(&engine.scope);
    engine.in_turn(&script.body, |engine| {
        engine.run_in(scope, &script.body, Vec::new(), Some(Vec::new()), out)
    })
}
