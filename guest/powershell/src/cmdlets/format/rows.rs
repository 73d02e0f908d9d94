//! The rows that `Format-Table` and `Format-List` lay out.

use std::rc::Rc;

use crate::cmdlets::objects::selector::{all_properties, chosen, selectors};
use crate::eval::{Args, Engine, Sink};
use crate::format::view::{Formatted, rows};
use crate::value::{R, Value};

pub type Row = Vec<(Rc<str>, Value)>;

pub fn rows_of(engine: &mut Engine, args: &Args, items: &[Value], is_list: bool) -> R<Vec<Row>> {
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

pub fn grouped(
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

pub fn put_group(
    engine: &mut Engine,
    title: Option<String>,
    text: String,
    out: &mut dyn Sink,
) -> R<()> {
    let text = match title {
        Some(title) => format!("\n{title}\n{text}"),
        None => text,
    };
    out.put(engine, Value::net(Formatted(text)))
}
