//! `Measure-Command`: the time that a block takes.
//!
//! [Measure-Command](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/measure-command)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Discard, Engine, Sink};
use crate::types::timespan::TimeSpan;
use crate::value::{Ctl, R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Measure-Command",
    aliases: &[],
    params: "Expression@0! InputObject|",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let Some(script) = args.script("Expression")? else {
        return Ok(());
    };
    let from = std::time::Instant::now();
    let items = if args.has_input {
        input
    } else {
        vec![Value::Null]
    };
    for item in items {
        match engine.run_with_item(&script, item, &mut Discard) {
            Err(Ctl::Stop(_)) => break,
            other => other?,
        }
    }
    let ticks = (from.elapsed().as_nanos() / 100) as i64;
    out.put(engine, TimeSpan::value(ticks))
}
