//! Instances of script classes (about_Classes); `define.rs` defines the classes, `method.rs` calls methods.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::binding::ArgValue;
use super::method::no_overload;
use super::scope::{Scope, ScopeKind};
use super::{Discard, Engine};
use crate::parse::ast::{ClassDef, MethodDef, PropertyDef};
use crate::types::TypeRef;
use crate::types::exception_messages::default_message;
use crate::value::{Exception, Object, Prop, PropKind, R, Sym, Value};

pub struct Class {
    pub name: String,
    pub base: Option<Rc<Class>>,
    /// A base out of .NET: only exceptions can be.
    pub base_net: Option<TypeRef>,
    pub def: Rc<ClassDef>,
    pub statics: RefCell<Vec<(String, Value)>>,
    /// Whether the static members have their values.
    pub is_ready: Cell<bool>,
    pub home: Rc<Scope>,
}

impl Class {
    pub fn is_hidden(&self, name: &str) -> bool {
        self.def
            .properties
            .iter()
            .any(|prop| prop.is_hidden && prop.name.eq_ignore_ascii_case(name))
            || self.base.as_ref().is_some_and(|base| base.is_hidden(name))
    }

    pub fn is_or_derives(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
            || self
                .base
                .as_ref()
                .is_some_and(|base| base.is_or_derives(name))
            || self
                .base_net
                .as_ref()
                .is_some_and(|base| base.is_or_derives(name))
            || self
                .def
                .bases
                .iter()
                .any(|base| base.name.eq_ignore_ascii_case(name))
    }

    pub fn exception_base(&self) -> Option<TypeRef> {
        self.base_net
            .clone()
            .or_else(|| self.base.as_ref().and_then(|base| base.exception_base()))
    }
}

impl Engine {
    pub fn property_default(&mut self, property: &PropertyDef) -> R<Value> {
        let of = match property.types.last() {
            Some(name) => Some(self.type_ref(name)?),
            None => None,
        };
        match (&property.default, of) {
            (Some(expr), of) => {
                let value = self.eval(expr)?;
                match of {
                    Some(of) => {
                        let cast = self.cast(&value, &of);
                        cast.map_err(|ctl| self.placed(ctl, property.span))
                    }
                    None => Ok(value),
                }
            }
            (None, Some(of)) => Ok(of.default_value()),
            (None, None) => Ok(Value::Null),
        }
    }

    /// `[Class]::new(args)`
    pub fn instantiate(&mut self, class: &Rc<Class>, args: Vec<Value>) -> R<Value> {
        let object = Object::of_type(&class.name);
        let mut names = vec![Rc::from(class.name.as_str())];
        let mut base = class.base.clone();
        while let Some(found) = base {
            names.push(Rc::from(found.name.as_str()));
            base = found.base.clone();
        }
        *object.type_names.borrow_mut() = names;
        let object = Rc::new(Object {
            class: Some(Rc::clone(class)),
            ..object
        });
        let value = Value::Object(Rc::clone(&object));
        self.construct(class, &object, args)?;
        if class.base.is_some() {
            object
                .props
                .borrow_mut()
                .sort_by_key(|prop| depth_of(class, &prop.name));
        }
        Ok(value)
    }

    /// Properties' defaults and a constructor, base classes first.
    fn construct(&mut self, class: &Rc<Class>, object: &Rc<Object>, args: Vec<Value>) -> R<()> {
        self.ready(class)?;
        let constructors: Vec<&MethodDef> = class
            .def
            .methods
            .iter()
            .filter(|method| method.is_constructor && !method.is_static)
            .collect();
        let chosen = self.best_overload(&constructors, &args);
        let is_default = constructors.is_empty() && args.is_empty();
        if chosen.is_none() && !is_default {
            return Err(match constructors.as_slice() {
                [only] => self.misfit("new", only, &args),
                _ => no_overload("new", args.len()),
            });
        }
        let scope = Scope::new(ScopeKind::Local, Some(Rc::clone(&class.home)));
        scope.put(Sym::THIS, Value::Object(Rc::clone(object)));
        let Some(constructor) = chosen else {
            self.construct_base(class, object, Vec::new())?;
            return self.initialise(class, object, &scope);
        };
        let constructor = constructors[constructor];
        self.enter(Rc::from(constructor.name.as_str()), &constructor.body, true)?;
        let outer = std::mem::replace(&mut self.scope, Rc::clone(&scope));
        let result = (|| -> R<()> {
            self.bind(
                &constructor.body,
                args.into_iter().map(ArgValue::Value).collect(),
                false,
            )?;
            let mut base_args = Vec::new();
            for expr in constructor.base_args.iter().flatten() {
                base_args.push(self.eval(expr)?);
            }
            self.construct_base(class, object, base_args)?;
            self.initialise(class, object, &scope)?;
            match self.run_block(&constructor.body.end, &mut Discard) {
                Err(crate::value::Ctl::Return) => Ok(()),
                other => other,
            }
        })();
        self.scope = outer;
        self.leave();
        result
    }

