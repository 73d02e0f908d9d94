//! `Get-Command`: whether there is a function, alias or cmdlet. Left out: modules and programs.
//!
//! [Get-Command](https://learn.microsoft.com/powershell/module/microsoft.powershell.core/get-command)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{Object, R, Value, intern};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Get-Command",
    aliases: &["gcm"],
    params: "Name@0| CommandType/Type",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let kinds = args.texts("CommandType");
    let names = item.map_or_else(|| args.texts("Name"), |item| vec![item.text()]);
    for name in names {
        let found = if engine.scope.function(intern(&name)).is_some() {
            Some((name.clone(), "Function"))
        } else if let Some(target) = engine.scope.alias(intern(&name)) {
            Some((target.to_string(), "Alias"))
        } else {
            crate::cmdlets::find(&name).map(|cmdlet| (cmdlet.name.to_owned(), "Cmdlet"))
        };
        let found = found.filter(|(_, kind)| {
            kinds.is_empty() || kinds.iter().any(|wanted| wanted.eq_ignore_ascii_case(kind))
        });
        match found {
            Some((name, kind)) => {
                let value = Object::with(
                    "System.Management.Automation.CommandInfo",
                    [
                        ("CommandType", Value::from(kind)),
                        ("Name", Value::from(name.as_str())),
                        ("Version", Value::from("")),
                        ("Source", Value::from(if kind == "Cmdlet" { "Seawall" } else { "" })),
                    ],
                );
                out.put(engine, value)?;
            }
            None if crate::eval::pattern::has_wildcards(&name) => {}
            None => engine.soft_error(
                "System.Management.Automation.CommandNotFoundException",
                "CommandNotFoundException",
                "ObjectNotFound",
                format!("The term '{name}' is not recognized as a name of a cmdlet, function, script file, or executable program.\nCheck the spelling of the name, or if a path was included, verify that the path is correct and try again."),
                Value::from(name.as_str()),
            )?,
        }
    }
    Ok(())
}
