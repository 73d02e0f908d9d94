//! The end of the pipeline: text goes out at once, objects of one kind are gathered into a table.

use std::rc::Rc;

use super::WIDTH;
use super::layout::{TableOptions, list, table};
use super::view::{Shape, rows, settled, shape};
use crate::eval::Engine;
use crate::types::file_info::FileInfo;
use crate::value::{ErrorRecord, R, Value};

/// What is being gathered.
#[derive(Default)]
pub struct Printer {
    shape: Option<Shape>,
    rows: Vec<Vec<(Rc<str>, Value)>>,
    /// For the tables of [`Shape::Columns`] and [`Shape::Files`].
    options: TableOptions,
}

impl Printer {
    /// Writes text, after what was gathered.
    pub fn write_text(&mut self, text: &str, has_newline: bool) -> R<()> {
        self.flush_pending()?;
        crate::host::stdout(&if has_newline {
            format!("{text}\n")
        } else {
            text.to_owned()
        });
        Ok(())
    }

    /// Prints what was gathered.
    pub fn flush_pending(&mut self) -> R<()> {
        let text = self.take_text(WIDTH);
        if !text.is_empty() {
            crate::host::stdout(&text);
        }
        Ok(())
    }

    fn take_text(&mut self, width: usize) -> String {
        let rows = std::mem::take(&mut self.rows);
        match self.shape.take() {
            None => String::new(),
            Some(Shape::Text) => rows
                .iter()
                .map(|row| {
                    row.first()
                        .map(|(_, value)| value.text())
                        .unwrap_or_default()
                        + "\n"
                })
                .collect(),
            Some(Shape::Lines) => {
                let body: String = rows
                    .iter()
                    .map(|row| {
                        row.first()
                            .map(|(_, value)| value.text())
                            .unwrap_or_default()
                            + "\n"
                    })
                    .collect();
                format!("\n{body}\n")
            }
            Some(Shape::List(_)) => list(&rows),
            Some(Shape::Columns(layout)) => {
                super::layout::columns(&rows, &layout, &self.options, width)
            }
            Some(Shape::Table(_)) => table(&rows, &TableOptions::default(), width),
            Some(Shape::Files(folder)) => {
                format!(
                    "\n    Directory: {folder}\n{}",
                    table(&rows, &self.options, width)
                )
            }
        }
    }

    /// Gathers a value; text that has to go out first is given back.
    fn add(&mut self, value: &Value, width: usize) -> String {
        let next = shape(value);
        let mut text = String::new();
        if self.shape.as_ref() != Some(&next) {
            text = self.take_text(width);
            self.shape = Some(next);
        }
        self.rows.extend(rows(value));
        text
    }
}

/// Shows a value that reached the end of the script's output.
pub fn show(engine: &mut Engine, value: Value) -> R<()> {
    let is_empty_table = matches!(&value, Value::Hash(hash) if hash.is_empty());
    if value.is_null() || is_empty_table {
        return Ok(());
    }
    // A collection in the pipeline as one item is shown by its items.
    if let Value::Array(_) | Value::List(_) = &value {
        return value
            .to_items()
            .into_iter()
            .try_for_each(|item| show(engine, item));
    }
    if let Value::Object(object) = &value
        && let Some(text) = engine.class_text(object)?
        && (object.is_custom() || object.class.is_some() && object.names().is_empty())
    {
        return engine.printer.write_text(&text, true);
    }
    match simple(&value, WIDTH) {
        Some(text) => engine.printer.write_text(&text, !ends_itself(&value)),
        None => {
            let value = settled(engine, &value)?;
            let text = engine.printer.add(&value, WIDTH);
            if !text.is_empty() {
                crate::host::stdout(&text);
            }
            Ok(())
        }
    }
}

fn ends_itself(value: &Value) -> bool {
    value.downcast::<super::view::Formatted>().is_some()
        || value.downcast::<ErrorRecord>().is_some()
}

/// The text of what is a line of its own.
fn simple(value: &Value, width: usize) -> Option<String> {
    match value {
        Value::Str(_)
        | Value::Bool(_)
        | Value::Char(_)
        | Value::Int(_)
        | Value::Long(_)
        | Value::Double(_)
        | Value::Num(_)
        | Value::Script(_) => Some(value.text()),
        Value::Net(_) => {
            if let Some(record) = value.downcast::<ErrorRecord>() {
                return Some(crate::eval::error_text(record));
            }
            if let Some(formatted) = value.downcast::<super::view::Formatted>() {
                return Some(formatted.render(width));
            }
            if value.downcast::<FileInfo>().is_some() {
                return None;
            }
            match shape(value) {
                Shape::Text => Some(value.text()),
                _ => None,
            }
        }
        _ => None,
    }
}

/// All values as the text that `Out-String` and `Out-File` give, in lines of that width.
pub fn text_of(engine: &mut Engine, items: &[Value], width: usize) -> R<String> {
    let mut settled_items = Vec::with_capacity(items.len());
    for item in items {
        settled_items.push(settled(engine, item)?);
    }
    Ok(gathered(&settled_items, &TableOptions::default(), width))
}

/// Values as text, objects of one kind in one table.
pub fn gathered(items: &[Value], options: &TableOptions, width: usize) -> String {
    let mut printer = Printer {
        options: options.clone(),
        ..Printer::default()
    };
    let mut text = String::new();
    for item in items {
        match simple(item, width) {
            Some(line) => {
                text.push_str(&printer.take_text(width));
                text.push_str(&line);
                if !ends_itself(item) {
                    text.push('\n');
                }
            }
            None => text.push_str(&printer.add(item, width)),
        }
    }
    text.push_str(&printer.take_text(width));
    text
}
