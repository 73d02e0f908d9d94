//! Small objects: stream records, `[ref]`, named constants, `.PSObject`.

use std::cell::RefCell;
use std::rc::Rc;

use super::TypeInfo;
use crate::eval::Scope;
use crate::net_any;
use crate::value::{Net, Object, PropKind, R, Sym, Value};

pub const WARNING: TypeInfo = TypeInfo::named("System.Management.Automation.WarningRecord", &[]);
pub const VERBOSE: TypeInfo = TypeInfo::named("System.Management.Automation.VerboseRecord", &[]);
pub const DEBUG: TypeInfo = TypeInfo::named("System.Management.Automation.DebugRecord", &[]);
pub const INFORMATION: TypeInfo =
    TypeInfo::named("System.Management.Automation.InformationRecord", &[]);

/// A warning, verbose or information record, as `3>&1` sees it.
pub struct Record {
    kind: &'static str,
    message: String,
}

pub fn record(kind: &'static str, message: &str) -> Value {
    Value::net(Record {
        kind,
        message: message.to_owned(),
    })
}

impl Net for Record {
    net_any!();

    fn type_name(&self) -> &str {
        match self.kind {
            "Warning" => "System.Management.Automation.WarningRecord",
            "Verbose" => "System.Management.Automation.VerboseRecord",
            "Debug" => "System.Management.Automation.DebugRecord",
            _ => "System.Management.Automation.InformationRecord",
        }
    }

    fn text(&self) -> String {
        self.message.clone()
    }

    fn get(&self, name: &str) -> Option<Value> {
        matches!(name, "message" | "messagedata").then(|| Value::from(self.message.as_str()))
    }
}

/// `[ref]$variable`
pub struct Reference {
    pub scope: Rc<Scope>,
    pub name: Sym,
}

impl Reference {
    pub fn assign(&self, value: Value) {
        self.scope.put(self.name, value);
    }
}

impl Net for Reference {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Management.Automation.PSReference"
    }

    fn get(&self, name: &str) -> Option<Value> {
        (name == "value").then(|| self.scope.get(self.name).unwrap_or_default())
    }

    fn set(&self, name: &str, value: &Value) -> Option<R<()>> {
        (name == "value").then(|| {
            self.assign(value.clone());
            Ok(())
        })
    }
}

/// A constant that is only known by its name.
pub struct Named {
    type_name: &'static str,
    pub name: String,
}

pub fn named_object(type_name: &'static str, name: &str) -> Value {
    Value::net(Named {
        type_name,
        name: name.to_owned(),
    })
}

impl Net for Named {
    net_any!();

    fn type_name(&self) -> &str {
        self.type_name
    }

    fn text(&self) -> String {
        if self.type_name.ends_with("CultureInfo") {
            self.name.clone()
        } else {
            self.type_name.to_owned()
        }
    }

    fn get(&self, name: &str) -> Option<Value> {
        if name == "textinfo" && self.type_name.ends_with("CultureInfo") {
            return Some(named_object(TEXT_INFO, &self.name));
        }
        matches!(name, "name" | "displayname").then(|| Value::from(self.name.as_str()))
    }

    fn call(
        self: Rc<Self>,
        _: &mut crate::eval::Engine,
        name: &str,
        args: &[Value],
    ) -> Option<R<Value>> {
        let [text] = args else { return None };
        let text = text.text();
        let changed = match (self.type_name, name) {
            (TEXT_INFO, "totitlecase") => title_case(&text),
            (TEXT_INFO, "toupper") => text.to_uppercase(),
            (TEXT_INFO, "tolower") => text.to_lowercase(),
            _ => return None,
        };
        Some(Ok(Value::from(changed)))
    }
}

const TEXT_INFO: &str = "System.Globalization.TextInfo";

/// Each word's first letter large, the others small; a word all in capitals is taken for an abbreviation and stays.
fn title_case(text: &str) -> String {
    let mut changed = String::with_capacity(text.len());
    for word in text.split_inclusive(|c: char| !c.is_alphanumeric() && c != '\'') {
        let is_abbreviation =
            word.chars().any(char::is_alphabetic) && !word.chars().any(char::is_lowercase);
        let mut chars = word.chars();
        match chars.next() {
            Some(first) if !is_abbreviation => {
                changed.extend(first.to_uppercase());
                changed.push_str(&chars.as_str().to_lowercase());
            }
            _ => changed.push_str(word),
        }
    }
    changed
}

/// `.PSObject`
pub struct Members {
    of: Value,
    /// What script properties gave when the members were asked for.
    computed: Rc<[(Rc<str>, Value)]>,
}

pub fn members(value: &Value, computed: Vec<(Rc<str>, Value)>) -> Value {
    Value::net(Members {
        of: value.clone(),
        computed: Rc::from(computed),
    })
}

