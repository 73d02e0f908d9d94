//! Objects to CSV.

use std::rc::Rc;

use crate::cmdlets::data::csv_reader::delimiter;
use crate::cmdlets::objects::selector::all_properties;
use crate::eval::{Args, Engine};
use crate::value::{R, Value};

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
        lines.push(format!("#TYPE {}", first.type_name()));
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
