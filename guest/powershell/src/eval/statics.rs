//! Static members of script classes (about_Classes, "Static properties"): they get their values when the class is first
//! used, as .NET's type initializers do.

use std::rc::Rc;

use super::Engine;
use super::class::Class;
use super::scope::{Scope, ScopeKind};
use crate::parse::ast::MethodDef;
use crate::types::TypeRef;
use crate::value::{Ctl, ErrorRecord, Exception, R, Value, fail, refuse};

impl Engine {
    /// Runs the class's static initializers and static constructor, once.
    pub fn ready(&mut self, class: &Rc<Class>) -> R<()> {
        if class.is_ready.replace(true) {
            return Ok(());
        }
        let scope = Scope::new(ScopeKind::Local, Some(Rc::clone(&class.home)));
        let outer = std::mem::replace(&mut self.scope, scope);
        let source = std::mem::replace(&mut self.source, Rc::clone(&class.def.source));
        let result = self.initialise_statics(class);
        self.scope = outer;
        self.source = source;
        result.map_err(|ctl| not_initialised(class, ctl))
    }

    fn initialise_statics(&mut self, class: &Rc<Class>) -> R<()> {
        let properties = &class.def.properties;
        for property in properties.iter().filter(|property| property.is_static) {
            let value = self.property_default(property)?;
            let mut statics = class.statics.borrow_mut();
            statics.push((property.name.clone(), value));
        }
        let is_it = |method: &MethodDef| method.is_constructor && method.is_static;
        match class.def.methods.iter().position(is_it) {
            Some(at) => self.run_method(class, at, &[], None).map(drop),
            None => Ok(()),
        }
    }

    /// A static property, here or of a base class; what a script's class doesn't have is null.
    pub fn user_static(&mut self, of: &TypeRef, name: &str) -> R<Option<Value>> {
        let TypeRef::Class(class) = of else {
            return Ok(None);
        };
        let mut next = Some(Rc::clone(class));
        while let Some(found) = next {
            self.ready(&found)?;
            let statics = found.statics.borrow();
            let mut entries = statics.iter();
            if let Some((_, value)) = entries.find(|(seen, _)| seen.eq_ignore_ascii_case(name)) {
                return Ok(Some(value.clone()));
            }
            let is_it =
                |method: &MethodDef| method.is_static && method.name.eq_ignore_ascii_case(name);
            if found.def.methods.iter().any(is_it) {
                return Err(super::unset::uncalled(&found.name, name));
            }
            next = found.base.clone();
        }
        if class.exception_base().is_some() {
            return Ok(None);
        }
        match self.scope.is_strict(2) {
            true => Err(fail(
                "System.Management.Automation.PropertyNotFoundException",
                "PropertyNotFoundStrict",
                format!(
                    "The property '{name}' cannot be found on this object. Verify that the property exists."
                ),
            )),
            false => Ok(Some(Value::Null)),
        }
    }

    pub fn set_user_static(&mut self, of: &TypeRef, name: &str, value: Value) -> R<()> {
        let TypeRef::Class(class) = of else {
            return match of.static_set(&name.to_ascii_lowercase(), &value) {
                Some(result) => result,
                None => Err(refuse(format!(
                    "The static property [{}]::{name} can't be set.",
                    of.short_name()
                ))),
            };
        };
        let mut next = Some(Rc::clone(class));
        while let Some(found) = next {
            self.ready(&found)?;
            let mut properties = found.def.properties.iter();
            let declared = properties
                .find(|property| property.is_static && property.name.eq_ignore_ascii_case(name));
            if let Some(property) = declared {
                let value = self.checked_property(property, value)?;
                let mut statics = found.statics.borrow_mut();
                let mut entries = statics.iter_mut();
                if let Some(entry) = entries.find(|(seen, _)| *seen == property.name) {
                    entry.1 = value;
                }
                return Ok(());
            }
            next = found.base.clone();
        }
        Err(fail(
            "System.Management.Automation.RuntimeException",
            "PropertyAssignmentException",
            format!(
                "The property '{name}' cannot be found on this object. Verify that the property exists and can be set."
            ),
        ))
    }

    pub fn user_static_call(
        &mut self,
        of: &TypeRef,
        lower: &str,
        args: &[Value],
    ) -> Option<R<Value>> {
        let TypeRef::Class(class) = of else {
            return None;
        };
        if let Err(ctl) = self.ready(class) {
            return Some(Err(ctl));
        }
        self.class_method(&Rc::clone(class), lower, args, None, true)
    }
}

fn not_initialised(class: &Class, ctl: Ctl) -> Ctl {
    let Ctl::Throw(record) = ctl else { return ctl };
    let message = format!(
        "The type initializer for '{}' threw an exception.",
        class.name
    );
    let mut exception = Exception::new("System.TypeInitializationException", message);
    exception.inner = Some(Rc::clone(&record.exception));
    Ctl::Throw(Rc::new(ErrorRecord::new(
        exception,
        "TypeInitializationException",
        "NotSpecified",
    )))
}
