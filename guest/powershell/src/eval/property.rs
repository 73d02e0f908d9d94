//! Properties of objects: notes, aliases, and those that a script block computes.
//!
//! What such a block throws leaves it in an exception of the property (PSScriptProperty.InvokeGetter); errors that it only
//! reports are nobody's.

use std::rc::Rc;

use super::{Dest, Engine, unset};
use crate::types::exception;
use crate::value::{Ctl, ErrorRecord, Exception, Object, PropKind, R, Script, Value};

const RUNTIME: &str = "System.Management.Automation.RuntimeException";

/// What was being done with a property when an exception came.
#[derive(Clone, Copy)]
pub enum Access {
    Get,
    Set,
}

impl Access {
    /// `Exception getting "Size": "…"`
    pub fn failed(self, id: &str, property: &str, inner: Rc<Exception>) -> Ctl {
        let (kind, doing) = match self {
            Self::Get => ("GetValueInvocationException", "getting"),
            Self::Set => ("SetValueInvocationException", "setting"),
        };
        let message = format!("Exception {doing} \"{property}\": \"{}\"", inner.message);
        let mut exception =
            Exception::new(&format!("System.Management.Automation.{kind}"), message);
        exception.inner = Some(inner);
        Ctl::Throw(Rc::new(ErrorRecord::new(exception, id, "NotSpecified")))
    }

    /// What left the property's script block.
    fn left(self, property: &str, ctl: Ctl) -> Ctl {
        let Ctl::Throw(record) = &ctl else {
            return ctl;
        };
        let id = match self {
            Self::Get => "ScriptGetValueRuntimeException",
            Self::Set => "ScriptSetValueRuntimeException",
        };
        self.failed(id, property, carried(record))
    }
}

/// The exception as it leaves a block: `throw` puts one of .NET's into one of PowerShell's.
fn carried(record: &Rc<ErrorRecord>) -> Rc<Exception> {
    let carrier = record.carrier();
    let name = carrier.type_name.as_str();
    if name == RUNTIME || exception::bases_of(name).contains(&RUNTIME) {
        return carrier;
    }
    let mut outer = Exception::new(RUNTIME, carrier.message.clone());
    outer.inner = Some(carrier);
    Rc::new(outer)
}

/// The members that `Add-Member` gave to a table or to an object of .NET's.
pub(super) fn given(value: &Value) -> Option<&Rc<Object>> {
    match value {
        Value::Hash(hash) => hash.members.get(),
        Value::Net(net) => net.added()?.get(),
        _ => None,
    }
}

impl Engine {
    /// The script properties of an object with what they give now; nothing where they throw.
    pub fn computed_properties(&mut self, object: &Rc<Object>) -> R<Vec<(Rc<str>, Value)>> {
        let names: Vec<Rc<str>> = object
            .props
            .borrow()
            .iter()
            .filter(|prop| matches!(prop.kind, PropKind::Script(..)))
            .map(|prop| Rc::clone(&prop.name))
            .collect();
        let mut computed = Vec::new();
        for name in names {
            computed.push((Rc::clone(&name), self.shown_property(object, &name)?));
        }
        Ok(computed)
    }

    /// The property's value for people: nothing where it throws.
    pub fn shown_property(&mut self, object: &Rc<Object>, name: &str) -> R<Value> {
        match self.object_get(object, name) {
            Err(Ctl::Throw(_)) => Ok(Value::Null),
            other => Ok(other?.unwrap_or_default()),
        }
    }

    /// The same of any value's member (PSPropertyExpression.GetValues).
    pub fn shown_member(&mut self, target: &Value, name: &str) -> R<Value> {
        match self.find_member(target, name) {
            Err(Ctl::Throw(_)) => Ok(Value::Null),
            other => Ok(other?.unwrap_or_default()),
        }
    }

