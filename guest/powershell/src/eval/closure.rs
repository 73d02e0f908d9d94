//! Script blocks as values.

use std::rc::Rc;

use super::{Engine, Function, Scope, ScopeKind};
use crate::parse::ast::Body;

/// `{ … }`
pub struct Script {
    pub body: Rc<Body>,
    /// The scope that `GetNewClosure()` captured, or a module's.
    pub home: Option<Rc<Scope>>,
    /// The module that it was written in; `None` outside of modules. Where another one runs it, it still sees what is its
    /// own (about_Modules, session state).
    session: Option<Rc<Scope>>,
}

impl Script {
    pub fn new(body: Rc<Body>) -> Self {
        Self {
            body,
            home: None,
            session: None,
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
        Script {
            session: self.module_here(),
            ..Script::new(Rc::clone(body))
        }
    }

    /// `GetNewClosure()`: the block with the variables of the current scope. They are a module's own
    /// (PSModuleInfo.CaptureLocals), so `$script:` means them, and only what is written in the closure sees them.
    pub fn closure(&mut self, script: &Script) -> Script {
        self.has_modules = true;
        let home = Scope::new(ScopeKind::Module, Some(self.scope.script()));
        *home.vars.borrow_mut() = self.scope.vars.borrow().clone();
        Script {
            home: Some(home),
            ..Script::new(Rc::clone(&script.body))
        }
    }

    /// The scope that a block of other hands runs in; `None` if it is of the module whose code runs.
    pub fn foreign_scope(&self, script: &Script) -> Option<Rc<Scope>> {
        if !self.has_modules || script.home.is_some() {
            return None;
        }
        let session = script.session.as_ref();
        if is_same(session, self.module_here().as_ref()) {
            return None;
        }
        Some(self.innermost(session))
    }

    /// The scope of a module, or of what is outside of modules, that runs innermost (SessionStateInternal.CurrentScope).
    fn innermost(&self, session: Option<&Rc<Scope>>) -> Rc<Scope> {
        let mut callers = self.frames.iter().rev().map(|frame| &frame.scope);
        let running = callers.find(|scope| is_same(session, scope.module().as_ref()));
        Rc::clone(running.or(session).unwrap_or(&self.global))
    }

    /// The module whose code runs.
    pub fn module_here(&self) -> Option<Rc<Scope>> {
        if self.has_modules {
            self.scope.module()
        } else {
            None
        }
    }

    /// What a call of the function has around it: its caller's scope, or where another module calls it, the innermost of
    /// its own that is still running.
    pub fn around_function(&self, function: &Function) -> Rc<Scope> {
        if let Some(home) = &function.home {
            return Rc::clone(home);
        }
        let session = function.session.as_ref();
        if !self.has_modules || is_same(session, self.module_here().as_ref()) {
            return Rc::clone(&self.scope);
        }
        self.innermost(session)
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

/// Whether two modules are one; outside of modules is one place, too.
pub fn is_same(a: Option<&Rc<Scope>>, b: Option<&Rc<Scope>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Rc::ptr_eq(a, b),
        (None, None) => true,
        _ => false,
    }
}
