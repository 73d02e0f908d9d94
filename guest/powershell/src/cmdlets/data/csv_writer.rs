//! Objects to CSV.

use std::rc::Rc;

use crate::cmdlets::data::csv_reader::delimiter;
use crate::cmdlets::objects::selector::all_properties;
use crate::eval::{Args, Engine};
use crate::value::{Ctl, R, Value, fail, refuse};

/// Refuses parameters that contradict each other.
pub fn check(args: &Args) -> R<()> {
    if args.has("UseQuotes") && args.has("QuoteFields") {
        return Err(both(
            args,
            "QuoteFieldsAndUseQuotes",
            "-QuoteFields and -UseQuotes",
        ));
    }
    if args.has("IncludeTypeInformation") && args.has("NoTypeInformation") {
        return Err(both(
            args,
            "IncludeTypeInformationAndNoTypeInformation",
            "-IncludeTypeInformation and -NoTypeInformation",
        ));
    }
    Ok(())
}

/// The error of two parameters of which one has to go.
pub fn both(args: &Args, id: &str, names: &str) -> Ctl {
    let ctl = fail(
        "System.InvalidOperationException",
        &format!("CannotSpecify{id}"),
        format!(
            "{} takes only one of the parameters {names}.",
            args.cmdlet.name
        ),
    );
    if let Ctl::Throw(record) = &ctl {
        *record.activity.borrow_mut() = args.cmdlet.name.to_owned();
    }
    ctl
}

/// The objects of the table. An array that `-InputObject` gives would be one object, whose length is what there is to
/// say of it.
pub fn described(args: &Args, input: Vec<Value>) -> R<Vec<Value>> {
    if !args.has_input
        && args
            .get("InputObject")
            .is_some_and(|value| value.is_enumerated())
    {
        return Err(refuse(format!(
            "{} -InputObject with an array, which describes the array and not what is in it, is not supported. Use a pipe.",
            args.cmdlet.name
        )));
    }
    Ok(crate::cmdlets::inputs(args, input))
}

pub fn quoted(args: &Args, name: &str, text: &str) -> String {
    let mode = args.text("UseQuotes");
    let fields = args.texts("QuoteFields");
    let delimiter = delimiter(args);
    let needs = text.contains([delimiter, '"', '\n', '\r']);
    let is_quoted = if fields.is_empty() {
        match mode.as_deref() {
            Some("Never") => false,
            Some("AsNeeded") => needs,
            _ => true,
        }
    } else {
        fields.iter().any(|field| field.eq_ignore_ascii_case(name))
    };
    if is_quoted {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// The names of the columns: the first object's properties.
pub fn names(engine: &mut Engine, items: &[Value]) -> R<Vec<Rc<str>>> {
    let Some(first) = items.first() else {
        return Ok(Vec::new());
    };
    let properties = all_properties(engine, first)?;
    Ok(properties.into_iter().map(|(name, _)| name).collect())
}

/// Whether the names of the columns are a line of their own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Header {
    Written,
    LeftOut,
}

/// The lines of a table with the columns `names`.
pub fn lines(
    engine: &mut Engine,
    args: &Args,
    items: &[Value],
    names: &[Rc<str>],
    header: Header,
) -> R<Vec<String>> {
    let Some(first) = items.first() else {
        return Ok(Vec::new());
    };
    let glue = delimiter(args).to_string();
    let mut lines = Vec::new();
    if args.switch("IncludeTypeInformation") {
        let name = first.type_name();
        lines.push(format!(
            "#TYPE {}",
            name.strip_prefix("CSV:").unwrap_or(&name)
        ));
    }
    if header == Header::Written {
        lines.push(
            names
                .iter()
                .map(|name| quoted(args, name, name))
                .collect::<Vec<_>>()
                .join(&glue),
        );
    }
    for item in items {
        let mut cells = Vec::new();
        for name in names {
            cells.push(match engine.find_member(item, name)? {
                None | Some(Value::Null) => String::new(),
                Some(Value::Array(array)) => quoted(args, name, &array.type_name()),
                Some(value) => {
                    let text = engine.text(&value)?;
                    quoted(args, name, &text)
                }
            });
        }
        lines.push(cells.join(&glue));
    }
    Ok(lines)
}
