//! `Import-Csv`: objects from CSV files. Left out: cultures other than the invariant one.
//!
//! [Import-Csv](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/import-csv)

use crate::cmdlets::content::file::decoded;
use crate::cmdlets::data::csv_reader::put_records;
use crate::cmdlets::paths::given::{given, resolved};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::pattern::has_wildcards;
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Import-Csv",
    aliases: &["ipcsv"],
    params: "Path@0| LiteralPath/PSPath/LP Delimiter@1 Header Encoding UseCulture?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let given = given(args, item.as_ref());
    if let Some(missing) = given.iter().find(|path| {
        !has_wildcards(path) && !place::exists(&place::absolute(&engine.location, path))
    }) {
        let full = place::absolute(&engine.location, missing);
        return engine.soft_error(
            "System.IO.FileNotFoundException",
            "FileOpenFailure",
            "OpenError",
            format!("Could not find file '{full}'."),
            Value::from(full.as_str()),
        );
    }
    for path in resolved(engine, args, item.as_ref())? {
        let bytes = std::fs::read(place::real(&path));
        let bytes = bytes.map_err(|error| place::fault(&error, &path))?;
        let text = decoded(args, &bytes)?;
        put_records(engine, args, &text, out)?;
    }
    Ok(())
}
