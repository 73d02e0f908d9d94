//! `Format-Wide`: one property in columns. Left out: `-View`, `-GroupBy`.
//!
//! [Format-Wide](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/format-wide)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::format::view::{Body, Formatted};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Format-Wide",
    aliases: &["fw"],
    params: "Property@0 InputObject| Column AutoSize?",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let name = args.text("Property").unwrap_or_else(|| "Name".to_owned());
    let mut cells = Vec::new();
    for item in crate::cmdlets::inputs(args, input) {
        let value = engine.find_member(&item, &name)?.unwrap_or(item);
        cells.push(engine.text(&value)?);
    }
    let n = match args.int("Column")? {
        Some(n) => Some(n.max(1) as usize),
        None if args.switch("AutoSize") => None,
        None => Some(2),
    };
    let made = Formatted {
        title: None,
        body: Body::Wide(cells, n),
    };
    out.put(engine, Value::net(made))
}
