//! `#{Variables}` in text: parse once, evaluate against a lookup.
//!
//! The language is Octostache's, because our users know it. What works now is substitution:
//!
//! ```text
//! #{Name}                      replaced by the variable's value; names ignore case
//! #{Octopus.Action[Web].Url}   dotted and indexed; an index may be a substitution: #{A[#{B}]}
//! ##{Name}                     an escape: prints #{Name}
//! ```
//!
//! A variable that doesn't exist leaves its token as written and is reported, never an error: a
//! deployment's author decides what that means. Values are templates themselves, so evaluation
//! recurses; depth and size are bounded, and a variable that reaches itself is an error.
//!
//! Conditionals, iteration, `calc` and filters are recognised and refused with
//! [`ParseError::NotYetSupported`]. They are never printed as literal text: a script that
//! silently kept `#{if Production}` would do the wrong thing far from here.
//!
//! Everything here is pure. Start with [`Template::parse`], then [`Template::evaluate`].

mod ast;
mod evaluate;
mod parse;

pub use ast::{Index, Part, Step, Symbol, Template};
pub use evaluate::{Bounds, EvaluateError, Evaluated, Variables};
pub use parse::{ParseError, Position};

/// Folds a variable name for comparison: two names are the same variable when these are equal.
///
/// Octopus compares names without regard to case; so do policies, which use this too.
pub fn fold_name(name: &str) -> String {
    name.chars().flat_map(char::to_lowercase).collect()
}
