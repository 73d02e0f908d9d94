//! A script's text to its syntax tree.
//!
//! Recursive descent over a [`Cursor`](crate::lex::Cursor), because PowerShell's tokens depend on where they stand.
//! Depth is bounded ([`MAX_DEPTH`]): a hostile script gets an error, not a trap. Start with [`script`].

pub mod ast;
mod body;
mod class;
mod command;
mod expression;
mod flow;
mod literal;
mod operator;
mod parser;
mod primary;
mod requires;
mod statement;
mod string;
mod types;

use std::rc::Rc;

use crate::lex::Span;
pub use parser::Parser;

/// Nested parts: deeper than any script that a person wrote, shallow enough for the stack.
pub const MAX_DEPTH: usize = 120;

/// Operators in a row, which nest the tree as deep as there are many: a page of concatenations.
pub const MAX_HEIGHT: usize = 500;

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// PowerShell would refuse it, too.
    Syntax,
    /// PowerShell has it, this interpreter doesn't.
    Unsupported,
}

/// What is wrong with a script's text, and where.
#[derive(Debug, Clone)]
pub struct Problem {
    pub kind: ProblemKind,
    pub span: Span,
    pub message: String,
}

/// Parses a whole file; the first thing that is wrong ends it.
pub fn script(source: &Rc<ast::Source>) -> Result<Rc<ast::Body>, Problem> {
    let mut parser = Parser::new(source);
    let body = parser.body_until_end()?;
    Ok(Rc::new(body))
}
