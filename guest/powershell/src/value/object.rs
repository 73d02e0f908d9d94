//! Objects with named properties: `[pscustomobject]`, what cmdlets put out, instances of script classes.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use super::{Script, Value};
use crate::eval::class::Class;

pub struct Object {
    pub class: Option<Rc<Class>>,
    /// Most specific first; never empty.
    pub type_names: RefCell<Vec<Rc<str>>>,
    pub props: RefCell<Vec<Prop>>,
    /// The properties that are shown by default, if not all are.
    pub shown: RefCell<Option<Rc<[Rc<str>]>>>,
}

#[derive(Clone)]
pub struct Prop {
    pub name: Rc<str>,
    pub kind: PropKind,
}

#[derive(Clone)]
pub enum PropKind {
    Note(Value),
    /// Getter and, perhaps, setter.
    Script(Rc<Script>, Option<Rc<Script>>),
    Method(Rc<Script>),
    Alias(Rc<str>),
}

/// The members that a script added to an object of .NET's; most have none.
pub type Added = OnceCell<Rc<Object>>;

/// The type of `[pscustomobject]@{}`.
pub const CUSTOM: &str = "System.Management.Automation.PSCustomObject";

/// Whether an entry of `[pscustomobject]@{}` names the type instead of a property.
pub fn is_type_name(name: &str) -> bool {
    name.eq_ignore_ascii_case("PSTypeName")
}

impl Object {
    pub fn custom() -> Self {
        Self::of_type(CUSTOM)
    }

    pub fn of_type(name: &str) -> Self {
        Self {
            class: None,
            type_names: RefCell::new(vec![Rc::from(name)]),
            props: RefCell::default(),
            shown: RefCell::default(),
        }
    }

    /// What `Select-Object` makes of an item: its first type name says of what.
    pub fn selected(item: &Value) -> Self {
        let of = match item {
            Value::Object(object) if object.is_custom() => CUSTOM.to_owned(),
            other => other.type_name(),
        };
        Self {
            class: None,
            type_names: RefCell::new(vec![Rc::from(format!("Selected.{of}")), Rc::from(CUSTOM)]),
            props: RefCell::default(),
            shown: RefCell::default(),
        }
    }

    /// An object with these properties, as cmdlets make them.
    pub fn with<'a>(type_name: &str, props: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
        let object = Self::of_type(type_name);
        for (name, value) in props {
            object.push(name, value);
        }
        Value::Object(Rc::new(object))
    }

    pub fn custom_with<'a>(props: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
        Self::with(CUSTOM, props)
    }

    pub fn type_name(&self) -> String {
        self.type_names.borrow()[0].to_string()
    }

    pub fn is_custom(&self) -> bool {
        self.class.is_none()
            && self
                .type_names
                .borrow()
                .iter()
                .any(|name| &**name == CUSTOM)
    }

    /// Adds a property without looking whether it is there.
    pub fn push(&self, name: &str, value: Value) {
        self.props.borrow_mut().push(Prop {
            name: Rc::from(name),
            kind: PropKind::Note(value),
        });
    }

    pub fn find(&self, name: &str) -> Option<PropKind> {
        let props = self.props.borrow();
        props
            .iter()
            .find(|prop| prop.name.eq_ignore_ascii_case(name))
            .map(|prop| prop.kind.clone())
    }

    /// A plain property's value.
    pub fn note(&self, name: &str) -> Option<Value> {
        match self.find(name)? {
            PropKind::Note(value) => Some(value),
            PropKind::Alias(target) => self.note(&target),
            _ => None,
        }
    }

    /// Sets a plain property; false if there is none of that name.
    pub fn set_note(&self, name: &str, value: Value) -> bool {
        let mut props = self.props.borrow_mut();
        match props
            .iter_mut()
            .find(|prop| prop.name.eq_ignore_ascii_case(name))
        {
            Some(Prop {
                kind: kind @ PropKind::Note(_),
                ..
            }) => {
                *kind = PropKind::Note(value);
                true
            }
            _ => false,
        }
    }

    /// Sets or adds.
    pub fn put(&self, name: &str, kind: PropKind) {
        let mut props = self.props.borrow_mut();
        match props
            .iter_mut()
            .find(|prop| prop.name.eq_ignore_ascii_case(name))
        {
            Some(prop) => prop.kind = kind,
            None => props.push(Prop {
                name: Rc::from(name),
                kind,
            }),
        }
    }

    /// An entry of the table that `[pscustomobject]` turns into an object: `PSTypeName` names its type.
    pub fn put_entry(&self, name: &str, value: Value) {
        if is_type_name(name) {
            let mut names = self.type_names.borrow_mut();
            names.insert(0, Rc::from(value.text()));
        } else {
            self.put(name, PropKind::Note(value));
        }
    }

    pub fn remove(&self, name: &str) {
        self.props
            .borrow_mut()
            .retain(|prop| !prop.name.eq_ignore_ascii_case(name));
    }

    /// Properties, methods left out.
    pub fn names(&self) -> Vec<Rc<str>> {
        let props = self.props.borrow();
        props
            .iter()
            .filter(|prop| !matches!(prop.kind, PropKind::Method(_)))
            .filter(|prop| {
                !self
                    .class
                    .as_ref()
                    .is_some_and(|class| class.is_hidden(&prop.name))
            })
            .map(|prop| Rc::clone(&prop.name))
            .collect()
    }
}
