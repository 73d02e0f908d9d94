//! `ConvertTo-Html`: a page, or a fragment of one, with a table or a list of objects.
//!
//! The first object says which columns there are; a property that it hasn't is none.
//! [ConvertTo-Html](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/convertto-html)

use crate::cmdlets::objects::selector::{Selector, all_properties, chosen, hash_entry, selector};
use crate::cmdlets::{Cmdlet, Run, input_or_one};
use crate::eval::{Args, Engine, Sink, ambiguous, pattern};
use crate::types::web_text::html_encode;
use crate::value::{R, Value, fail};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "ConvertTo-Html",
    aliases: &[],
    params: "Property@0 Head@1 Title@2 Body@3 InputObject| As Fragment? CssUri/cu/uri Meta Charset Transitional? PreContent PostContent",
    run: Run::Whole(run),
};

/// What makes sense in a page only.
const OF_A_PAGE: [&str; 7] = [
    "Head",
    "Title",
    "Body",
    "CssUri",
    "Meta",
    "Charset",
    "Transitional",
];

/// What a page may say of itself (`-Meta`), and how.
const META: [(&str, &str); 9] = [
    ("content-type", "http-equiv"),
    ("default-style", "http-equiv"),
    ("x-ua-compatible", "http-equiv"),
    ("application-name", "name"),
    ("author", "name"),
    ("description", "name"),
    ("generator", "name"),
    ("keywords", "name"),
    ("viewport", "name"),
];

/// One column: where its values come from, and what a calculated property says of its looks.
struct Column {
    label: String,
    from: Selector,
    width: Option<String>,
    alignment: Option<String>,
}

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let is_fragment = args.switch("Fragment");
    if is_fragment && OF_A_PAGE.iter().any(|name| args.has(name)) {
        return Err(ambiguous());
    }
    let mut lines = Vec::new();
    if !is_fragment {
        lines.extend(head(args)?);
        lines.extend(args.texts("Body"));
    }
    lines.extend(args.texts("PreContent"));
    lines.push("<table>".to_owned());
    let items = input_or_one(args, input).into_iter();
    let items: Vec<Value> = items.filter(|item| !item.is_null()).collect();
    lines.extend(match args.text("As") {
        Some(form) if form.eq_ignore_ascii_case("list") => list(engine, args, &items)?,
        _ => table(engine, args, &items)?,
    });
    lines.push("</table>".to_owned());
    lines.extend(args.texts("PostContent"));
    if !is_fragment {
        lines.push("</body></html>".to_owned());
    }
    for line in lines {
        out.put(engine, Value::from(line))?;
    }
    Ok(())
}

/// The page up to its body.
fn head(args: &Args) -> R<Vec<String>> {
    let (kind, dtd) = match args.switch("Transitional") {
        true => ("Transitional", "transitional"),
        false => ("Strict", "strict"),
    };
    let mut lines = vec![
        format!(
            "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 {kind}//EN\"  \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-{dtd}.dtd\">"
        ),
        "<html xmlns=\"http://www.w3.org/1999/xhtml\">".to_owned(),
        "<head>".to_owned(),
    ];
    if let Some(charset) = args.text("Charset") {
        lines.push(format!("<meta charset=\"{charset}\">"));
    }
    if let Some(Value::Hash(meta)) = args.value("Meta") {
        for (key, value) in meta.entries() {
            let key = key.text();
            let Some((_, attribute)) = META.iter().find(|(name, _)| *name == key) else {
                return Err(fail(
                    "System.NotSupportedException",
                    "MetaPropertyNotFound",
                    format!(
                        "Accepted meta properties are content-type, default-style, application-name, author, description, generator, keywords, x-ua-compatible, and viewport. The meta property: {key} is not supported."
                    ),
                ));
            };
            let value = value.text();
            lines.push(format!("<meta {attribute}=\"{key}\" content=\"{value}\">"));
        }
    }
    match args.has("Head") {
        true => lines.extend(args.texts("Head")),
        false => {
            let title = args.text("Title").unwrap_or("HTML TABLE".to_owned());
            lines.push(format!("<title>{title}</title>"));
        }
    }
    if let Some(uri) = args.text("CssUri") {
        lines.push(format!(
            "<link rel=\"stylesheet\" type=\"text/css\" href=\"{uri}\" />"
        ));
    }
    lines.push("</head><body>".to_owned());
    Ok(lines)
}

