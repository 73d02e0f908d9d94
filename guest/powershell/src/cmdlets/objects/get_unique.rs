//! `Get-Unique`: drops repeated neighbours, or neighbours of the same type.
//!
//! [Get-Unique](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/get-unique)

use crate::cmdlets::objects::order::same;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Get-Unique",
    aliases: &["gu"],
    params: "InputObject| AsString? OnType? CaseInsensitive?",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let minds_case = !args.switch("CaseInsensitive");
    let (as_text, on_type) = (args.switch("AsString"), args.switch("OnType"));
    let mut last: Option<Value> = None;
    for item in crate::cmdlets::input_or_one(args, input) {
        let own = if on_type {
            Value::from(item.type_name())
        } else if as_text {
            Value::from(engine.text(&item)?)
        } else {
            item.clone()
        };
        if last
            .as_ref()
            .is_some_and(|last| same(last, &own, minds_case))
        {
            continue;
        }
        last = Some(own);
        out.put(engine, item)?;
    }
    Ok(())
}