pub fn members_of(value: &Value) -> Option<Value> {
    (!value.is_null()).then(|| members(value, Vec::new()))
}

/// `.PSTypeNames`, `.PSObject.TypeNames`
pub fn type_names(value: &Value) -> Value {
    match value {
        Value::Object(object) => super::type_names::of(object),
        other => Value::strings([other.type_name(), "System.Object".to_owned()]),
    }
}

/// `.PSObject.Properties`
pub struct Properties {
    of: Value,
    computed: Rc<[(Rc<str>, Value)]>,
}

/// One of them: reading and writing goes through to the object.
pub struct Property {
    of: Value,
    name: Rc<str>,
    value: RefCell<Value>,
}

impl Net for Members {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Management.Automation.PSObject"
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "properties" | "members" => Some(Value::net(Properties {
                of: self.of.clone(),
                computed: Rc::clone(&self.computed),
            })),
            "typenames" => Some(type_names(&self.of)),
            "baseobject" | "immediatebaseobject" => Some(self.of.clone()),
            _ => None,
        }
    }

    fn call(
        self: Rc<Self>,
        _: &mut crate::eval::Engine,
        name: &str,
        args: &[Value],
    ) -> Option<R<Value>> {
        match (name, args) {
            ("copy", []) => match &self.of {
                Value::Object(object) => {
                    let copy = Object::of_type(&object.type_name());
                    *copy.props.borrow_mut() = object.props.borrow().clone();
                    *copy.type_names.borrow_mut() = object.type_names.borrow().clone();
                    Some(Ok(Value::Object(Rc::new(copy))))
                }
                _ => None,
            },
            _ => None,
        }
    }
}

impl Properties {
    fn all(&self) -> Vec<Value> {
        crate::format::view::properties(&self.of)
            .into_iter()
            .chain(self.computed.iter().cloned())
            .map(|(name, value)| {
                Value::net(Property {
                    of: self.of.clone(),
                    name,
                    value: RefCell::new(value),
                })
            })
            .collect()
    }
}

impl Net for Properties {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Management.Automation.PSMemberInfoIntegratingCollection"
    }

    fn items(&self) -> Option<Vec<Value>> {
        Some(self.all())
    }

    fn index(&self, index: &Value) -> Option<R<Value>> {
        if !matches!(index, Value::Str(_)) {
            return None;
        }
        let wanted = index.text();
        Some(Ok(self
            .all()
            .into_iter()
            .find(|property| {
                property
                    .downcast::<Property>()
                    .is_some_and(|property| property.name.eq_ignore_ascii_case(&wanted))
            })
            .unwrap_or_default()))
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "count" => Some(Value::from(self.all().len())),
            _ => None,
        }
    }

    fn call(
        self: Rc<Self>,
        _: &mut crate::eval::Engine,
        name: &str,
        args: &[Value],
    ) -> Option<R<Value>> {
        match (name, args) {
            ("remove", [name]) => {
                if let Value::Object(object) = &self.of {
                    object.remove(&name.text());
                }
                Some(Ok(Value::Nothing))
            }
            ("add", [property, ..]) => {
                let property = property.downcast::<Property>()?;
                if let Value::Object(object) = &self.of {
                    object.put(
                        &property.name,
                        PropKind::Note(property.value.borrow().clone()),
                    );
                }
                Some(Ok(Value::Nothing))
            }
            ("match", [pattern]) => {
                let pattern = pattern.text();
                let found: Vec<Value> = self
                    .all()
                    .into_iter()
                    .filter(|item| {
                        item.downcast::<Property>().is_some_and(|property| {
                            crate::eval::pattern::wildcard(&pattern, &property.name, false)
                        })
                    })
                    .collect();
                Some(Ok(Value::from(found)))
            }
            _ => None,
        }
    }
}

impl Net for Property {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Management.Automation.PSNoteProperty"
    }

    fn text(&self) -> String {
        format!("{}={}", self.name, self.value.borrow().text())
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match name {
            "name" => Value::from(&*self.name),
            "value" => self.value.borrow().clone(),
            "membertype" => Value::from(if matches!(self.of, Value::Object(_)) {
                "NoteProperty"
            } else {
                "Property"
            }),
            "typenameofvalue" => Value::from(self.value.borrow().type_name()),
            "isgettable" | "issettable" => Value::Bool(true),
            _ => return None,
        })
    }

    fn set(&self, name: &str, value: &Value) -> Option<R<()>> {
        if name != "value" {
            return None;
        }
        *self.value.borrow_mut() = value.clone();
        if let Value::Object(object) = &self.of {
            object.put(&self.name, PropKind::Note(value.clone()));
        }
        Some(Ok(()))
    }

    fn properties(&self) -> Vec<String> {
        ["Name", "Value", "MemberType"].map(String::from).to_vec()
    }
}
