//! `Format-Table`, `Format-List`, `Format-Wide`.

use std::rc::Rc;

use super::select::{all_properties, chosen, selectors};
use super::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::format::layout::{TableOptions, list, table};
use crate::format::view::{Formatted, rows};
use crate::value::{R, Value};

pub const TABLE: Cmdlet = Cmdlet {
    name: "Format-Table",
    aliases: &["ft"],
    params: "Property@0 InputObject| AutoSize? HideTableHeaders? Wrap? GroupBy RepeatHeader? Force?",
    run: Run::Whole(format_table),
};
pub const LIST: Cmdlet = Cmdlet {
    name: "Format-List",
    aliases: &["fl"],
    params: "Property@0 InputObject| Force? GroupBy",
    run: Run::Whole(format_list),
};
pub const WIDE: Cmdlet = Cmdlet {
    name: "Format-Wide",
    aliases: &["fw"],
    params: "Property@0 InputObject| Column AutoSize?",
    run: Run::Whole(format_wide),
};

type Row = Vec<(Rc<str>, Value)>;

fn rows_of(engine: &mut Engine, args: &Args, items: &[Value], is_list: bool) -> R<Vec<Row>> {
    let selectors = selectors(args.value("Property"))?;
    let mut found = Vec::new();
    for item in items {
        if selectors.is_empty() {
            if is_list && !matches!(item, Value::Hash(_)) {
                found.push(all_properties(engine, item)?);
            } else {
                found.extend(rows(item));
            }
            continue;
        }
        let mut row = Vec::new();
        for selector in &selectors {
            row.extend(chosen(engine, item, selector)?);
        }
        found.push(row);
    }
    Ok(found)
}

fn grouped(
    engine: &mut Engine,
    args: &Args,
    items: Vec<Value>,
) -> R<Vec<(Option<String>, Vec<Value>)>> {
    let Some(name) = args.text("GroupBy") else {
        return Ok(vec![(None, items)]);
    };
    let mut groups: Vec<(Option<String>, Vec<Value>)> = Vec::new();
    for item in items {
        let value = engine.find_member(&item, &name)?.unwrap_or_default();
        let title = Some(format!("   {name}: {}", engine.text(&value)?));
        match groups.last_mut() {
            Some((last, group)) if *last == title => group.push(item),
            _ => groups.push((title, vec![item])),
        }
    }
    Ok(groups)
}

fn format_table(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let items = super::inputs(args, input);
    let options = TableOptions {
        hides_headers: args.switch("HideTableHeaders"),
        wraps: args.switch("Wrap"),
    };
    for (title, group) in grouped(engine, args, items)? {
        let text = table(&rows_of(engine, args, &group, false)?, &options);
        put(engine, title, text, out)?;
    }
    Ok(())
}

fn format_list(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let items = super::inputs(args, input);
    for (title, group) in grouped(engine, args, items)? {
        let text = list(&rows_of(engine, args, &group, true)?);
        put(engine, title, text, out)?;
    }
    Ok(())
}

fn put(engine: &mut Engine, title: Option<String>, text: String, out: &mut dyn Sink) -> R<()> {
    let text = match title {
        Some(title) => format!("\n{title}\n{text}"),
        None => text,
    };
    out.put(engine, Value::net(Formatted(text)))
}

fn format_wide(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let name = args.text("Property").unwrap_or_else(|| "Name".to_owned());
    let mut cells = Vec::new();
    for item in super::inputs(args, input) {
        let value = engine.find_member(&item, &name)?.unwrap_or(item);
        cells.push(engine.text(&value)?);
    }
    let n = args.int("Column")?.unwrap_or(2).max(1) as usize;
    let width = cells
        .iter()
        .map(|cell| cell.chars().count())
        .max()
        .unwrap_or(0)
        + 1;
    let lines: Vec<String> = cells
        .chunks(n)
        .map(|row| {
            row.iter()
                .map(|cell| format!("{cell:width$}"))
                .collect::<String>()
                .trim_end()
                .to_owned()
        })
        .collect();
    out.put(
        engine,
        Value::net(Formatted(format!("\n{}\n\n", lines.join("\n")))),
    )
}
