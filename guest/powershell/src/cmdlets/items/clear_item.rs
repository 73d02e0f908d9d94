//! `Clear-Item`: clears an environment variable. Left out: files (`Clear-Content` does that).
//!
//! [Clear-Item](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/clear-item)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Clear-Item",
    aliases: &["cli"],
    params: "Path@0|^",
    run: Run::Each(run),
};

fn run(_: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let path = item.map_or_else(|| args.text("Path").unwrap_or_default(), |item| item.text());
    match path.split_once(':') {
        Some((drive, name)) if drive.eq_ignore_ascii_case("env") => {
            place::set_env(name, &Value::Null);
            Ok(())
        }
        _ => Err(crate::value::refuse(
            "Clear-Item works on env: only. Use Clear-Content for files.",
        )),
    }
}
