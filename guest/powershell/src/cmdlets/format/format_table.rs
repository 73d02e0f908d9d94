//! `Format-Table`: a table. Left out: `-View`, `-Expand`, `-ShowError`.
//!
//! [Format-Table](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/format-table)

use crate::cmdlets::format::rows::{grouped, put_group, rows_of};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::format::layout::{TableOptions, table};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Format-Table",
    aliases: &["ft"],
    params: "Property@0 InputObject| AutoSize? HideTableHeaders? Wrap? GroupBy RepeatHeader? Force?",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let items = crate::cmdlets::inputs(args, input);
    let options = TableOptions {
        hides_headers: args.switch("HideTableHeaders"),
        wraps: args.switch("Wrap"),
    };
    for (title, group) in grouped(engine, args, items)? {
        let text = table(&rows_of(engine, args, &group, false)?, &options);
        put_group(engine, title, text, out)?;
    }
    Ok(())
}
