//! Hash tables: `@{}`, `[ordered]@{}` and generic dictionaries.
//!
//! All keep the order of insertion. .NET's `Hashtable` promises none, so scripts cannot tell.

use std::cell::{OnceCell, RefCell};
use std::cmp::Ordering;
use std::rc::Rc;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::{Changes, Object, TypeRef, Value, fold, place_of};

#[derive(Clone)]
pub enum HashKind {
    Table,
    Ordered,
    /// What `ConvertFrom-Json -AsHashtable` makes: a hash table that minds case.
    Json,
    Dictionary(TypeRef, TypeRef),
    /// `$OctopusParameters`: reading it is reported to the host.
    Parameters,
    /// `[Environment]::GetEnvironmentVariables()` and others that are read only in effect.
    Sorted(TypeRef, TypeRef),
}

/// What makes two keys the same.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HashKey {
    Text(Rc<str>),
    Number(u8, i64),
    Other(String),
}

impl HashKey {
    pub fn of(value: &Value, minds_case: bool) -> Self {
        match value {
            Value::Str(text)
                if minds_case || !text.bytes().any(|b| b.is_ascii_uppercase() || b >= 128) =>
            {
                Self::Text(Rc::clone(text))
            }
            Value::Str(text) => Self::Text(Rc::from(fold(text))),
            Value::Int(n) => Self::Number(0, i64::from(*n)),
            Value::Long(n) => Self::Number(1, *n),
            Value::Bool(claim) => Self::Number(2, i64::from(*claim)),
            Value::Char(c) => Self::Number(3, i64::from(*c as u32)),
            Value::Double(n) => Self::Number(4, n.to_bits() as i64),
            Value::Object(object) => Self::Other(format!("{:p}", Rc::as_ptr(object))),
            Value::Hash(hash) => Self::Other(format!("{:p}", Rc::as_ptr(hash))),
            Value::Array(array) => Self::Other(format!("{:p}", Rc::as_ptr(array))),
            Value::Net(object) => Self::Other(
                object
                    .hash_key()
                    .unwrap_or_else(|| format!("{:p}", Rc::as_ptr(object))),
            ),
            other => Self::Other(format!("{}:{}", other.type_name(), other.text())),
        }
    }
}

pub struct Hash {
    pub kind: HashKind,
    pub minds_case: bool,
    /// Where it sorts: by the keys' codes (`StringComparer.Ordinal`), not as words are.
    pub is_ordinal: bool,
    map: RefCell<IndexMap<HashKey, (Value, Value), FxBuildHasher>>,
    pub changes: Changes,
    /// What `Add-Member` gave it: members that aren't keys.
    pub members: OnceCell<Rc<Object>>,
}

impl Hash {
    pub fn new(kind: HashKind) -> Self {
        let minds_case = matches!(
            kind,
            HashKind::Dictionary(..) | HashKind::Sorted(..) | HashKind::Json
        );
        Self {
            kind,
            minds_case,
            is_ordinal: false,
            map: RefCell::default(),
            changes: Changes::default(),
            members: OnceCell::new(),
        }
    }

    /// The same with keys that differ by case, or don't.
    pub fn minding_case(self, minds_case: bool) -> Self {
        Self { minds_case, ..self }
    }

    pub fn type_name(&self) -> String {
        match &self.kind {
            HashKind::Table => "System.Collections.Hashtable".to_owned(),
            HashKind::Ordered => "System.Collections.Specialized.OrderedDictionary".to_owned(),
            HashKind::Json => "System.Management.Automation.OrderedHashtable".to_owned(),
            HashKind::Parameters => {
                "System.Collections.Generic.Dictionary`2[[System.String],[System.String]]"
                    .to_owned()
            }
            HashKind::Dictionary(key, value) => {
                format!(
                    "System.Collections.Generic.Dictionary`2[[{}],[{}]]",
                    key.full_name(),
                    value.full_name()
                )
            }
            HashKind::Sorted(key, value) => {
                format!(
                    "System.Collections.Generic.SortedDictionary`2[[{}],[{}]]",
                    key.full_name(),
                    value.full_name()
                )
            }
        }
    }

    /// Whether it is a `Hashtable` or derives from it.
    pub fn is_table(&self) -> bool {
        matches!(self.kind, HashKind::Table | HashKind::Json)
    }

    pub fn get(&self, key: &Value) -> Option<Value> {
        let map = self.map.borrow();
        map.get(&HashKey::of(key, self.minds_case))
            .map(|(_, value)| value.clone())
    }

    pub fn get_text(&self, key: &str) -> Option<Value> {
        self.get(&Value::from(key))
    }

    pub fn insert(&self, key: Value, value: Value) {
        let at = HashKey::of(&key, self.minds_case);
        let mut map = self.map.borrow_mut();
        match map.get_mut(&at) {
            Some(entry) => {
                entry.1 = value;
                if !self.is_generic() {
                    self.changes.note();
                }
            }
            None => {
                map.insert(at, (key, value));
                self.changes.note();
            }
        }
    }

    /// Whether it is a `Dictionary`, which may have a value changed and keys removed while somebody goes through it.
    pub fn is_generic(&self) -> bool {
        matches!(self.kind, HashKind::Dictionary(..) | HashKind::Parameters)
    }

    /// The entry at that place, counted from the end if it is negative.
    pub fn at(&self, place: i32) -> Option<(Value, Value)> {
        let map = self.map.borrow();
        let (_, entry) = map.get_index(place_of(i64::from(place), map.len())?)?;
        Some(entry.clone())
    }

    pub fn remove(&self, key: &Value) -> bool {
        let key = HashKey::of(key, self.minds_case);
        let is_removed = self.map.borrow_mut().shift_remove(&key).is_some();
        if is_removed && !self.is_generic() {
            self.changes.note();
        }
        is_removed
    }

    pub fn clear(&self) {
        self.map.borrow_mut().clear();
        if !self.is_generic() {
            self.changes.note();
        }
    }

    pub fn contains(&self, key: &Value) -> bool {
        self.map
            .borrow()
            .contains_key(&HashKey::of(key, self.minds_case))
    }

    pub fn has_value(&self, is_it: impl Fn(&Value) -> bool) -> bool {
        self.map.borrow().values().any(|(_, value)| is_it(value))
    }

    pub fn len(&self) -> usize {
        self.map.borrow().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Key and value pairs, in order (by key where the table sorts).
    pub fn entries(&self) -> Vec<(Value, Value)> {
        let mut found: Vec<_> = self.map.borrow().values().cloned().collect();
        if matches!(self.kind, HashKind::Sorted(..)) {
            found = super::sorted(found, &mut |a, b| self.order(&a.0, &b.0));
        }
        found
    }

    fn order(&self, a: &Value, b: &Value) -> Ordering {
        match (self.is_ordinal, self.minds_case) {
            (false, minds_case) => super::compare(a, b, minds_case).unwrap_or(Ordering::Equal),
            (true, true) => a.text().cmp(&b.text()),
            (true, false) => a.text().to_uppercase().cmp(&b.text().to_uppercase()),
        }
    }

    pub fn is_ordered(&self) -> bool {
        matches!(self.kind, HashKind::Ordered)
    }
}
