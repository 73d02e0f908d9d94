//! A script's text to its syntax tree.
//!
//! Recursive descent over a [`Cursor`](crate::lex::Cursor), because PowerShell's tokens depend on where they stand.
//! Depth is bounded ([`MAX_DEPTH`]): a hostile script gets an error, not a trap. Start with [`script`].

mod assignment;
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
mod recover;
mod requires;
mod statement;
mod string;
mod subexpression;
mod types;
pub mod visit;

use std::rc::Rc;

use crate::lex::Span;
pub use parser::Parser;
pub use recover::MAX_PROBLEMS;

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

/// Parses a whole file.
///
/// # Errors
/// What is wrong, at most [`MAX_PROBLEMS`] of it, in the order of the text; never an empty list.
pub fn script(source: &Rc<ast::Source>) -> Result<Rc<ast::Body>, Vec<Problem>> {
    let mut parser = Parser::new(source);
    let result = parser.body_until_end();
    let mut problems = parser.problems;
    match result {
        Ok(body) if problems.is_empty() => Ok(Rc::new(body)),
        Ok(_) => Err(problems),
        Err(last) => {
            problems.push(last);
            Err(problems)
        }
    }
}
