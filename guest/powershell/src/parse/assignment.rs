//! Assignments: what may stand before `=`, `+=` and so on (about_Assignment_Operators).

use super::ast::{BinaryOp, Element, Expr, ExprKind, Stmt, StmtKind};
use super::parser::{Parsed, Parser};

impl Parser<'_> {
    pub(super) fn assignment_or_pipeline(&mut self) -> Parsed<Stmt> {
        let from = self.cur.mark();
        let first = self.element()?;
        self.skip_blanks()?;
        if let Element::Expr(target, redirects) = first {
            if let Some((op, n)) = self.assignment_operator() {
                let is_several = op.is_some() && matches!(target.kind, ExprKind::Comma(_));
                if is_several || !is_assignable(&target) {
                    return self.fail(
                        target.span,
                        "The assignment expression is not valid. The input to an assignment operator must be an \
                         object that is able to accept assignments, such as a variable or a property.",
                    );
                }
                self.cur.bump_n(n);
                self.skip_lines()?;
                let value = Box::new(self.deeper(Self::statement)?);
                return Ok(Stmt {
                    kind: StmtKind::Assign { target, op, value },
                    span: self.cur.span(from),
                });
            }
            return self.pipeline_rest(from, Element::Expr(target, redirects));
        }
        self.pipeline_rest(from, first)
    }

    /// `=`, `+=` and so on: the operation and the length of the sign.
    fn assignment_operator(&self) -> Option<(Option<BinaryOp>, usize)> {
        const OPERATORS: [(&str, BinaryOp); 6] = [
            ("+=", BinaryOp::Add),
            ("-=", BinaryOp::Subtract),
            ("*=", BinaryOp::Multiply),
            ("/=", BinaryOp::Divide),
            ("%=", BinaryOp::Modulo),
            ("??=", BinaryOp::Coalesce),
        ];
        let found = OPERATORS.iter().find(|(sign, _)| self.is_at(sign));
        found
            .map(|(sign, op)| (Some(*op), sign.len()))
            .or_else(|| (self.is_at("=")).then_some((None, 1)))
    }
}

fn is_assignable(target: &Expr) -> bool {
    match &target.kind {
        ExprKind::Var(_) => true,
        ExprKind::Index { is_conditional, .. } | ExprKind::Member { is_conditional, .. } => {
            !is_conditional
        }
        // A property with parameters.
        ExprKind::Call {
            name,
            args,
            is_static: false,
            is_conditional: false,
            ..
        } => {
            args.len() == 1
                && matches!(&name.kind, ExprKind::Word(word) if word.eq_ignore_ascii_case("Item"))
        }
        ExprKind::Cast(_, inner) => is_assignable(inner),
        ExprKind::Comma(items) => items.iter().all(is_assignable),
        ExprKind::Paren(inner) => matches!(&inner.kind, StmtKind::Pipeline(pipeline)
            if matches!(pipeline.elements.as_slice(), [Element::Expr(inner, _)] if is_assignable(inner))),
        _ => false,
    }
}
