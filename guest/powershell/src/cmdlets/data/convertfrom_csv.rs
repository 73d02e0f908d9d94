//! `ConvertFrom-Csv`: objects from lines of CSV. Left out: cultures other than the invariant one.
//!
//! [ConvertFrom-Csv](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/convertfrom-csv)

use crate::cmdlets::data::csv_reader::put_records;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "ConvertFrom-Csv",
    aliases: &[],
    params: "InputObject@0|^ Delimiter@1 Header UseCulture?",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let mut texts: Vec<String> = crate::cmdlets::inputs(args, input)
        .iter()
        .map(Value::text)
        .collect();
    // Each text may begin with a line about its type, which every line with that mark is taken for.
    for text in texts.iter_mut().skip(1).filter(|it| it.starts_with('#')) {
        *text = text
            .split_once('\n')
            .map_or_else(String::new, |(_, rest)| rest.to_owned());
    }
    put_records(engine, args, &texts.join("\n"), out)
}
