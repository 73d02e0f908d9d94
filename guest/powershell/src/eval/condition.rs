//! The condition of `if`, `while`, `do` and `for`.

use super::Engine;
use crate::parse::ast::{Element, Expr, ExprKind, Stmt, StmtKind};
use crate::value::{R, to_bool};

impl Engine {
    pub fn condition(&mut self, statement: &Stmt) -> R<bool> {
        let value = self
            .statement_value(statement)
            .map_err(|ctl| self.placed(ctl, statement.span))?;
        // A condition that ran a command has said what came of it: `$?` is true in the branch (CaptureStatementResults).
        if !self.is_ok && runs_command(statement) {
            self.is_ok = true;
        }
        Ok(to_bool(&value))
    }
}

fn runs_command(statement: &Stmt) -> bool {
    match &statement.kind {
        StmtKind::Pipeline(pipeline) => pipeline.elements.iter().any(|element| match element {
            Element::Command(_) => true,
            Element::Expr(expr, _) => holds_command(expr),
        }),
        StmtKind::Chain(first, rest) => {
            runs_command(first) || rest.iter().any(|(_, next)| runs_command(next))
        }
        StmtKind::Assign { value, .. } => runs_command(value),
        _ => false,
    }
}

fn holds_command(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Paren(inner) => runs_command(inner),
        ExprKind::Array(block) | ExprKind::Sub(block) => block.statements.iter().any(runs_command),
        ExprKind::Unary(_, inner) | ExprKind::Cast(_, inner) => holds_command(inner),
        ExprKind::Binary(_, sides) => holds_command(&sides.0) || holds_command(&sides.1),
        ExprKind::Member { target, .. } | ExprKind::Call { target, .. } => holds_command(target),
        _ => false,
    }
}
