//! `New-Guid`, `Get-Random`, secure strings, `ConvertFrom-StringData`.

use super::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::types::credential::SecureString;
use crate::types::guid::Guid;
use crate::types::random::Random;
use crate::value::{Hash, HashKind, R, Value, fail, to_long};
use std::rc::Rc;

pub const GUID: Cmdlet = Cmdlet {
    name: "New-Guid",
    aliases: &[],
    params: "Empty?",
    run: Run::Each(guid),
};
pub const RANDOM: Cmdlet = Cmdlet {
    name: "Get-Random",
    aliases: &[],
    params: "Maximum@0 InputObject| Minimum Count SetSeed Shuffle?",
    run: Run::Whole(random),
};
pub const SECURE_TO: Cmdlet = Cmdlet {
    name: "ConvertTo-SecureString",
    aliases: &[],
    params: "String@0|! AsPlainText? Force?",
    run: Run::Each(to_secure),
};
pub const SECURE_FROM: Cmdlet = Cmdlet {
    name: "ConvertFrom-SecureString",
    aliases: &[],
    params: "SecureString@0|! AsPlainText?",
    run: Run::Each(from_secure),
};
pub const CONVERT_STRING_DATA: Cmdlet = Cmdlet {
    name: "ConvertFrom-StringData",
    aliases: &[],
    params: "StringData@0|! Delimiter",
    run: Run::Each(string_data),
};

fn guid(engine: &mut Engine, args: &Args, _: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let value = if args.switch("Empty") {
        Guid::parse("00000000-0000-0000-0000-000000000000").unwrap_or_default()
    } else {
        Guid::random()
    };
    out.put(engine, value)
}

fn random(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let source = Random::new(args.long("SetSeed")?.map(|seed| seed as u64));
    let mut items = super::inputs(args, input);
    if !items.is_empty() || args.has_input || args.has("InputObject") {
        let n = if args.switch("Shuffle") {
            items.len()
        } else {
            args.int("Count")?.unwrap_or(1).max(0) as usize
        };
        for _ in 0..n.min(items.len()) {
            let at = source.between(0, items.len() as i64) as usize;
            let item = items.swap_remove(at);
            out.put(engine, item)?;
        }
        return Ok(());
    }
    let n = args.int("Count")?.unwrap_or(1);
    for _ in 0..n {
        let (low, high) = (
            args.value("Minimum").unwrap_or(Value::Int(0)),
            args.value("Maximum"),
        );
        let value = if matches!(low, Value::Double(_)) || matches!(high, Some(Value::Double(_))) {
            let (low, high) = (
                crate::value::to_double(&low)?,
                high.map_or(Ok(f64::MAX), |high| crate::value::to_double(&high))?,
            );
            Value::Double(low + source.unit() * (high - low))
        } else {
            let (low, high) = (
                to_long(&low)?,
                high.map_or(Ok(i64::from(i32::MAX)), |high| to_long(&high))?,
            );
            if low >= high {
                return Err(fail(
                    "System.ArgumentException",
                    "MinGreaterThanOrEqualMax",
                    format!(
                        "The Minimum value ({low}) cannot be greater than or equal to the Maximum value ({high})."
                    ),
                ));
            }
            let n = source.between(low, high);
            i32::try_from(n).map_or(Value::Long(n), Value::Int)
        };
        out.put(engine, value)?;
    }
    Ok(())
}

fn to_secure(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    if !args.switch("AsPlainText") {
        return Err(crate::value::refuse(
            "ConvertTo-SecureString works with -AsPlainText only: there are no keys in the sandbox.",
        ));
    }
    let text = item
        .or_else(|| args.value("String"))
        .unwrap_or_default()
        .text();
    out.put(engine, SecureString::value(&text))
}

fn from_secure(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    if !args.switch("AsPlainText") {
        return Err(crate::value::refuse(
            "ConvertFrom-SecureString works with -AsPlainText only: there are no keys in the sandbox.",
        ));
    }
    let value = item
        .or_else(|| args.value("SecureString"))
        .unwrap_or_default();
    match value.downcast::<SecureString>() {
        Some(secret) => out.put(engine, Value::from(secret.plain())),
        None => Err(crate::value::no_cast(
            &value,
            "System.Security.SecureString",
        )),
    }
}

fn string_data(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
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
        let Some((key, value)) = line.split_once(delimiter.as_str()) else {
            return Err(fail(
                "System.Management.Automation.PSInvalidOperationException",
                "InvalidDataLine",
                format!("Data line '{line}' is not in 'name=value' format."),
            ));
        };
        let value = value
            .trim()
            .replace("\\n", "\n")
            .replace("\\t", "\t")
            .replace("\\\\", "\\");
        hash.insert(Value::from(key.trim()), Value::from(value));
    }
    out.put(engine, Value::Hash(Rc::new(hash)))
}
