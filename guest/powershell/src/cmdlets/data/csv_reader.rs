//! CSV to objects.

use std::collections::HashSet;
use std::rc::Rc;

use crate::eval::{Args, Engine, Sink};
use crate::value::{Object, R, Value, fail};

pub fn delimiter(args: &Args) -> char {
    args.text("Delimiter")
        .and_then(|text| text.chars().next())
        .unwrap_or(',')
}

/// The records of a text: quoted fields may hold delimiters, quotes (doubled) and line ends. Blanks before a field are
/// left out, and those behind it if nothing else follows its first blank or its closing quote (`ReadTillNextDelimiter`).
pub fn parse(text: &str, delimiter: char) -> Vec<Vec<String>> {
    let (mut records, mut record, mut field) = (Vec::new(), Vec::new(), Field::default());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if field.is_open {
            match c {
                '"' if chars.peek() == Some(&'"') => {
                    chars.next();
                    field.text.push('"');
                }
                '"' => field.close(),
                c => field.text.push(c),
            }
            continue;
        }
        match c {
            c if c == delimiter => record.push(field.take()),
            '"' if field.text.is_empty() => field.is_open = true,
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' => {
                if !(record.is_empty() && field.is_nothing()) {
                    record.push(field.take());
                    records.push(std::mem::take(&mut record));
                }
                field = Field::default();
            }
            ' ' | '\t' => field.blank(c),
            c => field.text.push(c),
        }
    }
    if !(record.is_empty() && field.is_nothing()) {
        record.push(field.take());
        records.push(record);
    }
    records
}

/// A field while it is read.
#[derive(Default)]
struct Field {
    text: String,
    /// Within quotes.
    is_open: bool,
    /// Where the first blank stands, or what follows the closing quote.
    rest: Option<usize>,
}

impl Field {
    fn close(&mut self) {
        self.is_open = false;
        self.rest.get_or_insert(self.text.len());
    }

    fn blank(&mut self, blank: char) {
        if self.text.is_empty() && self.rest.is_none() {
            return;
        }
        self.rest.get_or_insert(self.text.len());
        self.text.push(blank);
    }

    fn is_nothing(&self) -> bool {
        self.text.is_empty() && self.rest.is_none() && !self.is_open
    }

    fn take(&mut self) -> String {
        let Self { mut text, rest, .. } = std::mem::take(self);
        if let Some(rest) = rest
            && text[rest..].trim().is_empty()
        {
            text.truncate(rest);
        }
        text
    }
}

pub fn put_records(engine: &mut Engine, args: &Args, text: &str, out: &mut dyn Sink) -> R<()> {
    let (kind, text) = typed(text);
    let mut records = parse(text, delimiter(args)).into_iter();
    let mut names = args.texts("Header");
    if names.is_empty() {
        names = header(&mut records);
    }
    check_distinct(&names)?;
    if names.iter().any(String::is_empty) {
        engine.warning(
            "One or more headers were not specified. Default names starting with \"H\" have been used in place of any \
             missing headers.",
        )?;
    }
    let unnamed = names.iter_mut().filter(|name| name.is_empty());
    for (at, name) in unnamed.enumerate() {
        *name = format!("H{}", at + 1);
    }
    for record in records {
        let object = Object::custom();
        if let Some(kind) = kind {
            let mut names = object.type_names.borrow_mut();
            names.insert(0, Rc::from(format!("CSV:{kind}")));
            names.insert(0, Rc::from(kind));
        }
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

/// The type that a first line `#TYPE` names, and what follows it.
fn typed(text: &str) -> (Option<&str>, &str) {
    let Some(rest) = text.strip_prefix("#TYPE") else {
        return (None, text);
    };
    let (kind, rest) = rest.split_once(['\n', '\r']).unwrap_or((rest, ""));
    let kind = kind.trim();
    (
        (!kind.is_empty()).then_some(kind),
        rest.trim_start_matches('\n'),
    )
}

/// The names of the columns: the first line that is no comment, or, in the W3C's format of logs, `#Fields: …`.
fn header(records: &mut impl Iterator<Item = Vec<String>>) -> Vec<String> {
    for mut record in records {
        let Some(first) = record.first_mut() else {
            continue;
        };
        if let Some(field) = first.strip_prefix("#Fields: ") {
            *first = field.to_owned();
            return record;
        }
        if !first.starts_with('#') {
            return record;
        }
    }
    Vec::new()
}

/// Two columns of one name can't be one property.
fn check_distinct(names: &[String]) -> R<()> {
    let mut seen = HashSet::new();
    let mut named = names.iter().filter(|name| !name.is_empty());
    match named.find(|name| !seen.insert(name.to_lowercase())) {
        Some(name) => Err(fail(
            "System.Management.Automation.ExtendedTypeSystemException",
            "AlreadyPresentPSMemberInfoInternalCollectionAdd",
            format!("The member \"{name}\" is already present."),
        )),
        None => Ok(()),
    }
}