/// The columns that an object has, of those that are asked for.
fn columns(engine: &mut Engine, args: &Args, item: &Value) -> R<Vec<Column>> {
    let asked = match args.value("Property") {
        Some(asked) => asked.to_items(),
        None => vec![Value::from("*")],
    };
    let mut columns = Vec::new();
    for one in asked {
        let entry = |names: &[&str]| match &one {
            Value::Hash(hash) => hash_entry(hash, names).map(|value| value.text()),
            _ => None,
        };
        let (label, width, alignment) = (
            entry(&["name", "label"]),
            entry(&["width"]),
            entry(&["alignment"]),
        );
        let from = selector(one)?;
        let names: Vec<String> = match &from {
            Selector::Block(name, _) => vec![name.clone()],
            Selector::Name(name) | Selector::Renamed(_, name) => all_properties(engine, item)?
                .into_iter()
                .map(|(own, _)| own.to_string())
                .filter(|own| pattern::wildcard(name, own, false))
                .collect(),
        };
        for name in names {
            columns.push(Column {
                label: label.clone().unwrap_or_else(|| name.clone()),
                from: match &from {
                    Selector::Block(..) => from.clone(),
                    _ => Selector::Name(name),
                },
                width: width.clone(),
                alignment: alignment.clone(),
            });
        }
    }
    Ok(columns)
}

fn table(engine: &mut Engine, args: &Args, items: &[Value]) -> R<Vec<String>> {
    let mut lines = Vec::new();
    let mut known: Vec<Column> = Vec::new();
    for item in items {
        if known.is_empty() {
            known = columns(engine, args, item)?;
            if known.is_empty() {
                continue;
            }
            lines.push(column_group(&known));
            let heads: String = known
                .iter()
                .map(|it| format!("<th>{}</th>", it.label))
                .collect();
            lines.push(format!("<tr>{heads}</tr>"));
        }
        let mut row = String::new();
        for column in &known {
            row.push_str(&format!("<td>{}</td>", cell(engine, item, column)?));
        }
        lines.push(format!("<tr>{row}</tr>"));
    }
    Ok(lines)
}

fn column_group(columns: &[Column]) -> String {
    let mut made = "<colgroup>".to_owned();
    for column in columns {
        made.push_str("<col");
        if let Some(width) = &column.width {
            made.push_str(&format!(" width = \"{width}\""));
        }
        if let Some(alignment) = &column.alignment {
            made.push_str(&format!(" align = \"{alignment}\""));
        }
        made.push_str("/>");
    }
    made + "</colgroup>"
}

fn list(engine: &mut Engine, args: &Args, items: &[Value]) -> R<Vec<String>> {
    let mut lines = Vec::new();
    for (n, item) in items.iter().enumerate() {
        let columns = columns(engine, args, item)?;
        if n > 0 && !columns.is_empty() {
            lines.push("<tr><td><hr></td></tr>".to_owned());
        }
        for column in columns {
            let value = cell(engine, item, &column)?;
            lines.push(format!(
                "<tr><td>{}:</td><td>{value}</td></tr>",
                column.label
            ));
        }
    }
    Ok(lines)
}

/// A value as its `ToString()` has it, which a collection's type is by its name.
fn cell(engine: &mut Engine, item: &Value, column: &Column) -> R<String> {
    let value = chosen(engine, item, &column.from)?.pop();
    let text = match value.map(|(_, value)| value) {
        None | Some(Value::Null) => String::new(),
        Some(object @ Value::Object(_)) => engine.text(&object)?,
        Some(value) => value.method_text(),
    };
    Ok(html_encode(&text))
}
