//! `ConvertFrom-StringData`: a hash table from lines `name=value`.
//!
//! [ConvertFrom-StringData](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/convertfrom-stringdata)

use std::rc::Rc;

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::types::regex::unescape;
use crate::value::{Ctl, Hash, HashKind, R, Value, fail};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "ConvertFrom-StringData",
    aliases: &[],
    params: "StringData@0|!^ Delimiter",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let text = item
        .or_else(|| args.value("StringData"))
        .unwrap_or_default()
        .text();
    let delimiter = args.text("Delimiter").unwrap_or_else(|| "=".to_owned());
    let hash = Hash::new(HashKind::Table);
    for line in text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let parts = line.split_once(delimiter.as_str());
        let Some((key, value)) = parts.filter(|(key, _)| !key.is_empty()) else {
            return Err(bad_line(format!(
                "Data line '{line}' is not in 'name=value' format."
            )));
        };
        if hash.contains(&Value::from(key.trim())) {
            return Err(bad_line(format!(
                "Data item '{}' in line '{line}' is already defined.",
                key.trim()
            )));
        }
        // PowerShell takes the value for a pattern's text.
        let value = unescape(value.trim());
        hash.insert(Value::from(key.trim()), Value::from(value));
    }
    out.put(engine, Value::Hash(Rc::new(hash)))
}

fn bad_line(message: String) -> Ctl {
    fail(
        "System.Management.Automation.PSInvalidOperationException",
        "InvalidOperation",
        message,
    )
}
