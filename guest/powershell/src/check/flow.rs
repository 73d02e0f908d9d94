//! Where control goes: whether a block can be left at its end, and jumps that PowerShell's parser refuses.
//!
//! Only what is certain counts: `while ($true)` is left by `break` alone, a `switch` with a default takes one of its cases.

use crate::lex::Span;
use crate::parse::ast::{Block, Element, Expr, ExprKind, Stmt, StmtKind};
use crate::value::{Sym, Value, intern};

/// Whether control can reach the end of the block.
pub fn completes(block: &Block) -> bool {
    !block.traps.is_empty() || block.statements.iter().all(passes)
}

/// Whether control can go on after the statement.
fn passes(statement: &Stmt) -> bool {
    match &statement.kind {
        StmtKind::Throw(_) | StmtKind::Return(_) | StmtKind::Exit(_) => false,
        StmtKind::Break(_) | StmtKind::Continue(_) => false,
        StmtKind::If { clauses, otherwise } => {
            clauses.iter().any(|(_, block)| completes(block))
                || otherwise.as_ref().is_none_or(completes)
        }
        StmtKind::While {
            condition, body, ..
        } => !is_always(condition) || jumps(body),
        StmtKind::For {
            condition, body, ..
        } => condition.as_deref().is_some_and(|it| !is_always(it)) || jumps(body),
        StmtKind::Do { body, .. } => completes(body) || jumps(body),
        StmtKind::Switch(switch) => match &switch.default {
            Some(default) => {
                let mut cases = switch.cases.iter().map(|(_, block)| block);
                let goes_on = |block: &Block| completes(block) || jumps(block);
                goes_on(default) || cases.any(goes_on)
            }
            None => true,
        },
        StmtKind::Try {
            body,
            catches,
            finally,
        } => {
            let mut handlers = catches.iter().map(|catch| &catch.body);
            (completes(body) || handlers.any(completes)) && finally.as_ref().is_none_or(completes)
        }
        _ => true,
    }
}

/// `$true` or a number other than zero.
fn is_always(condition: &Stmt) -> bool {
    match bare_expression(condition).map(|expr| &expr.kind) {
        Some(ExprKind::Var(variable)) => variable.name == Sym::TRUE,
        Some(ExprKind::Const(value)) => crate::value::to_bool(value),
        _ => false,
    }
}

/// The statement's expression, if it is nothing else.
pub fn bare_expression(statement: &Stmt) -> Option<&Expr> {
    let StmtKind::Pipeline(pipeline) = &statement.kind else {
        return None;
    };
    match pipeline.elements.as_slice() {
        [Element::Expr(expr, _)] => Some(expr),
        _ => None,
    }
}

/// Whether a `break` or `continue` stands in the block.
fn jumps(block: &Block) -> bool {
    let is_jump = |jump: &Jump| {
        matches!(
            jump.statement.kind,
            StmtKind::Break(_) | StmtKind::Continue(_)
        )
    };
    all(block).iter().any(is_jump)
}

/// A `return`, `break` or `continue`, and the labels of the loops around it, innermost first.
pub struct Jump<'a> {
    pub statement: &'a Stmt,
    loops: Vec<Option<Sym>>,
}

impl Jump<'_> {
    /// The label that it names.
    pub fn label(&self) -> Option<Sym> {
        let (StmtKind::Break(label) | StmtKind::Continue(label)) = &self.statement.kind else {
            return None;
        };
        match &label.as_ref()?.kind {
            ExprKind::Word(text) => Some(intern(text)),
            ExprKind::Const(Value::Str(text)) => Some(intern(text)),
            _ => None,
        }
    }

    /// Whether it is out of every loop around it in the block that was searched.
    pub fn leaves(&self) -> bool {
        match (&self.statement.kind, self.label()) {
            (StmtKind::Return(_), _) => true,
            (StmtKind::Break(Some(_)) | StmtKind::Continue(Some(_)), None) => false,
            (_, Some(label)) => !self.loops.contains(&Some(label)),
            (_, None) => self.loops.is_empty(),
        }
    }
}

/// Every jump in the block, script blocks and functions within it left out.
pub fn all(block: &Block) -> Vec<Jump<'_>> {
    let mut found = Vec::new();
    collect(block, &mut Vec::new(), &mut found);
    found
}

/// Jumps out of a `finally` block.
pub fn out_of(finally: &Block) -> Vec<Span> {
    let jumps = all(finally);
    let leaving = jumps.iter().filter(|jump| jump.leaves());
    leaving.map(|jump| jump.statement.span).collect()
}

fn collect<'a>(block: &'a Block, loops: &mut Vec<Option<Sym>>, found: &mut Vec<Jump<'a>>) {
    for statement in &block.statements {
        match &statement.kind {
            StmtKind::Return(_) | StmtKind::Break(_) | StmtKind::Continue(_) => found.push(Jump {
                statement,
                loops: loops.clone(),
            }),
            StmtKind::If { clauses, otherwise } => {
                let blocks = clauses.iter().map(|(_, block)| block);
                blocks
                    .chain(otherwise)
                    .for_each(|block| collect(block, loops, found));
            }
            StmtKind::While { label, body, .. }
            | StmtKind::Do { label, body, .. }
            | StmtKind::For { label, body, .. }
            | StmtKind::Foreach { label, body, .. } => {
                loops.push(*label);
                collect(body, loops, found);
                loops.pop();
            }
            StmtKind::Switch(switch) => {
                loops.push(switch.label);
                let cases = switch.cases.iter().map(|(_, block)| block);
                cases
                    .chain(&switch.default)
                    .for_each(|block| collect(block, loops, found));
                loops.pop();
            }
            StmtKind::Try {
                body,
                catches,
                finally,
            } => {
                let handlers = catches.iter().map(|catch| &catch.body);
                std::iter::once(body)
                    .chain(handlers)
                    .chain(finally)
                    .for_each(|block| collect(block, loops, found));
            }
            _ => {}
        }
    }
}

/// The value of a `return`, if it has one.
pub fn returned(statement: &Stmt) -> Option<bool> {
    match &statement.kind {
        StmtKind::Return(value) => Some(value.is_some()),
        _ => None,
    }
}

/// Where `break` or `continue` is to a label that no loop of the method has.
pub fn lost_labels(block: &Block) -> Vec<(Span, Sym)> {
    all(block)
        .iter()
        .filter(|jump| jump.leaves())
        .filter_map(|jump| Some((jump.statement.span, jump.label()?)))
        .collect()
}

/// An expression's own variable, if it is nothing else.
pub fn bare_variable(expr: &Expr) -> Option<crate::parse::ast::VarRef> {
    match &expr.kind {
        ExprKind::Var(variable) => Some(*variable),
        ExprKind::Cast(_, inner) | ExprKind::Checked(_, inner) => bare_variable(inner),
        _ => None,
    }
}
