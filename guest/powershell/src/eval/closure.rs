//! Script blocks as values.

use std::rc::{Rc, Weak};

use super::{Engine, Function, Scope};
use crate::parse::ast::Body;

/// `{ … }`
pub struct Script {
    pub body: Rc<Body>,
    /// The scope that `GetNewClosure()` captured, or a module's.
    pub home: Option<Rc<Scope>>,
    /// Where it was written, once there are modules.
    pub origin: Option<Origin>,
}

/// Whose a block is: where another module runs it, it still sees what is its own (about_Modules, session state).
pub struct Origin {
    scope: Weak<Scope>,
    /// The module's scope; `None` outside of modules.
    session: Option<Rc<Scope>>,
}

impl Script {
    pub fn new(body: Rc<Body>) -> Self {
        Self {
            body,
            home: None,
            origin: None,
        }
    }

    /// The block of a function, with the function's module.
    pub fn of_function(function: &Function) -> Self {
        Self {
            home: function.home.clone(),
            ..Self::new(Rc::clone(&function.body))
        }
    }

    /// What is between the braces.
    pub fn text(&self) -> String {
        let span = self.body.span;
        let written = &self.body.source.text[span.start as usize..span.end as usize];
        match written
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
        {
            Some(inner) => inner.to_owned(),
            None => written.to_owned(),
        }
    }
}

impl Engine {
    /// `{ … }` as it is evaluated here.
    pub fn script_here(&self, body: &Rc<Body>) -> Script {
        let origin = self.has_modules.then(|| Origin {
            scope: Rc::downgrade(&self.scope),
            session: self.scope.module(),
        });
        Script {
            origin,
            ..Script::new(Rc::clone(body))
        }
    }

    /// The scope that a block of other hands runs in; `None` if it is of the module whose code runs.
    pub fn foreign_scope(&self, script: &Script) -> Option<Rc<Scope>> {
        if !self.has_modules || script.home.is_some() {
            return None;
        }
        let session = script.origin.as_ref().and_then(|of| of.session.as_ref());
        let here = self.scope.module();
        let is_own = match (session, &here) {
            (None, None) => true,
            (Some(own), Some(here)) => Rc::ptr_eq(own, here),
            _ => false,
        };
        if is_own {
            return None;
        }
        let written = script.origin.as_ref().and_then(|of| of.scope.upgrade());
        let outer = session.unwrap_or(&self.global);
        Some(written.unwrap_or_else(|| Rc::clone(outer)))
    }

    /// What a call of the block has around it.
    pub fn around(&self, script: &Script) -> Rc<Scope> {
        script
            .home
            .clone()
            .or_else(|| self.foreign_scope(script))
            .unwrap_or_else(|| Rc::clone(&self.scope))
    }
}