    fn construct_base(
        &mut self,
        class: &Rc<Class>,
        object: &Rc<Object>,
        args: Vec<Value>,
    ) -> R<()> {
        if let Some(base) = &class.base {
            return self.construct(&Rc::clone(base), object, args);
        }
        if let Some(base) = &class.base_net {
            let message = args
                .first()
                .map_or_else(|| default_message(&base.name(), &class.name), Value::text);
            object.put("Message", PropKind::Note(Value::from(message)));
            object.put(
                "InnerException",
                PropKind::Note(args.get(1).cloned().unwrap_or_default()),
            );
            object.put("StackTrace", PropKind::Note(Value::Null));
        }
        Ok(())
    }

    fn initialise(&mut self, class: &Rc<Class>, object: &Rc<Object>, scope: &Rc<Scope>) -> R<()> {
        let outer = std::mem::replace(&mut self.scope, Rc::clone(scope));
        let source = std::mem::replace(&mut self.source, Rc::clone(&class.def.source));
        let mut result = Ok(());
        for property in class
            .def
            .properties
            .iter()
            .filter(|property| !property.is_static)
        {
            match self.property_default(property) {
                // Also where a base class has one of that name, whatever its value.
                Ok(value) => object.put(&property.name, PropKind::Note(value)),
                Err(ctl) => {
                    result = Err(ctl);
                    break;
                }
            }
        }
        self.scope = outer;
        self.source = source;
        result
    }

    pub fn class_base_get(&mut self, object: &Rc<Object>, name: &str) -> Option<Value> {
        if object.class.is_some() && name.eq_ignore_ascii_case("length") {
            return Some(Value::Int(1));
        }
        None
    }

    /// A property's value in its declared type.
    pub fn class_property_value(
        &mut self,
        object: &Rc<Object>,
        name: &str,
        value: Value,
    ) -> R<Value> {
        let mut class = object.class.clone();
        while let Some(found) = class {
            let mut properties = found.def.properties.iter();
            let declared = properties
                .find(|property| !property.is_static && property.name.eq_ignore_ascii_case(name));
            if let Some(property) = declared {
                return self.checked_property(property, value);
            }
            class = found.base.clone();
        }
        Ok(value)
    }

    /// A value for the property, as its type and attributes have it.
    pub fn checked_property(&mut self, property: &PropertyDef, value: Value) -> R<Value> {
        let value = match property.types.last() {
            Some(name) => {
                let of = self.type_ref(name)?;
                let cast = self.cast(&value, &of);
                cast.map_err(|ctl| super::unset::not_taken(ctl, &property.name))?
            }
            None => value,
        };
        for attribute in &property.attributes {
            if let Some(found) = self.objection(attribute, &value)? {
                return Err(super::unset::not_valid(&property.name, &found.reason));
            }
        }
        Ok(value)
    }

    /// The exception that an instance of a script's exception class is.
    pub fn class_exception(&mut self, value: &Value) -> R<Option<Exception>> {
        let Value::Object(object) = value else {
            return Ok(None);
        };
        let Some(class) = &object.class else {
            return Ok(None);
        };
        if class.exception_base().is_none() {
            return Ok(None);
        }
        let message = object.note("Message").unwrap_or_default().text();
        let mut exception = Exception::new(&class.name, message);
        exception.instance = Some(value.clone());
        Ok(Some(exception))
    }

    /// The property table of a class as a plain object, for formatting.
    pub fn class_props(object: &Object) -> Vec<Prop> {
        object.props.borrow().clone()
    }
}

/// How far above a class the property is declared: .NET lists a class's own first.
fn depth_of(class: &Rc<Class>, name: &str) -> usize {
    let declares = |class: &Class| {
        let mut declared = class.def.properties.iter();
        declared.any(|property| property.name.eq_ignore_ascii_case(name))
    };
    match &class.base {
        Some(base) if !declares(class) => 1 + depth_of(base, name),
        _ => 0,
    }
}
