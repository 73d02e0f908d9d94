//! The end of the pipeline: what goes out at once, and what is gathered in a [`Document`].

use std::time::{Duration, Instant};

use super::WIDTH;
use super::document::{Document, Fit, fit};
use super::layout::{TableOptions, list};
use super::view::{Formatted, Shape, listed_rows, plain_rows, properties, rows, settled, shape};
use crate::eval::Engine;
use crate::value::{ErrorRecord, R, Value};

#[derive(Default)]
pub struct Printer {
    open: Option<Document>,
    /// For the tables of [`Shape::Columns`] and [`Shape::Group`].
    options: TableOptions,
}

impl Printer {
    /// Writes text that isn't the pipeline's, as `Write-Host` does: what is open ends before it.
    pub fn write_text(&mut self, text: &str, has_newline: bool) -> R<()> {
        self.flush_pending()?;
        crate::host::stdout(&if has_newline {
            format!("{text}\n")
        } else {
            text.to_owned()
        });
        Ok(())
    }

    /// Prints what was gathered, and ends it.
    pub fn flush_pending(&mut self) -> R<()> {
        put(&self.end());
        Ok(())
    }

    /// Before the script waits for something: text that would be held back for too long is written.
    pub fn before_waiting(&mut self, duration: Duration) {
        if let Some(open) = &mut self.open
            && open.holds_text()
            && !open.waits(Instant::now() + duration)
        {
            put(&open.take());
        }
    }

    fn end(&mut self) -> String {
        self.open.take().map(Document::end).unwrap_or_default()
    }

    /// Takes text of the pipeline, which stands between the rows of what is open; what can go out is given back.
    fn add_text(&mut self, text: String, now: Instant) -> String {
        let Some(open) = &mut self.open else {
            return text;
        };
        open.add_text(text);
        if open.waits(now) {
            return String::new();
        }
        open.take()
    }

    /// Takes a value that is laid out; what can go out is given back.
    fn add(&mut self, value: &Value, width: usize, now: Instant) -> String {
        let next = shape(value);
        let mut text = String::new();
        let is_anew = |open: &Document| fit(&open.shape, &next) == Fit::Anew;
        let goes_on = self.open.as_ref().is_some_and(is_anew);
        if goes_on {
            text = self.end();
        }
        let Some(open) = &mut self.open else {
            let mut open = Document::new(next, &self.options, width, now);
            open.goes_on = goes_on;
            open.add(rows(value));
            self.open = Some(open);
            return text;
        };
        match fit(&open.shape, &next) {
            Fit::Alike | Fit::Anew => open.add(rows(value)),
            Fit::Among if matches!(open.shape, Shape::List(_)) => open.add(listed_rows(value)),
            Fit::Among => open.add(plain_rows(value)),
            Fit::Aside => {
                for row in listed_rows(value) {
                    open.add_text(list(&[row]));
                }
            }
        }
        if open.is_begun() {
            text.push_str(&open.take());
        }
        text
    }
}

fn put(text: &str) {
    if !text.is_empty() {
        crate::host::stdout(text);
    }
}

/// Shows a value that reached the end of the script's output.
pub fn show(engine: &mut Engine, value: Value) -> R<()> {
    let is_empty_table = matches!(&value, Value::Hash(hash) if hash.is_empty());
    if value.is_null() || is_empty_table {
        return Ok(());
    }
    // A collection in the pipeline as one item is shown by its items.
    if value.is_collection() {
        return value
            .to_items()
            .into_iter()
            .try_for_each(|item| show(engine, item));
    }
    if value.downcast::<Formatted>().is_some() {
        engine.printer.flush_pending()?;
    }
    if let Some(text) = own_text(engine, &value)? {
        put(&engine.printer.add_text(text + "\n", Instant::now()));
        return Ok(());
    }
    let text = match simple(&value, WIDTH) {
        Some(text) => engine.printer.add_text(text, Instant::now()),
        None => {
            let value = settled(engine, &value)?;
            engine.printer.add(&value, WIDTH, Instant::now())
        }
    };
    put(&text);
    Ok(())
}

/// What an object with a `ToString()` of its own is shown by, and an instance of a class that has no property to show.
fn own_text(engine: &mut Engine, value: &Value) -> R<Option<String>> {
    let Value::Object(object) = value else {
        return Ok(None);
    };
    let is_bare = object.class.is_some() && properties(value).is_empty();
    if !is_bare && !object.is_custom() {
        return Ok(None);
    }
    let text = engine.class_text(object)?;
    Ok(text.or_else(|| is_bare.then(|| value.type_name())))
}

/// The text of what is laid out by itself, with the end of its line.
fn simple(value: &Value, width: usize) -> Option<String> {
    match value {
        Value::Str(_)
        | Value::Bool(_)
        | Value::Char(_)
        | Value::Int(_)
        | Value::Long(_)
        | Value::Double(_)
        | Value::Num(_)
        | Value::Script(_) => Some(value.text() + "\n"),
        Value::Net(_) => {
            if let Some(record) = value.downcast::<ErrorRecord>() {
                return Some(crate::eval::error_text(record));
            }
            if let Some(formatted) = value.downcast::<Formatted>() {
                return Some(formatted.render(width));
            }
            (shape(value) == Shape::Text).then(|| value.text() + "\n")
        }
        other => (shape(other) == Shape::Text).then(|| other.text() + "\n"),
    }
}

/// All values as the text that `Out-String` and `Out-File` give, in lines of that width.
pub fn text_of(engine: &mut Engine, items: &[Value], width: usize) -> R<String> {
    let mut settled_items = Vec::with_capacity(items.len());
    for item in items {
        settled_items.push(match own_text(engine, item)? {
            Some(text) => Value::from(text),
            None => settled(engine, item)?,
        });
    }
    Ok(gathered(&settled_items, &TableOptions::default(), width))
}

/// Values as the text that they are together. No time passes in it, so no text hurries its rows.
pub fn gathered(items: &[Value], options: &TableOptions, width: usize) -> String {
    let mut printer = Printer {
        options: options.clone(),
        ..Printer::default()
    };
    let now = Instant::now();
    let mut text = String::new();
    for item in items {
        if item.downcast::<Formatted>().is_some() {
            text.push_str(&printer.end());
        }
        text.push_str(&match simple(item, width) {
            Some(line) => printer.add_text(line, now),
            None => printer.add(item, width, now),
        });
    }
    text.push_str(&printer.end());
    text
}
