//! `Invoke-Command`: runs a block here. Left out: computers, sessions and jobs: there is nothing to reach.
//!
//! [Invoke-Command](https://learn.microsoft.com/powershell/module/microsoft.powershell.core/invoke-command)

use std::rc::Rc;

use crate::cmdlets::code::set_strictmode;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{ArgValue, Args, Engine, Sink};
use crate::value::{R, Script, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Invoke-Command",
    aliases: &["icm"],
    params: "ScriptBlock/Command@0! ArgumentList/Args InputObject| NoNewScope? StrictModeVersion",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let Some(script) = args.script("ScriptBlock")? else {
        return Ok(());
    };
    let given = args
        .value("ArgumentList")
        .map(|value| value.to_items())
        .unwrap_or_default();
    let items = if args.has_input || args.has("InputObject") {
        Some(crate::cmdlets::inputs(args, input))
    } else {
        None
    };
    let scope = Rc::clone(&engine.scope);
    let before = scope.strict.get();
    if let Some(version) = args.text("StrictModeVersion") {
        scope.strict.set(Some(set_strictmode::version(&version)?));
    }
    let result = run_block(engine, args, &script, given, items, out);
    scope.strict.set(before);
    result
}

fn run_block(
    engine: &mut Engine,
    args: &Args,
    script: &Rc<Script>,
    given: Vec<Value>,
    items: Option<Vec<Value>>,
    out: &mut dyn Sink,
) -> R<()> {
    let given = given.into_iter().map(ArgValue::Value).collect();
    if args.switch("NoNewScope") {
        let scope = Rc::clone(&engine.scope);
        return engine.run_script_block_in(scope, script, given, items, out);
    }
    engine.run_script_block(script, given, items, None, out)
}
