//! `.PSObject`: an object's properties and methods as objects, and the names of its types.

use std::cell::RefCell;
use std::rc::Rc;

use crate::net_any;
use crate::value::{Net, Object, PropKind, R, Value};

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
    kind: &'static str,
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
            "methods" => Some(Value::net(Methods(self.of.clone()))),
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
    /// In the object's own order.
    fn all(&self) -> Vec<Value> {
        let property = |name: Rc<str>, value: Value, kind: &'static str| {
            Value::net(Property {
                of: self.of.clone(),
                name,
                value: RefCell::new(value),
                kind,
            })
        };
        let Value::Object(object) = &self.of else {
            return crate::format::view::properties(&self.of)
                .into_iter()
                .map(|(name, value)| property(name, value, "Property"))
                .collect();
        };
        let is_hidden = |name: &str| {
            let class = object.class.as_ref();
            class.is_some_and(|class| class.is_hidden(name))
        };
        let props = object.props.borrow();
        let shown = props.iter().filter(|prop| !is_hidden(&prop.name));
        shown
            .filter_map(|prop| {
                let (value, kind) = match &prop.kind {
                    PropKind::Note(value) if object.class.is_some() => (value.clone(), "Property"),
                    PropKind::Note(value) => (value.clone(), "NoteProperty"),
                    PropKind::Alias(target) => {
                        (object.note(target).unwrap_or_default(), "AliasProperty")
                    }
                    PropKind::Script(..) => (self.gave(&prop.name), "ScriptProperty"),
                    PropKind::Method(_) => return None,
                };
                Some(property(Rc::clone(&prop.name), value, kind))
            })
            .collect()
    }

    /// What a script property gave.
    fn gave(&self, name: &str) -> Value {
        let mut computed = self.computed.iter();
        let found = computed.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone()).unwrap_or_default()
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
        match self.kind {
            "AliasProperty" => "System.Management.Automation.PSAliasProperty",
            "ScriptProperty" => "System.Management.Automation.PSScriptProperty",
            "Property" => "System.Management.Automation.PSProperty",
            _ => "System.Management.Automation.PSNoteProperty",
        }
    }

    fn text(&self) -> String {
        format!("{}={}", self.name, self.value.borrow().text())
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match name {
            "name" => Value::from(&*self.name),
            "value" => self.value.borrow().clone(),
            "membertype" => Value::from(self.kind),
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

/// `.PSObject.Methods`
struct Methods(Value);

impl Methods {
    /// Those of the script's own making, then .NET's.
    fn all(&self) -> Vec<Value> {
        let mut found: Vec<(String, &str)> = Vec::new();
        if let Value::Object(object) = &self.0 {
            let props = object.props.borrow();
            let own = props
                .iter()
                .filter(|prop| matches!(prop.kind, PropKind::Method(_)));
            found.extend(own.map(|prop| (prop.name.to_string(), "ScriptMethod")));
            let methods = object.class.iter().flat_map(|class| &class.def.methods);
            let methods = methods.filter(|method| !method.is_constructor && !method.is_static);
            found.extend(methods.map(|method| (method.name.clone(), "Method")));
        }
        let names = super::members::of(&self.0).into_iter();
        let names = names.flat_map(super::members::Members::methods);
        found.extend(names.map(|name| (name.to_owned(), "Method")));
        let described = |(name, kind): (String, &str)| {
            Object::with(
                "System.Management.Automation.PSMethodInfo",
                [
                    ("Name", Value::from(name)),
                    ("MemberType", Value::from(kind)),
                ],
            )
        };
        found.into_iter().map(described).collect()
    }
}

impl Net for Methods {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Management.Automation.PSMemberInfoIntegratingCollection"
    }

    fn items(&self) -> Option<Vec<Value>> {
        Some(self.all())
    }

    fn index(&self, index: &Value) -> Option<R<Value>> {
        let wanted = match index {
            Value::Str(name) => name,
            _ => return None,
        };
        let is_it = |method: &Value| match method {
            Value::Object(object) => object
                .note("Name")
                .is_some_and(|name| name.text().eq_ignore_ascii_case(wanted)),
            _ => false,
        };
        Some(Ok(self.all().into_iter().find(is_it).unwrap_or_default()))
    }
}
