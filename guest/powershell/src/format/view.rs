//! Which properties a value has, and in which shape it is shown by default.

use std::rc::Rc;

use super::cell::fixed;
use super::columns;
use super::layout::{TableOptions, list, table, wide};
use crate::cmdlets::data::select_string;
use crate::cmdlets::objects::get_member;
use crate::eval::Engine;
use crate::net_any;
use crate::types::datetime::DateTime;
use crate::types::file_info::FileInfo;
use crate::value::{Hash, HashKind, Net, Object, Prop, PropKind, R, Value};

const MODULE: &str = "System.Management.Automation.PSModuleInfo";

pub type Row = Vec<(Rc<str>, Value)>;

/// How values are shown; those of equal shape go into one table.
#[derive(PartialEq, Eq, Debug)]
pub enum Shape {
    Text,
    /// Lines with a blank one around them, as dates have.
    Lines,
    Table(String),
    /// Columns of fixed widths: the name of the layout.
    Columns(String),
    List(String),
    /// A table below the name of what its rows have in common: what that is, and its name.
    Group(&'static str, String),
}

impl Shape {
    /// Whether the type has a view, rather than a table or list of whatever its properties are.
    pub fn is_view(&self) -> bool {
        match self {
            Self::Table(name) | Self::List(name) => columns::has_view(name),
            Self::Text | Self::Lines | Self::Columns(_) | Self::Group(..) => true,
        }
    }
}

/// What a `Format-*` cmdlet laid out; the width of a line is known at the end of the pipeline only.
pub struct Formatted {
    /// With what stands before it.
    pub title: Option<String>,
    pub body: Body,
}

pub enum Body {
    Table(Vec<Row>, TableOptions),
    List(Vec<Row>),
    /// Texts, and how many of them stand in a line; as many as fit where it isn't said.
    Wide(Vec<String>, Option<usize>),
    /// Values as they are shown by default, with or without the columns' names.
    Default(Vec<Value>, TableOptions),
}

impl Formatted {
    pub fn render(&self, width: usize) -> String {
        let text = match &self.body {
            Body::Table(rows, options) => table(rows, options, width),
            Body::List(rows) => list(rows),
            Body::Wide(cells, n) => {
                let longest = cells.iter().map(|cell| super::grid::count(cell)).max();
                let n = n.unwrap_or_else(|| width / (longest.unwrap_or(0) + 1));
                wide(cells, n.max(1), width)
            }
            Body::Default(values, options) => super::printer::gathered(values, options, width),
        };
        match &self.title {
            Some(title) => format!("{title}\n{text}"),
            None => text,
        }
    }
}

impl Net for Formatted {
    net_any!();

