//! `Export-Csv`: objects to a CSV file. Left out: cultures other than the invariant one.
//!
//! `-Append` goes on with the columns that the file has, in their order.
//!
//! [Export-Csv](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/export-csv)

use std::rc::Rc;

use crate::cmdlets::content::file::{decoded, target, write_text};
use crate::cmdlets::data::csv_reader::{delimiter, parse};
use crate::cmdlets::data::csv_writer::{Header, both, check, described, lines, names};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::value::{R, Value, fail};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Export-Csv",
    aliases: &["epcsv"],
    params: "Path@0 Delimiter@1 InputObject|^ LiteralPath/PSPath/LP NoTypeInformation/NTI? IncludeTypeInformation? Append? Force? NoClobber? Encoding \
             UseQuotes QuoteFields NoHeader? UseCulture? WhatIf?",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, _: &mut dyn Sink) -> R<()> {
    check(args)?;
    if args.switch("Append") && args.switch("NoHeader") {
        return Err(both(args, "BothAppendAndNoHeader", "-Append and -NoHeader"));
    }
    let Some(path) = target(engine, args, "Path")? else {
        return Ok(());
    };
    let is_append = args.switch("Append");
    let before = if is_append {
        std::fs::read(place::real(&place::absolute(&engine.location, &path))).unwrap_or_default()
    } else {
        Vec::new()
    };
    let items = described(args, input)?;
    let mut names = names(engine, &items)?;
    let has_names = !args.switch("NoHeader");
    if !before.is_empty() && !items.is_empty() && has_names {
        names = continued(args, &path, &decoded(args, &before)?, &names)?;
    }
    let header = if before.is_empty() && has_names {
        Header::Written
    } else {
        Header::LeftOut
    };
    let mut text = lines(engine, args, &items, &names, header)?.join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    write_text(engine, args, &path, &text)
}

/// The columns of the file that is appended to. An object without one of them is refused unless `-Force` leaves it empty.
fn continued(args: &Args, path: &str, before: &str, names: &[Rc<str>]) -> R<Vec<Rc<str>>> {
    let table = before.lines().find(|line| !line.starts_with("#TYPE "));
    let header = parse(table.unwrap_or_default(), delimiter(args)).into_iter();
    let header: Vec<String> = header.flatten().collect();
    let missing = header
        .iter()
        .find(|column| !names.iter().any(|name| name.eq_ignore_ascii_case(column)));
    match missing {
        Some(column) if !args.switch("Force") => Err(fail(
            "System.InvalidOperationException",
            "CannotAppendCsvWithMismatchedPropertyNames",
            format!(
                "Cannot append CSV content to the following file: {path}. The appended object does not have a property that \
                 corresponds to the following column: {column}. To continue with mismatched properties, add the -Force \
                 parameter, and then retry the command."
            ),
        )),
        _ => Ok(header.into_iter().map(Rc::from).collect()),
    }
}
