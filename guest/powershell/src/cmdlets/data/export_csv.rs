//! `Export-Csv`: objects to a CSV file. Left out: cultures other than the invariant one.
//!
//! [Export-Csv](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/export-csv)

use crate::cmdlets::content::file::{encoded, target, write_bytes};
use crate::cmdlets::data::csv_writer::lines;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Export-Csv",
    aliases: &["epcsv"],
    params: "Path@0 Delimiter@1 InputObject| LiteralPath/PSPath/LP NoTypeInformation/NTI? IncludeTypeInformation? Append? Force? NoClobber? Encoding \
             UseQuotes QuoteFields NoHeader?",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, _: &mut dyn Sink) -> R<()> {
    let Some(path) = target(engine, args, "Path")? else {
        return Ok(());
    };
    let is_append = args.switch("Append");
    let continues = is_append
        && std::fs::metadata(place::real(&place::absolute(&engine.location, &path)))
            .is_ok_and(|seen| seen.len() > 0);
    let has_header = !continues && !args.switch("NoHeader");
    let items = crate::cmdlets::inputs(args, input);
    let mut text = lines(engine, args, &items, has_header)?.join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    let bytes = encoded(args, &text, is_append)?;
    write_bytes(engine, &path, &bytes, is_append)
}
