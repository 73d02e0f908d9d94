//! The variables of a method (about_Classes, "Methods"): it sees its own, the automatic ones, and others by their scope
//! alone. Script blocks and functions within it are on their own.
//!
//! PowerShell also wants a variable assigned on every path that leads to its use; here one assignment anywhere is enough.

use std::collections::HashSet;
use std::rc::Rc;

use super::flow;
use crate::lex::Span;
use crate::parse::ast::{
    Body, Command, Expr, ExprKind, MethodDef, Stmt, StmtKind, VarRef, VarScope,
};
use crate::parse::visit::{self, Visit};
use crate::value::Sym;

/// Names that a method sees without assigning them.
const SEEN: [&str; 60] = [
    "_",
    "?",
    "^",
    "$",
    "args",
    "confirmpreference",
    "consolefilename",
    "debugpreference",
    "enabledexperimentalfeatures",
    "error",
    "erroractionpreference",
    "errorview",
    "event",
    "eventargs",
    "eventsubscriber",
    "executioncontext",
    "false",
    "foreach",
    "formatenumerationlimit",
    "home",
    "host",
    "informationpreference",
    "input",
    "iscoreclr",
    "islinux",
    "ismacos",
    "iswindows",
    "lastexitcode",
    "matches",
    "myinvocation",
    "nestedpromptlevel",
    "null",
    "ofs",
    "outputencoding",
    "pid",
    "profile",
    "progresspreference",
    "psboundparameters",
    "pscmdlet",
    "pscommandpath",
    "psculture",
    "psdefaultparametervalues",
    "psedition",
    "pshome",
    "psitem",
    "psscriptroot",
    "psuiculture",
    "psversiontable",
    "pwd",
    "sender",
    "shellid",
    "stacktrace",
    "switch",
    "this",
    "true",
    "verbosepreference",
    "warningpreference",
    "whatifpreference",
    "logcommandhealthevent",
    "psnativecommanduseerroractionpreference",
];

#[derive(Default)]
pub struct Locals {
    assigned: HashSet<Sym>,
    /// Plain variables that are set alone, and where.
    pub targets: Vec<(Sym, Span)>,
    read: Vec<(Sym, Span)>,
    /// The names of the commands that are called.
    pub commands: Vec<Rc<str>>,
}

impl Locals {
    /// Those of a function or block.
    pub fn of_body(body: &Body) -> Self {
        let mut locals = Self::default();
        let blocks = [body.begin.as_ref(), body.process.as_ref(), Some(&body.end)];
        blocks
            .into_iter()
            .flatten()
            .for_each(|it| locals.visit_block(it));
        locals
    }

    pub fn of(method: &MethodDef) -> Self {
        let mut locals = Self::default();
        for param in &method.body.params {
            locals.assigned.insert(param.name);
        }
        for expr in method.base_args.iter().flatten() {
            locals.visit_expr(expr);
        }
        locals.visit_block(&method.body.end);
        locals
    }

    pub fn of_expr(expr: &Expr) -> Self {
        let mut locals = Self::default();
        locals.visit_expr(expr);
        locals
    }

    /// Uses of variables that the method never assigns.
    pub fn unknown(&self) -> impl Iterator<Item = Span> {
        self.read
            .iter()
            .filter(|(name, _)| !self.assigned.contains(name) && !is_seen(*name))
            .map(|(_, span)| *span)
    }

    /// Uses of `$this`.
    pub fn this(&self) -> impl Iterator<Item = Span> {
        let is_this = |(name, _): &&(Sym, Span)| *name == Sym::THIS;
        self.read.iter().filter(is_this).map(|(_, span)| *span)
    }

    fn set(&mut self, target: &Expr) {
        if let Some(variable) = flow::bare_variable(target) {
            if matches!(variable.scope, VarScope::None | VarScope::Local) {
                self.assigned.insert(variable.name);
            }
            if variable.scope == VarScope::None {
                self.targets.push((variable.name, target.span));
            }
            return;
        }
        match &target.kind {
            // One of several may have a property's name (TypeResolver.VisitAssignmentStatement).
            ExprKind::Comma(items) => {
                let n_targets = self.targets.len();
                items.iter().for_each(|item| self.set(item));
                self.targets.truncate(n_targets);
            }
            ExprKind::Paren(inner) => match flow::bare_expression(inner) {
                Some(inner) => self.set(inner),
                None => self.visit_stmt(inner),
            },
            ExprKind::Cast(_, inner) | ExprKind::Checked(_, inner) => self.set(inner),
            _ => self.visit_expr(target),
        }
    }

    fn read(&mut self, scope: VarScope, name: Sym, span: Span) {
        if scope == VarScope::None {
            self.read.push((name, span));
        }
    }
}

impl Visit for Locals {
    fn visit_stmt(&mut self, statement: &Stmt) {
        match &statement.kind {
            StmtKind::Foreach { variable, .. } => {
                self.assigned.insert(*variable);
            }
            // Their members are on their own.
            StmtKind::Class(_) | StmtKind::Enum(_) => return,
            _ => {}
        }
        visit::parts_of_stmt(self, statement);
    }

    fn visit_command(&mut self, command: &Command) {
        if let ExprKind::Word(name) = &command.name.kind {
            self.commands.push(Rc::clone(name));
        }
        visit::parts_of_command(self, command);
    }

    fn visit_splat(&mut self, variable: VarRef, span: Span) {
        self.read(variable.scope, variable.name, span);
    }

    fn visit_target(&mut self, target: &Expr) {
        self.set(target);
    }

    fn visit_expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Var(variable) => self.read(variable.scope, variable.name, expr.span),
            // `[ref]$x` is set by whoever gets it.
            ExprKind::Cast(name, inner) if name.is_reference() => self.set(inner),
            _ => visit::parts_of_expr(self, expr),
        }
    }
}

fn is_seen(name: Sym) -> bool {
    let name = name.text().to_ascii_lowercase();
    SEEN.contains(&name.as_str())
}
