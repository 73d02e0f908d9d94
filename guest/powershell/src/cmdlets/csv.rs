//! `ConvertFrom-Csv`, `ConvertTo-Csv`, `Import-Csv`, `Export-Csv`.

use std::rc::Rc;

use super::select::all_properties;
use super::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::value::{Object, R, Value};

pub const CONVERT_FROM: Cmdlet = Cmdlet {
    name: "ConvertFrom-Csv",
    aliases: &[],
    params: "InputObject@0| Delimiter@1 Header UseCulture?",
    run: Run::Whole(convert_from),
};
pub const CONVERT_TO: Cmdlet = Cmdlet {
    name: "ConvertTo-Csv",
    aliases: &[],
    params: "InputObject@0| Delimiter@1 NoTypeInformation/NTI? IncludeTypeInformation? UseQuotes QuoteFields NoHeader?",
    run: Run::Whole(convert_to),
};
pub const IMPORT: Cmdlet = Cmdlet {
    name: "Import-Csv",
    aliases: &["ipcsv"],
    params: "Path@0| LiteralPath/PSPath/LP Delimiter@1 Header Encoding UseCulture?",
    run: Run::Each(import),
};
pub const EXPORT: Cmdlet = Cmdlet {
    name: "Export-Csv",
    aliases: &["epcsv"],
    params: "Path@0 Delimiter@1 InputObject| LiteralPath/PSPath/LP NoTypeInformation/NTI? IncludeTypeInformation? Append? Force? NoClobber? Encoding \
             UseQuotes QuoteFields NoHeader?",
    run: Run::Whole(export),
};

fn delimiter(args: &Args) -> char {
    args.text("Delimiter")
        .and_then(|text| text.chars().next())
        .unwrap_or(',')
}

/// The records of a text: quoted fields may hold delimiters, quotes (doubled) and line ends.
pub fn parse(text: &str, delimiter: char) -> Vec<Vec<String>> {
    let (mut records, mut record, mut field) = (Vec::new(), Vec::new(), String::new());
    let (mut is_quoted, mut was_quoted) = (false, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if is_quoted {
            match c {
                '"' if chars.peek() == Some(&'"') => {
                    chars.next();
                    field.push('"');
                }
                '"' => is_quoted = false,
                c => field.push(c),
            }
            continue;
        }
        match c {
            '"' if field.trim().is_empty() => {
                field.clear();
                is_quoted = true;
                was_quoted = true;
            }
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' => {
                if !(record.is_empty() && field.is_empty() && !was_quoted) {
                    record.push(std::mem::take(&mut field));
                    records.push(std::mem::take(&mut record));
                }
                was_quoted = false;
            }
            c if c == delimiter => {
                record.push(std::mem::take(&mut field));
                was_quoted = false;
            }
            ' ' if field.is_empty() && !was_quoted => {}
            c => field.push(c),
        }
    }
    if !(record.is_empty() && field.is_empty() && !was_quoted) {
        record.push(field);
        records.push(record);
    }
    records
}

fn put_records(engine: &mut Engine, args: &Args, text: &str, out: &mut dyn Sink) -> R<()> {
    let mut records = parse(text, delimiter(args))
        .into_iter()
        .filter(|record| {
            !record
                .first()
                .is_some_and(|first| first.starts_with("#TYPE"))
        })
        .peekable();
    let mut names = args.texts("Header");
    if names.is_empty() {
        names = records.next().unwrap_or_default();
    }
    for (at, name) in names.iter_mut().enumerate() {
        if name.is_empty() {
            *name = format!("H{}", at + 1);
        }
    }
    for record in records {
        let object = Object::custom();
        for (at, name) in names.iter().enumerate() {
            object.push(
                name,
                record
                    .get(at)
                    .map_or(Value::Null, |field| Value::from(field.as_str())),
            );
        }
        out.put(engine, Value::Object(Rc::new(object)))?;
    }
    Ok(())
}

fn convert_from(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let lines: Vec<String> = super::inputs(args, input).iter().map(Value::text).collect();
    put_records(engine, args, &lines.join("\n"), out)
}

fn import(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    for path in super::content::resolved(engine, args, item.as_ref())? {
        let text = place::read_text(&path).map_err(|error| place::fault(&error, &path))?;
        put_records(engine, args, &text, out)?;
    }
    Ok(())
}

fn quoted(args: &Args, name: &str, text: &str) -> String {
    let mode = args
        .text("UseQuotes")
        .unwrap_or_else(|| "Always".to_owned())
        .to_ascii_lowercase();
    let fields = args.texts("QuoteFields");
    let delimiter = delimiter(args);
    let needs = text.contains([delimiter, '"', '\n', '\r']);
    let is_quoted = if fields.is_empty() {
        match mode.as_str() {
            "never" => false,
            "asneeded" => needs,
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

/// The lines of a table: the header is the first object's properties.
fn lines(engine: &mut Engine, args: &Args, items: &[Value], has_header: bool) -> R<Vec<String>> {
    let Some(first) = items.first() else {
        return Ok(Vec::new());
    };
    let names: Vec<Rc<str>> = all_properties(engine, first)?
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    let glue = delimiter(args).to_string();
    let mut lines = Vec::new();
    if args.switch("IncludeTypeInformation") {
        lines.push(format!("#TYPE {}", first.type_name()));
    }
    if has_header {
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
        for name in &names {
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

fn convert_to(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let items = super::inputs(args, input);
    for line in lines(engine, args, &items, !args.switch("NoHeader"))? {
        out.put(engine, Value::from(line))?;
    }
    Ok(())
}

fn export(engine: &mut Engine, args: &Args, input: Vec<Value>, _: &mut dyn Sink) -> R<()> {
    let path = args
        .text("Path")
        .or_else(|| args.text("LiteralPath"))
        .ok_or_else(|| crate::value::argument_error("Path", "It is missing."))?;
    let full = place::absolute(&engine.location, &path);
    let is_append = args.switch("Append");
    let continues =
        is_append && std::fs::metadata(place::real(&full)).is_ok_and(|seen| seen.len() > 0);
    let has_header = !continues && !args.switch("NoHeader");
    let items = super::inputs(args, input);
    let mut text = lines(engine, args, &items, has_header)?.join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    let bytes = super::out_file::encoded(args, &text, is_append)?;
    super::out_file::write_bytes(engine, &path, &bytes, is_append)
}
