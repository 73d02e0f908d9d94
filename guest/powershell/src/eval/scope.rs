//! Scopes: a function sees its caller's variables, and writes its own.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::piped::Pipe;
use crate::parse::ast::{Attribute, Body};
use crate::value::{Sym, TypeRef, Value};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScopeKind {
    Global,
    /// A script file's own.
    Script,
    /// A module's own.
    Module,
    Local,
}

pub struct Scope {
    pub kind: ScopeKind,
    pub parent: Option<Rc<Scope>>,
    pub vars: RefCell<FxHashMap<Sym, Var>>,
    pub functions: RefCell<FxHashMap<Sym, Rc<Function>>>,
    pub aliases: RefCell<FxHashMap<Sym, Rc<str>>>,
    pub pipe: RefCell<Pipe>,
    /// What `Set-StrictMode` said here.
    pub strict: Cell<Option<u8>>,
}

#[derive(Clone, Default)]
pub struct Var {
    pub value: Value,
    /// `[int]$n`: later assignments are converted.
    pub of: Option<TypeRef>,
    /// `[ValidateSet('a')]$n`: later values are validated.
    pub checks: Option<Rc<[Attribute]>>,
    pub is_read_only: bool,
    /// Not even `-Force` removes or changes it.
    pub is_constant: bool,
    pub is_private: bool,
    /// What `Set-Variable -Description` says of it.
    pub description: Option<Rc<str>>,
}

pub struct Function {
    pub name: Sym,
    /// The name as its definition wrote it.
    pub written: Rc<str>,
    pub body: Rc<Body>,
    /// The scope that calls of it have around them; `None` is their caller's.
    pub home: Option<Rc<Scope>>,
    /// The module that defined it; `None` outside of modules.
    pub session: Option<Rc<Scope>>,
}

impl Scope {
    pub fn new(kind: ScopeKind, parent: Option<Rc<Scope>>) -> Rc<Self> {
        Rc::new(Self {
            kind,
            parent,
            vars: RefCell::default(),
            functions: RefCell::default(),
            aliases: RefCell::default(),
            pipe: RefCell::default(),
            strict: Cell::default(),
        })
    }

    /// The variable's value, here or further out.
    pub fn get(&self, name: Sym) -> Option<Value> {
        if let Some(var) = self.vars.borrow().get(&name) {
            return Some(var.value.clone());
        }
        let mut scope = self.parent.as_ref();
        while let Some(outer) = scope {
            if let Some(var) = outer.vars.borrow().get(&name)
                && !var.is_private
            {
                return Some(var.value.clone());
            }
            scope = outer.parent.as_ref();
        }
        None
    }

    pub fn get_here(&self, name: Sym) -> Option<Value> {
        self.vars.borrow().get(&name).map(|var| var.value.clone())
    }

    pub fn has(&self, name: Sym) -> bool {
        self.vars.borrow().contains_key(&name)
    }

    /// Sets it here, whatever it was.
    pub fn put(&self, name: Sym, value: Value) {
        let mut vars = self.vars.borrow_mut();
        match vars.get_mut(&name) {
            Some(var) => var.value = value,
            None => {
                vars.insert(
                    name,
                    Var {
                        value,
                        ..Var::default()
                    },
                );
            }
        }
    }

    /// Sets a variable that is here and takes any value; gives the value back where there is more to it.
    pub fn assign(&self, name: Sym, value: Value) -> Option<Value> {
        match self.vars.borrow_mut().get_mut(&name) {
            Some(var) if var.of.is_none() && var.checks.is_none() && !var.is_read_only => {
                var.value = value;
                None
            }
            _ => Some(value),
        }
    }

    /// Takes the variable away, as after a pipeline that had its own `$_`.
    pub fn restore(&self, name: Sym, before: Option<Value>) {
        match before {
            Some(value) => self.put(name, value),
            None => {
                self.vars.borrow_mut().remove(&name);
            }
        }
    }

    /// Whether strict mode is on here in this version (1 to 3) or a later one, by the nearest scope that says so.
    pub fn is_strict(&self, version: u8) -> bool {
        let mut scope = Some(self);
        while let Some(found) = scope {
            if let Some(claim) = found.strict.get() {
                return claim >= version;
            }
            scope = found.parent.as_deref();
        }
        false
    }

    pub fn function(&self, name: Sym) -> Option<Rc<Function>> {
        if let Some(found) = self.functions.borrow().get(&name) {
            return Some(Rc::clone(found));
        }
        self.parent.as_ref()?.function(name)
    }

    /// Every function that can be called from here, the nearest of a name.
    pub fn functions_all(&self) -> Vec<Rc<Function>> {
        let mut all: FxHashMap<Sym, Rc<Function>> = self
            .parent
            .as_ref()
            .map(|outer| outer.functions_all())
            .unwrap_or_default()
            .into_iter()
            .map(|function| (function.name, function))
            .collect();
        let own = self.functions.borrow();
        all.extend(
            own.iter()
                .map(|(name, function)| (*name, Rc::clone(function))),
        );
        all.into_values().collect()
    }

    /// The names of the variables that can be read from here.
    pub fn variable_names(&self) -> Vec<String> {
        let mut names = self
            .parent
            .as_ref()
            .map(|outer| outer.variable_names())
            .unwrap_or_default();
        for name in self.vars.borrow().keys() {
            let name = name.text().to_string();
            if !name.contains(':') && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Takes the nearest variable of that name away.
    pub fn forget_variable(&self, name: Sym) {
        let was_here = self.vars.borrow_mut().remove(&name).is_some();
        if let Some(parent) = self.parent.as_ref().filter(|_| !was_here) {
            parent.forget_variable(name);
        }
    }

    /// Takes the nearest function of that name away.
    pub fn forget_function(&self, name: Sym) {
        let was_here = self.functions.borrow_mut().remove(&name).is_some();
        if let Some(parent) = self.parent.as_ref().filter(|_| !was_here) {
            parent.forget_function(name);
        }
    }

    pub fn alias(&self, name: Sym) -> Option<Rc<str>> {
        if let Some(found) = self.aliases.borrow().get(&name) {
            return Some(Rc::clone(found));
        }
        self.parent.as_ref()?.alias(name)
    }

    /// Every alias that is seen from here, the nearest of a name last.
    pub fn aliases_all(&self) -> Vec<(Sym, Rc<str>)> {
        let outer = self.parent.as_ref().map(|outer| outer.aliases_all());
        let mut all = outer.unwrap_or_default();
        let own = self.aliases.borrow();
        all.extend(own.iter().map(|(name, target)| (*name, Rc::clone(target))));
        all
    }

    /// Takes the nearest alias of that name away; whether there was one.
    pub fn forget_alias(&self, name: Sym) -> bool {
        let was_here = self.aliases.borrow_mut().remove(&name).is_some();
        was_here
            || self
                .parent
                .as_ref()
                .is_some_and(|outer| outer.forget_alias(name))
    }

    /// The module's scope, if this is one of a module.
    pub fn module(self: &Rc<Self>) -> Option<Rc<Self>> {
        let mut scope = Some(self);
        while let Some(found) = scope {
            if found.kind == ScopeKind::Module {
                return Some(Rc::clone(found));
            }
            scope = found.parent.as_ref();
        }
        None
    }

    /// The nearest scope of a script file or module, or the global one.
    pub fn script(self: &Rc<Self>) -> Rc<Self> {
        let mut scope = self;
        while scope.kind == ScopeKind::Local {
            match &scope.parent {
                Some(outer) => scope = outer,
                None => break,
            }
        }
        Rc::clone(scope)
    }
}