    fn type_name(&self) -> &str {
        "Microsoft.PowerShell.Commands.Internal.Format.FormatEntryData"
    }
}

fn named(object: &Rc<dyn Net>, names: Vec<String>) -> Vec<(Rc<str>, Value)> {
    let value = |name: &str| object.get(&name.to_ascii_lowercase()).unwrap_or_default();
    names
        .into_iter()
        .map(|name| (Rc::from(name.as_str()), value(&name)))
        .collect()
}

/// The properties of a value that can be listed, with their values.
pub fn properties(value: &Value) -> Vec<(Rc<str>, Value)> {
    match value {
        Value::Object(object) => {
            let props = object.props.borrow();
            props
                .iter()
                .filter_map(|prop| match &prop.kind {
                    PropKind::Note(value) => Some((Rc::clone(&prop.name), value.clone())),
                    PropKind::Alias(target) => Some((
                        Rc::clone(&prop.name),
                        object.note(target).unwrap_or_default(),
                    )),
                    PropKind::Script(..) | PropKind::Method(_) => None,
                })
                .filter(|(name, _)| {
                    !object
                        .class
                        .as_ref()
                        .is_some_and(|class| class.is_hidden(name))
                })
                .collect()
        }
        Value::Hash(hash) => hash
            .entries()
            .into_iter()
            .map(|(key, value)| (Rc::from(key.text()), value))
            .collect(),
        Value::Net(object) => named(object, object.properties()),
        Value::Str(_) => vec![(
            Rc::from("Length"),
            crate::types::plain_get(value, "length").unwrap_or_default(),
        )],
        _ => Vec::new(),
    }
}

/// A value as it is shown: script properties are evaluated, and nothing in it changes any more.
pub fn settled(engine: &mut Engine, value: &Value) -> R<Value> {
    super::cell::heed_limit(engine);
    let object = match value {
        Value::Object(object) => object,
        Value::Hash(hash) => {
            let now = Hash::new(hash.kind.clone()).minding_case(hash.minds_case);
            for (key, value) in hash.entries() {
                now.insert(key, fixed(engine, value)?);
            }
            return Ok(Value::Hash(Rc::new(now)));
        }
        other => return Ok(other.clone()),
    };
    if object.type_name() == "Microsoft.PowerShell.Commands.MatchInfo" {
        select_string::heed_location(engine);
        return Ok(value.clone());
    }
    if object.class.is_some()
        && object.names().is_empty()
        && let Some(text) = engine.class_text(object)?
    {
        return Ok(Value::from(text));
    }
    if let Some(names) = engine.display_set(value) {
        let shown = Object::of_type(&object.type_name());
        for name in names.iter() {
            if let Some(value) = engine.find_member(value, name).transpose() {
                shown.push(name, fixed(engine, value.unwrap_or_default())?);
            }
        }
        return Ok(Value::Object(Rc::new(shown)));
    }
    let added = engine.added_members(value);
    let is_plain = |prop: &Prop| match &prop.kind {
        PropKind::Note(value) => !is_collection(value),
        kind => !matches!(kind, PropKind::Script(..)),
    };
    if added.is_empty() && object.props.borrow().iter().all(is_plain) {
        return Ok(value.clone());
    }
    let shown = Object::of_type(&object.type_name());
    for name in object.names() {
        let class = object.class.as_ref();
        if class.is_some_and(|class| class.is_hidden(&name)) {
            continue;
        }
        let mut value = engine.shown_property(object, &name)?;
        // What a module exports is shown by name.
        if let (MODULE, Value::Hash(commands)) = (&*object.type_name(), &value) {
            let names = commands.entries().into_iter().map(|(name, _)| name);
            value = Value::from(names.collect::<Vec<_>>());
        }
        shown.push(&name, fixed(engine, value)?);
    }
    for (name, value) in engine.added_values(value)? {
        shown.push(&name, fixed(engine, value)?);
    }
    Ok(Value::Object(Rc::new(shown)))
}

/// What may be another thing by the time that it is laid out.
fn is_collection(value: &Value) -> bool {
    value.is_collection() || matches!(value, Value::Hash(_) | Value::Object(_))
}

pub fn shape(value: &Value) -> Shape {
    match value {
        // Its items are pairs, not entries, and pairs have no view of their own.
        Value::Hash(hash) if matches!(hash.kind, HashKind::Dictionary(..)) => {
            Shape::Table(hash.type_name())
        }
        Value::Hash(_) => Shape::Columns(columns::ENTRY.to_owned()),
        Value::Type(_) => Shape::Columns(columns::TYPE.to_owned()),
        Value::Object(object) => {
            let name = object.type_name();
            if let Some(layout) = columns::layout(&name) {
                return Shape::Columns(layout);
            }
            let shown = properties(value);
            if shown.is_empty() {
                return Shape::Text;
            }
            if *name == *get_member::DEFINITION {
                let of = object.note("TypeName").unwrap_or_default();
                return Shape::Group("   TypeName", of.text());
            }
            if name == "Microsoft.PowerShell.Commands.MatchInfo" {
                return Shape::Lines;
            }
            if shown.len() <= 4 {
                Shape::Table(name)
            } else {
                Shape::List(name)
            }
        }
        Value::Net(object) => {
            if let Some(file) = value.downcast::<FileInfo>() {
                return Shape::Group("    Directory", crate::place::parent(&file.path));
            }
            if value
                .downcast::<DateTime>()
                .is_some_and(|time| time.offset.is_none())
            {
                return Shape::Lines;
            }
            if let Some(layout) = columns::layout(object.type_name()) {
                return Shape::Columns(layout);
            }
            match object.shown().len() {
                0 => Shape::Text,
                1..=4 => Shape::Table(object.type_name().to_owned()),
                _ => Shape::List(object.type_name().to_owned()),
            }
        }
        _ => Shape::Text,
    }
}

/// The rows that a value adds to its table.
pub fn rows(value: &Value) -> Vec<Row> {
    match value {
        Value::Hash(hash) => hash
            .entries()
            .into_iter()
            .map(|(key, value)| {
                let name = match hash.kind {
                    HashKind::Dictionary(..) => "Key",
                    _ => "Name",
                };
                // An array as a key is shown by its items.
                let key = match key {
                    Value::Array(_) => key,
                    key => Value::from(key.text()),
                };
                vec![(Rc::from(name), key), (Rc::from("Value"), value)]
            })
            .collect(),
        Value::Object(object) => {
            if object.type_name() == "Microsoft.PowerShell.Commands.MatchInfo" {
                return vec![vec![(
                    Rc::from(""),
                    Value::from(select_string::shown_lines(object)),
                )]];
            }
            if crate::cmdlets::web::shown::is_response(&object.type_name()) {
                return vec![crate::cmdlets::web::shown::row(object)];
            }
            if *object.type_name() == *get_member::DEFINITION {
                return vec![get_member::row(object)];
            }
            let mut row = properties(value);
            // An alias is shown with what it stands for.
            if object.type_name() == "System.Management.Automation.AliasInfo" {
                let name = row.iter_mut().find(|(name, _)| &**name == "Name");
                if let (Some((_, shown)), Some(full)) = (name, object.note("DisplayName")) {
                    *shown = full;
                }
            }
            vec![row]
        }
        Value::Net(object) => {
            if let Some(file) = value.downcast::<FileInfo>() {
                let length = if file.is_folder() {
                    Value::Null
                } else {
                    Value::Long(file.length() as i64)
                };
                let written = file
                    .written()
                    .downcast::<DateTime>()
                    .map_or_else(String::new, |time| {
                        crate::types::datetime_format::custom(time, "M/d/yyyy  h:mm tt")
                    });
                return vec![vec![
                    (Rc::from("Mode"), Value::from(file.mode())),
                    (Rc::from("LastWriteTime"), Value::from(written)),
                    (Rc::from("Length"), length),
                    (Rc::from("Name"), Value::from(file.listed_name())),
                ]];
            }
            if let Some(time) = value
                .downcast::<DateTime>()
                .filter(|time| time.offset.is_none())
            {
                return vec![vec![(
                    Rc::from(""),
                    Value::from(crate::types::datetime_format::custom(
                        time,
                        "dddd, MMMM d, yyyy h:mm:ss tt",
                    )),
                )]];
            }
            vec![named(object, object.shown())]
        }
        Value::Type(of) => {
            let base = of.base().map_or_else(String::new, |base| base.full_name());
            vec![vec![
                (Rc::from("IsPublic"), Value::Bool(true)),
                (Rc::from("IsSerial"), Value::Bool(of.is_serializable())),
                (Rc::from("Name"), Value::from(of.name())),
                (Rc::from("BaseType"), Value::from(base)),
            ]]
        }
        other => vec![vec![(Rc::from(""), Value::from(other.text()))]],
    }
}

/// The rows of a value in a list of its properties, whatever its view: those of its `DefaultDisplayPropertySet`, or all.
pub fn listed_rows(value: &Value) -> Vec<Row> {
    match value {
        Value::Net(object)
            if value
                .downcast::<FileInfo>()
                .is_some_and(|file| !file.is_folder()) =>
        {
            let names = ["LastWriteTime", "Length", "Name"];
            vec![named(object, names.map(String::from).to_vec())]
        }
        other => plain_rows(other),
    }
}

/// The rows of a value in a table of other columns: all of its properties, whatever its view.
pub fn plain_rows(value: &Value) -> Vec<Row> {
    match value {
        Value::Hash(hash) if !matches!(hash.kind, HashKind::Dictionary(..)) => hash
            .entries()
            .into_iter()
            .map(|(key, value)| {
                let key = Value::from(key.text());
                vec![
                    (Rc::from("Name"), key.clone()),
                    (Rc::from("Key"), key),
                    (Rc::from("Value"), value),
                ]
            })
            .collect(),
        Value::Hash(_) | Value::Type(_) => rows(value),
        other => vec![properties(other)],
    }
}
