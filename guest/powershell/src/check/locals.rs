//! The variables of a method (about_Classes, "Methods"): it sees its own, the automatic ones, and others by their scope
//! alone. Script blocks and functions within it are on their own.
//!
//! PowerShell also wants a variable assigned on every path that leads to its use; here one assignment anywhere is enough.

use std::collections::HashSet;
use std::rc::Rc;

use super::flow;
use crate::lex::Span;
use crate::parse::ast::{
    Arg, Block, Body, Element, Expr, ExprKind, MethodDef, Piece, Pipeline, Stmt, StmtKind, VarScope,
};
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
    /// Plain variables that are set, and where.
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
        blocks.into_iter().flatten().for_each(|it| locals.block(it));
        locals
    }

    pub fn of(method: &MethodDef) -> Self {
        let mut locals = Self::default();
        for param in &method.body.params {
            locals.assigned.insert(param.name);
        }
        for expr in method.base_args.iter().flatten() {
            locals.expr(expr);
        }
        locals.block(&method.body.end);
        locals
    }

    pub fn of_expr(expr: &Expr) -> Self {
        let mut locals = Self::default();
        locals.expr(expr);
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
            ExprKind::Comma(items) => items.iter().for_each(|item| self.set(item)),
            ExprKind::Paren(inner) => match flow::bare_expression(inner) {
                Some(inner) => self.set(inner),
                None => self.stmt(inner),
            },
            ExprKind::Cast(_, inner) | ExprKind::Checked(_, inner) => self.set(inner),
            _ => self.expr(target),
        }
    }

    fn block(&mut self, block: &Block) {
        block.statements.iter().for_each(|it| self.stmt(it));
    }

    fn stmt(&mut self, statement: &Stmt) {
        match &statement.kind {
            StmtKind::Pipeline(pipeline) => self.pipeline(pipeline),
            StmtKind::Chain(first, rest) => {
                self.stmt(first);
                rest.iter().for_each(|(_, next)| self.stmt(next));
            }
            StmtKind::Assign { target, value, .. } => {
                self.set(target);
                self.stmt(value);
            }
            StmtKind::If { clauses, otherwise } => {
                for (condition, block) in clauses {
                    self.stmt(condition);
                    self.block(block);
                }
                otherwise.iter().for_each(|block| self.block(block));
            }
            StmtKind::While {
                condition, body, ..
            }
            | StmtKind::Do {
                condition, body, ..
            } => {
                self.stmt(condition);
                self.block(body);
            }
            StmtKind::For {
                init,
                condition,
                step,
                body,
                ..
            } => {
                let parts = [init, condition, step];
                parts.into_iter().flatten().for_each(|part| self.stmt(part));
                self.block(body);
            }
            StmtKind::Foreach {
                variable,
                items,
                body,
                ..
            } => {
                self.assigned.insert(*variable);
                self.stmt(items);
                self.block(body);
            }
            StmtKind::Switch(switch) => {
                self.stmt(&switch.subject);
                for (case, block) in &switch.cases {
                    self.expr(case);
                    self.block(block);
                }
                switch.default.iter().for_each(|block| self.block(block));
            }
            StmtKind::Try {
                body,
                catches,
                finally,
            } => {
                self.block(body);
                catches.iter().for_each(|catch| self.block(&catch.body));
                finally.iter().for_each(|block| self.block(block));
            }
            StmtKind::Throw(value) | StmtKind::Return(value) | StmtKind::Exit(value) => {
                value.iter().for_each(|value| self.stmt(value));
            }
            _ => {}
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        for element in &pipeline.elements {
            match element {
                Element::Expr(expr, _) => self.expr(expr),
                Element::Command(command) => {
                    self.expr(&command.name);
                    if let ExprKind::Word(name) = &command.name.kind {
                        self.commands.push(Rc::clone(name));
                    }
                    for arg in &command.args {
                        match arg {
                            Arg::Value(expr) => self.expr(expr),
                            Arg::Named { value, .. } => {
                                value.iter().for_each(|value| self.expr(value));
                            }
                            Arg::Splat(variable, span) => {
                                self.read(variable.scope, variable.name, *span)
                            }
                        }
                    }
                }
            }
        }
    }

    fn read(&mut self, scope: VarScope, name: Sym, span: Span) {
        if scope == VarScope::None {
            self.read.push((name, span));
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Const(_) | ExprKind::Word(_) | ExprKind::Script(_) | ExprKind::Type(_) => {}
            ExprKind::Var(variable) => self.read(variable.scope, variable.name, expr.span),
            ExprKind::Expand(pieces) => pieces.iter().for_each(|piece| {
                if let Piece::Expr(inner) = piece {
                    self.expr(inner);
                }
            }),
            ExprKind::Array(block) | ExprKind::Sub(block) => self.block(block),
            ExprKind::Paren(inner) => self.stmt(inner),
            ExprKind::Hash(entries) => entries.iter().for_each(|(key, value)| {
                self.expr(key);
                self.stmt(value);
            }),
            ExprKind::Comma(items) => items.iter().for_each(|item| self.expr(item)),
            ExprKind::IncDec { target, .. } => self.set(target),
            // `[ref]$x` is set by whoever gets it.
            ExprKind::Cast(name, inner) if name.is_reference() => self.set(inner),
            ExprKind::Unary(_, inner) | ExprKind::Cast(_, inner) | ExprKind::Checked(_, inner) => {
                self.expr(inner)
            }
            ExprKind::Binary(_, sides) => {
                self.expr(&sides.0);
                self.expr(&sides.1);
            }
            ExprKind::Ternary(parts) => {
                self.expr(&parts.0);
                self.expr(&parts.1);
                self.expr(&parts.2);
            }
            ExprKind::Member { target, name, .. } => {
                self.expr(target);
                self.expr(name);
            }
            ExprKind::Call {
                target, name, args, ..
            } => {
                self.expr(target);
                self.expr(name);
                args.iter().for_each(|arg| self.expr(arg));
            }
            ExprKind::Index { target, index, .. } => {
                self.expr(target);
                self.expr(index);
            }
        }
    }
}

fn is_seen(name: Sym) -> bool {
    let name = name.text().to_ascii_lowercase();
    SEEN.contains(&name.as_str())
}
