//! The rows that `Format-Table` and `Format-List` lay out.

use crate::cmdlets::objects::selector::{Selector, all_properties, chosen, selector, selectors};
use crate::eval::pattern::has_wildcards;
use crate::eval::{Args, Engine, Sink};
use crate::format::cell::fixed;
use crate::format::composite;
use crate::format::layout::{ColumnOptions, Side};
use crate::format::view::{Body, Formatted, Row, Shape, rows, settled, shape};
use crate::value::{R, Value, fail, to_int};

pub fn rows_of(engine: &mut Engine, args: &Args, items: &[Value], is_list: bool) -> R<Vec<Row>> {
    crate::format::cell::heed_limit(engine);
    let selectors = selectors(args.value("Property"))?;
    let mut found = Vec::new();
    for item in items {
        if selectors.is_empty() {
            let is_whole = is_list && engine.display_set(item).is_none();
            if is_whole && !matches!(item, Value::Hash(_)) {
                found.push(all_properties(engine, item)?);
            } else {
                found.extend(rows(&settled(engine, item)?));
            }
            continue;
        }
        let mut row = Vec::new();
        for selector in &selectors {
            // A list has no place for what an object lacks.
            if let (Selector::Name(name), true) = (selector, is_list)
                && matches!(engine.find_member(item, name), Ok(None))
                && !has_wildcards(name)
            {
                continue;
            }
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
    let Some(by) = args.value("GroupBy") else {
        return Ok(vec![(None, items)]);
    };
    let mut column = column(&by)?;
    let by = selector(by)?;
    let mut groups: Vec<(Option<String>, Vec<Value>)> = Vec::new();
    for item in items {
        let found = chosen(engine, &item, &by)?.pop();
        let (name, value) = found.unwrap_or_default();
        let value = column.apply(engine, value)?;
        let title = Some(format!("   {name}: {}", engine.text(&value)?));
        match groups.last_mut() {
            Some((last, group)) if *last == title => group.push(item),
            _ => groups.push((title, vec![item])),
        }
    }
    // The groups before it end with the blank line that stands before each (`OutCommandInner.ProcessGroupStart`).
    if let Some((Some(title), _)) = groups.first_mut() {
        title.insert(0, '\n');
    }
    Ok(groups)
}

/// Items in a row that are laid out alike.
pub enum Part {
    /// Strings, numbers and the like: whatever the properties, a line each (`OutOfBandFormatViewManager`).
    Texts(Vec<Value>),
    Objects(Vec<Value>),
}

/// Splits items into texts and objects, in their order; `-Force` makes objects of all. An array
/// stands for its items, and null is nothing to lay out.
pub fn parts(args: &Args, items: Vec<Value>) -> Vec<Part> {
    let mut parts = Vec::new();
    let items = items.into_iter().flat_map(|item| match item {
        _ if item.is_collection() => item.to_items(),
        other => vec![other],
    });
    for item in items.filter(|item| !item.is_null()) {
        let is_text = !args.switch("Force") && shape(&item) == Shape::Text;
        match (parts.last_mut(), is_text) {
            (Some(Part::Texts(texts)), true) => texts.push(item),
            (Some(Part::Objects(objects)), false) => objects.push(item),
            (_, true) => parts.push(Part::Texts(vec![item])),
            (_, false) => parts.push(Part::Objects(vec![item])),
        }
    }
    parts
}

/// A column's `Width` and `Alignment`, and how its values are written.
#[derive(Default)]
pub struct Column {
    pub options: ColumnOptions,
    format: Option<String>,
}

/// What the calculated properties say of their columns.
pub fn columns(args: &Args) -> R<Vec<Column>> {
    let given = args.value("Property").map(|value| value.to_items());
    given.unwrap_or_default().iter().map(column).collect()
}

/// What a calculated property says of how its values are written.
pub fn column(property: &Value) -> R<Column> {
    let mut column = Column::default();
    if let Value::Hash(hash) = property {
        for (key, value) in hash.entries() {
            let key = key.text().to_ascii_lowercase();
            if "width".starts_with(&key) {
                column.options.width = Some(to_int(&value)?.max(1) as usize);
            } else if "alignment".starts_with(&key) || key == "align" {
                column.options.side = Some(side(&value)?);
            } else if "formatstring".starts_with(&key) {
                column.format = Some(value.text());
            }
        }
    }
    Ok(column)
}

/// `Left`, `Center` or `Right`.
fn side(value: &Value) -> R<Side> {
    let text = value.text();
    match text.to_ascii_lowercase().as_str() {
        "left" => Ok(Side::Left),
        "center" => Ok(Side::Center),
        "right" => Ok(Side::Right),
        _ => Err(fail(
            "System.NotSupportedException",
            "AlignmentIllegalValue",
            format!("\"{text}\" is not an Alignment; it is Left, Center or Right."),
        )),
    }
}

impl Column {
    /// A value as the column's `FormatString` has it; it keeps its side.
    pub fn apply(&mut self, engine: &mut Engine, value: Value) -> R<Value> {
        let Some(format) = self.format.as_ref().filter(|_| !value.is_null()) else {
            return Ok(value);
        };
        self.options.side.get_or_insert(Side::of(&value));
        let pattern = if format.contains('{') {
            format.clone()
        } else {
            format!("{{0:{format}}}")
        };
        composite::format(engine, &Value::from(pattern), &value)
    }
}

/// Rows with every column's format applied.
pub fn written(engine: &mut Engine, rows: Vec<Row>, columns: &mut [Column]) -> R<Vec<Row>> {
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let mut made = Vec::with_capacity(row.len());
        for (at, (name, value)) in row.into_iter().enumerate() {
            let value = match columns.get_mut(at) {
                Some(column) => column.apply(engine, value)?,
                None => value,
            };
            made.push((name, fixed(engine, value)?));
        }
        all.push(made);
    }
    Ok(all)
}

pub fn put_group(
    engine: &mut Engine,
    title: Option<String>,
    body: Body,
    out: &mut dyn Sink,
) -> R<()> {
    out.put(engine, Value::net(Formatted { title, body }))
}
