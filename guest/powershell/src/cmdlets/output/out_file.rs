//! `Out-File`: what would be shown, to a file.
//!
//! [Out-File](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/out-file)

use crate::cmdlets::content::file::{encoded, target, write_or_fail};
use crate::cmdlets::output::shown::formatted;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Out-File",
    aliases: &[],
    params: "FilePath/Path@0^ LiteralPath/PSPath/LP^ Append? Encoding@1 Force? NoClobber/NoOverwrite? NoNewline? Width InputObject| WhatIf?",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, _: &mut dyn Sink) -> R<()> {
    let Some(path) = target(engine, args, "FilePath")? else {
        return Ok(());
    };
    let items = crate::cmdlets::inputs(args, input);
    let text = if args.switch("NoNewline") {
        items.iter().map(Value::text).collect()
    } else {
        formatted(engine, args, &items)?
    };
    let is_append = args.switch("Append");
    let bytes = encoded(args, &text, is_append)?;
    write_or_fail(engine, &path, &bytes, is_append)
}
