//! `Set-Item`: sets a variable of the environment or of the script by its path. Left out: files (`Set-Content` does
//! that), functions and aliases.
//!
//! [Set-Item](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/set-item)

use crate::cmdlets::paths::given::given;
use crate::cmdlets::paths::named_item;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value, refuse};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Set-Item",
    aliases: &["si"],
    params: "Path@0^~ Value@1| LiteralPath/PSPath/LP^~ Force?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let value = item.or_else(|| args.value("Value")).unwrap_or_default();
    for path in given(args, None) {
        match named_item::of(&path) {
            Some(named) => named.set(engine, value.clone())?,
            None => {
                return Err(refuse(
                    "Set-Item works on env:, variable: and function: only. Use Set-Content for files.",
                ));
            }
        }
    }
    Ok(())
}
