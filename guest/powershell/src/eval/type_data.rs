//! What `Update-TypeData` gave to types: members that all of their objects have, and what is shown of them by default.
//!
//! A type is known by any of its names, those that a script put there included. Left out: everything that lists of
//! objects, serialization and type files need.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::Engine;
use crate::types::type_names;
use crate::value::{Prop, PropKind, R, Value};

/// By the type's name in lower case.
#[derive(Default)]
pub struct TypeTable(FxHashMap<String, TypeData>);

#[derive(Default)]
pub struct TypeData {
    pub members: Vec<Prop>,
    /// `-DefaultDisplayPropertySet`
    pub shown: Option<Rc<[Rc<str>]>>,
}

impl TypeData {
    pub fn position(&self, name: &str) -> Option<usize> {
        let is_it = |member: &Prop| member.name.eq_ignore_ascii_case(name);
        self.members.iter().position(is_it)
    }
}

impl TypeTable {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn of(&mut self, name: &str) -> &mut TypeData {
        self.0.entry(name.to_lowercase()).or_default()
    }

    /// Whether there was something to remove.
    pub fn remove(&mut self, name: &str) -> bool {
        self.0.remove(&name.to_lowercase()).is_some()
    }

    /// What the value's types were given, the most specific first.
    fn about<'a>(&'a self, value: &Value) -> impl Iterator<Item = &'a TypeData> + use<'a> {
        let names: Vec<String> = match value {
            _ if self.is_empty() => Vec::new(),
            Value::Object(object) => {
                let names = object.type_names.borrow();
                let own = names.iter().map(|name| name.to_lowercase());
                own.chain(["system.object".to_owned()]).collect()
            }
            other => type_names::chain(other)
                .iter()
                .map(|name| name.to_lowercase())
                .collect(),
        };
        names.into_iter().filter_map(|name| self.0.get(&name))
    }
}

impl Engine {
    /// The member of that name that the value's types were given.
    pub fn added_member(&self, value: &Value, name: &str) -> Option<PropKind> {
        let mut all = self.type_table.about(value);
        all.find_map(|data| Some(data.members[data.position(name)?].kind.clone()))
    }

    pub fn added_members(&self, value: &Value) -> Vec<Prop> {
        let all = self.type_table.about(value);
        all.flat_map(|data| data.members.iter().cloned()).collect()
    }

    /// The properties among them that the value hasn't got itself, with their values.
    pub fn added_values(&mut self, value: &Value) -> R<Vec<(Rc<str>, Value)>> {
        let mut found = Vec::new();
        for member in self.added_members(value) {
            let has_own =
                matches!(value, Value::Object(object) if object.find(&member.name).is_some());
            if !has_own && !matches!(member.kind, PropKind::Method(_)) {
                let value = self.shown_member(value, &member.name)?;
                found.push((member.name, value));
            }
        }
        Ok(found)
    }

    /// The value of such a member; `None` if it is a method, or there is none.
    pub(super) fn added_value(&mut self, value: &Value, name: &str) -> R<Option<Value>> {
        match self.added_member(value, name) {
            Some(kind) => self.read(value, kind, name),
            None => Ok(None),
        }
    }

    /// The properties that are shown of the value, if not all are: by its own `PSStandardMembers`, or by its types.
    pub fn display_set(&self, value: &Value) -> Option<Rc<[Rc<str>]>> {
        let own = match value {
            Value::Object(object) => object.shown.borrow().clone(),
            _ => None,
        };
        own.or_else(|| {
            self.type_table
                .about(value)
                .find_map(|data| data.shown.clone())
        })
    }
}
