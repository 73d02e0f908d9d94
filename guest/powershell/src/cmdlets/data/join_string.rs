//! `Join-String`: the input as one text.
//!
//! [Join-String](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/join-string)

use crate::cmdlets::objects::selector::{Selector, chosen, selector};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::format::composite;
use crate::value::{R, Sym, Value, fail};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Join-String",
    aliases: &[],
    params: "Property@0 Separator@1 InputObject| OutputPrefix/op OutputSuffix/os SingleQuote? DoubleQuote? FormatString UseCulture?",
    run: Run::Whole(run),
};

/// What is around each item.
enum Dress {
    Quotes(char),
    Format(Value),
    Plain,
}

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let dress = dress(args)?;
    let property = args.value("Property").map(selector).transpose()?;
    let separator = match args.text("Separator") {
        Some(separator) => separator,
        None => engine.scope.get(Sym::OFS).unwrap_or_default().text(),
    };
    let mut parts = Vec::new();
    for item in crate::cmdlets::inputs(args, input) {
        if item.is_null() {
            continue;
        }
        let value = match &property {
            Some(property) => first(engine, &item, property)?,
            None => item,
        };
        parts.push(match &dress {
            Dress::Quotes(quote) => format!("{quote}{}{quote}", engine.text(&value)?),
            Dress::Format(format) => {
                composite::format(engine, format, &Value::from(vec![value]))?.text()
            }
            Dress::Plain => engine.text(&value)?,
        });
    }
    let (prefix, suffix) = (args.text("OutputPrefix"), args.text("OutputSuffix"));
    let text = format!(
        "{}{}{}",
        prefix.unwrap_or_default(),
        parts.join(&separator),
        suffix.unwrap_or_default()
    );
    out.put(engine, Value::from(text))
}

/// Each of the three is a parameter set of its own.
fn dress(args: &Args) -> R<Dress> {
    let format = args
        .text("FormatString")
        .filter(|format| !format.is_empty());
    match (
        args.switch("SingleQuote"),
        args.switch("DoubleQuote"),
        format,
    ) {
        (true, false, None) => Ok(Dress::Quotes('\'')),
        (false, true, None) => Ok(Dress::Quotes('"')),
        (false, false, Some(format)) => Ok(Dress::Format(Value::from(format))),
        (false, false, None) => Ok(Dress::Plain),
        _ => Err(fail(
            "System.Management.Automation.ParameterBindingException",
            "AmbiguousParameterSet",
            "Parameter set cannot be resolved using the specified named parameters. One or more parameters issued cannot be used together or an insufficient number of parameters were provided.",
        )),
    }
}

fn first(engine: &mut Engine, item: &Value, property: &Selector) -> R<Value> {
    let found = chosen(engine, item, property)?;
    Ok(found
        .into_iter()
        .next()
        .map(|(_, value)| value)
        .unwrap_or_default())
}
