//! `$n += 1` where only a scope further out has `$n`: read-modify-write operators don't look there, and begin with nothing
//! (WMF 3.0 release notes, "Read/Modify/Write operators no longer use dynamic scoping").
//!
//! PowerShell does so where it compiled the block with the variable as a local (VariableAnalysis): not in what is
//! dot-sourced, not where a cmdlet sets variables by name, and not where the variable may be read before it is set. Here
//! that is so if nothing mentions it before, nor outside of the list of statements that this one stands in.

use std::rc::Rc;

use super::Engine;
use crate::check::Locals;
use crate::lex::Span;
use crate::parse::ast::{Block, Body, Expr, Stmt, StmtKind, VarRef, VarScope};
use crate::value::{R, Sym, Value};

/// Cmdlets, by all their names, with which a block's variables aren't locals.
const BY_NAME: [&str; 7] = [
    "New-Variable",
    "nv",
    "Remove-Variable",
    "rv",
    "Set-Variable",
    "sv",
    "set",
];

impl Engine {
    /// What the operator changes: the variable's value, or null where only a scope further out has the variable.
    pub fn before(&mut self, variable: VarRef, target: &Expr) -> R<Value> {
        if variable.scope != VarScope::None {
            return self.eval(target);
        }
        match self.scope.get_here(variable.name) {
            Some(value) => Ok(value),
            None if self.begins_anew(variable.name, target) => Ok(Value::Null),
            None => self.eval(target),
        }
    }

    fn begins_anew(&self, name: Sym, target: &Expr) -> bool {
        self.scope.get(name).is_some()
            && self.frames.last().is_some_and(|frame| {
                let is_dot_sourced = Rc::ptr_eq(&frame.scope, &self.scope);
                !is_dot_sourced && is_local(&frame.body, name, target.span)
            })
    }
}

fn is_local(body: &Body, name: Sym, target: Span) -> bool {
    if body.begin.is_some() || body.process.is_some() {
        return false;
    }
    let Some((list, statement)) = list_with(&body.end, target) else {
        return false;
    };
    let Some(last) = list.statements.last() else {
        return false;
    };
    let locals = Locals::of_block(&body.end);
    let sets_by_name = locals
        .commands
        .iter()
        .any(|name| BY_NAME.iter().any(|own| own.eq_ignore_ascii_case(name)));
    let is_after = |span: &Span| span.start >= statement.end && span.end <= last.span.end;
    let mut mentions = locals.mentions(name);
    !sets_by_name && mentions.all(|span| span == target || is_after(&span))
}

/// The list in which the assignment to that target is a statement, and where that stands.
fn list_with(block: &Block, target: Span) -> Option<(&Block, Span)> {
    let holds = |span: Span| span.start <= target.start && target.end <= span.end;
    let statement = block.statements.iter().find(|it| holds(it.span))?;
    if let StmtKind::Assign { target: own, .. } = &statement.kind
        && own.span == target
    {
        return Some((block, statement.span));
    }
    blocks(statement)
        .into_iter()
        .find_map(|inner| list_with(inner, target))
}

/// The blocks that a statement is made of.
fn blocks(statement: &Stmt) -> Vec<&Block> {
    match &statement.kind {
        StmtKind::If { clauses, otherwise } => {
            let clauses = clauses.iter().map(|(_, block)| block);
            clauses.chain(otherwise).collect()
        }
        StmtKind::While { body, .. }
        | StmtKind::Do { body, .. }
        | StmtKind::For { body, .. }
        | StmtKind::Foreach { body, .. } => vec![body],
        StmtKind::Switch(switch) => {
            let cases = switch.cases.iter().map(|(_, block)| block);
            cases.chain(&switch.default).collect()
        }
        StmtKind::Try {
            body,
            catches,
            finally,
        } => {
            let catches = catches.iter().map(|catch| &catch.body);
            [body].into_iter().chain(catches).chain(finally).collect()
        }
        _ => Vec::new(),
    }
}
