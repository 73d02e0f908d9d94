//! The whole script is read and checked before any of it runs.
//!
//! Commands, parameters, types and static members that aren't known are refused by name, with line and column and
//! a hint. What only shows while running (a command's name in a variable) is refused when it is reached.

mod class;
mod commands;
mod flow;
pub mod hints;
mod locals;
mod names;
mod params;
pub mod type_hints;
mod walk;
pub mod written;

use std::fmt;
use std::rc::Rc;

pub use locals::Locals;

use crate::eval::Engine;
use crate::parse::ast::{Body, Source};
use crate::parse::{self, Problem, ProblemKind};
use crate::value::{Ctl, Position, R, Refusal, fail};

/// Why a text can't run.
pub struct Faults {
    source: Rc<Source>,
    /// At least one.
    problems: Vec<Problem>,
}

/// Parses and checks a script's text.
pub fn load(path: &str, text: String) -> Result<Rc<Body>, Faults> {
    load_among(path, text, None)
}

/// The same for a text that comes up while a script runs: what the script has by then is known to it.
fn load_among(
    path: &str,
    text: String,
    around: Option<(&Engine, Loaded)>,
) -> Result<Rc<Body>, Faults> {
    let source = Source::new(path, text);
    let faults = |problems| Faults {
        source: Rc::clone(&source),
        problems,
    };
    let body = parse::script(&source).map_err(faults)?;
    let problems = walk::problems(&body, around);
    if problems.is_empty() {
        return Ok(body);
    }
    Err(faults(problems))
}

impl Engine {
    /// A file, or text as code, while a script runs. A syntax error can be caught; what isn't supported is refused.
    /// What a [library](Loaded::Library) calls may come from another one that is loaded after it.
    pub fn load(&mut self, path: &str, text: String, what: Loaded) -> R<Rc<Body>> {
        let body = load_among(path, text, Some((self, what))).map_err(Ctl::from)?;
        let names = body.source.functions.get();
        if names.is_some_and(|names| !names.is_empty()) {
            self.sources.push(Rc::clone(&body.source));
        }
        Ok(body)
    }
}

/// What a text is that comes up while a script runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Loaded {
    /// Runs now, and is checked whole before it does.
    Script,
    /// Brings functions for later: dot-sourced, imported, or a block made of text.
    Library,
}

impl From<Faults> for Ctl {
    fn from(faults: Faults) -> Self {
        let is_syntax = |problem: &Problem| matches!(problem.kind, ProblemKind::Syntax);
        if faults.problems.iter().any(is_syntax) {
            return fail(
                "System.Management.Automation.ParseException",
                "ParseException",
                faults.to_string(),
            );
        }
        let messages: Vec<&str> = faults
            .problems
            .iter()
            .map(|problem| problem.message.as_str())
            .collect();
        let span = faults.problems[0].span;
        let position = Position {
            source: faults.source,
            span,
        };
        Ctl::Refused(Rc::new(Refusal {
            message: messages.join(" "),
            position: Some(position).into(),
        }))
    }
}

/// What is wrong and where, one after the other.
impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |problem: &Problem| {
            let position = Position {
                source: Rc::clone(&self.source),
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
        let texts: Vec<String> = self.problems.iter().map(shown).collect();
        f.write_str(&texts.join("\n"))
    }
}
