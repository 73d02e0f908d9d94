//! `Format-Table`: a table. Left out: `-View`, `-Expand`, `-ShowError`.
//!
//! [Format-Table](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/format-table)

use crate::cmdlets::format::rows::{Part, columns, grouped, parts, put_group, rows_of, written};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::format::layout::{ColumnOptions, TableOptions};
use crate::format::view::{Body, Shape, settled, shape};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Format-Table",
    aliases: &["ft"],
    params: "Property@0 InputObject| AutoSize? HideTableHeaders? Wrap? GroupBy RepeatHeader? Force?",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let items = crate::cmdlets::inputs(args, input);
    let has_properties = args.has("Property");
    let mut columns = columns(args)?;
    for (title, group) in grouped(engine, args, items)? {
        let mut title = title;
        for part in parts(args, group) {
            let body = match part {
                Part::Texts(texts) => Body::Default(texts, TableOptions::default()),
                Part::Objects(objects) if !has_properties && objects.iter().all(has_layout) => {
                    let mut shown = Vec::with_capacity(objects.len());
                    for object in &objects {
                        shown.push(settled(engine, object)?);
                    }
                    Body::Default(shown, options(args, Vec::new()))
                }
                Part::Objects(objects) => {
                    let rows = rows_of(engine, args, &objects, false)?;
                    let rows = written(engine, rows, &mut columns)?;
                    let columns = columns.iter().map(|column| column.options.clone());
                    Body::Table(rows, options(args, columns.collect()))
                }
            };
            put_group(engine, title.take(), body, out)?;
        }
    }
    Ok(())
}

fn options(args: &Args, columns: Vec<ColumnOptions>) -> TableOptions {
    TableOptions {
        hides_headers: args.switch("HideTableHeaders"),
        fits: args.switch("AutoSize"),
        wraps: args.switch("Wrap"),
        columns,
    }
}

/// Whether a value's own layout is a table, or it is one line whatever the format.
fn has_layout(value: &Value) -> bool {
    matches!(
        shape(value),
        Shape::Columns(_) | Shape::Group(..) | Shape::Text
    )
}
