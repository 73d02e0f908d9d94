//! `Get-Module`: the modules that were imported. With `-ListAvailable` there are none: nothing is installed here.
//!
//! [Get-Module](https://learn.microsoft.com/powershell/module/microsoft.powershell.core/get-module)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::pattern::wildcard;
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Get-Module",
    aliases: &["gmo"],
    params: "Name@0| ListAvailable? All? Refresh?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    if args.switch("ListAvailable") {
        return Ok(());
    }
    let names = item.map_or_else(|| args.texts("Name"), |item| vec![item.text()]);
    let mut found = Vec::new();
    for module in &engine.modules {
        let is_it = |name: &String| {
            wildcard(name, &module.name, false) || name.eq_ignore_ascii_case(&module.path)
        };
        if names.is_empty() || names.iter().any(is_it) {
            found.push(module.shown());
        }
    }
    found
        .into_iter()
        .try_for_each(|module| out.put(engine, module))
}
