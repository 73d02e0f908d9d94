//! `Get-Alias`: the aliases of commands, those that are always there and a script's own.
//!
//! [Get-Alias](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/get-alias)

use std::collections::BTreeMap;

use crate::cmdlets::code::get_command::alias;
use crate::cmdlets::{CMDLETS, Cmdlet, Run};
use crate::eval::pattern::{has_wildcards, wildcard};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Get-Alias",
    aliases: &["gal"],
    params: "Name@0| Definition Exclude",
    run: Run::Each(run),
};

/// All aliases that are seen from here by their names in lower case: the name and what it stands for.
fn all(engine: &Engine) -> BTreeMap<String, (String, String)> {
    let mut found = BTreeMap::new();
    for cmdlet in CMDLETS {
        for name in cmdlet.aliases {
            let pair = ((*name).to_owned(), cmdlet.name.to_owned());
            found.insert(name.to_lowercase(), pair);
        }
    }
    for (name, target) in engine.scope.aliases_all() {
        let name = name.text().to_string();
        found.insert(name.to_lowercase(), (name, target.to_string()));
    }
    found
}

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let all = all(engine);
    let excluded = args.texts("Exclude");
    let is_like = |pattern: &String, text: &str| wildcard(pattern, text, false);
    let by_definition = args.has("Definition");
    let mut wanted = match by_definition {
        true => args.texts("Definition"),
        false => item.map_or_else(|| args.texts("Name"), |item| vec![item.text()]),
    };
    if wanted.is_empty() {
        wanted.push("*".to_owned());
    }
    for pattern in wanted {
        let mut n_found = 0;
        for (name, target) in all.values() {
            let text = if by_definition { target } else { name };
            if is_like(&pattern, text) && !excluded.iter().any(|out| is_like(out, name)) {
                n_found += 1;
                out.put(engine, alias(name, target))?;
            }
        }
        if n_found == 0 && !has_wildcards(&pattern) {
            let what = if by_definition { "definition" } else { "name" };
            not_found(engine, what, &pattern)?;
        }
    }
    Ok(())
}

pub fn not_found(engine: &mut Engine, what: &str, wanted: &str) -> R<()> {
    engine.soft_error(
        "System.Management.Automation.ItemNotFoundException",
        "ItemNotFoundException",
        "ObjectNotFound",
        format!(
            "This command cannot find a matching alias because an alias with the {what} '{wanted}' does not exist."
        ),
        Value::from(wanted),
    )
}
