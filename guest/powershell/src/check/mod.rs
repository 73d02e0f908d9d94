//! The whole script is read and checked before any of it runs.
//!
//! Commands, parameters, types and static members that aren't known are refused by name, with line and column and
//! a hint. What only shows while running (a command's name in a variable) is refused when it is reached.

mod commands;
pub mod hints;
mod names;
pub mod type_hints;
mod walk;
pub mod written;

use std::rc::Rc;

use crate::parse::ast::{Body, Source};
use crate::parse::{self, Problem, ProblemKind};
use crate::value::Position;

/// Parses and checks a script's text; the message says what is wrong and where.
pub fn load(path: &str, text: String) -> Result<Rc<Body>, String> {
    let source = Source::new(path, text);
    let shown = |problem: &Problem| {
        let position = Position {
            source: Rc::clone(&source),
            span: problem.span,
        };
        let text = match problem.kind {
            ProblemKind::Syntax => {
                crate::eval::refusal_text("ParserError", &problem.message, &position)
            }
            ProblemKind::Unsupported => {
                let message = hints::elsewhere(&problem.message);
                crate::eval::refusal_text("NotSupported", &message, &position)
            }
        };
        text.trim_end().to_owned()
    };
    let all = |problems: Vec<Problem>| {
        let texts: Vec<String> = problems.iter().map(shown).collect();
        texts.join("\n")
    };
    let body = parse::script(&source).map_err(all)?;
    let found = walk::problems(&body);
    if found.is_empty() {
        return Ok(body);
    }
    Err(all(found))
}
