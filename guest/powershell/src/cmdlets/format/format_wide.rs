//! `Format-Wide`: one property in columns. Left out: `-View`.
//!
//! [Format-Wide](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/format-wide)

use crate::cmdlets::format::rows::{column, grouped, put_group};
use crate::cmdlets::objects::selector::{Selector, chosen, selector};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::format::view::Body;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Format-Wide",
    aliases: &["fw"],
    params: "Property@0 InputObject| Column AutoSize? GroupBy",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let n = match args.int("Column")? {
        Some(n) => Some(n.max(1) as usize),
        None if args.switch("AutoSize") => None,
        None => Some(2),
    };
    let property = args.value("Property").unwrap_or(Value::from("Name"));
    let mut column = column(&property)?;
    let property = selector(property)?;
    let items = crate::cmdlets::inputs(args, input);
    for (title, group) in grouped(engine, args, items)? {
        let mut cells = Vec::with_capacity(group.len());
        for item in group {
            let value = match &property {
                // What has no such property is written itself.
                Selector::Name(name) => engine.find_member(&item, name)?.unwrap_or(item),
                by => chosen(engine, &item, by)?.pop().unwrap_or_default().1,
            };
            let value = column.apply(engine, value)?;
            cells.push(engine.text(&value)?);
        }
        put_group(engine, title, Body::Wide(cells, n), out)?;
    }
    Ok(())
}
