//! Definitions of classes and enums (about_Classes, about_Enum).
//!
//! The types of a body are there before it runs, wherever in it they stand: enums first, then classes in their order.
//! A class's static members get their values when one is first used (`statics.rs`).

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::Engine;
use super::class::Class;
use crate::parse::ast::{Body, ClassDef, EnumDef, StmtKind, TypeDef};
use crate::types::TypeRef;
use crate::types::enumeration::{self, EnumType};
use crate::value::{Ctl, R, fail, refuse, to_long};

const RUNTIME: &str = "System.Management.Automation.RuntimeException";

impl Engine {
    /// Defines the types that stand in the body, unless they are already those that their names mean.
    pub fn define_types(&mut self, body: &Body) -> R<()> {
        for statement in &body.end.statements {
            let StmtKind::UsingNamespace(name) = &statement.kind else {
                break;
            };
            if !self.namespaces.contains(name) {
                self.namespaces.push(name.clone());
            }
        }
        let mut enums: Vec<&Rc<EnumDef>> = Vec::new();
        for found in &body.types {
            if let TypeDef::Enum(def) = found {
                enums.push(def);
            }
        }
        self.define_enums(enums, body)?;
        for found in &body.types {
            if let TypeDef::Class(def) = found {
                self.define_class(def, body)?;
            }
        }
        Ok(())
    }

    /// Enums whose values are made of other enums' wait for those.
    fn define_enums(&mut self, mut waiting: Vec<&Rc<EnumDef>>, body: &Body) -> R<()> {
        while !waiting.is_empty() {
            let n_before = waiting.len();
            let mut missing = None;
            let mut later = Vec::new();
            for def in waiting {
                match self.define_enum(def, body) {
                    Err(refused @ Ctl::Refused(_)) => {
                        missing = Some(refused);
                        later.push(def);
                    }
                    other => other?,
                }
            }
            if let (Some(refused), true) = (missing, later.len() == n_before) {
                return Err(refused);
            }
            waiting = later;
        }
        Ok(())
    }

    fn define_class(&mut self, def: &Rc<ClassDef>, body: &Body) -> R<()> {
        if self.own_types.has_class(def) {
            return Ok(());
        }
        let (mut base, mut base_net) = (None, None);
        for name in &def.bases {
            match self.type_ref(name)? {
                TypeRef::Class(class) => base = Some(class),
                other if other.is_exception() => base_net = Some(other),
                other if other.is_interface() => {}
                other => {
                    let message = format!(
                        "A class can't derive from [{}] here; only from other classes and exceptions.",
                        other.full_name()
                    );
                    return Err(self.placed(refuse(message), name.span));
                }
            }
        }
        let class = Rc::new(Class {
            name: def.name.clone(),
            base,
            base_net,
            def: Rc::clone(def),
            statics: RefCell::default(),
            is_ready: Cell::new(false),
            home: self.scope.script(),
        });
        self.own_types
            .define(&def.name, TypeRef::Class(class), body);
        Ok(())
    }

    fn define_enum(&mut self, def: &Rc<EnumDef>, body: &Body) -> R<()> {
        let underlying = match &def.underlying {
            Some(name) => self.type_ref(name)?.full_name(),
            None => "System.Int32".to_owned(),
        };
        let (low, high) = enumeration::bounds(&underlying);
        let mut members = Vec::new();
        let mut next = 0;
        for (name, value) in &def.members {
            let n = match value {
                Some(expr) => {
                    let value = self.eval(expr)?;
                    to_long(&value).map_err(|_| not_a_number(&value.text(), &underlying))?
                }
                None => next,
            };
            if i128::from(n) < low || i128::from(n) > high {
                let message = format!("Enumerator value is out of bounds for [{underlying}].");
                return Err(fail(RUNTIME, "EnumeratorValueOutOfBounds", message));
            }
            next = n.saturating_add(1);
            members.push((name.clone(), n));
        }
        let of = Rc::new(EnumType {
            name: def.name.clone(),
            members,
            is_flags: def.is_flags,
            underlying,
        });
        self.own_types.define(&def.name, TypeRef::Enum(of), body);
        Ok(())
    }
}

fn not_a_number(value: &str, underlying: &str) -> Ctl {
    fail(
        RUNTIME,
        "CannotConvertValue",
        format!("Cannot convert value \"{value}\" to type \"{underlying}\"."),
    )
}