    pub fn object_get(&mut self, object: &Rc<Object>, name: &str) -> R<Option<Value>> {
        let this = || Value::Object(Rc::clone(object));
        match object.find(name) {
            Some(PropKind::Note(value)) => Ok(Some(value)),
            Some(kind) => self.read(&this(), kind, name),
            None if !self.type_table.is_empty() => match self.added_value(&this(), name)? {
                None => Ok(self.class_base_get(object, name)),
                found => Ok(found),
            },
            None => Ok(self.class_base_get(object, name)),
        }
    }

    /// The value that a member of `this` has; `None` if it is a method.
    pub(super) fn read(&mut self, this: &Value, kind: PropKind, name: &str) -> R<Option<Value>> {
        match kind {
            PropKind::Note(value) => Ok(Some(value)),
            PropKind::Alias(target) => self.find_member(this, &target),
            PropKind::Script(getter, _) => {
                let found = self.run_accessor(&getter, this, Vec::new());
                found.map(Some).map_err(|ctl| Access::Get.left(name, ctl))
            }
            PropKind::Method(_) => Ok(None),
        }
    }

    /// Sets what `Add-Member` gave to an object of .NET's; `None` if there is none of that name.
    pub(super) fn write_given(&mut self, this: &Value, name: &str, value: Value) -> Option<R<()>> {
        let members = given(this)?;
        Some(match members.find(name)? {
            PropKind::Note(_) => {
                members.set_note(name, value);
                Ok(())
            }
            PropKind::Script(_, Some(setter)) => {
                let done = self.run_accessor(&setter, this, vec![value]);
                done.map(drop).map_err(|ctl| Access::Set.left(name, ctl))
            }
            PropKind::Alias(target) => self.set_member(this, &target, value, false),
            PropKind::Script(_, None) => Err(unset::no_setter(name)),
            PropKind::Method(_) => Err(unset::read_only(name)),
        })
    }

    /// Sets a property that another value than an object was given; `None` if it has none of that name.
    pub(super) fn write_added(&mut self, this: &Value, name: &str, value: Value) -> Option<R<()>> {
        Some(match self.added_member(this, name)? {
            PropKind::Script(_, Some(setter)) => {
                let done = self.run_accessor(&setter, this, vec![value]);
                done.map(drop).map_err(|ctl| Access::Set.left(name, ctl))
            }
            PropKind::Alias(target) => self.set_member(this, &target, value, false),
            PropKind::Script(_, None) => Err(unset::no_setter(name)),
            _ => Err(unset::read_only(name)),
        })
    }

    pub(super) fn object_set(&mut self, object: &Rc<Object>, name: &str, value: Value) -> R<()> {
        match object.find(name) {
            Some(PropKind::Script(_, Some(setter))) => {
                let this = Value::Object(Rc::clone(object));
                let done = self.run_accessor(&setter, &this, vec![value]);
                done.map(drop).map_err(|ctl| Access::Set.left(name, ctl))
            }
            Some(PropKind::Script(_, None)) => Err(unset::no_setter(name)),
            Some(PropKind::Alias(target)) => self.object_set(object, &target, value),
            Some(PropKind::Note(_)) => {
                let value = self.class_property_value(object, name, value)?;
                object.set_note(name, value);
                Ok(())
            }
            _ => {
                let this = Value::Object(Rc::clone(object));
                let done = self.write_added(&this, name, value);
                done.unwrap_or_else(|| Err(unset::reason(&this, name)))
            }
        }
    }

    fn run_accessor(&mut self, block: &Rc<Script>, this: &Value, args: Vec<Value>) -> R<Value> {
        let error = std::mem::replace(&mut self.streams.error, Dest::Null);
        let this = this.clone();
        let result = self.apart(|engine| engine.call_with_this(block, this, args));
        self.streams.error = error;
        // A property without a value is null; a method without one gives nothing.
        Ok(match result? {
            Value::Nothing => Value::Null,
            other => other,
        })
    }
}
