//! Which properties a value has, and in which shape it is shown by default.

use std::rc::Rc;

use crate::net_any;
use crate::types::datetime::DateTime;
use crate::types::file_info::FileInfo;
use crate::value::{Net, PropKind, Value};

/// How values are shown; those of equal shape go into one table.
#[derive(PartialEq, Eq, Debug)]
pub enum Shape {
    Text,
    /// Lines with a blank one around them, as dates have.
    Lines,
    Table(String),
    List(String),
    Files(String),
}

/// Text that a `Format-*` cmdlet made.
pub struct Formatted(pub String);

impl Net for Formatted {
    net_any!();

    fn type_name(&self) -> &str {
        "Microsoft.PowerShell.Commands.Internal.Format.FormatEntryData"
    }

    fn text(&self) -> String {
        self.0.clone()
    }
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
        Value::Net(object) => object
            .properties()
            .into_iter()
            .map(|name| {
                let value = object.get(&name.to_ascii_lowercase()).unwrap_or_default();
                (Rc::from(name), value)
            })
            .collect(),
        Value::Str(_) => vec![(
            Rc::from("Length"),
            crate::types::plain_get(value, "length").unwrap_or_default(),
        )],
        _ => Vec::new(),
    }
}

/// The properties shown by default, where a type has a choice.
fn default_names(type_name: &str) -> Option<&'static [&'static str]> {
    Some(match type_name {
        "Microsoft.PowerShell.Commands.GroupInfo" => &["Count", "Name", "Group"],
        "Microsoft.PowerShell.Commands.GroupInfoNoElement" => &["Count", "Name"],
        "System.Management.Automation.PSVariable" => &["Name", "Value"],
        "Microsoft.PowerShell.Commands.FileHashInfo" => &["Algorithm", "Hash", "Path"],
        "System.Collections.DictionaryEntry" => &["Name", "Value"],
        "System.Management.Automation.CommandInfo" => &["CommandType", "Name", "Version", "Source"],
        "System.Management.Automation.PSCredential" => &["UserName", "Password"],
        _ => return None,
    })
}

pub fn shape(value: &Value) -> Shape {
    match value {
        Value::Hash(_) => Shape::Table("hash".into()),
        Value::Object(object) => {
            let name = object.type_name();
            if name == "System.Collections.DictionaryEntry" {
                return Shape::Table("hash".into());
            }
            if default_names(&name).is_some() {
                return Shape::Table(name);
            }
            let shown = properties(value);
            if shown.is_empty() && object.class.is_none() {
                return Shape::Text;
            }
            if name == "Microsoft.PowerShell.Commands.MatchInfo" {
                return Shape::Lines;
            }
            if shown.len() <= 4 && !name.contains("Measure") {
                Shape::Table(name)
            } else {
                Shape::List(name)
            }
        }
        Value::Net(object) => {
            if let Some(file) = value.downcast::<FileInfo>() {
                return Shape::Files(crate::place::parent(&file.path));
            }
            if value.downcast::<DateTime>().is_some() {
                return Shape::Lines;
            }
            let n = object.properties().len();
            match n {
                0 => Shape::Text,
                1..=4 => Shape::Table(object.type_name().to_owned()),
                _ => Shape::List(object.type_name().to_owned()),
            }
        }
        _ => Shape::Text,
    }
}

/// The rows that a value adds to its table.
pub fn rows(value: &Value) -> Vec<Vec<(Rc<str>, Value)>> {
    match value {
        Value::Hash(hash) => hash
            .entries()
            .into_iter()
            .map(|(key, value)| {
                vec![
                    (Rc::from("Name"), Value::from(key.text())),
                    (Rc::from("Value"), value),
                ]
            })
            .collect(),
        Value::Object(object) => {
            if object.type_name() == "Microsoft.PowerShell.Commands.MatchInfo" {
                return vec![vec![(
                    Rc::from(""),
                    Value::from(crate::cmdlets::data::select_string::line_of(object)),
                )]];
            }
            let all = properties(value);
            match default_names(&object.type_name()) {
                Some(names) => vec![
                    names
                        .iter()
                        .map(|name| {
                            let found =
                                all.iter().find(|(seen, _)| seen.eq_ignore_ascii_case(name));
                            (
                                Rc::from(*name),
                                found.map(|(_, value)| value.clone()).unwrap_or_default(),
                            )
                        })
                        .collect(),
                ],
                None => vec![all],
            }
        }
        Value::Net(_) => {
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
                    (Rc::from("Name"), Value::from(file.name())),
                ]];
            }
            if let Some(time) = value.downcast::<DateTime>() {
                return vec![vec![(
                    Rc::from(""),
                    Value::from(crate::types::datetime_format::custom(
                        time,
                        "dddd, MMMM d, yyyy h:mm:ss tt",
                    )),
                )]];
            }
            vec![properties(value)]
        }
        other => vec![vec![(Rc::from(""), Value::from(other.text()))]],
    }
}
