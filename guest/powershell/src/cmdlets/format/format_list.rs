//! `Format-List`: a list of names and values. Left out: `-View`, `-Expand`, `-ShowError`.
//!
//! [Format-List](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/format-list)

use crate::cmdlets::format::rows::{Part, columns, grouped, parts, put_group, rows_of, written};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::format::layout::TableOptions;
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
    let mut columns = columns(args)?;
    for (title, group) in grouped(engine, args, items)? {
        let mut title = title;
        for part in parts(args, group) {
            let body = match part {
                Part::Texts(texts) => Body::Default(texts, TableOptions::default()),
                Part::Objects(objects) => {
                    let rows = rows_of(engine, args, &objects, true)?;
                    Body::List(written(engine, rows, &mut columns)?)
                }
            };
            put_group(engine, title.take(), body, out)?;
        }
    }
    Ok(())
}
