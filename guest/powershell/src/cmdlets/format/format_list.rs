//! `Format-List`: a list of names and values. Left out: `-View`, `-Expand`, `-ShowError`.
//!
//! [Format-List](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/format-list)

use crate::cmdlets::format::rows::{columns, grouped, put_group, rows_of, written};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::format::view::Body;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Format-List",
    aliases: &["fl"],
    params: "Property@0 InputObject| Force? GroupBy",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let items = crate::cmdlets::inputs(args, input);
    for (title, group) in grouped(engine, args, items)? {
        let rows = rows_of(engine, args, &group, true)?;
        let rows = written(engine, rows, &mut columns(args)?)?;
        put_group(engine, title, Body::List(rows), out)?;
    }
    Ok(())
}
